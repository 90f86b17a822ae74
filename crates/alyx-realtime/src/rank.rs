//! Where a document stands in an order: bytes that compare as SQLite compares the documents, so that whether a document
//! comes into a window can be told without reading the window.

use std::{fmt, sync::Arc};

use alyx_query::Query;
use alyx_schema::{FieldType, Order, Value};
use serde::{
    Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor},
};
use serde_json::Value as Json;

/// The first byte of a value. Null is the smallest.
const NULL: u8 = 0;
const BOOL: u8 = 1;
const INT: u8 = 2;
const TEXT: u8 = 3;
/// A value without an order that is known here.
const OTHER: u8 = 4;

/// What a question orders its documents by.
#[derive(Debug)]
pub(crate) struct Ranking {
    /// Names of fields, the primary key last.
    fields: Vec<(String, Order)>,
    /// Whether ranks tell the whole order, and not only which document is which.
    pub(crate) is_whole: bool,
}

/// The place of a document; the end of it is the document's primary key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    bytes: Arc<[u8]>,
    primary: u32,
}

impl Ranking {
    pub(crate) fn of(query: &Query) -> Self {
        let is_told = |index: usize| {
            let field = &query.collection.fields[index];
            let is_chosen = query.fields.as_ref().is_none_or(|fields| fields.iter().any(|field| field.index == index));
            let is_primary = index == query.collection.primary;
            field.rules.read.is_none() && (is_chosen || is_primary) && field.value_type != FieldType::Float
        };
        let is_whole = query.sort.iter().all(|key| is_told(key.field.index));
        let from = if is_whole { 0 } else { query.sort.len().saturating_sub(1) };
        let fields = query.sort[from..].iter();
        Self { fields: fields.map(|key| (key.field.name.to_string(), key.order)).collect(), is_whole }
    }

    #[cfg(test)]
    pub(crate) fn for_tests(fields: &[&str]) -> Self {
        let fields = fields.iter().map(|name| ((*name).to_owned(), Order::Ascending)).collect();
        Self { fields, is_whole: true }
    }

    /// The place of a document that is given as JSON text.
    pub(crate) fn rank(&self, json: &[u8]) -> Rank {
        let mut values = vec![Json::Null; self.fields.len()];
        // What the database wrote is an object.
        let _ = serde_json::Deserializer::from_slice(json).deserialize_map(Values(&self.fields, &mut values));
        let (mut bytes, mut primary) = (Vec::with_capacity(80), 0);
        for (value, (_, order)) in values.iter().zip(&self.fields) {
            primary = bytes.len();
            write_json(&mut bytes, value, *order);
        }
        Rank { bytes: bytes.into(), primary: u32::try_from(primary).unwrap_or(u32::MAX) }
    }

    /// The end of the rank of a document with this primary key.
    pub(crate) fn id(&self, primary: &Value) -> Option<Vec<u8>> {
        let order = self.fields.last()?.1;
        let mut bytes = Vec::with_capacity(48);
        match primary {
            Value::Int(number) => write_json(&mut bytes, &Json::from(*number), order),
            Value::Text(text) => write(&mut bytes, (TEXT, text.as_bytes()), order),
            _ => return None,
        }
        Some(bytes)
    }
}

impl Rank {
    /// Which document it is.
    pub(crate) fn id(&self) -> &[u8] {
        &self.bytes[self.primary as usize..]
    }

    /// The primary key as JSON text.
    pub(crate) fn key(&self) -> String {
        let inverted = self.id().first().is_some_and(|byte| *byte > OTHER);
        let bytes: Vec<u8> = self.id().iter().map(|byte| if inverted { !byte } else { *byte }).collect();
        let Some((kind, rest)) = bytes.split_first() else { return String::new() };
        match (*kind, rest) {
            (INT, number) => {
                let number = number.first_chunk().map(|bytes| i64::from_be_bytes(*bytes) ^ i64::MIN);
                number.unwrap_or_default().to_string()
            }
            (TEXT, text) => Json::from(read_text(text)).to_string(),
            (OTHER, text) => read_text(text),
            (BOOL, flag) => (flag == [1]).to_string(),
            _ => "null".to_owned(),
        }
    }
}

impl fmt::Debug for Rank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key())
    }
}

fn write_json(bytes: &mut Vec<u8>, value: &Json, order: Order) {
    match value {
        Json::Null => write_all(bytes, &[NULL], order),
        Json::Bool(flag) => write_all(bytes, &[BOOL, u8::from(*flag)], order),
        Json::String(text) => write(bytes, (TEXT, text.as_bytes()), order),
        value => match value.as_i64() {
            Some(number) => {
                let number = (number ^ i64::MIN).to_be_bytes();
                write_all(bytes, &[&[INT][..], &number].concat(), order);
            }
            None => write(bytes, (OTHER, value.to_string().as_bytes()), order),
        },
    }
}

/// Text ends with two zeros; a zero in it is followed by 255, so that a text comes before those that it begins.
fn write(bytes: &mut Vec<u8>, (kind, text): (u8, &[u8]), order: Order) {
    let start = bytes.len();
    bytes.push(kind);
    for byte in text {
        bytes.push(*byte);
        if *byte == 0 {
            bytes.push(0xff);
        }
    }
    bytes.extend_from_slice(&[0, 0]);
    turn(&mut bytes[start..], order);
}

fn write_all(bytes: &mut Vec<u8>, value: &[u8], order: Order) {
    let start = bytes.len();
    bytes.extend_from_slice(value);
    turn(&mut bytes[start..], order);
}

fn turn(bytes: &mut [u8], order: Order) {
    if order == Order::Descending {
        bytes.iter_mut().for_each(|byte| *byte = !*byte);
    }
}

fn read_text(bytes: &[u8]) -> String {
    let (mut text, mut rest) = (Vec::with_capacity(bytes.len()), bytes);
    while let [first, others @ ..] = rest {
        match (first, others) {
            (0, [0xff, others @ ..]) => {
                text.push(0);
                rest = others;
            }
            (0, _) => break,
            (byte, others) => {
                text.push(*byte);
                rest = others;
            }
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// Takes the values of some fields out of a document.
struct Values<'a>(&'a [(String, Order)], &'a mut [Json]);

impl<'de> Visitor<'de> for Values<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a document")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(place) = map.next_key_seed(Which(self.0))? {
            match place {
                Some(place) => self.1[place] = map.next_value()?,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// Which of some names a key is; nothing is copied for it.
struct Which<'a>(&'a [(String, Order)]);

impl<'de> DeserializeSeed<'de> for Which<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Which<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|(field, _)| field == name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranking(orders: &[Order]) -> Ranking {
        let names = ["a", "id"].into_iter().skip(2 - orders.len()).map(str::to_owned);
        Ranking { fields: names.zip(orders.iter().copied()).collect(), is_whole: true }
    }

    #[test]
    fn ranks_compare_as_documents_do() {
        let rising = [
            r#"{"a":null,"id":1}"#,
            r#"{"a":false,"id":1}"#,
            r#"{"id":-9,"a":true}"#,
            r#"{"a":-9223372036854775808,"id":0}"#,
            r#"{"a":-1,"id":0}"#,
            r#"{"a":256,"id":0}"#,
            r#"{"a":"","id":"z"}"#,
            r#"{"a":"a","id":"a"}"#,
            r#"{"a":"a","id":"a\u0000"}"#,
            r#"{"a":"a","id":"a\u0001"}"#,
            r#"{"x":{"a":3},"a":"a\u0000","id":0}"#,
            r#"{"a":"aa","id":0}"#,
            r#"{"a":"é","id":0}"#,
        ];
        for (orders, falls) in [([Order::Ascending; 2], false), ([Order::Descending; 2], true)] {
            let ranking = ranking(&orders);
            let mut ranks: Vec<Rank> = rising.iter().map(|json| ranking.rank(json.as_bytes())).collect();
            if falls {
                ranks.reverse();
            }
            assert!(ranks.is_sorted_by(|one, other| one < other), "{orders:?}");
        }
    }

    #[test]
    fn a_rank_knows_which_document_it_is() {
        for order in [Order::Ascending, Order::Descending] {
            let ranking = ranking(&[Order::Ascending, order]);
            for (json, key) in [
                (r#"{"a":[1,{"id":2}],"id":"x\"y\u0000","b":null}"#, r#""x\"y\u0000""#),
                (r#"{"id":-7}"#, "-7"),
                (r#"{"a":1.5,"id":"é"}"#, "\"é\""),
            ] {
                assert_eq!(ranking.rank(json.as_bytes()).key(), key);
            }
            let rank = ranking.rank(br#"{"a":"b","id":"c"}"#);
            assert_eq!(ranking.id(&Value::Text("c".to_owned())).as_deref(), Some(rank.id()));
            assert_eq!(ranking.id(&Value::Int(-7)).as_deref(), Some(ranking.rank(br#"{"id":-7}"#).id()));
        }
    }
}

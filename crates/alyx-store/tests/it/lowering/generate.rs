//! Random schemas, documents that fit them, filters and orders about them.

use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Map, Value as Json, json};

use super::values::{TEXTS, operand, or_null, stored};
use crate::oracle::{Document, PlainField};

/// A schema with documents, and what is asked about them.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) schema: String,
    /// The first is the primary key.
    pub(crate) fields: Vec<PlainField>,
    pub(crate) documents: Vec<Document>,
    pub(crate) filters: Vec<Json>,
    pub(crate) sorts: Vec<Vec<String>>,
}

/// Names that are words of SQL, or look like each other.
const NAMES: [&str; 10] = ["order", "group", "select", "where", "title", "n", "_x", "rowid", "Index", "a_b"];

const KINDS: [&str; 15] = [
    "uuid",
    "string",
    "text",
    "int",
    "float",
    "bool",
    "timestamp",
    "json",
    "blob",
    "id",
    "email",
    "url",
    "date",
    "select",
    "richtext",
];

/// The kinds and the operators that they take.
pub(crate) fn operators() -> Vec<(&'static str, Vec<&'static str>)> {
    KINDS.into_iter().map(|kind| (kind, operators_of(kind))).collect()
}

fn operators_of(kind: &str) -> Vec<&'static str> {
    let mut operators = vec!["$eq", "$ne", "$in", "$nin", "$is_null", "$not_null"];
    if !["bool", "json", "blob"].contains(&kind) {
        operators.extend(["$gt", "$gte", "$lt", "$lte"]);
    }
    if is_textual(kind) {
        operators.push("$like");
    }
    if is_textual(kind) || kind == "json" {
        operators.push("$contains");
    }
    operators
}

fn is_textual(kind: &str) -> bool {
    !["int", "float", "bool", "json", "blob"].contains(&kind)
}

pub(crate) fn case() -> impl Strategy<Value = Case> {
    let names = Just(NAMES.to_vec()).prop_shuffle();
    let field = (select(KINDS.to_vec()), prop::bool::weighted(0.8));
    let primary = select(vec!["int", "string", "uuid", "id"]);
    (primary, names, vec(field, 6..=NAMES.len())).prop_flat_map(|(primary, names, kinds)| {
        let mut schema = format!(
            "version: 1\ncollections:\n  things:\n    fields:\n      key: {{ type: {primary}, primary: true }}\n"
        );
        let mut fields = vec![PlainField { name: "key".to_owned(), kind: primary }];
        let mut values = Vec::new();
        for (name, (kind, nullable)) in names.into_iter().zip(kinds) {
            let options = if kind == "select" { ", values: [a, b, \"c d\"]" } else { "" };
            schema.push_str(&format!("      {name}: {{ type: {kind}, nullable: {nullable}{options} }}\n"));
            fields.push(PlainField { name: name.to_owned(), kind });
            values.push(if nullable { or_null(stored(kind)) } else { stored(kind) });
        }
        let documents = vec(values, 1..24).prop_map({
            let fields = fields.clone();
            move |rows| documents(&fields, rows)
        });
        let sorts = vec(sort(&fields), 1..4);
        (Just(schema), Just(fields.clone()), documents, vec(filter(&fields), 24), sorts)
            .prop_map(|(schema, fields, documents, filters, sorts)| Case { schema, fields, documents, filters, sorts })
    })
}

fn documents(fields: &[PlainField], rows: Vec<Vec<Json>>) -> Vec<Document> {
    let names = || fields.iter().map(|field| field.name.clone());
    let document = |(index, row): (usize, Vec<Json>)| {
        let values = std::iter::once(key(fields[0].kind, index)).chain(row);
        names().zip(values).collect::<Map<_, _>>()
    };
    rows.into_iter().enumerate().map(document).collect()
}

/// A primary key of its own for each document, not in the order in which they are stored.
fn key(kind: &str, index: usize) -> Json {
    let shuffled = index * 7 % 24;
    match kind {
        "int" => json!(i64::try_from(shuffled).expect("it is small") - 9),
        "string" => json!(TEXTS[shuffled]),
        "uuid" => json!(format!("01890a5d-ac96-774b-bcce-b302099a{shuffled:04x}")),
        _ => json!(format!("abcdefghijklm{shuffled:02}")),
    }
}

/// `{field: {operator: operand}}`, or the short form of `$eq`.
fn condition(fields: &[PlainField]) -> impl Strategy<Value = Json> + use<> {
    select(fields.to_vec()).prop_flat_map(|field| {
        let operator = select(operators_of(field.kind));
        let operand = operator.prop_flat_map(move |operator| (Just(operator), operand(field.kind, operator)));
        (operand, any::<bool>()).prop_map(move |((operator, operand), short)| {
            if short && operator == "$eq" && !operand.is_array() && !operand.is_object() {
                json!({ &field.name: operand })
            } else {
                json!({ &field.name: { operator: operand } })
            }
        })
    })
}

fn filter(fields: &[PlainField]) -> impl Strategy<Value = Json> + use<> {
    condition(fields).prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            2 => vec(inner.clone(), 0..4).prop_map(|parts| json!({ "$and": parts })),
            2 => vec(inner.clone(), 0..4).prop_map(|parts| json!({ "$or": parts })),
            2 => inner.clone().prop_map(|part| json!({ "$not": part })),
            1 => vec(inner, 2).prop_map(merged),
        ]
    })
}

/// One object with the keys of all, and one with the operators of all where they name the same field.
fn merged(parts: Vec<Json>) -> Json {
    let mut whole = Map::new();
    for (key, value) in parts.into_iter().flat_map(|part| match part {
        Json::Object(entries) => entries,
        other => panic!("{other} is no filter"),
    }) {
        match (whole.get_mut(&key), value) {
            (Some(Json::Object(operators)), Json::Object(more)) if !key.starts_with('$') => operators.extend(more),
            (_, value) => drop(whole.insert(key, value)),
        }
    }
    Json::Object(whole)
}

fn sort(fields: &[PlainField]) -> impl Strategy<Value = Vec<String>> + use<> {
    let sortable: Vec<_> = fields.iter().filter(|field| !["json", "blob"].contains(&field.kind)).cloned().collect();
    let key = (select(sortable), any::<bool>());
    vec(key, 1..4).prop_map(|keys| {
        let mut seen = Vec::new();
        for (field, descending) in keys {
            let sign = if descending { "-" } else { "" };
            if !seen.iter().any(|key: &String| key.trim_start_matches('-') == field.name) {
                seen.push(format!("{sign}{}", field.name));
            }
        }
        seen
    })
}

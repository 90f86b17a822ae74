//! A plain, slow reading of JSON filters and of orders, over documents as JSON.
//!
//! Written only to be compared with: it shares no code with the matcher or the SQL, knows nothing of
//! their types, and takes the schema as plain data.

use std::cmp::Ordering;

use serde_json::{Map, Value as Json};

/// A document as the API shows it.
pub(crate) type Document = Map<String, Json>;

/// A field as plain data.
#[derive(Clone, Debug)]
pub(crate) struct PlainField {
    pub(crate) name: String,
    /// The name of the type of its values.
    pub(crate) kind: &'static str,
}

/// Hears of every part of a filter that was judged: operator, kind (of a combiner: nothing), whether
/// a null was in play, and the outcome.
pub(crate) trait Listener {
    fn judged(&mut self, operator: &str, kind: Option<&'static str>, null: bool, outcome: Option<bool>);
}

/// Other spellings of a timestamp, and the one that is stored.
const TIMESTAMPS: [(&str, &str); 3] = [
    ("2026-01-31T09:30:00+01:00", "2026-01-31T08:30:00.000Z"),
    ("2026-01-31T08:30:00Z", "2026-01-31T08:30:00.000Z"),
    ("2026-01-31T08:30:00.001999Z", "2026-01-31T08:30:00.001Z"),
];

/// Those spellings.
pub(crate) fn timestamp_spellings() -> impl Iterator<Item = &'static str> {
    TIMESTAMPS.iter().map(|(written, _)| *written)
}

/// What the filter says of the document; `None` is unknown.
pub(crate) fn judge(
    fields: &[PlainField],
    document: &Document,
    filter: &Json,
    listener: &mut dyn Listener,
) -> Option<bool> {
    let entries = filter.as_object().expect("a filter is an object");
    let outcomes: Vec<_> = entries
        .iter()
        .map(|(key, inner)| match key.as_str() {
            "$and" | "$or" => combined(fields, document, (key, inner), listener),
            "$not" => {
                let outcome = judge(fields, document, inner, listener).map(|holds| !holds);
                listener.judged("$not", None, false, outcome);
                outcome
            }
            name => {
                let field = fields.iter().find(|field| field.name == name).expect("the filter names a field");
                about_field(field, &document[name], inner, listener)
            }
        })
        .collect();
    all(&outcomes)
}

fn combined(
    fields: &[PlainField],
    document: &Document,
    (combiner, list): (&str, &Json),
    listener: &mut dyn Listener,
) -> Option<bool> {
    let parts = list.as_array().expect("a combiner takes a list");
    let outcomes: Vec<_> = parts.iter().map(|part| judge(fields, document, part, listener)).collect();
    let outcome = if combiner == "$and" { all(&outcomes) } else { any(&outcomes) };
    listener.judged(combiner, None, false, outcome);
    outcome
}

fn all(outcomes: &[Option<bool>]) -> Option<bool> {
    if outcomes.contains(&Some(false)) {
        return Some(false);
    }
    if outcomes.contains(&None) { None } else { Some(true) }
}

fn any(outcomes: &[Option<bool>]) -> Option<bool> {
    if outcomes.contains(&Some(true)) {
        return Some(true);
    }
    if outcomes.contains(&None) { None } else { Some(false) }
}

fn about_field(field: &PlainField, stored: &Json, condition: &Json, listener: &mut dyn Listener) -> Option<bool> {
    let mut single = Map::new();
    let operators = match condition {
        Json::Object(operators) => operators,
        value => {
            single.insert("$eq".to_owned(), value.clone());
            &single
        }
    };
    let mut outcomes = Vec::new();
    for (operator, operand) in operators {
        let outcome = compared(field.kind, stored, operator, operand);
        listener.judged(operator, Some(field.kind), stored.is_null() || operand.is_null(), outcome);
        outcomes.push(outcome);
    }
    all(&outcomes)
}

fn compared(kind: &str, stored: &Json, operator: &str, operand: &Json) -> Option<bool> {
    let listed = || operand.as_array().expect("a list").iter().any(|value| same(kind, stored, value));
    match operator {
        "$eq" => return Some(same(kind, stored, operand)),
        "$ne" => return Some(!same(kind, stored, operand)),
        "$in" => return Some(listed()),
        "$nin" => return Some(!listed()),
        "$is_null" => return Some(stored.is_null() == operand.as_bool().expect("a flag")),
        "$not_null" => return Some(stored.is_null() != operand.as_bool().expect("a flag")),
        _ if stored.is_null() => return None,
        "$contains" if kind == "json" => {
            let items = stored.as_array().map(Vec::as_slice).unwrap_or_default();
            return Some(items.iter().any(|item| same_json(item, operand)));
        }
        _ if operand.is_null() => return None,
        _ => {}
    }
    Some(match operator {
        "$gt" => order(kind, stored, operand) == Ordering::Greater,
        "$gte" => order(kind, stored, operand) != Ordering::Less,
        "$lt" => order(kind, stored, operand) == Ordering::Less,
        "$lte" => order(kind, stored, operand) != Ordering::Greater,
        "$like" => fits(&characters(text(operand)), &characters(text(stored))),
        "$contains" => has_part(text(stored).as_bytes(), text(operand).as_bytes()),
        other => panic!("{other} is no operator"),
    })
}

/// Whether two values of a kind are one value; null is one.
pub(crate) fn same(kind: &str, left: &Json, right: &Json) -> bool {
    if left.is_null() || right.is_null() {
        return left.is_null() && right.is_null();
    }
    match kind {
        "json" => same_json(left, right),
        "bool" => left.as_bool() == right.as_bool(),
        _ => order(kind, left, right) == Ordering::Equal,
    }
}

fn same_json(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Number(_), Json::Number(_)) => number(left) == number(right),
        (Json::Array(left), Json::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same_json(left, right))
        }
        (Json::Object(left), Json::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, value)| right.get(key).is_some_and(|other| same_json(value, other)))
        }
        (left, right) => left == right,
    }
}

/// A JSON number: whole ones of 64 bits by value, floats by value, and a whole float within 2^53 is whole.
fn number(json: &Json) -> (Option<i64>, Option<f64>) {
    if let Some(whole) = json.as_i64() {
        return (Some(whole), None);
    }
    let float = json.as_f64().expect("a number");
    let limit = 2f64.powi(53);
    if float.fract() == 0.0 && (-limit..=limit).contains(&float) {
        (Some(format!("{float:.0}").parse().expect("it is whole")), None)
    } else {
        (None, Some(float))
    }
}

/// The order of two values that are not null.
fn order(kind: &str, left: &Json, right: &Json) -> Ordering {
    match kind {
        "int" => number(left).0.cmp(&number(right).0),
        "float" => left.as_f64().partial_cmp(&right.as_f64()).expect("stored floats and JSON numbers are finite"),
        "bool" => left.as_bool().cmp(&right.as_bool()),
        _ => stored_text(kind, text(left)).as_bytes().cmp(stored_text(kind, text(right)).as_bytes()),
    }
}

fn text(json: &Json) -> &str {
    json.as_str().expect("a text")
}

fn stored_text(kind: &str, written: &str) -> String {
    match kind {
        "uuid" => written.to_lowercase(),
        "timestamp" => {
            let known = TIMESTAMPS.iter().find(|(spelling, _)| *spelling == written);
            known.map_or(written, |(_, stored)| stored).to_owned()
        }
        _ => written.to_owned(),
    }
}

fn characters(text: &str) -> Vec<char> {
    text.chars().map(|character| character.to_ascii_lowercase()).collect()
}

fn fits(pattern: &[char], text: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('%', rest)) => (0..=text.len()).any(|skipped| fits(rest, &text[skipped..])),
        Some(('_', rest)) => !text.is_empty() && fits(rest, &text[1..]),
        Some((wanted, rest)) => text.first() == Some(wanted) && fits(rest, &text[1..]),
    }
}

fn has_part(whole: &[u8], part: &[u8]) -> bool {
    (0..=whole.len()).any(|start| whole[start..].starts_with(part))
}

/// The order of two documents by keys such as `-title`: null is smallest.
pub(crate) fn in_order(fields: &[PlainField], keys: &[String], left: &Document, right: &Document) -> Ordering {
    for key in keys {
        let name = key.trim_start_matches('-');
        let field = fields.iter().find(|field| field.name == name).expect("the key names a field");
        let (left, right) = (&left[name], &right[name]);
        let ordering = match (left.is_null(), right.is_null()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => order(field.kind, left, right),
        };
        let ordering = if key.starts_with('-') { ordering.reverse() } else { ordering };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
    Ordering::Equal
}

//! Operators of an update: `{"views": {"$inc": 1}}` changes what is stored instead of replacing it.

use alyx_yaml::did_you_mean;
use serde_json::{Map, Value as Json};

use super::{FieldFault, limits};
use crate::{Field, FieldType, JsonShape, Value, field_type::Wrong};

mod apply;

/// The key under which `$push` and `$addToSet` take several items.
const EACH: &str = "$each";
/// Longest name of an operator that a suggestion is looked for, and that is repeated.
const MAX_NAME: usize = 64;
/// Every operator, as it is written.
const NAMES: [&str; 7] = ["$inc", "$mul", "$min", "$max", "$push", "$pull", "$addToSet"];
const OF_NUMBERS: &[&str] = &["$inc", "$mul", "$min", "$max"];
const OF_ORDERED: &[&str] = &["$min", "$max"];
const OF_LISTS: &[&str] = &["$push", "$pull", "$addToSet"];

/// What an update does to one field.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Replaces the value.
    Set(Value),
    /// Makes the new value out of the stored one.
    Apply(Operator),
}

/// An operator with its operand, which fits the field.
#[derive(Clone, Debug, PartialEq)]
pub enum Operator {
    /// `$inc`: adds; null counts as 0.
    Increase(Value),
    /// `$mul`: multiplies; null counts as 0.
    Multiply(Value),
    /// `$min`: keeps the lesser of the two; null is replaced.
    Least(Value),
    /// `$max`: keeps the greater of the two; null is replaced.
    Greatest(Value),
    /// `$push`: adds items to the end of a list; null counts as an empty one.
    Push(Vec<Json>),
    /// `$pull`: takes all items out of a list that are equal to this one.
    Pull(Json),
    /// `$addToSet`: adds the items that the list does not have yet.
    AddToSet(Vec<Json>),
}

/// The operators that a field takes, as they are written.
#[must_use]
pub fn operators(field: &Field) -> &'static [&'static str] {
    // What points at a document is no quantity.
    if field.primary || field.references.is_some() {
        return &[];
    }
    match field.field_type {
        FieldType::Int | FieldType::Float => OF_NUMBERS,
        FieldType::String | FieldType::Text | FieldType::Timestamp | FieldType::Date => OF_ORDERED,
        FieldType::Json => OF_LISTS,
        _ => &[],
    }
}

/// Whether the value of a key in a body is an operator and no value.
#[must_use]
pub fn is_operator(json: &Json) -> bool {
    let Json::Object(entries) = json else { return false };
    entries.len() == 1 && entries.keys().all(|key| NAMES.contains(&key.as_str()))
}

/// The object, where one of its keys is written like an operator.
pub(super) fn written_as_operator(json: &Json) -> Option<&Map<String, Json>> {
    json.as_object().filter(|entries| entries.keys().any(|key| key.starts_with('$')))
}

/// The change that a body asks of a field.
pub(super) fn change(field: &Field, json: &Json, faults: &mut Vec<FieldFault>) -> Option<Change> {
    let Some(entries) = written_as_operator(json) else {
        return limits::accept(field, json, faults).map(Change::Set);
    };
    match read(field, entries) {
        Ok(operator) => Some(Change::Apply(operator)),
        Err(Wrong { code, message }) => {
            faults.push(FieldFault::new(field.name.as_str(), code, message));
            None
        }
    }
}

/// Why a new document has no operators.
pub(super) fn refused(field: &Field) -> FieldFault {
    let message = "must be a value: objects with a key that begins with $ are for operators, which are for updates";
    FieldFault::new(field.name.as_str(), "OPERATOR_NOT_ALLOWED", message)
}

fn read(field: &Field, entries: &Map<String, Json>) -> Result<Operator, Wrong> {
    if let Some(unknown) = entries.keys().find(|key| key.starts_with('$') && !NAMES.contains(&key.as_str())) {
        return Err(unknown_operator(unknown, &NAMES));
    }
    let mut entries = entries.iter();
    let (Some((name, operand)), None) = (entries.next(), entries.next()) else {
        return Err(Wrong::new("OPERATOR_NOT_ALLOWED", "takes one operator at a time and nothing beside it"));
    };
    let taken = operators(field);
    if !taken.contains(&name.as_str()) {
        return Err(Wrong::new("OPERATOR_NOT_ALLOWED", not_taken(name, taken)));
    }
    read_operand(field, name, operand)
        .map_err(|wrong| Wrong::new(wrong.code, format!("is changed by {name}, whose operand {}", wrong.message)))
}

fn unknown_operator(name: &str, known: &[&str]) -> Wrong {
    let shown: String = name.chars().take(MAX_NAME).collect();
    let hint = (name.len() <= MAX_NAME).then(|| did_you_mean(name, known.iter().copied())).flatten();
    let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
    Wrong::new("UNKNOWN_OPERATOR", format!("knows no operator \"{shown}\"{hint}"))
}

fn not_taken(name: &str, taken: &[&str]) -> String {
    match taken {
        [] => format!("does not take {name}, nor any other operator"),
        taken => format!("does not take {name}; it takes {}", taken.join(", ")),
    }
}

fn read_operand(field: &Field, name: &str, operand: &Json) -> Result<Operator, Wrong> {
    Ok(match name {
        "$inc" => Operator::Increase(scalar(field, operand)?),
        "$mul" => Operator::Multiply(scalar(field, operand)?),
        "$min" => Operator::Least(scalar(field, operand)?),
        "$max" => Operator::Greatest(scalar(field, operand)?),
        "$push" => Operator::Push(items(field, operand)?),
        "$addToSet" => Operator::AddToSet(items(field, operand)?),
        _ => Operator::Pull(item(field, plain(operand, &[])?)?),
    })
}

fn scalar(field: &Field, operand: &Json) -> Result<Value, Wrong> {
    match field.value_type.read_json(operand)? {
        Value::Null => Err(Wrong::new("TYPE", "must not be null")),
        value => Ok(value),
    }
}

fn items(field: &Field, operand: &Json) -> Result<Vec<Json>, Wrong> {
    let each = match operand {
        Json::Object(entries) if entries.len() == 1 => entries.get(EACH),
        _ => None,
    };
    match each {
        None => Ok(vec![item(field, plain(operand, &[EACH])?)?]),
        Some(Json::Array(items)) => items.iter().map(|json| item(field, json)).collect(),
        Some(_) => Err(Wrong::new("TYPE", format!("must have a list under {EACH}"))),
    }
}

/// An item that cannot be taken for something else: one with such keys is written in a list under `$each`.
fn plain<'j>(operand: &'j Json, known: &[&str]) -> Result<&'j Json, Wrong> {
    let Some(entries) = written_as_operator(operand) else { return Ok(operand) };
    match entries.keys().find(|key| key.starts_with('$') && *key != EACH) {
        Some(unknown) => Err(unknown_operator(unknown, known)),
        None if known.is_empty() => Err(Wrong::new("OPERATOR_NOT_ALLOWED", format!("is one item and takes no {EACH}"))),
        None => Err(Wrong::new("OPERATOR_NOT_ALLOWED", format!("takes nothing beside {EACH}"))),
    }
}

/// An item in the form in which a list of the field holds it.
fn item(field: &Field, json: &Json) -> Result<Json, Wrong> {
    match &field.json_shape {
        Some(JsonShape::Items(item_type)) => limits::item(json, *item_type),
        _ => limits::any_item(json),
    }
}

//! Limits on a field's value: lengths, ranges, formats, patterns, lists, JSON shapes.

use alyx_yaml::Node;

use super::{faults::Faults, options::Options};
use crate::{Constraints, FieldType, Format, JsonShape, Value, model::JsonSchema, model::Pattern};

/// Up to here every integer is a float of its own (2^53).
const EXACT: f64 = 9_007_199_254_740_992.0;

pub(super) fn read(field_type: FieldType, options: &Options<'_>, faults: &mut Faults) -> Constraints {
    let constraints = Constraints {
        min_length: length("minLength", options, faults),
        max_length: length("maxLength", options, faults),
        min: number("min", field_type, options, faults),
        max: number("max", field_type, options, faults),
        format: options.word("format", faults).and_then(|(word, _)| Format::from_name(word)),
        pattern: pattern(options, faults),
        allowed: allowed(field_type, options, faults),
    };
    check_order(&constraints, options, faults);
    constraints
}

fn length(name: &str, options: &Options<'_>, faults: &mut Faults) -> Option<u64> {
    let node = options.node(name)?;
    let length = node.as_i64().and_then(|length| u64::try_from(length).ok());
    if length.is_none() {
        faults.wrong_kind(node, &format!("\"{name}\""), "a whole number from 0");
    }
    length
}

fn number(name: &str, field_type: FieldType, options: &Options<'_>, faults: &mut Faults) -> Option<f64> {
    let node = options.node(name)?;
    let number = node.as_f64();
    match number {
        None => faults.wrong_kind(node, &format!("\"{name}\""), "a number"),
        Some(number) if field_type == FieldType::Int && !is_exact(number, node) => {
            let message = format!("\"{name}\" of an int must be a whole number within 2^53, not {}", node.describe());
            faults.plain("limit_type", node.span, message);
        }
        Some(_) => {}
    }
    number
}

fn is_exact(number: f64, node: &Node) -> bool {
    // A larger integer may round down to the limit, so the text is asked, too.
    let as_written = node.as_i64().is_none_or(|int| int.unsigned_abs() <= 1 << 53);
    number.fract() == 0.0 && number.abs() <= EXACT && as_written
}

fn pattern(options: &Options<'_>, faults: &mut Faults) -> Option<Pattern> {
    let (text, span) = options.text("pattern", faults)?;
    let compiled = Pattern::parse(text);
    if let Err(error) = &compiled {
        let hint = "the syntax is that of Rust's regex: no look-around, no back-references";
        faults.hinted("bad_pattern", span, format!("pattern \"{text}\" does not compile: {error}"), hint);
    }
    compiled.ok()
}

fn allowed(field_type: FieldType, options: &Options<'_>, faults: &mut Faults) -> Option<Vec<Value>> {
    let name = if field_type == FieldType::Select { "values" } else { "enum" };
    let items = faults.list(options.node(name)?, &format!("\"{name}\""))?;
    let mut values: Vec<Value> = Vec::new();
    for item in items {
        let Some(value) = allowed_value(name, field_type, item, faults) else { continue };
        if values.contains(&value) {
            faults.hinted(
                "value_twice",
                item.span,
                format!("\"{name}\" lists {} twice", item.describe()),
                "remove one",
            );
        }
        values.push(value);
    }
    Some(values)
}

fn allowed_value(name: &str, field_type: FieldType, item: &Node, faults: &mut Faults) -> Option<Value> {
    let value = field_type.read_json(&item.to_json()).ok().filter(|value| !value.is_null());
    if value.is_none() {
        let expected = field_type.definition().expected;
        let message = format!("a value of \"{name}\" must be {expected}, not {}", item.describe());
        faults.hinted("value_type", item.span, message, quoting(field_type, item));
    }
    value
}

/// The usual reason why a text is none: YAML reads `12` or `true` as something else.
pub(super) fn quoting(field_type: FieldType, node: &Node) -> String {
    match node.as_str() {
        Some(text) if field_type.is_textual() && !node.to_json().is_string() => {
            format!("write it in quotes: \"{text}\"")
        }
        _ => format!("the field's type is {}", field_type.name()),
    }
}

fn check_order(constraints: &Constraints, options: &Options<'_>, faults: &mut Faults) {
    let Constraints { min_length, max_length, min, max, .. } = constraints;
    let lengths = min_length.zip(*max_length).is_some_and(|(least, most)| least > most);
    let numbers = min.zip(*max).is_some_and(|(least, most)| least > most);
    for (crossed, low, high) in [(lengths, "minLength", "maxLength"), (numbers, "min", "max")] {
        if let Some(node) = options.node(low).filter(|_| crossed) {
            faults.hinted("limits_crossed", node.span, format!("\"{low}\" is greater than \"{high}\""), "swap them");
        }
    }
}

pub(super) fn json_shape(options: &Options<'_>, faults: &mut Faults) -> Option<JsonShape> {
    let items = options.word("items", faults).and_then(|(word, _)| FieldType::from_name(word));
    let Some(node) = options.node("schema") else { return items.map(JsonShape::Items) };
    if let Some(twice) = options.node("items") {
        faults.hinted("shape_twice", twice.span, "\"items\" and \"schema\" cannot stand together", "keep one of them");
    }
    let compiled = JsonSchema::parse(node.to_json());
    if let Err(error) = &compiled {
        let hint = "a JSON Schema of draft 2020-12 that refers to nothing outside itself";
        faults.hinted("bad_json_schema", node.span, format!("\"schema\" is no valid JSON Schema: {error}"), hint);
    }
    compiled.ok().map(JsonShape::Schema)
}

//! A predicate as text: two predicates have the same text only if they are the same.

use std::fmt::Write;

use alyx_schema::Value;

use super::{Comparison, FieldAt, Operand, Predicate, RelatedKey, Truth};

impl Predicate {
    /// A stable text that is equal for predicates with an equal [canonical form](Predicate::canonical).
    ///
    /// It names fields without their collection, so a cache for several collections adds its name.
    #[must_use]
    pub fn canonical_key(&self) -> String {
        self.canonical().key()
    }

    /// The text of this predicate as it stands.
    pub(super) fn key(&self) -> String {
        let mut key = String::new();
        self.write_key(&mut key);
        key
    }

    fn write_key(&self, key: &mut String) {
        match self {
            Self::Constant(truth) => key.push_str(truth_name(*truth)),
            Self::Compare { field, comparison, value } => {
                open(key, comparison_name(*comparison), field.name.as_str());
                write_value(key, value);
            }
            Self::In { field, values } => {
                open(key, "in", field.name.as_str());
                for value in values {
                    write_value(key, value);
                    key.push(',');
                }
            }
            Self::Like { field, pattern } => {
                open(key, "like", field.name.as_str());
                write_text(key, pattern);
            }
            Self::ContainsText { field, text } => {
                open(key, "has", field.name.as_str());
                write_text(key, text);
            }
            Self::ContainsItem { field, item } => {
                open(key, "item", field.name.as_str());
                put(key, format_args!("{item}"));
            }
            Self::IsNull(field) => open(key, "null", field.name.as_str()),
            Self::And(parts) => write_parts(key, "and", parts),
            Self::Or(parts) => write_parts(key, "or", parts),
            Self::Not(inner) => write_parts(key, "not", std::slice::from_ref(inner)),
            Self::CompareFields { left, comparison, right } => {
                open(key, comparison_name(*comparison), "");
                write_place(key, left);
                write_place(key, right);
            }
            Self::Related { key: from, target, target_field, predicate } => {
                open(key, "of", target.name.as_str());
                key.push_str(target_field.name.as_str());
                key.push('=');
                write_related_key(key, from);
                predicate.write_key(key);
            }
            Self::Exists { collection, predicate } => {
                open(key, "any", collection.name.as_str());
                predicate.write_key(key);
            }
            Self::Outer { level, predicate } => {
                put(key, format_args!("out({level} "));
                predicate.write_key(key);
            }
            Self::Scan(scan) => {
                open(key, "scan", "");
                write_text(key, scan.test.key());
                scan.operands.iter().for_each(|operand| write_operand(key, operand));
            }
        }
        key.push(')');
    }
}

fn write_related_key(key: &mut String, from: &RelatedKey) {
    match from {
        RelatedKey::Field(place) => write_place(key, place),
        RelatedKey::Value(value) => write_value(key, value),
    }
}

fn write_place(key: &mut String, place: &FieldAt) {
    put(key, format_args!("{}.{} ", place.level, place.field.name));
}

fn write_operand(key: &mut String, operand: &Operand) {
    put(key, format_args!("{}", operand.level));
    for hop in &operand.hops {
        put(key, format_args!(".{}>{}:{}", hop.field.name, hop.target.name, hop.target_field.name));
    }
    put(key, format_args!(".{} ", operand.field.name));
}

fn write_parts(key: &mut String, name: &str, parts: &[Predicate]) {
    key.push_str(name);
    key.push('(');
    for part in parts {
        part.write_key(key);
    }
}

fn open(key: &mut String, name: &str, field: &str) {
    key.push_str(name);
    key.push('(');
    key.push_str(field);
    key.push(' ');
}

fn truth_name(truth: Truth) -> &'static str {
    match truth {
        Truth::True => "(true",
        Truth::False => "(false",
        Truth::Unknown => "(unknown",
    }
}

fn comparison_name(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Eq => "eq",
        Comparison::Ne => "ne",
        Comparison::Gt => "gt",
        Comparison::Gte => "gte",
        Comparison::Lt => "lt",
        Comparison::Lte => "lte",
    }
}

/// The text of one value, also the order in which values of a list are sorted.
pub(super) fn value_key(value: &Value) -> String {
    let mut key = String::new();
    write_value(&mut key, value);
    key
}

fn write_value(key: &mut String, value: &Value) {
    match value {
        Value::Null => key.push('n'),
        Value::Bool(flag) => key.push(if *flag { 't' } else { 'f' }),
        Value::Int(number) => put(key, format_args!("i{number}")),
        Value::Float(number) => put(key, format_args!("d{number:?}")),
        Value::Text(text) => write_text(key, text),
        Value::Blob(bytes) => {
            key.push('x');
            for byte in bytes {
                put(key, format_args!("{byte:02x}"));
            }
        }
        Value::Json(json) => put(key, format_args!("j{json}")),
    }
}

/// Text with its length in front, so that nothing in it can be taken for the end.
fn write_text(key: &mut String, text: &str) {
    put(key, format_args!("s{}:{text}", text.len()));
}

fn put(key: &mut String, arguments: std::fmt::Arguments<'_>) {
    key.write_fmt(arguments).expect("writing to a string cannot fail");
}

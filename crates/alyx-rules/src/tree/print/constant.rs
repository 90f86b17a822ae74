//! Constants as CEL text.

use crate::value::Value;

/// Whether it is written as a number, which cannot stand before a dot.
pub(super) fn is_number(value: &Value) -> bool {
    matches!(value, Value::Int(_) | Value::Uint(_)) || matches!(value, Value::Double(number) if number.is_finite())
}

pub(super) fn write(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Int(number) => out.push_str(&number.to_string()),
        Value::Uint(number) => out.push_str(&format!("{number}u")),
        Value::Double(number) => write_double(out, *number),
        Value::String(text) => write_text(out, text),
        Value::Bytes(bytes) => write_bytes(out, bytes),
        Value::Timestamp(moment) => out.push_str(&format!("timestamp('{moment}')")),
        Value::Duration(length) => out.push_str(&format!("duration('{length}')")),
        Value::Type(name) => out.push_str(name.name()),
        Value::List(items) => {
            out.push('[');
            write_row(out, items.iter(), write);
            out.push(']');
        }
        Value::Map(map) => {
            out.push('{');
            write_row(out, map.iter(), |out, (key, value)| {
                write(out, &key.value());
                out.push_str(": ");
                write(out, value);
            });
            out.push('}');
        }
        Value::Optional(None) => out.push_str("optional.none()"),
        Value::Optional(Some(inner)) => {
            out.push_str("optional.of(");
            write(out, inner);
            out.push(')');
        }
    }
}

fn write_row<T>(out: &mut String, row: impl Iterator<Item = T>, mut write: impl FnMut(&mut String, T)) {
    for (index, item) in row.enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        write(out, item);
    }
}

fn write_double(out: &mut String, number: f64) {
    match number {
        _ if number.is_nan() => out.push_str("double('NaN')"),
        _ if number.is_infinite() => {
            out.push_str(if number > 0.0 { "double('Infinity')" } else { "double('-Infinity')" });
        }
        // The debug form always has a point or an exponent.
        _ => out.push_str(&format!("{number:?}")),
    }
}

/// A text in single quotes.
pub(super) fn write_text(out: &mut String, text: &str) {
    out.push('\'');
    for letter in text.chars() {
        match letter {
            '\'' | '\\' => out.extend(['\\', letter]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => out.push(other),
        }
    }
    out.push('\'');
}

fn write_bytes(out: &mut String, bytes: &[u8]) {
    out.push_str("b'");
    for byte in bytes {
        match byte {
            b'\'' | b'\\' => out.extend(['\\', char::from(*byte)]),
            b' '..=b'~' => out.push(char::from(*byte)),
            other => out.push_str(&format!("\\x{other:02x}")),
        }
    }
    out.push('\'');
}

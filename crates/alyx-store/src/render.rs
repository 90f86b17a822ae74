//! JSON text of documents that are in memory, and the last touch on text from the database.

use alyx_query::{Predicate, Visible};
use alyx_schema::{Collection, Document, Value};
use base64::{Engine, engine::general_purpose::STANDARD};

/// Stands on both sides of what the database could not write itself.
const MARK: u8 = 1;

/// A document as its caller sees it, its primary key alone where it may not be read; `None` where that
/// takes a look at other documents.
pub(crate) fn document(collection: &Collection, document: &Document, visible: &dyn Visible) -> Option<Vec<u8>> {
    let readable = visible.readable(collection);
    if !readable.is_local() {
        return None;
    }
    let whole = *readable == Predicate::TRUE || readable.matches(document);
    let mut json = Vec::with_capacity(256);
    for (index, (field, value)) in collection.fields.iter().zip(&document.values).enumerate() {
        if index != collection.primary {
            if !whole || field.internal {
                continue;
            }
            if field.rules.read.is_some() {
                let shown = visible.shown(collection, index);
                if !shown.is_local() {
                    return None;
                }
                if !shown.matches(document) {
                    continue;
                }
            }
        }
        json.push(if json.is_empty() { b'{' } else { b',' });
        json.push(b'"');
        json.extend_from_slice(field.name.as_str().as_bytes());
        json.extend_from_slice(b"\":");
        write_value(&mut json, value);
    }
    json.push(b'}');
    Some(json)
}

/// One value as JSON.
pub(crate) fn write_value(json: &mut Vec<u8>, value: &Value) {
    let written = match value {
        Value::Null => serde_json::to_writer(json, &()),
        Value::Bool(flag) => serde_json::to_writer(json, flag),
        Value::Int(number) => serde_json::to_writer(json, number),
        Value::Float(number) => serde_json::to_writer(json, number),
        Value::Text(text) => serde_json::to_writer(json, text),
        Value::Json(value) => serde_json::to_writer(json, value),
        Value::Blob(bytes) => {
            write_base64(json, bytes);
            Ok(())
        }
    };
    written.expect("writing JSON to memory cannot fail");
}

/// Turns marked hex into base64 and marked digits into the shortest that mean the same number.
pub(crate) fn unmark(text: &[u8]) -> Vec<u8> {
    let mut json = Vec::with_capacity(text.len());
    for (index, part) in text.split(|byte| *byte == MARK).enumerate() {
        match part.split_first() {
            Some((b'b', hex)) if index % 2 == 1 => write_base64(&mut json, &from_hex(hex)),
            Some(_) if index % 2 == 1 => write_float(&mut json, part),
            _ => json.extend_from_slice(part),
        }
    }
    json
}

/// Bytes from hex digits, as SQLite writes them.
pub(crate) fn from_hex(hex: &[u8]) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).unwrap_or_default();
    hex.chunks_exact(2).map(|pair| u8::try_from(digit(pair[0]) * 16 + digit(pair[1])).unwrap_or_default()).collect()
}

/// Bytes from base64, none where it is no base64.
pub(crate) fn from_base64(text: &str) -> Vec<u8> {
    STANDARD.decode(text).unwrap_or_default()
}

/// A float from a letter and digits, as `float_digits` in `sql` writes them.
pub(crate) fn read_float(text: &str) -> Option<f64> {
    let (letter, digits) = text.split_at_checked(1)?;
    let exponent = match letter {
        "f" => 0,
        "g" => 500,
        "h" => 800,
        "i" => -500,
        "j" => -900,
        _ => return None,
    };
    // In two steps: 2^-900 times a number near its end would pass through what no float can hold.
    let half = 2f64.powi(exponent / 2);
    Some(digits.parse::<f64>().ok()? * half * half)
}

fn write_float(json: &mut Vec<u8>, digits: &[u8]) {
    match std::str::from_utf8(digits).ok().and_then(read_float) {
        Some(number) => write_value(json, &Value::Float(number)),
        None => json.extend_from_slice(b"null"),
    }
}

fn write_base64(json: &mut Vec<u8>, bytes: &[u8]) {
    json.push(b'"');
    json.extend_from_slice(STANDARD.encode(bytes).as_bytes());
    json.push(b'"');
}

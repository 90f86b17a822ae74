//! `"%s is %d".format([…])`.

use super::conversion::double_text;
use crate::{
    error::{Error, Result},
    limits::MAX_LENGTH,
    value::{Key, Value},
};

/// Most digits after the point.
const MAX_PRECISION: usize = 300;
const WRONG_CLAUSE: Error = Error::Argument("format() knows %s, %d, %f, %e, %b, %o, %x, %X and %%");

pub(super) fn format(text: &str, values: &[Value]) -> Result<Value> {
    let mut out = String::with_capacity(text.len());
    let mut values = values.iter();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('%') {
            out.push('%');
            rest = after;
        } else {
            let (precision, clause, after) = parse_clause(after)?;
            let value = values.next().ok_or(Error::Argument("format() has more clauses than values"))?;
            write(&mut out, clause, precision, value)?;
            rest = after;
        }
        if out.len() > MAX_LENGTH {
            return Err(Error::Length);
        }
    }
    out.push_str(rest);
    Ok(Value::string(out))
}

/// The precision, the letter and what follows.
fn parse_clause(text: &str) -> Result<(usize, char, &str)> {
    let (precision, text) = match text.strip_prefix('.') {
        None => (6, text),
        Some(rest) => {
            let end = rest.bytes().take_while(u8::is_ascii_digit).count();
            let precision = rest[..end].parse().map_err(|_| WRONG_CLAUSE)?;
            if precision > MAX_PRECISION {
                return Err(Error::Length);
            }
            (precision, &rest[end..])
        }
    };
    let mut letters = text.chars();
    let clause = letters.next().ok_or(WRONG_CLAUSE)?;
    Ok((precision, clause, letters.as_str()))
}

fn write(out: &mut String, clause: char, precision: usize, value: &Value) -> Result<()> {
    match clause {
        's' => return write_text(out, value),
        'd' => out.push_str(&decimal(value)?),
        'f' => out.push_str(&special(double(value)?, |number| format!("{number:.precision$}"))),
        'e' => out.push_str(&special(double(value)?, |number| scientific(number, precision))),
        'b' => out.push_str(&match value {
            Value::Bool(flag) => u8::from(*flag).to_string(),
            other => whole(other, |sign, size| format!("{sign}{size:b}"))?,
        }),
        'o' => out.push_str(&whole(value, |sign, size| format!("{sign}{size:o}"))?),
        'x' => out.push_str(&hexadecimal(value)?),
        'X' => out.push_str(&hexadecimal(value)?.to_ascii_uppercase()),
        _ => return Err(WRONG_CLAUSE),
    }
    Ok(())
}

/// Any value, items and entries within it likewise.
fn write_text(out: &mut String, value: &Value) -> Result<()> {
    if out.len() > MAX_LENGTH {
        return Err(Error::Length);
    }
    match value {
        Value::String(text) => out.push_str(text),
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Int(number) => out.push_str(&number.to_string()),
        Value::Uint(number) => out.push_str(&number.to_string()),
        Value::Double(number) => out.push_str(&special(*number, double_text)),
        Value::Bytes(bytes) => out.push_str(&String::from_utf8_lossy(bytes)),
        Value::Timestamp(moment) => out.push_str(&moment.to_string()),
        Value::Duration(length) => out.push_str(&length.to_string()),
        Value::Type(name) => out.push_str(name.name()),
        Value::List(items) => return write_list(out, items),
        Value::Map(map) => return write_map(out, map.iter()),
        Value::Optional(_) => return Err(Error::NoOverload),
    }
    Ok(())
}

fn write_list(out: &mut String, items: &[Value]) -> Result<()> {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        write_text(out, item)?;
    }
    out.push(']');
    Ok(())
}

/// Sorted by the text of the keys, so that equal maps give equal texts.
fn write_map<'a>(out: &mut String, entries: impl Iterator<Item = (&'a Key, &'a Value)>) -> Result<()> {
    let mut texts = Vec::new();
    for (key, value) in entries {
        let (mut key_text, mut value_text) = (String::new(), String::new());
        write_text(&mut key_text, &key.value())?;
        write_text(&mut value_text, value)?;
        texts.push((key_text, value_text));
    }
    texts.sort();
    let entries: Vec<_> = texts.into_iter().map(|(key, value)| format!("{key}: {value}")).collect();
    out.push_str(&format!("{{{}}}", entries.join(", ")));
    Ok(())
}

fn decimal(value: &Value) -> Result<String> {
    match value {
        Value::Double(number) if !number.is_finite() => Ok(special(*number, |_| String::new())),
        Value::Double(number) => Ok(double_text(*number)),
        other => whole(other, |sign, size| format!("{sign}{size}")),
    }
}

/// A whole number as its sign and size.
fn whole(value: &Value, write: fn(&str, u64) -> String) -> Result<String> {
    match value {
        Value::Int(number) => Ok(write(if *number < 0 { "-" } else { "" }, number.unsigned_abs())),
        Value::Uint(number) => Ok(write("", *number)),
        _ => Err(Error::NoOverload),
    }
}

fn hexadecimal(value: &Value) -> Result<String> {
    let of_bytes = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    match value {
        Value::String(text) => Ok(of_bytes(text.as_bytes())),
        Value::Bytes(bytes) => Ok(of_bytes(bytes)),
        other => whole(other, |sign, size| format!("{sign}{size:x}")),
    }
}

#[expect(clippy::cast_precision_loss, reason = "what is shown is rounded")]
fn double(value: &Value) -> Result<f64> {
    match value {
        Value::Double(number) => Ok(*number),
        Value::Int(number) => Ok(*number as f64),
        Value::Uint(number) => Ok(*number as f64),
        _ => Err(Error::NoOverload),
    }
}

fn special(number: f64, finite: impl Fn(f64) -> String) -> String {
    match number {
        _ if number.is_nan() => "NaN".to_owned(),
        _ if number.is_infinite() => if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned(),
        _ => finite(number),
    }
}

/// `1.052033e+03`.
fn scientific(number: f64, precision: usize) -> String {
    let text = format!("{number:.precision$e}");
    let Some((mantissa, exponent)) = text.split_once('e') else { return text };
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    format!("{mantissa}e{sign}{digits:0>2}")
}

//! Conversions between types, each named after the type that it makes.

use super::{Definition, no_overload};
use crate::{
    error::{Error, Result},
    time::{Duration, Timestamp},
    value::Value,
};

pub(super) const FUNCTIONS: &[Definition] = &[
    Definition(&["bool(bool): bool", "bool(string): bool"], to_bool),
    Definition(&["bytes(bytes): bytes", "bytes(string): bytes"], to_bytes),
    Definition(&["double(number): double", "double(string): double"], to_double),
    Definition(&["duration(duration): duration", "duration(string): duration"], to_duration),
    Definition(&["dyn(dyn): dyn"], |arguments| Ok(arguments[0].clone())),
    Definition(&["int(number): int", "int(string): int", "int(timestamp): int", "int(duration): int"], to_int),
    Definition(
        &[
            "string(string): string",
            "string(bool): string",
            "string(number): string",
            "string(bytes): string",
            "string(timestamp): string",
            "string(duration): string",
        ],
        to_string,
    ),
    Definition(
        &["timestamp(timestamp): timestamp", "timestamp(string): timestamp", "timestamp(int): timestamp"],
        to_timestamp,
    ),
    Definition(&["type(dyn): type"], |arguments| Ok(Value::Type(arguments[0].type_name()))),
    Definition(&["uint(number): uint", "uint(string): uint"], to_uint),
    Definition(&["unknown(): dyn"], |_| Err(Error::Unknown)),
];

fn to_bool(arguments: &[Value]) -> Result<Value> {
    match &arguments[0] {
        Value::Bool(flag) => Ok(Value::Bool(*flag)),
        Value::String(text) => match &**text {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(Value::Bool(true)),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(Value::Bool(false)),
            _ => Err(Error::Argument("bool() takes \"true\" and \"false\"")),
        },
        _ => no_overload(),
    }
}

fn to_bytes(arguments: &[Value]) -> Result<Value> {
    match &arguments[0] {
        Value::Bytes(bytes) => Ok(Value::Bytes(bytes.clone())),
        Value::String(text) => Ok(Value::bytes(text.as_bytes())),
        _ => no_overload(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "double() rounds to the nearest double")]
fn to_double(arguments: &[Value]) -> Result<Value> {
    match &arguments[0] {
        Value::Double(number) => Ok(Value::Double(*number)),
        Value::Int(number) => Ok(Value::Double(*number as f64)),
        Value::Uint(number) => Ok(Value::Double(*number as f64)),
        Value::String(text) => text.parse().map(Value::Double).map_err(|_| Error::Argument("the text is no number")),
        _ => no_overload(),
    }
}

fn to_duration(arguments: &[Value]) -> Result<Value> {
    match &arguments[0] {
        Value::Duration(length) => Ok(Value::Duration(*length)),
        Value::String(text) => Duration::parse(text).map(Value::Duration).ok_or(Error::Argument(
            "a duration is written such as \"1h30m\", in h, m, s, ms, us and ns, up to 292 years",
        )),
        _ => no_overload(),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "within the bounds of the type")]
fn to_int(arguments: &[Value]) -> Result<Value> {
    const TWO_63: f64 = 9_223_372_036_854_775_808.0;
    match &arguments[0] {
        Value::Int(number) => Ok(Value::Int(*number)),
        Value::Uint(number) => i64::try_from(*number).map(Value::Int).map_err(|_| Error::Overflow),
        // The lowest int is refused too, as elsewhere in CEL: it may be a rounded smaller number.
        Value::Double(number) if number.abs() < TWO_63 => Ok(Value::Int(*number as i64)),
        Value::Double(_) => Err(Error::Overflow),
        Value::String(text) => text.parse().map(Value::Int).map_err(|_| Error::Argument("the text is no whole number")),
        Value::Timestamp(moment) => Ok(Value::Int(moment.seconds())),
        Value::Duration(length) => Ok(Value::Int(length.whole(1_000_000_000))),
        _ => no_overload(),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the bounds of the type")]
fn to_uint(arguments: &[Value]) -> Result<Value> {
    const TWO_64: f64 = 18_446_744_073_709_551_616.0;
    match &arguments[0] {
        Value::Uint(number) => Ok(Value::Uint(*number)),
        Value::Int(number) => u64::try_from(*number).map(Value::Uint).map_err(|_| Error::Overflow),
        Value::Double(number) if *number > -1.0 && *number < TWO_64 => Ok(Value::Uint(*number as u64)),
        Value::Double(_) => Err(Error::Overflow),
        Value::String(text) => {
            text.parse().map(Value::Uint).map_err(|_| Error::Argument("the text is no whole number"))
        }
        _ => no_overload(),
    }
}

fn to_string(arguments: &[Value]) -> Result<Value> {
    Ok(match &arguments[0] {
        Value::String(text) => Value::String(text.clone()),
        Value::Bool(flag) => Value::string(flag.to_string()),
        Value::Int(number) => Value::string(number.to_string()),
        Value::Uint(number) => Value::string(number.to_string()),
        Value::Double(number) => Value::string(double_text(*number)),
        Value::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Value::string(text),
            Err(_) => return Err(Error::Argument("the bytes are no UTF-8")),
        },
        Value::Timestamp(moment) => Value::string(moment.to_string()),
        Value::Duration(length) => Value::string(length.to_string()),
        _ => return no_overload(),
    })
}

/// A double as text: short, with an exponent where it is very large or small.
pub(super) fn double_text(number: f64) -> String {
    let size = number.abs();
    match number {
        _ if number.is_nan() => "NaN".to_owned(),
        _ if number.is_infinite() => if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned(),
        _ if size != 0.0 && !(1e-4..1e21).contains(&size) => exponent(number),
        _ => number.to_string(),
    }
}

/// `1e+21`, `1.5e-05`.
fn exponent(number: f64) -> String {
    let text = format!("{number:e}");
    let Some((mantissa, exponent)) = text.split_once('e') else { return text };
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    format!("{mantissa}e{sign}{digits:0>2}")
}

fn to_timestamp(arguments: &[Value]) -> Result<Value> {
    let moment = match &arguments[0] {
        Value::Timestamp(moment) => Some(*moment),
        Value::Int(seconds) => Some(Timestamp::from_seconds(*seconds)),
        Value::String(text) => Timestamp::parse(text),
        _ => return no_overload(),
    };
    moment
        .and_then(Timestamp::in_range)
        .map(Value::Timestamp)
        .ok_or(Error::Argument("a timestamp is written such as \"2026-01-31T08:30:00Z\", in the years 1 to 9999"))
}

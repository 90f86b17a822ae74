//! Conversions from one type to another, as SQL over a value in storage form.

use super::Conversion;
use crate::{FieldType, Storage};

/// The SQL of a conversion, with `{}` for the value where it was not written by hand; it gives null where a value
/// has no counterpart.
///
/// # Errors
/// Where there is no such conversion, in words.
pub fn conversion(using: Option<&Conversion>, from: FieldType, to: FieldType) -> Result<String, String> {
    match using {
        Some(Conversion::Sql(expression)) => Ok(expression.clone()),
        Some(Conversion::UnixSeconds) => unix(from, to, 1),
        Some(Conversion::UnixMilliseconds) => unix(from, to, 1000),
        Some(Conversion::OrNull) | None => natural(from, to).map(str::to_owned).ok_or_else(|| {
            format!("there is no natural way from {} to {}; say how with `using:`", from.name(), to.name())
        }),
    }
}

fn unix(from: FieldType, to: FieldType, per_second: u32) -> Result<String, String> {
    match (from, to) {
        (FieldType::Int | FieldType::Float, FieldType::Timestamp) => {
            Ok(format!("strftime('%Y-%m-%dT%H:%M:%fZ', {{}} / {per_second}.0, 'unixepoch')"))
        }
        (FieldType::Timestamp, FieldType::Int) => {
            Ok(format!("CAST(round(unixepoch({{}}, 'subsec') * {per_second}) AS INTEGER)"))
        }
        (FieldType::Timestamp, FieldType::Float) => Ok(format!("unixepoch({{}}, 'subsec') * {per_second}.0")),
        _ => Err(format!("`using` is for a number and a timestamp, not {} and {}", from.name(), to.name())),
    }
}

/// The natural conversion.
pub(super) fn natural(from: FieldType, to: FieldType) -> Option<&'static str> {
    use FieldType::{Blob, Bool, Date, Float, Int, Json, Timestamp};
    let textual = to.is_textual();
    Some(match (from, to) {
        _ if from == to => "{}",
        (Int, Float) => "CAST({} AS REAL)",
        (Float, Int) => {
            "CASE WHEN {} = CAST({} AS INTEGER) AND abs({}) < 9007199254740993 THEN CAST({} AS INTEGER) END"
        }
        (Bool, Int) => "{}",
        (Bool, Float) => "CAST({} AS REAL)",
        (Int | Float, Bool) => "CASE {} WHEN 0 THEN 0 WHEN 1 THEN 1 END",
        (Int | Float | Bool, Date | Timestamp) => return None,
        (Int, _) if textual => "CAST({} AS TEXT)",
        (Float, _) if textual => {
            "CASE WHEN {} = CAST({} AS INTEGER) AND abs({}) < 9007199254740993 THEN CAST(CAST({} AS INTEGER) AS TEXT) ELSE CAST({} AS TEXT) END"
        }
        (Bool, _) if textual => "CASE {} WHEN 1 THEN 'true' ELSE 'false' END",
        (Int, Json) => "CAST({} AS TEXT)",
        (Float, Json) => "json_quote({})",
        (Bool, Json) => "CASE {} WHEN 1 THEN 'true' ELSE 'false' END",
        (Date, Timestamp) => "{} || 'T00:00:00.000Z'",
        (Timestamp, Date) => "substr({}, 1, 10)",
        (_, Blob) if from.storage() == Storage::Text => "CAST({} AS BLOB)",
        (_, Int) if from.storage() == Storage::Text => TEXT_TO_INT,
        (_, Float) if from.storage() == Storage::Text => TEXT_TO_FLOAT,
        (_, Bool) if from.storage() == Storage::Text => {
            "CASE lower(trim({})) WHEN 'true' THEN 1 WHEN '1' THEN 1 WHEN 'false' THEN 0 WHEN '0' THEN 0 END"
        }
        (_, Json) if from.storage() == Storage::Text => "CASE WHEN json_valid({}) THEN json({}) END",
        (Json, _) if textual => "CASE json_type({}) WHEN 'text' THEN {} ->> '$' WHEN 'null' THEN NULL ELSE {} END",
        _ if textual && from.storage() == Storage::Text => "{}",
        _ => return None,
    })
}

const TEXT_TO_INT: &str =
    "CASE WHEN CAST(CAST(trim({}) AS INTEGER) AS TEXT) = trim({}) THEN CAST(trim({}) AS INTEGER) END";
const TEXT_TO_FLOAT: &str =
    "CASE WHEN json_valid(trim({})) AND json_type(trim({})) IN ('integer', 'real') THEN CAST(trim({}) AS REAL) END";

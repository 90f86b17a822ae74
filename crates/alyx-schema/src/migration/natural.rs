//! The natural conversions from one type to another, as SQL over a value in storage form.

use crate::{FieldType, Storage};

/// The conversion's SQL, with `{}` for the value; it gives null where a value has no counterpart.
#[must_use]
pub fn conversion(from: FieldType, to: FieldType) -> Option<&'static str> {
    use FieldType::{Blob, Bool, Date, Float, Int, Json, Timestamp};
    let textual = to.is_textual();
    Some(match (from, to) {
        _ if from == to => "{}",
        (Int, Float) => "CAST({} AS REAL)",
        (Float, Int) => "CASE WHEN {} = CAST({} AS INTEGER) AND abs({}) < 9007199254740993 THEN CAST({} AS INTEGER) END",
        (Bool, Int) => "{}",
        (Bool, Float) => "CAST({} AS REAL)",
        (Int | Float, Bool) => "CASE {} WHEN 0 THEN 0 WHEN 1 THEN 1 END",
        (Int | Float | Bool, Date | Timestamp) => return None,
        (Int, _) if textual => "CAST({} AS TEXT)",
        (Float, _) if textual => "CASE WHEN {} = CAST({} AS INTEGER) AND abs({}) < 9007199254740993 THEN CAST(CAST({} AS INTEGER) AS TEXT) ELSE CAST({} AS TEXT) END",
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

const TEXT_TO_INT: &str = "CASE WHEN CAST(CAST(trim({}) AS INTEGER) AS TEXT) = trim({}) THEN CAST(trim({}) AS INTEGER) END";
const TEXT_TO_FLOAT: &str = "CASE WHEN json_valid(trim({})) AND json_type(trim({})) IN ('integer', 'real') THEN CAST(trim({}) AS REAL) END";

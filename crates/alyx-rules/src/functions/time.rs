//! What calendars and clocks show, and lengths in whole units.

use super::{Definition, no_overload};
use crate::{
    error::{Error, Result},
    time::{Part, part},
    value::Value,
};

pub(super) const FUNCTIONS: &[Definition] = &[
    Definition(&["timestamp.getFullYear(): int", "timestamp.getFullYear(string): int"], |arguments| {
        calendar(arguments, Part::FullYear)
    }),
    Definition(&["timestamp.getMonth(): int", "timestamp.getMonth(string): int"], |arguments| {
        calendar(arguments, Part::Month)
    }),
    Definition(&["timestamp.getDayOfYear(): int", "timestamp.getDayOfYear(string): int"], |arguments| {
        calendar(arguments, Part::DayOfYear)
    }),
    Definition(&["timestamp.getDayOfMonth(): int", "timestamp.getDayOfMonth(string): int"], |arguments| {
        calendar(arguments, Part::DayOfMonth)
    }),
    Definition(&["timestamp.getDate(): int", "timestamp.getDate(string): int"], |arguments| {
        calendar(arguments, Part::Date)
    }),
    Definition(&["timestamp.getDayOfWeek(): int", "timestamp.getDayOfWeek(string): int"], |arguments| {
        calendar(arguments, Part::DayOfWeek)
    }),
    Definition(
        &["timestamp.getHours(): int", "timestamp.getHours(string): int", "duration.getHours(): int"],
        |arguments| either(arguments, Part::Hours, 3_600_000_000_000),
    ),
    Definition(
        &["timestamp.getMinutes(): int", "timestamp.getMinutes(string): int", "duration.getMinutes(): int"],
        |arguments| either(arguments, Part::Minutes, 60_000_000_000),
    ),
    Definition(
        &["timestamp.getSeconds(): int", "timestamp.getSeconds(string): int", "duration.getSeconds(): int"],
        |arguments| either(arguments, Part::Seconds, 1_000_000_000),
    ),
    Definition(
        &[
            "timestamp.getMilliseconds(): int",
            "timestamp.getMilliseconds(string): int",
            "duration.getMilliseconds(): int",
        ],
        milliseconds,
    ),
];

fn calendar(arguments: &[Value], wanted: Part) -> Result<Value> {
    let found = match arguments {
        [Value::Timestamp(moment)] => part(*moment, wanted, None),
        [Value::Timestamp(moment), Value::String(zone)] => part(*moment, wanted, Some(zone)),
        _ => return no_overload(),
    };
    found.map(Value::Int).ok_or(Error::Argument("there is no such time zone"))
}

/// Of a moment what the clock shows, of a length all of it in that unit.
fn either(arguments: &[Value], wanted: Part, unit: i64) -> Result<Value> {
    match arguments {
        [Value::Duration(length)] => Ok(Value::Int(length.whole(unit))),
        _ => calendar(arguments, wanted),
    }
}

/// Of a length only the milliseconds after the last full second, as the specification has it.
fn milliseconds(arguments: &[Value]) -> Result<Value> {
    match arguments {
        [Value::Duration(length)] => Ok(Value::Int(length.whole(1_000_000) % 1000)),
        _ => calendar(arguments, Part::Milliseconds),
    }
}

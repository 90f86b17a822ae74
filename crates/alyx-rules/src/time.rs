//! Moments and lengths of time, in nanoseconds. Calendars and zones come from jiff.

mod calendar;
mod duration;
mod timestamp;

pub(crate) use calendar::{Part, part};
pub(crate) use duration::Duration;
pub(crate) use timestamp::Timestamp;

const NANOS_A_SECOND: i128 = 1_000_000_000;

/// A number of seconds as a decimal: `1.5`, without zeros at its end.
fn write_seconds(out: &mut String, nanos: i128) {
    use std::fmt::Write;
    let (seconds, rest) = (nanos.abs() / NANOS_A_SECOND, nanos.abs() % NANOS_A_SECOND);
    let sign = if nanos < 0 { "-" } else { "" };
    // Writing to a String cannot fail.
    let _ = write!(out, "{sign}{seconds}");
    write_fraction(out, rest);
}

/// `.5` for half a second; nothing for none.
fn write_fraction(out: &mut String, nanos: i128) {
    if nanos > 0 {
        out.push('.');
        out.push_str(format!("{nanos:09}").trim_end_matches('0'));
    }
}

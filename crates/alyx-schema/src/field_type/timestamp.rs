//! `timestamp`: any RFC 3339 offset is accepted; stored in UTC with milliseconds, so that text order is time order.

use jiff::Timestamp;

use super::{Definition, Reading, Wrong};
use crate::clock::format_timestamp;

pub(super) const DEFINITION: Definition = Definition {
    name: "timestamp",
    summary: "A moment, RFC 3339; answered in UTC with milliseconds. `default: now` is the time of the write.",
    expected: "a timestamp such as \"2026-01-31T08:30:00Z\"",
    options: &["unique", "index", "onUpdate"],
    generated: Some("now"),
    reading: Reading::Text(canonical),
};

fn canonical(text: &str) -> Result<String, Wrong> {
    if !has_shape(text.as_bytes()) {
        return Err(Wrong::format(&DEFINITION));
    }
    match text.parse::<Timestamp>() {
        Ok(moment) => in_range(&format_timestamp(moment)),
        Err(_) => end_of_time(text).ok_or_else(|| Wrong::format(&DEFINITION)),
    }
}

/// The last hours of 9999, which people write for "never" and which lie beyond the parser's moments.
fn end_of_time(text: &str) -> Option<String> {
    let utc = text.strip_suffix(['Z', 'z']).or_else(|| text.strip_suffix("+00:00"))?;
    let moment: jiff::civil::DateTime = utc.parse().ok()?;
    Some(format!("{moment:.3}Z"))
}

/// An offset can carry a moment out of the years 0000 to 9999, whose text would sort wrongly.
fn in_range(formatted: &str) -> Result<String, Wrong> {
    match formatted.len() {
        24 => Ok(formatted.to_owned()),
        _ => Err(Wrong::new("RANGE", "must lie in the years 0000 to 9999")),
    }
}

/// RFC 3339, section 5.6: the parser takes more, such as zones in brackets and missing seconds.
fn has_shape(text: &[u8]) -> bool {
    let Some((date_time, rest)) = text.split_at_checked(19) else { return false };
    let fits = date_time.iter().zip(b"0000-00-00T00:00:00").all(|(byte, shape)| match shape {
        b'0' => byte.is_ascii_digit(),
        b'T' => matches!(byte, b'T' | b't' | b' '),
        _ => byte == shape,
    });
    fits && has_offset(without_fraction(rest))
}

fn without_fraction(rest: &[u8]) -> &[u8] {
    let Some(fraction) = rest.strip_prefix(b".") else { return rest };
    let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if (1..=9).contains(&digits) { &fraction[digits..] } else { rest }
}

fn has_offset(rest: &[u8]) -> bool {
    match rest {
        [b'Z' | b'z'] => true,
        [b'+' | b'-', h1, h2, b':', m1, m2] => [h1, h2, m1, m2].iter().all(|byte| byte.is_ascii_digit()),
        _ => false,
    }
}

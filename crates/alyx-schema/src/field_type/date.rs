//! `date`: a calendar date, `YYYY-MM-DD`.

use super::{Definition, Reading, Wrong};

pub(super) const DEFINITION: Definition = Definition {
    name: "date",
    summary: "A calendar date, `YYYY-MM-DD`. `default: now` is the day of the write in UTC.",
    expected: "a date such as \"2026-01-31\"",
    options: &["unique", "index"],
    generated: Some("now"),
    reading: Reading::Text(canonical),
};

fn canonical(text: &str) -> Result<String, Wrong> {
    let has_shape = text.len() == 10
        && text.bytes().zip("0000-00-00".bytes()).all(|(byte, shape)| match shape {
            b'0' => byte.is_ascii_digit(),
            _ => byte == shape,
        });
    match text.parse::<jiff::civil::Date>() {
        Ok(_) if has_shape => Ok(text.to_owned()),
        _ => Err(Wrong::format(&DEFINITION)),
    }
}

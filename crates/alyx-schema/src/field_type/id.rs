//! `id`: 15 characters of `[a-z0-9]`.

use super::{Definition, Reading, Wrong};

const LENGTH: usize = 15;

pub(super) const DEFINITION: Definition = Definition {
    name: "id",
    summary: "15 characters of a-z and 0-9; `default: auto` makes a random one.",
    expected: "15 characters of a-z and 0-9",
    options: &["primary", "unique", "index", "references", "onDelete"],
    generated: Some("auto"),
    reading: Reading::Text(canonical),
};

fn canonical(text: &str) -> Result<String, Wrong> {
    let fits = text.len() == LENGTH && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if fits { Ok(text.to_owned()) } else { Err(Wrong::format(&DEFINITION)) }
}

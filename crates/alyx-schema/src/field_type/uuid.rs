//! `uuid`: an RFC 9562 UUID in its hyphenated form, stored in lower case.

use super::{Definition, Reading, Wrong};

pub(super) const DEFINITION: Definition = Definition {
    name: "uuid",
    summary: "A UUID; `default: auto` makes one of version 7, which rises with time.",
    expected: "a UUID such as \"01890a5d-ac96-774b-bcce-b302099a8057\"",
    options: &["primary", "unique", "index", "references", "onDelete"],
    generated: Some("auto"),
    reading: Reading::Text(canonical),
};

pub(super) fn canonical(text: &str) -> Result<String, Wrong> {
    match ::uuid::Uuid::try_parse(text) {
        Ok(_) if text.len() == 36 => Ok(text.to_ascii_lowercase()),
        _ => Err(Wrong::format(&DEFINITION)),
    }
}

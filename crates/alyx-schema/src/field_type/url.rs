//! `url`: an absolute http or https URL, stored as written.

use super::{Definition, Reading, Wrong};

pub(super) const DEFINITION: Definition = Definition {
    name: "url",
    summary: "An absolute http or https URL.",
    expected: "an absolute http or https URL such as \"https://example.com/page\"",
    options: &["unique", "index", "references", "onDelete", "minLength", "maxLength", "pattern"],
    generated: None,
    reading: Reading::Text(canonical),
};

pub(super) fn canonical(text: &str) -> Result<String, Wrong> {
    // The parser mends white space and missing slashes; what it had to mend is refused.
    let is_clean = !text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\');
    let is_absolute = ["http://", "https://"]
        .iter()
        .any(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    match ::url::Url::parse(text) {
        Ok(url) if is_clean && is_absolute && url.has_host() => Ok(text.to_owned()),
        _ => Err(Wrong::format(&DEFINITION)),
    }
}

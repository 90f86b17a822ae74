//! `email`: an address with a domain that has a dot; no display name, no quotes of a domain literal.

use email_address::{EmailAddress, Options};

use super::{Definition, Reading, Wrong};

pub(super) const DEFINITION: Definition = Definition {
    name: "email",
    summary: "An e-mail address.",
    expected: "an e-mail address such as \"ada@example.com\"",
    options: &["unique", "index", "references", "onDelete", "minLength", "maxLength", "pattern"],
    generated: None,
    reading: Reading::Text(canonical),
};

pub(super) fn canonical(text: &str) -> Result<String, Wrong> {
    let options = Options::default().with_required_tld().without_domain_literal().without_display_text();
    match EmailAddress::parse_with_options(text, options) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(Wrong::format(&DEFINITION)),
    }
}

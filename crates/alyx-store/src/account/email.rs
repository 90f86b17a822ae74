//! The canonical form of an account's e-mail address.

use alyx_schema::Format;

/// Longest address that mail can be sent to (RFC 5321, section 4.5.3.1.3).
const LONGEST: usize = 254;

/// The address as accounts have it, in lower case; nothing where it is none.
///
/// Mail goes to this form alone, so that two spellings of one address are never two mailboxes.
#[must_use]
pub fn canonical_email(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    (lower.len() <= LONGEST && Format::Email.accepts(&lower)).then_some(lower)
}

#[cfg(test)]
mod tests {
    use super::canonical_email;

    #[test]
    fn case_makes_no_difference() {
        assert_eq!(canonical_email("Ada@Example.COM").as_deref(), Some("ada@example.com"));
        // The Kelvin sign is another way to write a small k.
        assert_eq!(canonical_email("mi\u{212a}e@example.com").as_deref(), Some("mike@example.com"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "ada",
            "ada@",
            "@example.com",
            "a b@example.com",
            "Ada <ada@example.com>",
            "ada@example.com\r\nBcc: x@y.z",
        ] {
            assert_eq!(canonical_email(text), None, "{text:?}");
        }
        assert_eq!(canonical_email(&format!("{}@example.com", "a".repeat(260))), None);
        assert_eq!(canonical_email(" ada@example.com"), None);
    }
}

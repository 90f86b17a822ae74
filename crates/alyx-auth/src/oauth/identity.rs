//! Whom a provider vouches for.

use alyx_store::account::canonical_email;
use serde_json::{Map, Value as Json};

/// Somebody, as a provider knows them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Identity {
    /// Who vouches.
    pub(super) issuer: String,
    /// The provider's own name for them, which never becomes another's.
    pub(super) subject: String,
    /// Their address, where the provider says that it is theirs.
    pub(super) email: Option<VerifiedEmail>,
    /// What they are called.
    pub(super) name: Option<String>,
    /// The address of a picture.
    pub(super) picture: Option<String>,
}

/// An address that the provider says belongs to this person. There is no other way to an account than this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VerifiedEmail(String);

impl VerifiedEmail {
    /// The address in canonical form, if `is_verified`, which is the provider's own rule.
    ///
    /// Only the case of ASCII may differ from what the provider verified: a letter that becomes another one in lower
    /// case would make it somebody else's address.
    pub(super) fn vouched(email: Option<&str>, is_verified: bool) -> Option<Self> {
        let email = email.filter(|_| is_verified)?;
        canonical_email(email).filter(|canonical| *canonical == email.to_ascii_lowercase()).map(Self)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that is there and not empty.
pub(super) fn text(claims: &Map<String, Json>, name: &str) -> Option<String> {
    claims.get(name).and_then(Json::as_str).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(email: Option<&str>, is_verified: bool, expected: Option<&str>) {
        assert_eq!(VerifiedEmail::vouched(email, is_verified).as_ref().map(VerifiedEmail::as_str), expected);
    }

    #[test]
    fn ac02_only_what_is_verified_is_an_address() {
        check(Some("Ada@Example.com"), true, Some("ada@example.com"));
        check(Some("ada@example.com"), false, None);
        check(None, true, None);
        for none in [
            "",
            "ada",
            "ada@",
            "ada@example.com\r\nBcc: eve@example.com",
            " ada@example.com",
            "ada@example.com,eve@example.com",
        ] {
            check(Some(none), true, None);
        }
    }

    #[test]
    fn ac02_an_address_that_turns_into_another_is_none() {
        // The Kelvin sign and the dotted capital I become ASCII letters in lower case.
        check(Some("mi\u{212a}e@example.com"), true, None);
        check(Some("victim@example.com".replace('i', "\u{130}").as_str()), true, None);
        check(Some("VICTIM@\u{212a}ELVIN.example"), true, None);
    }
}

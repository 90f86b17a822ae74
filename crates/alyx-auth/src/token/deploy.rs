//! Deploy tokens: a part that is kept in the clear, to find them by, and a part that is not kept.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    Result,
    random::{self, Random},
};

/// What a deploy token begins with.
pub(crate) const PREFIX: &str = "alyx_dt_";

/// Length of the part that it is found by.
const FOUND_BY: usize = 8;
/// Length of the part that nobody keeps.
const SECRET: usize = 43;

/// A new token and the part that it is found by.
pub(crate) fn make(random: &dyn Random) -> Result<(String, String)> {
    let found_by = URL_SAFE_NO_PAD.encode(random::bytes::<6>(random)?);
    let token = format!("{PREFIX}{found_by}{}", random::token(random)?);
    Ok((token, found_by))
}

/// The part that a token is found by; nothing where it has not the form of one.
pub(crate) fn found_by(token: &str) -> Option<&str> {
    let rest = token.strip_prefix(PREFIX).filter(|rest| rest.is_ascii() && rest.len() == FOUND_BY + SECRET)?;
    Some(&rest[..FOUND_BY])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_by_its_first_part() {
        let (token, found) = make(&crate::SystemRandom::default()).unwrap();
        assert_eq!(found_by(&token), Some(found.as_str()));
        for other in [
            "",
            PREFIX,
            &token[..token.len() - 1],
            &format!("{token}x"),
            &token[1..],
            "alyx_dt_ééééééééééééééééééééééééé",
        ] {
            assert_eq!(found_by(other), None, "{other}");
        }
    }
}

//! Refresh tokens: opaque, and derived from a key, so that a token of this server is known for one, however old, and
//! the same successor can be given twice.
//!
//! A token holds the key's id, the session, how many rotations came before it, and a MAC over all of that and the
//! session's nonce.

use alyx_store::account::SessionId;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::hmac;

use super::is_same;
use crate::keyring::Key;

/// What a refresh token begins with.
pub(crate) const PREFIX: &str = "alyx_rt_";

const FORM: u8 = 1;
const MAC_LENGTH: usize = 32;
/// Longest token that is looked at.
const LONGEST: usize = 1024;

/// A token taken apart; whether it is genuine is not known yet.
pub(crate) struct Presented {
    pub(crate) key_id: String,
    pub(crate) session: SessionId,
    pub(crate) generation: i64,
    mac: Vec<u8>,
}

/// The token of a session after so many rotations.
pub(crate) fn derive(key: &Key, session: &SessionId, (generation, nonce): (i64, &str)) -> String {
    let mut bytes = vec![FORM];
    for part in [key.id(), session.as_str()] {
        let length = u8::try_from(part.len()).expect("ids of keys and sessions are short");
        bytes.push(length);
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes.extend_from_slice(&generation.to_be_bytes());
    bytes.extend_from_slice(mac(key, session, (generation, nonce)).as_ref());
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
}

fn mac(key: &Key, session: &SessionId, (generation, nonce): (i64, &str)) -> hmac::Tag {
    let mut context = hmac::Context::with_key(key.refresh());
    for part in [key.id(), session.as_str(), nonce] {
        context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        context.update(part.as_bytes());
    }
    context.update(&generation.to_be_bytes());
    context.sign()
}

impl Presented {
    /// Takes a token apart; nothing where it has not the form of one.
    pub(crate) fn parse(token: &str) -> Option<Self> {
        let text = token.strip_prefix(PREFIX).filter(|text| text.len() <= LONGEST)?;
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (form, rest) = bytes.split_first()?;
        let (key_id, rest) = part(rest)?;
        let (session, rest) = part(rest)?;
        let (generation, mac) = rest.split_first_chunk::<8>()?;
        let parsed = Self {
            key_id: key_id.to_owned(),
            session: SessionId::new(session),
            generation: i64::from_be_bytes(*generation),
            mac: mac.to_vec(),
        };
        (*form == FORM && mac.len() == MAC_LENGTH && parsed.generation >= 0).then_some(parsed)
    }

    /// Whether this server made it, for a session with this nonce.
    pub(crate) fn is_genuine(&self, key: &Key, nonce: &str) -> bool {
        is_same(mac(key, &self.session, (self.generation, nonce)).as_ref(), &self.mac)
    }
}

/// A length and so many bytes of text.
fn part(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = bytes.split_first()?;
    let (text, rest) = rest.split_at_checked(usize::from(*length))?;
    Some((std::str::from_utf8(text).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(secret: &str) -> Key {
        Key::of_secret(secret)
    }

    #[test]
    fn a_token_is_genuine_with_its_own_key_session_generation_and_nonce_alone() {
        let (ours, session) = (key("ours"), SessionId::new("0198c0de-0000-7000-8000-000000000001"));
        let token = derive(&ours, &session, (3, "nonce"));
        let presented = Presented::parse(&token).unwrap();
        assert_eq!((presented.key_id.as_str(), &presented.session, presented.generation), (ours.id(), &session, 3));
        assert!(presented.is_genuine(&ours, "nonce"));
        assert!(!presented.is_genuine(&ours, "other") && !presented.is_genuine(&key("theirs"), "nonce"));
        assert_eq!(token, derive(&ours, &session, (3, "nonce")), "it can be derived again");
        assert_ne!(token, derive(&ours, &session, (4, "nonce")));
        let raised = Presented { generation: 4, ..Presented::parse(&token).unwrap() };
        assert!(!raised.is_genuine(&ours, "nonce"));
        let moved = Presented { session: SessionId::new("another"), ..Presented::parse(&token).unwrap() };
        assert!(!moved.is_genuine(&ours, "nonce"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_no_changed_token_is_genuine(text in ".{0,200}", bytes: Vec<u8>, place in 0usize..200, by in 1u8..) {
            Presented::parse(&text);
            Presented::parse(&format!("{PREFIX}{text}"));
            Presented::parse(&format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(&bytes)));
            let ours = key("ours");
            let token = derive(&ours, &SessionId::new("session"), (1, "nonce"));
            let mut changed = URL_SAFE_NO_PAD.decode(&token[PREFIX.len()..]).unwrap();
            let place = place % changed.len();
            changed[place] = changed[place].wrapping_add(by);
            let changed = Presented::parse(&format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(changed)));
            prop_assert!(changed.is_none_or(|presented| presented.key_id != ours.id() || !presented.is_genuine(&ours, "nonce")));
        }
    }
}

//! What a sign-in that is under way is recognised by: `state`, which travels through the provider, and `binding`, which
//! stays in the browser's cookie. Only both together name a row, and the row holds neither (rows 05 and 44 of the
//! attacks): who saw one of them can neither finish a sign-in nor use it up.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::hmac;

use crate::{Random, Result, random, token};

/// How long somebody may stay at the provider, in seconds.
pub(super) const LIFETIME: u64 = 600;

/// Length of 256 bits in base64url.
const LENGTH: usize = 43;

/// The cookie's name; with the prefix, browsers take it from this host alone and only over https.
const NAMES: [(&str, &str); 2] = [("alyx_oauth", ""), ("__Host-alyx_oauth", "; Secure")];

/// A sign-in that is under way. Shows nothing.
pub(super) struct Flow {
    state: String,
    binding: String,
}

impl Flow {
    /// A new one, for a browser that may have a binding already: two tabs share it.
    pub(super) fn begin(random: &dyn Random, binding: Option<String>) -> Result<Self> {
        let binding = match binding {
            Some(binding) => binding,
            None => random::token(random)?,
        };
        Ok(Self { state: random::token(random)?, binding })
    }

    /// The one that came back; nothing where it cannot be one.
    pub(super) fn resume(state: Option<&str>, binding: Option<String>) -> Option<Self> {
        let state = state.filter(|state| is_well_formed(state))?.to_owned();
        Some(Self { state, binding: binding? })
    }

    pub(super) fn state(&self) -> &str {
        &self.state
    }

    /// What the row is found by.
    pub(super) fn hash(&self) -> String {
        token::hash(&format!("{}.{}", self.state, self.binding))
    }

    /// The verifier of PKCE, made again when it is needed.
    pub(super) fn verifier(&self) -> String {
        self.derive("alyx oauth verifier")
    }

    /// The nonce of OpenID Connect.
    pub(super) fn nonce(&self) -> String {
        self.derive("alyx oauth nonce")
    }

    fn derive(&self, label: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.binding.as_bytes());
        URL_SAFE_NO_PAD.encode(hmac::sign(&key, format!("{label}\0{}", self.state).as_bytes()))
    }

    /// The `Set-Cookie` header. `Lax`, since the browser comes back from another site.
    pub(super) fn cookie(&self, is_https: bool) -> String {
        let (name, secure) = NAMES[usize::from(is_https)];
        format!("{name}={}; Path=/; Max-Age={LIFETIME}; HttpOnly; SameSite=Lax{secure}", self.binding)
    }
}

/// The binding in the `Cookie` headers of a request; nothing where there is none or more than one.
pub(super) fn binding<'h>(headers: impl Iterator<Item = &'h str>, is_https: bool) -> Option<String> {
    let (name, _) = NAMES[usize::from(is_https)];
    let cookies = headers.flat_map(|header| header.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
    let mut values = cookies.filter(|(own, _)| *own == name).map(|(_, value)| value);
    match (values.next(), values.next()) {
        (Some(value), None) if is_well_formed(value) => Some(value.to_owned()),
        _ => None,
    }
}

/// Whether a text is 256 bits in base64url: a state, a binding, or a SHA-256.
pub(super) fn is_well_formed(text: &str) -> bool {
    text.len() == LENGTH && URL_SAFE_NO_PAD.decode(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandom;

    fn begin() -> Flow {
        Flow::begin(&SystemRandom::default(), None).unwrap()
    }

    #[test]
    fn ac05_everything_depends_on_both_parts() {
        let flow = begin();
        let again = Flow::resume(Some(flow.state()), Some(flow.binding.clone())).unwrap();
        assert_eq!((again.hash(), again.verifier(), again.nonce()), (flow.hash(), flow.verifier(), flow.nonce()));
        let other_binding = Flow::resume(Some(flow.state()), Some(begin().binding)).unwrap();
        let other_state = Flow::resume(Some(begin().state()), Some(flow.binding.clone())).unwrap();
        for other in [other_binding, other_state] {
            assert!(
                other.hash() != flow.hash() && other.verifier() != flow.verifier() && other.nonce() != flow.nonce()
            );
        }
        assert!(flow.verifier() != flow.nonce() && flow.verifier().len() == 43);
    }

    #[test]
    fn what_cannot_have_been_made_here_is_none() {
        let flow = begin();
        for state in [
            None,
            Some(""),
            Some("short"),
            Some(&flow.state()[1..]),
            Some(&*format!("{}x", flow.state())),
            Some("é".repeat(22).as_str()),
        ] {
            assert!(Flow::resume(state, Some(flow.binding.clone())).is_none());
        }
        assert!(Flow::resume(Some(flow.state()), None).is_none());
    }

    #[test]
    fn ac44_the_cookie_is_of_this_host_alone() {
        let flow = begin();
        let rest = "Path=/; Max-Age=600; HttpOnly; SameSite=Lax";
        assert_eq!(flow.cookie(false), format!("alyx_oauth={}; {rest}", flow.binding));
        assert_eq!(flow.cookie(true), format!("__Host-alyx_oauth={}; {rest}; Secure", flow.binding));
    }

    #[test]
    fn ac44_one_cookie_of_the_right_name_counts() {
        let (one, two) = (begin().binding, begin().binding);
        let check = |headers: &[&str], is_https, expected: Option<&String>| {
            assert_eq!(binding(headers.iter().copied(), is_https).as_ref(), expected, "{headers:?}");
        };
        check(&[&format!("a=b; alyx_oauth={one}; c=d")], false, Some(&one));
        check(&["a=b", &format!("__Host-alyx_oauth={one}")], true, Some(&one));
        check(&[&format!("alyx_oauth={one}; __Host-alyx_oauth={two}")], true, Some(&two));
        check(&[&format!("alyx_oauth={one}")], true, None);
        check(&[&format!("alyx_oauth={one}; alyx_oauth={two}")], false, None);
        check(&["alyx_oauth=short", "alyx_oauth", ""], false, None);
        check(&[], false, None);
    }

    #[test]
    fn a_second_tab_keeps_the_first_ones_binding() {
        let first = begin();
        let second = Flow::begin(&SystemRandom::default(), Some(first.binding.clone())).unwrap();
        assert!(second.binding == first.binding && second.state() != first.state());
    }
}

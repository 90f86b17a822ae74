//! Secrets: a type that shows nothing, and the refusal of those that anybody would guess.

use std::fmt;

use serde_json::Value as Json;

use crate::{
    Kind,
    value::{Value, Wrong},
};

/// Text that neither `Debug` nor `Display` shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps the text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl Value for Secret {
    fn kind() -> Kind {
        Kind::Secret
    }

    fn parse(text: &str) -> Result<Self, Wrong> {
        Ok(Self::new(text))
    }

    fn redacted(&self) -> Json {
        "…".into()
    }
}

/// Why a secret protects nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakSecret {
    /// Fewer than 32 characters.
    #[error("needs 32 characters or more")]
    Short,
    /// A sample from somebody's documentation.
    #[error("is a known sample that anybody would try first")]
    Known,
    /// One character, a repeated piece or a run such as `abcdef`.
    #[error("is too regular to be a secret")]
    Regular,
}

/// Shortest secret accepted.
const MIN_CHARACTERS: usize = 32;

/// Pieces that samples are made of; compared without case, spaces and punctuation.
const SAMPLES: &[&str] = &[
    "changeme",
    "changethis",
    "changeit",
    "replaceme",
    "replacethis",
    "yoursecret",
    "yourjwt",
    "yoursuper",
    "mysecret",
    "supersecret",
    "secretkey",
    "jwtsecret",
    "thisisasecret",
    "topsecret",
    "password",
    "placeholder",
    "insecure",
    "donotuse",
    "atleast32",
    "min32char",
    "32characters",
    "correcthorsebattery",
    "examplesecret",
    "admintokenhere",
];

/// Refuses a secret that is short, known or regular; for `auth.jwt.secret` and the admin token.
///
/// ```
/// use alyx_config::{WeakSecret, check_secret};
/// assert_eq!(check_secret("changeme"), Err(WeakSecret::Known));
/// assert_eq!(check_secret(&"x".repeat(64)), Err(WeakSecret::Regular));
/// assert_eq!(check_secret("rG7vKp2xWq9LmZ4tNc8YbHd3FsJ6uTe1"), Ok(()));
/// ```
///
/// # Errors
/// Says why the secret protects nothing.
pub fn check_secret(secret: &str) -> Result<(), WeakSecret> {
    let letters: String = secret.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let known = SAMPLES.iter().any(|sample| letters.contains(sample)) || letters == "secret";
    if known || secret.contains("${") {
        return Err(WeakSecret::Known);
    }
    let characters: Vec<char> = secret.chars().collect();
    if characters.len() < MIN_CHARACTERS {
        return Err(WeakSecret::Short);
    }
    if is_regular(&characters) { Err(WeakSecret::Regular) } else { Ok(()) }
}

fn is_regular(characters: &[char]) -> bool {
    let mut distinct = characters.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let length = characters.len();
    let repeats = (1..=length / 2).any(|period| characters[period..] == characters[..length - period]);
    let steps = characters.windows(2).filter(|pair| (pair[0] as u32).abs_diff(pair[1] as u32) == 1).count();
    distinct.len() < 8 || repeats || steps * 2 > length
}

#[cfg(test)]
mod tests {
    use super::{Secret, WeakSecret, check_secret};

    #[track_caller]
    fn check(secret: &str, expected: Result<(), WeakSecret>) {
        assert_eq!(check_secret(secret), expected, "{secret}");
    }

    #[test]
    fn ac38_samples_of_documentation_are_refused_at_any_length() {
        check("changeme", Err(WeakSecret::Known));
        check("secret", Err(WeakSecret::Known));
        check("password", Err(WeakSecret::Known));
        check("your-super-secret-jwt-token-with-at-least-32-characters-long", Err(WeakSecret::Known));
        check("CHANGE_ME_CHANGE_ME_CHANGE_ME_CHANGE_ME", Err(WeakSecret::Known));
        check("${JWT_SECRET} that nobody ever put in", Err(WeakSecret::Known));
    }

    #[test]
    fn short_and_regular_secrets_are_refused() {
        check("", Err(WeakSecret::Short));
        check("rG7vKp2xWq9LmZ4tNc8YbHd3FsJ6uTe", Err(WeakSecret::Short));
        check(&"a".repeat(40), Err(WeakSecret::Regular));
        check(&"xK9fQ2mB".repeat(4), Err(WeakSecret::Regular));
        check("abcdefghijklmnopqrstuvwxyz0123456789", Err(WeakSecret::Regular));
    }

    #[test]
    fn random_secrets_pass() {
        check("rG7vKp2xWq9LmZ4tNc8YbHd3FsJ6uTe1", Ok(()));
        check("9f2c41d07be85a6634c1f0ab92de7753", Ok(()));
        check("five words that only my cat knows about", Ok(()));
    }

    #[test]
    fn a_secret_shows_nothing() {
        let secret = Secret::new("rG7vKp2xWq9L");
        assert_eq!(format!("{secret:?} {secret}"), "Secret(…) …");
    }
}

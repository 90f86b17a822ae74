//! Bcrypt, without its two traps: it reads 72 bytes at most, and none after a NUL.
//!
//! Passwords that it would not take whole are put through SHA-384 first, and their hashes say so.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::digest;

use super::policy::LONGEST;

/// What a hash begins with whose password went through SHA-384.
const DIGESTED: &str = "sha384:";

/// Most bytes that bcrypt takes whole; the byte after them is its end mark.
const WHOLE: usize = 71;

/// A hash of nothing that anybody knows; only its cost matters.
const NOBODY: &str = "AlyxAlyxAlyxAlyxAlyxA.AlyxAlyxAlyxAlyxAlyxAlyxAlyxAl.";

/// Rounds of bcrypt that were run.
#[derive(Debug, Default)]
pub(super) struct Work(AtomicU64);

impl Work {
    pub(super) fn rounds(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn add(&self, cost: u32) {
        self.0.fetch_add(1 << cost.min(31), Ordering::Relaxed);
    }
}

/// The hash of a password, as it is stored.
pub(super) fn hash(password: &str, cost: u32, work: &Work) -> Result<String, bcrypt::BcryptError> {
    work.add(cost);
    if is_whole(password) {
        bcrypt::non_truncating_hash(password, cost)
    } else {
        bcrypt::non_truncating_hash(digested(password), cost).map(|hash| format!("{DIGESTED}{hash}"))
    }
}

/// Whether the password has this hash. It costs the same whether it has or not.
pub(super) fn matches(password: &str, stored: &str, work: &Work) -> bool {
    let is_too_long = password.len() > LONGEST;
    let password = if is_too_long { "" } else { password };
    let (hash, is_digested) = match stored.strip_prefix(DIGESTED) {
        Some(hash) => (hash, true),
        None => (stored, false),
    };
    let taken = if is_whole(password) && !is_digested { password.to_owned() } else { digested(password) };
    work.add(cost(stored).unwrap_or_default());
    let same = bcrypt::non_truncating_verify(taken, hash).unwrap_or_default();
    // Else the text of a digest would open an account whose password it is the digest of.
    same & (is_digested != is_whole(password)) & !is_too_long
}

/// The cost of a stored hash; nothing where it is none.
pub(super) fn cost(stored: &str) -> Option<u32> {
    let hash = stored.strip_prefix(DIGESTED).unwrap_or(stored);
    hash.parse::<bcrypt::HashParts>().ok().map(|parts| parts.get_cost())
}

/// Does the work of a check at this cost.
pub(super) fn pretend(password: &str, cost: u32, work: &Work) {
    let _ = matches(password, &format!("$2b${cost:02}${NOBODY}"), work);
}

fn is_whole(password: &str) -> bool {
    password.len() <= WHOLE && !password.contains('\0')
}

fn digested(password: &str) -> String {
    STANDARD.encode(digest::digest(&digest::SHA384, password.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(password: &str, cost: u32) -> Result<String, bcrypt::BcryptError> {
        super::hash(password, cost, &Work::default())
    }

    fn matches(password: &str, stored: &str) -> bool {
        super::matches(password, stored, &Work::default())
    }

    #[track_caller]
    fn check(password: &str, other: &str) {
        let hash = hash(password, 4).unwrap();
        assert!(matches(password, &hash), "{password:?}");
        assert!(!matches(other, &hash), "{other:?}");
        assert_eq!(cost(&hash), Some(4));
    }

    #[test]
    fn nothing_is_cut_off() {
        check("correct horse", "correct horsf");
        check(&"a".repeat(71), &"a".repeat(72));
        check(&"a".repeat(72), &"a".repeat(71));
        check(&"a".repeat(72), &"a".repeat(73));
        check(&format!("{}b", "a".repeat(100)), &format!("{}c", "a".repeat(100)));
        check("before\0after", "before\0other");
        check("before\0after", "before");
        check("before", "before\0after");
        check(&"ż".repeat(512), &"ż".repeat(511));
    }

    #[test]
    fn short_passwords_are_plain_bcrypt_and_long_ones_are_marked() {
        assert!(hash("short", 4).unwrap().starts_with("$2b$04$"));
        assert!(hash(&"a".repeat(72), 4).unwrap().starts_with("sha384:$2b$04$"));
    }

    #[test]
    fn a_digest_is_not_the_password_that_it_comes_from() {
        let long = "a".repeat(100);
        assert!(!matches(&digested(&long), &hash(&long, 4).unwrap()));
        assert!(!matches(&long, &hash(&digested(&long), 4).unwrap()));
    }

    #[test]
    fn what_is_no_hash_matches_nothing() {
        for stored in ["", "x", "$2b$", "sha384:", "$argon2id$v=19$m=1,t=1,p=1$AAAA$AAAA"] {
            assert!(!matches("x", stored) && cost(stored).is_none(), "{stored}");
        }
        assert!(!matches("", &hash("a", 4).unwrap()));
        assert!(!matches(&"a".repeat(1025), &hash("", 4).unwrap()));
    }

    #[test]
    fn pretending_runs_bcrypt() {
        assert_eq!(cost(&format!("$2b$07${NOBODY}")), Some(7));
        let work = Work::default();
        pretend("a password", 5, &work);
        assert_eq!(work.rounds(), 32);
    }
}

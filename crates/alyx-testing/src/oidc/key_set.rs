//! The keys of a provider: those that it publishes, and those that it only says it has.

use serde_json::{Value, json};

use super::key::{Algorithm, Key, base64url};
use crate::{Lie, provider::random_text};

/// A key of every algorithm, twice.
#[derive(Debug)]
pub(super) struct KeySet {
    generation: usize,
    published: Vec<Key>,
    withheld: Vec<Key>,
    /// For the lie that publishes a secret.
    pub(super) shared_secret: String,
}

impl KeySet {
    /// The id of the published secret.
    pub(super) const SHARED_ID: &'static str = "shared";

    pub(super) fn new() -> Self {
        Self { generation: 1, published: keys(0), withheld: keys(1), shared_secret: random_text() }
    }

    /// Publishes other keys in place of those so far.
    pub(super) fn rotate(&mut self) {
        self.generation += 1;
        self.published = std::mem::replace(&mut self.withheld, keys(self.generation));
    }

    pub(super) fn published(&self, algorithm: Algorithm) -> &Key {
        of(&self.published, algorithm)
    }

    pub(super) fn withheld(&self, algorithm: Algorithm) -> &Key {
        of(&self.withheld, algorithm)
    }

    /// The document at the address of the keys. A key of tomorrow and one for encryption are there too, for a
    /// client passes over what it does not know (RFC 7517, section 5).
    pub(super) fn document(&self, lie: Option<Lie>) -> Value {
        if lie == Some(Lie::NoKeys) {
            return json!({"keys": []});
        }
        let mut keys = vec![
            json!({"kty": "AKP", "alg": "ML-DSA-44", "kid": "tomorrow", "pub": base64url(&[7; 32])}),
            json!({"kty": "OKP", "crv": "X25519", "use": "enc", "kid": "encryption", "x": base64url(&[9; 32])}),
        ];
        keys.extend(self.published.iter().map(Key::jwk));
        if lie == Some(Lie::SymmetricKeyPublished) {
            let secret = base64url(self.shared_secret.as_bytes());
            keys.push(json!({"kty": "oct", "kid": Self::SHARED_ID, "alg": "HS256", "k": secret}));
        }
        json!({"keys": keys})
    }
}

fn keys(generation: usize) -> Vec<Key> {
    Algorithm::ALL.map(|algorithm| Key::make(algorithm, generation)).into()
}

fn of(keys: &[Key], algorithm: Algorithm) -> &Key {
    keys.iter().find(|key| key.algorithm() == algorithm).expect("there is a key of every algorithm")
}

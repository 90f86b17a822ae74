//! One key: what it signs and checks with, and what refresh tokens are derived from.

use alyx_config::section::Algorithm as Chosen;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use ring::{
    hkdf, hmac,
    signature::{Ed25519KeyPair, KeyPair},
};
use serde_json::{Value as Json, json};

/// What an Ed25519 seed needs around it to be a PKCS #8 file (RFC 8410, section 7).
const PKCS8_HEAD: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// A key that signs tokens, or did.
pub(crate) struct Key {
    id: String,
    algorithm: Algorithm,
    encoding: EncodingKey,
    decoding: DecodingKey,
    refresh: hmac::Key,
    public: Option<Vec<u8>>,
}

impl Key {
    /// A configured secret; its id is derived, so that every server with the same secret knows it.
    pub(crate) fn of_secret(secret: &str) -> Self {
        let id = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), b"alyx key id");
        Self::symmetric(URL_SAFE_NO_PAD.encode(&id.as_ref()[..9]), secret.as_bytes())
    }

    /// A key of the data folder; nothing where its material is not of its kind.
    pub(super) fn of_material(id: &str, algorithm: Chosen, material: &[u8]) -> Option<Self> {
        match algorithm {
            Chosen::Hs256 => (material.len() >= 32).then(|| Self::symmetric(id.to_owned(), material)),
            Chosen::EdDsa => Self::asymmetric(id.to_owned(), material),
        }
    }

    fn symmetric(id: String, secret: &[u8]) -> Self {
        Self {
            id,
            algorithm: Algorithm::HS256,
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            refresh: derive(secret),
            public: None,
        }
    }

    fn asymmetric(id: String, seed: &[u8]) -> Option<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
        let public = pair.public_key().as_ref().to_vec();
        Some(Self {
            id,
            algorithm: Algorithm::EdDSA,
            encoding: EncodingKey::from_ed_der(&pkcs8_of_seed(seed)),
            decoding: DecodingKey::from_ed_der(&public),
            refresh: derive(seed),
            public: Some(public),
        })
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The one algorithm that the key is for, whatever a token says.
    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(crate) fn encoding(&self) -> &EncodingKey {
        &self.encoding
    }

    pub(crate) fn decoding(&self) -> &DecodingKey {
        &self.decoding
    }

    /// What refresh tokens are derived from.
    pub(crate) fn refresh(&self) -> &hmac::Key {
        &self.refresh
    }

    pub(super) fn public(&self) -> Option<Json> {
        let x = URL_SAFE_NO_PAD.encode(self.public.as_ref()?);
        Some(json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": self.id, "x": x }))
    }
}

/// An Ed25519 key as a file holds it.
pub(crate) fn pkcs8_of_seed(seed: &[u8]) -> Vec<u8> {
    [&PKCS8_HEAD, seed].concat()
}

/// A key of its own for refresh tokens: what one kind of token shows is of no use for the other.
fn derive(material: &[u8]) -> hmac::Key {
    let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, b"alyx").extract(material);
    let expanded = extracted.expand(&[b"refresh token"], hmac::HMAC_SHA256);
    expanded.expect("the length is that of the hash").into()
}

//! One signing key: made, shown as a JWK, signed with.

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use ring::{
    hmac,
    rand::SystemRandom,
    rsa::{KeyPair as RsaKeyPair, PublicKeyComponents},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256},
};
use serde_json::{Value, json};

/// The algorithm that id tokens are signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA over P-256 with SHA-256.
    Es256,
    /// RSA with SHA-256, as most providers sign, Google, Apple and Microsoft among them.
    Rs256,
    /// Ed25519.
    EdDsa,
}

/// Two keys of 2048 bits that protect nothing; ring does not make RSA keys.
const RSA_KEYS: [&str; 2] = [include_str!("../../keys/rsa-first.pem"), include_str!("../../keys/rsa-second.pem")];

/// What stands before the public key itself in a SubjectPublicKeyInfo of each algorithm.
const P256_INFO: &[u8] =
    b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00";
const RSA_2048_INFO: &[u8] =
    b"\x30\x82\x01\x22\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00\x03\x82\x01\x0f\x00";
const ED25519_INFO: &[u8] = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";

/// A key pair with its id.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) id: String,
    pair: Pair,
}

#[derive(Debug)]
enum Pair {
    Es256(EcdsaKeyPair),
    Rs256(RsaKeyPair),
    EdDsa(Ed25519KeyPair),
}

impl Algorithm {
    pub(super) const ALL: [Self; 3] = [Self::Es256, Self::Rs256, Self::EdDsa];

    /// Its name in JOSE.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::EdDsa => "EdDSA",
        }
    }
}

impl Key {
    /// A new key; of RSA, one of two, by the generation.
    pub(super) fn make(algorithm: Algorithm, generation: usize) -> Self {
        let pair = match algorithm {
            Algorithm::Es256 => Pair::Es256(es256_pair(&new_p256_key())),
            Algorithm::Rs256 => Pair::Rs256(rsa_pair(RSA_KEYS[generation % RSA_KEYS.len()])),
            Algorithm::EdDsa => Pair::EdDsa(ed25519_pair()),
        };
        Self { id: format!("{}-{generation}", algorithm.name().to_lowercase()), pair }
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        match self.pair {
            Pair::Es256(_) => Algorithm::Es256,
            Pair::Rs256(_) => Algorithm::Rs256,
            Pair::EdDsa(_) => Algorithm::EdDsa,
        }
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Es256(pair) => pair.sign(&random, message).expect("a good key signs").as_ref().to_vec(),
            Pair::EdDsa(pair) => pair.sign(message).as_ref().to_vec(),
            Pair::Rs256(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).expect("a good key signs");
                signature
            }
        }
    }

    /// The public key as ring shows it: a point, or RSA's own DER.
    pub(super) fn public_bytes(&self) -> &[u8] {
        match &self.pair {
            Pair::Es256(pair) => pair.public_key().as_ref(),
            Pair::Rs256(pair) => pair.public().as_ref(),
            Pair::EdDsa(pair) => pair.public_key().as_ref(),
        }
    }

    /// The public key in PEM.
    pub(super) fn public_pem(&self) -> String {
        let info = match self.pair {
            Pair::Es256(_) => P256_INFO,
            Pair::Rs256(_) => RSA_2048_INFO,
            Pair::EdDsa(_) => ED25519_INFO,
        };
        pem("PUBLIC KEY", &[info, self.public_bytes()].concat())
    }

    /// The public key as a key set lists it.
    pub(super) fn jwk(&self) -> Value {
        let bytes = self.public_bytes();
        let mut jwk = match &self.pair {
            Pair::Es256(_) => {
                json!({"kty": "EC", "crv": "P-256", "x": base64url(&bytes[1..33]), "y": base64url(&bytes[33..])})
            }
            Pair::EdDsa(_) => json!({"kty": "OKP", "crv": "Ed25519", "x": base64url(bytes)}),
            Pair::Rs256(pair) => {
                let parts = PublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({"kty": "RSA", "n": base64url(&parts.n), "e": base64url(&parts.e)})
            }
        };
        jwk["kid"] = json!(self.id);
        jwk["alg"] = json!(self.algorithm().name());
        jwk["use"] = json!("sig");
        jwk
    }
}

/// Base64 as JOSE writes it.
pub(super) fn base64url(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// HMAC with SHA-256.
pub(super) fn hs256(secret: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message).as_ref().to_vec()
}

/// A new private key of P-256 in PKCS#8.
pub(super) fn new_p256_key() -> Vec<u8> {
    let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
    made.expect("the system gives random bytes").as_ref().to_vec()
}

pub(super) fn es256_pair(pkcs8: &[u8]) -> EcdsaKeyPair {
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &SystemRandom::new())
        .expect("the key was made by ring")
}

/// DER in its armour.
pub(super) fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).filter_map(|line| str::from_utf8(line).ok()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

fn ed25519_pair() -> Ed25519KeyPair {
    let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("the system gives random bytes");
    Ed25519KeyPair::from_pkcs8(made.as_ref()).expect("the key was made by ring")
}

fn rsa_pair(pem: &str) -> RsaKeyPair {
    let armoured = pem.lines().skip_while(|line| !line.starts_with("-----")).filter(|line| !line.starts_with("-----"));
    let der = BASE64_STANDARD.decode(armoured.collect::<String>()).expect("the file holds one key in PEM");
    RsaKeyPair::from_pkcs8(&der).expect("the file holds an RSA key")
}

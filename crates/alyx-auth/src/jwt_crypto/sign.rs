//! Signing.

use jsonwebtoken::{
    Algorithm, AlgorithmFamily, EncodingKey,
    crypto::JwtSigner,
    errors::{ErrorKind, Result},
    signature::{Error, Signer},
};
use ring::{
    hmac,
    rand::SystemRandom,
    signature::{EcdsaKeyPair, Ed25519KeyPair},
};

enum Key {
    Hmac(hmac::Key),
    Ed(Ed25519KeyPair),
    Ec(EcdsaKeyPair),
}

struct Signing {
    algorithm: Algorithm,
    key: Key,
}

pub(super) fn signer(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>> {
    let key = match (algorithm, key.family()) {
        (Algorithm::HS256, AlgorithmFamily::Hmac) => Key::Hmac(hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes())),
        (Algorithm::EdDSA, AlgorithmFamily::Ed) => Key::Ed(super::ed_pair(key.as_bytes())?),
        (Algorithm::ES256, AlgorithmFamily::Ec) => Key::Ec(super::ec_pair(key)?),
        (Algorithm::HS256 | Algorithm::EdDSA | Algorithm::ES256, _) => return Err(ErrorKind::InvalidKeyFormat.into()),
        _ => return Err(super::unsupported()),
    };
    Ok(Box::new(Signing { algorithm: *algorithm, key }))
}

impl Signer<Vec<u8>> for Signing {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, Error> {
        Ok(match &self.key {
            Key::Hmac(key) => hmac::sign(key, message).as_ref().to_vec(),
            Key::Ed(pair) => pair.sign(message).as_ref().to_vec(),
            Key::Ec(pair) => pair.sign(&SystemRandom::new(), message).map_err(|_| Error::new())?.as_ref().to_vec(),
        })
    }
}

impl JwtSigner for Signing {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

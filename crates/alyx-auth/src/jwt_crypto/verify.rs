//! Checking signatures. A key that is none, or of another family, is an error and never a panic.

use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind,
    crypto::JwtVerifier,
    errors::{ErrorKind, Result},
    signature::{Error, Verifier},
};
use ring::{hmac, signature as ring_signature};
use ring_signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};

enum Key {
    Hmac(hmac::Key),
    Public(UnparsedPublicKey<Vec<u8>>),
    Rsa(&'static RsaParameters, RsaPublicKeyComponents<Vec<u8>>),
}

struct Verifying {
    algorithm: Algorithm,
    key: Key,
}

pub(super) fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>> {
    if key.family() != algorithm.family() {
        return Err(ErrorKind::InvalidKeyFormat.into());
    }
    let key = match algorithm.family() {
        AlgorithmFamily::Hmac => secret(*algorithm, key)?,
        AlgorithmFamily::Rsa => rsa(*algorithm, key)?,
        AlgorithmFamily::Ec | AlgorithmFamily::Ed => public(curve(*algorithm)?, key)?,
    };
    Ok(Box::new(Verifying { algorithm: *algorithm, key }))
}

fn secret(algorithm: Algorithm, key: &DecodingKey) -> Result<Key> {
    match algorithm {
        Algorithm::HS256 => Ok(Key::Hmac(hmac::Key::new(hmac::HMAC_SHA256, key.try_get_as_bytes()?))),
        _ => Err(super::unsupported()),
    }
}

fn curve(algorithm: Algorithm) -> Result<&'static dyn VerificationAlgorithm> {
    match algorithm {
        Algorithm::ES256 => Ok(&ECDSA_P256_SHA256_FIXED),
        Algorithm::ES384 => Ok(&ECDSA_P384_SHA384_FIXED),
        Algorithm::EdDSA => Ok(&ED25519),
        _ => Err(super::unsupported()),
    }
}

fn public(algorithm: &'static dyn VerificationAlgorithm, key: &DecodingKey) -> Result<Key> {
    Ok(Key::Public(UnparsedPublicKey::new(algorithm, key.try_get_as_bytes()?.to_vec())))
}

fn rsa(algorithm: Algorithm, key: &DecodingKey) -> Result<Key> {
    let parameters = match algorithm {
        Algorithm::RS256 => &RSA_PKCS1_2048_8192_SHA256,
        Algorithm::RS384 => &RSA_PKCS1_2048_8192_SHA384,
        Algorithm::RS512 => &RSA_PKCS1_2048_8192_SHA512,
        Algorithm::PS256 => &RSA_PSS_2048_8192_SHA256,
        Algorithm::PS384 => &RSA_PSS_2048_8192_SHA384,
        Algorithm::PS512 => &RSA_PSS_2048_8192_SHA512,
        _ => return Err(super::unsupported()),
    };
    match key.kind() {
        DecodingKeyKind::SecretOrDer(_) => public(parameters, key),
        DecodingKeyKind::RsaModulusExponent { n, e } => {
            Ok(Key::Rsa(parameters, RsaPublicKeyComponents { n: without_zeros(n), e: without_zeros(e) }))
        }
    }
}

/// Some write numbers with a zero in front, which `ring` takes for a mistake.
fn without_zeros(number: &[u8]) -> Vec<u8> {
    number.iter().copied().skip_while(|byte| *byte == 0).collect()
}

impl Verifier<Vec<u8>> for Verifying {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Error> {
        let verified = match &self.key {
            Key::Hmac(key) => hmac::verify(key, message, signature),
            Key::Public(key) => key.verify(message, signature),
            Key::Rsa(parameters, key) => key.verify(parameters, message, signature),
        };
        verified.map_err(|_| Error::new())
    }
}

impl JwtVerifier for Verifying {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

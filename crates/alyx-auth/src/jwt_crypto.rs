//! What `jsonwebtoken` signs and checks with: `ring`, which TLS brings anyway.
//!
//! Signing is for what Alyx signs itself (HS256, EdDSA, and ES256 for Apple's client secret); checking covers what
//! providers sign with.

mod sign;
mod verify;

use jsonwebtoken::{
    Algorithm, EncodingKey,
    crypto::{CryptoProvider, KeyUtils},
    errors::{Error, ErrorKind, Result},
    jwk::{EllipticCurve, ThumbprintHash},
};
use ring::{
    digest,
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
    },
};

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: sign::signer,
    verifier_factory: verify::verifier,
    key_utils: KeyUtils {
        rsa_pub_components_from_private_key: |_| Err(unsupported()),
        rsa_pub_components_from_public_key: |_| Err(unsupported()),
        ec_pub_components_from_private_key: ec_components,
        ed_pub_components_from_private_key: ed_component,
        compute_digest,
    },
};

/// Lets `jsonwebtoken` work in this process; calling it again changes nothing.
pub(crate) fn install_crypto() {
    // Only a second call fails, and then the first one holds.
    let _ = PROVIDER.install_default();
}

fn unsupported() -> Error {
    ErrorKind::UnsupportedAlgorithm.into()
}

fn ec_components(pkcs8: &[u8], algorithm: Algorithm) -> Result<(EllipticCurve, Vec<u8>, Vec<u8>)> {
    let (signing, curve) = match algorithm {
        Algorithm::ES256 => (&ECDSA_P256_SHA256_FIXED_SIGNING, EllipticCurve::P256),
        Algorithm::ES384 => (&ECDSA_P384_SHA384_FIXED_SIGNING, EllipticCurve::P384),
        _ => return Err(unsupported()),
    };
    let pair =
        EcdsaKeyPair::from_pkcs8(signing, pkcs8, &SystemRandom::new()).map_err(|_| ErrorKind::InvalidEcdsaKey)?;
    // Uncompressed: 4, then both coordinates.
    let point = pair.public_key().as_ref().get(1..).unwrap_or_default();
    let (x, y) = point.split_at(point.len() / 2);
    Ok((curve, x.to_vec(), y.to_vec()))
}

fn ed_component(pkcs8: &[u8], curve: &EllipticCurve) -> Result<Vec<u8>> {
    match curve {
        EllipticCurve::Ed25519 => ed_pair(pkcs8).map(|pair| pair.public_key().as_ref().to_vec()),
        _ => Err(unsupported()),
    }
}

/// An Ed25519 key whose file may leave the public half out.
fn ed_pair(pkcs8: &[u8]) -> Result<Ed25519KeyPair> {
    Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).map_err(|_| ErrorKind::InvalidEddsaKey.into())
}

fn ec_pair(key: &EncodingKey) -> Result<EcdsaKeyPair> {
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key.as_bytes(), &SystemRandom::new())
        .map_err(|_| ErrorKind::InvalidEcdsaKey.into())
}

#[expect(clippy::needless_pass_by_value, reason = "jsonwebtoken gives it so")]
fn compute_digest(data: &[u8], function: ThumbprintHash) -> Result<Vec<u8>> {
    let algorithm = match function {
        ThumbprintHash::SHA256 => &digest::SHA256,
        ThumbprintHash::SHA384 => &digest::SHA384,
        ThumbprintHash::SHA512 => &digest::SHA512,
        _ => return Err(unsupported()),
    };
    Ok(digest::digest(algorithm, data).as_ref().to_vec())
}

#[cfg(test)]
mod tests;

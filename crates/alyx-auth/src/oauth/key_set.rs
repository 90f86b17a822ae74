//! A provider's public keys (RFC 7517), of which each is taken by itself: one that is new to us spoils no other.

use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Map, Value as Json};

use super::Fault;

/// Most keys that are looked at.
const MOST: usize = 200;

/// The keys.
pub(super) struct KeySet {
    keys: Vec<PublicKey>,
}

/// One key. There are no others: a key that is a secret, `oct`, is never taken.
pub(super) struct PublicKey {
    id: Option<String>,
    family: Family,
    /// The one algorithm that it is for, where it says so.
    algorithm: Option<String>,
    /// Whose it is, where it says so.
    pub(super) issuer: Json,
    pub(super) decoding: DecodingKey,
}

/// What kind of key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Rsa,
    P256,
    P384,
    Ed25519,
}

impl Family {
    /// The kind that an algorithm needs; none for secrets.
    fn of(algorithm: Algorithm) -> Option<Self> {
        Some(match algorithm {
            Algorithm::RS256 | Algorithm::RS384 | Algorithm::RS512 => Self::Rsa,
            Algorithm::PS256 | Algorithm::PS384 | Algorithm::PS512 => Self::Rsa,
            Algorithm::ES256 => Self::P256,
            Algorithm::ES384 => Self::P384,
            Algorithm::EdDSA => Self::Ed25519,
            _ => return None,
        })
    }
}

impl KeySet {
    pub(super) fn read(document: &Json) -> Result<Self, Fault> {
        let keys = document.get("keys").and_then(Json::as_array);
        let keys = keys.ok_or_else(|| Fault::because("its key set has no keys"))?;
        Ok(Self { keys: keys.iter().take(MOST).filter_map(|key| PublicKey::read(key.as_object()?)).collect() })
    }

    /// Whether a key has this id.
    pub(super) fn has(&self, id: &str) -> bool {
        self.keys.iter().any(|key| key.id.as_deref() == Some(id))
    }

    /// The one key that fits: that of the id, or the only one that could be meant.
    pub(super) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Result<&PublicKey, Fault> {
        let named = self.keys.iter().filter(|key| id.is_none() || key.id.as_deref() == id);
        let mut fitting = named.filter(|key| key.fits(algorithm));
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key),
            (None, _) => Err(Fault::because("kid: no key fits the id token")),
            (Some(_), Some(_)) => Err(Fault::because("kid: several keys fit the id token")),
        }
    }
}

impl PublicKey {
    fn read(key: &Map<String, Json>) -> Option<Self> {
        let text = |name: &str| key.get(name).and_then(Json::as_str);
        let is_for_signatures = matches!(text("use"), None | Some("sig")) && key.get("use").is_none_or(Json::is_string);
        let may_verify = match key.get("key_ops") {
            None => true,
            Some(Json::Array(uses)) => uses.iter().any(|own| own == "verify"),
            Some(_) => false,
        };
        if !is_for_signatures || !may_verify {
            return None;
        }
        let (family, decoding) = match (text("kty")?, text("crv")) {
            ("RSA", _) => (Family::Rsa, DecodingKey::from_rsa_components(text("n")?, text("e")?)),
            ("EC", Some("P-256")) => (Family::P256, DecodingKey::from_ec_components(text("x")?, text("y")?)),
            ("EC", Some("P-384")) => (Family::P384, DecodingKey::from_ec_components(text("x")?, text("y")?)),
            ("OKP", Some("Ed25519")) => (Family::Ed25519, DecodingKey::from_ed_components(text("x")?)),
            _ => return None,
        };
        Some(Self {
            id: text("kid").map(str::to_owned),
            family,
            algorithm: text("alg").map(str::to_owned),
            issuer: key.get("issuer").cloned().unwrap_or_default(),
            decoding: decoding.ok()?,
        })
    }

    fn fits(&self, algorithm: Algorithm) -> bool {
        let is_meant = self.algorithm.as_ref().is_none_or(|own| own.parse() == Ok(algorithm));
        is_meant && Family::of(algorithm) == Some(self.family)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

    fn point(more: &Json) -> Json {
        let mut key = json!({"kty": "EC", "crv": "P-256", "x": X, "y": Y, "kid": "one"});
        key.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        key
    }

    #[track_caller]
    fn check(keys: &Json, id: Option<&str>, algorithm: Algorithm, expected: bool) {
        let set = KeySet::read(&json!({ "keys": keys })).unwrap();
        assert_eq!(set.find(id, algorithm).is_ok(), expected, "{keys} {id:?} {algorithm:?}");
    }

    #[test]
    fn the_key_of_the_id_is_taken_where_it_fits() {
        let one = json!([point(&json!({}))]);
        check(&one, Some("one"), Algorithm::ES256, true);
        check(&one, None, Algorithm::ES256, true);
        check(&one, Some("two"), Algorithm::ES256, false);
        check(&one, Some(""), Algorithm::ES256, false);
        for algorithm in [Algorithm::RS256, Algorithm::ES384, Algorithm::EdDSA, Algorithm::HS256, Algorithm::HS512] {
            check(&one, Some("one"), algorithm, false);
        }
        for more in [json!({"use": "sig"}), json!({"alg": "ES256"}), json!({"key_ops": ["verify"]}), json!({"crit": 7})]
        {
            check(&json!([point(&more)]), Some("one"), Algorithm::ES256, true);
        }
        for more in [
            json!({"use": "enc"}),
            json!({"use": 7}),
            json!({"alg": "ES384"}),
            json!({"alg": "none"}),
            json!({"key_ops": ["encrypt"]}),
            json!({"key_ops": "verify"}),
            json!({"kty": "oct", "k": "AAAA"}),
            json!({"crv": "P-521"}),
            json!({"x": 7}),
            json!({"x": "!"}),
            json!({"kid": 1}),
        ] {
            check(&json!([point(&more)]), Some("one"), Algorithm::ES256, false);
        }
    }

    #[test]
    fn there_must_be_exactly_one() {
        let two = json!([point(&json!({})), point(&json!({"kid": "two"}))]);
        check(&two, Some("two"), Algorithm::ES256, true);
        check(&two, None, Algorithm::ES256, false);
        check(&json!([point(&json!({})), point(&json!({}))]), Some("one"), Algorithm::ES256, false);
        check(&json!([]), None, Algorithm::ES256, false);
    }

    #[test]
    fn ac04_a_secret_in_the_set_is_no_key() {
        let keys = json!([{"kty": "oct", "kid": "one", "alg": "HS256", "k": "AAAA"}, {"kty": "RSA"}, 7, null, "x", {"kty": 1}]);
        for algorithm in [Algorithm::HS256, Algorithm::RS256, Algorithm::ES256] {
            check(&keys, Some("one"), algorithm, false);
            check(&keys, None, algorithm, false);
        }
    }

    #[test]
    fn a_key_of_tomorrow_spoils_no_other() {
        let keys =
            json!([{"kty": "AKP", "alg": "ML-DSA-44", "kid": "new", "pub": "AAAA"}, {"x": []}, point(&json!({}))]);
        check(&keys, None, Algorithm::ES256, true);
        for wrong in [json!({}), json!({"keys": {}}), json!([]), Json::Null] {
            assert!(KeySet::read(&wrong).is_err(), "{wrong}");
        }
    }
}

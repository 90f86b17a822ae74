//! The examples of the standards, and keys that are none.

use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey,
    crypto::{sign, verify},
    jwk::Jwk,
};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};

use super::install_crypto;

const CLAIMS: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const SECRET: &str = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
const MODULUS: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";

fn jwk(json: &str) -> DecodingKey {
    DecodingKey::from_jwk(&serde_json::from_str::<Jwk>(json).unwrap()).unwrap()
}

#[track_caller]
fn check(message: &str, signature: &str, key: &DecodingKey, algorithm: Algorithm) {
    install_crypto();
    assert!(verify(signature, message.as_bytes(), key, algorithm).unwrap(), "{algorithm:?}");
    assert!(!verify(signature, format!("{message}x").as_bytes(), key, algorithm).unwrap());
    let mut other = signature.to_owned();
    other.replace_range(10..11, if &signature[10..11] == "A" { "B" } else { "A" });
    assert!(!verify(&other, message.as_bytes(), key, algorithm).unwrap());
    assert!(!verify("", message.as_bytes(), key, algorithm).unwrap());
}

#[test]
fn hs256_is_that_of_rfc_7515_appendix_a1() {
    install_crypto();
    let message = format!("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{CLAIMS}");
    let signature = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let key = EncodingKey::from_urlsafe_base64_secret(&format!("{SECRET}==")).unwrap();
    assert_eq!(sign(message.as_bytes(), &key, Algorithm::HS256).unwrap(), signature);
    check(&message, signature, &DecodingKey::from_secret(key.as_bytes()), Algorithm::HS256);
}

#[test]
fn rs256_is_that_of_rfc_7515_appendix_a2() {
    let signature = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    let message = format!("eyJhbGciOiJSUzI1NiJ9.{CLAIMS}");
    check(&message, signature, &DecodingKey::from_rsa_components(MODULUS, "AQAB").unwrap(), Algorithm::RS256);
}

#[test]
fn es256_is_that_of_rfc_7515_appendix_a3() {
    let key = jwk(
        r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#,
    );
    let signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    check(&format!("eyJhbGciOiJFUzI1NiJ9.{CLAIMS}"), signature, &key, Algorithm::ES256);
}

#[test]
fn eddsa_is_that_of_rfc_8037_appendix_a4() {
    install_crypto();
    let message = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    let key = jwk(r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#);
    check(message, signature, &key, Algorithm::EdDSA);
    let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    let seed: Vec<u8> = (0..32).map(|place| u8::from_str_radix(&seed[place * 2..place * 2 + 2], 16).unwrap()).collect();
    let key = EncodingKey::from_ed_der(&crate::keyring::pkcs8_of_seed(&seed));
    assert_eq!(sign(message.as_bytes(), &key, Algorithm::EdDSA).unwrap(), signature);
}

#[test]
fn what_es256_signs_it_checks() {
    install_crypto();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
    let key = EncodingKey::from_ec_der(pkcs8.as_ref());
    let signature = sign(b"a message", &key, Algorithm::ES256).unwrap();
    let public = Jwk::from_encoding_key(&key, Algorithm::ES256).unwrap();
    check("a message", &signature, &DecodingKey::from_jwk(&public).unwrap(), Algorithm::ES256);
}

#[test]
fn a_key_that_is_none_is_an_error_or_checks_nothing() {
    install_crypto();
    let none = |key: &DecodingKey, algorithm| {
        let checked = verify("AAAA", b"message", key, algorithm);
        assert!(checked.is_err() || !checked.unwrap(), "{algorithm:?}");
    };
    use Algorithm::{ES256, ES384, EdDSA, HS256, PS256, PS384, PS512, RS256, RS384, RS512};
    for bytes in [&b""[..], b"x", &[0; 32], &[4; 65], &[0xff; 300]] {
        none(&DecodingKey::from_rsa_raw_components(bytes, bytes), RS256);
        for algorithm in [RS256, RS384, RS512, PS256, PS384, PS512] {
            none(&DecodingKey::from_rsa_der(bytes), algorithm);
        }
        none(&DecodingKey::from_ec_der(bytes), ES256);
        none(&DecodingKey::from_ec_der(bytes), ES384);
        none(&DecodingKey::from_ed_der(bytes), EdDSA);
        assert!(sign(b"message", &EncodingKey::from_ed_der(bytes), EdDSA).is_err());
        assert!(sign(b"message", &EncodingKey::from_ec_der(bytes), ES256).is_err());
        assert!(sign(b"message", &EncodingKey::from_rsa_der(bytes), RS256).is_err());
    }
    // A public key is never taken for a secret.
    assert!(verify("AAAA", b"message", &DecodingKey::from_rsa_components(MODULUS, "AQAB").unwrap(), HS256).is_err());
    assert!(sign(b"message", &EncodingKey::from_secret(b"secret"), EdDSA).is_err());
}

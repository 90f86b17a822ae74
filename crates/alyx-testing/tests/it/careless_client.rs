//! What the provider refuses a client that takes shortcuts, and what it says of that.

use alyx_testing::{Browser, OidcProvider, Response, Value, json};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use ring::{rand::SystemRandom, signature};

use crate::relying_party::{self, REDIRECT, basic, code_for, post_form, token_endpoint, token_fields};

#[test]
fn a_careless_start_is_refused_without_a_redirect() {
    let provider = OidcProvider::start();
    provider.allow_redirect(REDIRECT);
    let good = relying_party::authorize_url(&provider, "openid email");
    let check = |from: &str, to: &str, complaint: &str| {
        let url = good.replacen(from, to, 1);
        assert_ne!(url, good, "{from} is not in {good}");
        let answer = Browser::new().open(&url).expect_status(400);
        assert_eq!(answer.header("location"), None);
        assert_eq!(provider.complaints().last().unwrap(), &format!("/authorize: {complaint}"));
    };
    check("response_type=code", "response_type=token", "response_type must be code");
    check("client_id=alyx", "client_id=other", "the client is not known");
    check("callback", "callback2", "redirect_uri is not registered");
    check("scope=openid+email", "scope=email", "scope lacks openid");
    check("scope=openid+email", "scope=", "scope lacks openid");
    check("state=", "other=", "state is missing or can be guessed");
    check("nonce=", "other=", "nonce is missing or can be guessed");
    check("code_challenge=", "other=", "code_challenge is no SHA-256");
    check("S256", "plain", "code_challenge_method must be S256");
    check("state=", "state=b&state=", "state is missing or can be guessed");
    check("state=", "response_mode=fragment&state=", "response_mode is not known");
    check("state=", "client_secret=s&state=", "a secret stands in the address");
    let count = provider.complaints().len();
    code_for(&good);
    assert_eq!(provider.complaints().len(), count);
}

#[test]
fn a_careless_exchange_is_refused() {
    let provider = OidcProvider::start();
    let check = |name: &str, value: &str, error: &str, complaint: &str| {
        let started = relying_party::start(&provider).unwrap();
        let mut fields = token_fields(&provider, &started.code);
        fields.iter_mut().filter(|(own, _)| *own == name).for_each(|(_, own)| value.clone_into(own));
        check_refused(&provider, &post_form(&token_endpoint(&started), &fields, None), error, complaint);
    };
    check("code", "guessed", "invalid_grant", "the code is not known");
    check("redirect_uri", "http://app.localhost/other", "invalid_grant", "redirect_uri is another than before");
    check("code_verifier", "another", "invalid_grant", "code_verifier does not match");
    check("grant_type", "password", "unsupported_grant_type", "grant_type must be authorization_code");
    check("client_secret", "guessed", "invalid_client", "the client's secret is wrong");
    check("client_id", "another", "invalid_client", "the client is not known");
}

#[track_caller]
fn check_refused(provider: &OidcProvider, answer: &Response, error: &str, complaint: &str) {
    assert_eq!((answer.status, answer.json()["error"].as_str()), (400, Some(error)), "{complaint}");
    assert_eq!(provider.complaints().last().unwrap(), &format!("/token: {complaint}"));
}

#[test]
fn a_code_is_good_once_even_after_a_failure() {
    let provider = OidcProvider::start();
    let started = relying_party::start(&provider).unwrap();
    let url = token_endpoint(&started);
    let fields = token_fields(&provider, &started.code);
    let wrong = [("code_verifier", "another".to_owned())];
    let with_wrong: Vec<_> = wrong.into_iter().chain(fields[..3].to_vec()).chain(fields[4..].to_vec()).collect();
    check_refused(&provider, &post_form(&url, &with_wrong, None), "invalid_grant", "code_verifier does not match");
    check_refused(&provider, &post_form(&url, &fields, None), "invalid_grant", "the code was used before");
    let asked = format!("{url}?code={}", started.code);
    let address = "parameters stand in the address";
    check_refused(&provider, &post_form(&asked, &fields, None), "invalid_request", address);
}

#[test]
fn the_secret_comes_in_the_form_or_in_the_header() {
    let provider = OidcProvider::start();
    let (id, secret) = (provider.client_id(), provider.client_secret());
    let check = |in_form: bool, header: Option<String>, complaint: Option<&str>| {
        let started = relying_party::start(&provider).unwrap();
        let fields = token_fields(&provider, &started.code);
        let fields = if in_form { &fields[..] } else { &fields[..4] };
        let answer = post_form(&token_endpoint(&started), fields, header.as_deref());
        match complaint {
            None => drop(answer.expect_status(200)),
            Some(complaint) => check_refused(&provider, &answer, "invalid_client", complaint),
        }
    };
    check(true, None, None);
    check(false, Some(basic(id, secret)), None);
    check(false, None, Some("the secret is missing"));
    check(true, Some(basic(id, secret)), Some("the secret stands in the header and in the form"));
    check(false, Some(basic(id, "guessed")), Some("the client's secret is wrong"));
    let not_encoded = format!("Basic {}", BASE64_STANDARD.encode(format!("{id}:{secret}")));
    check(false, Some(not_encoded), Some("the client's secret is wrong"));
}

#[test]
fn a_secret_that_the_client_signs_is_checked() {
    let provider = OidcProvider::start();
    let private_key = provider.require_signed_secret("TEAM", "KEY");
    let now = i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
    let good = json!({
        "iss": "TEAM", "sub": provider.client_id(), "aud": provider.issuer(), "iat": now, "exp": now + 300
    });
    let check = |claim: &str, value: Value, complaint: Option<&str>| {
        let mut claims = good.clone();
        claims[claim] = value;
        let answer = redeem_with(&provider, signed(&private_key, &claims));
        match complaint {
            None => drop(answer.expect_status(200)),
            Some(complaint) => check_refused(&provider, &answer, "invalid_client", complaint),
        }
    };
    check("iss", json!("TEAM"), None);
    check("iss", json!("OTHER"), Some("the secret's iss is wrong"));
    check("sub", json!("another"), Some("the secret's sub is wrong"));
    check("aud", json!("https://appleid.example.com"), Some("the secret's aud is wrong"));
    check("exp", json!(now - 1), Some("the secret's exp is wrong"));
    check("exp", json!(now + 20_000_000), Some("the secret's exp is wrong"));
    let other = OidcProvider::start().require_signed_secret("TEAM", "KEY");
    let complaint = "the secret's signature does not hold";
    check_refused(&provider, &redeem_with(&provider, signed(&other, &good)), "invalid_client", complaint);
    let plain = redeem_with(&provider, provider.client_secret().to_owned());
    check_refused(&provider, &plain, "invalid_client", "the secret is no JWT");
}

fn redeem_with(provider: &OidcProvider, secret: String) -> Response {
    let started = relying_party::start(provider).unwrap();
    let mut fields = token_fields(provider, &started.code);
    fields.last_mut().unwrap().1 = secret;
    post_form(&token_endpoint(&started), &fields, None)
}

fn signed(private_key: &str, claims: &Value) -> String {
    let der = BASE64_STANDARD.decode(private_key.lines().filter(|line| !line.starts_with("--")).collect::<String>());
    let random = SystemRandom::new();
    let algorithm = &signature::ECDSA_P256_SHA256_FIXED_SIGNING;
    let pair = signature::EcdsaKeyPair::from_pkcs8(algorithm, &der.unwrap(), &random).unwrap();
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(&json!({"alg": "ES256", "kid": "KEY"})), part(claims));
    let seal = pair.sign(&random, message.as_bytes()).unwrap();
    format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(seal))
}

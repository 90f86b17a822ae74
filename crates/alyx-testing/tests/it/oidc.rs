//! The honest provider: whom it signs in, what it tells of them, what it remembers.

use std::thread;

use crate::{
    relying_party::{self, Fault, VERIFIER, code_for, post_form, sign_in, token_endpoint, token_fields},
    site::Site,
};
use alyx_testing::{Algorithm, Browser, OidcProvider, Person, Value, json};

const ALGORITHMS: [Algorithm; 3] = [Algorithm::Es256, Algorithm::Rs256, Algorithm::EdDsa];

#[test]
fn a_person_is_signed_in_with_every_algorithm() {
    let provider = OidcProvider::start();
    provider.set_person(Person::new("a-1", "eve@example.com").with_profile("Eve", "https://e.org/e.png"));
    for algorithm in ALGORITHMS {
        provider.sign_with(algorithm);
        let claims = sign_in(&provider).unwrap();
        let told = ["sub", "email", "name", "picture"].map(|name| claims[name].as_str().unwrap());
        assert_eq!(told, ["a-1", "eve@example.com", "Eve", "https://e.org/e.png"]);
        assert_eq!(claims["email_verified"], true);
    }
    assert_eq!(provider.complaints(), [""; 0]);
}

#[test]
fn a_person_is_told_of_as_the_test_wants() {
    let provider = OidcProvider::start();
    let apple = Person::new("a-1", "eve@example.com").with_email_verified(json!("true"));
    provider.set_person(apple.with_claim("is_private_email", json!("true")));
    let claims = sign_in(&provider).unwrap();
    assert_eq!((&claims["email_verified"], &claims["is_private_email"]), (&json!("true"), &json!("true")));
    provider.set_person(Person::new("a-1", "eve@example.com").with_email_verified(Value::Null));
    assert_eq!(sign_in(&provider).unwrap().get("email_verified"), None);
}

#[test]
fn keys_rotate_and_the_old_ones_are_gone() {
    let provider = OidcProvider::start();
    for algorithm in ALGORITHMS {
        provider.sign_with(algorithm);
        let before = key_ids(&provider);
        sign_in(&provider).unwrap();
        provider.rotate_keys();
        sign_in(&provider).unwrap();
        let after = key_ids(&provider);
        assert!(before.iter().all(|id| !after.contains(id)), "{before:?} {after:?}");
    }
}

fn key_ids(provider: &OidcProvider) -> Vec<String> {
    let keys = relying_party::get(&format!("{}/jwks", provider.origin()), None).json();
    let signing = keys["keys"].as_array().unwrap().iter().filter(|key| key["use"] == "sig");
    signing.map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_terse_id_token_leaves_the_rest_to_userinfo() {
    let provider = OidcProvider::start();
    provider.tell_in_user_info_only();
    let (started, tokens) = redeemed(&provider, "openid email profile");
    assert_eq!(claims_of(&tokens).get("email"), None);
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let user_info = relying_party::get(started.discovery["userinfo_endpoint"].as_str().unwrap(), Some(&bearer)).json();
    assert_eq!(user_info["email"], "alice@example.com");
}

#[test]
fn scopes_decide_what_is_told() {
    let provider = OidcProvider::start();
    let check = |scope, email, name| {
        let (_, tokens) = redeemed(&provider, scope);
        let claims = claims_of(&tokens);
        assert_eq!((claims.get("email").is_some(), claims.get("name").is_some()), (email, name), "{scope}");
    };
    check("openid", false, false);
    check("openid email", true, false);
    check("openid profile", false, true);
}

/// Signs in for these scopes, up to the tokens.
fn redeemed(provider: &OidcProvider, scope: &str) -> (relying_party::Started, Value) {
    let mut started = relying_party::start(provider).unwrap();
    started.code = code_for(&relying_party::authorize_url(provider, scope));
    let answer = post_form(&token_endpoint(&started), &token_fields(provider, &started.code), None);
    (started, answer.expect_status(200).json())
}

fn claims_of(tokens: &Value) -> Value {
    let token = tokens["id_token"].as_str().unwrap();
    serde_json::from_slice(&relying_party::decoded(token.split('.').nth(1).unwrap())).unwrap()
}

#[test]
fn what_was_asked_is_remembered() {
    let provider = OidcProvider::start();
    sign_in(&provider).unwrap();
    let [opened] = &provider.requests_to("/authorize")[..] else { panic!("the page was opened once") };
    for name in ["state", "nonce", "code_challenge"] {
        assert!(opened.parameter(name).is_some_and(|value| value.len() > 15), "{name}");
    }
    let [redeemed] = &provider.requests_to("/token")[..] else { panic!("the code was redeemed once") };
    assert_eq!(redeemed.field("code_verifier").as_deref(), Some(VERIFIER));
    assert_eq!(redeemed.field("client_secret").as_deref(), Some(provider.client_secret()));
    let paths: Vec<String> = provider.requests().iter().map(|request| request.path().to_owned()).collect();
    assert_eq!(paths, ["/.well-known/openid-configuration", "/authorize", "/token", "/jwks", "/userinfo"]);
}

#[test]
fn a_form_can_carry_the_answer() {
    let provider = OidcProvider::start();
    let app = Site::agreeable();
    let callback = app.url("app.localhost", "/callback");
    let redirect = ("redirect_uri", callback.as_str());
    let mut url = url::Url::parse(&relying_party::authorize_url(&provider, "openid email")).unwrap();
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let kept = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let kept: Vec<_> = kept.filter(|(name, _)| *name != "redirect_uri").collect();
    url.query_pairs_mut().clear().extend_pairs(kept).extend_pairs([redirect, ("response_mode", "form_post")]);
    let mut browser = Browser::new();
    browser.open(url.as_str()).expect_status(200);
    assert_eq!(browser.url(), callback);
    let posted = app.last();
    assert!(posted.starts_with("POST /callback HTTP/1.1\n"), "{posted}");
    assert!(posted.contains(&format!("\nOrigin: {}\n", provider.origin())), "{posted}");
    let fields: Vec<(String, String)> =
        url::form_urlencoded::parse(posted.lines().last().unwrap().as_bytes()).into_owned().collect();
    let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["code", "state", "iss", "user"]);
    let user: Value = serde_json::from_str(&fields[3].1).unwrap();
    assert_eq!(user["email"], "alice@example.com");
}

#[test]
fn the_audience_can_be_a_list_of_one() {
    let provider = OidcProvider::start();
    provider.list_audience();
    assert_eq!(sign_in(&provider).unwrap()["aud"], json!([provider.client_id()]));
}

#[test]
fn an_issuer_can_be_a_template_for_tenants() {
    let provider = OidcProvider::start();
    provider.serve_tenant("tenant-1");
    let claims = sign_in(&provider).unwrap();
    let issuer = format!("{}/tenant-1/v2.0", provider.origin());
    assert_eq!((claims["iss"].as_str(), claims["tid"].as_str()), (Some(issuer.as_str()), Some("tenant-1")));
    let discovery = relying_party::start(&provider).unwrap().discovery;
    assert_eq!(discovery["issuer"], format!("{}/{{tenantid}}/v2.0", provider.origin()));
}

#[test]
fn a_set_time_is_the_time_of_tokens() {
    let provider = OidcProvider::start();
    provider.set_time(1_000_000_000);
    let (_, tokens) = redeemed(&provider, "openid");
    let claims = claims_of(&tokens);
    assert_eq!((&claims["iat"], &claims["exp"]), (&json!(1_000_000_000), &json!(1_000_000_600)));
    assert_eq!(sign_in(&provider).err(), Some("exp"));
}

#[test]
fn several_providers_serve_several_threads() {
    let providers: Vec<OidcProvider> = (0..4).map(|_| OidcProvider::start()).collect();
    let threads: Vec<_> = providers.into_iter().map(|provider| thread::spawn(move || signed_in(&provider))).collect();
    let mut issuers: Vec<String> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    issuers.sort();
    issuers.dedup();
    assert_eq!(issuers.len(), 4);
}

/// Signs in from several threads at once; the issuer that they all were told.
fn signed_in(provider: &OidcProvider) -> String {
    let claims: Vec<Result<Value, Fault>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..3).map(|_| scope.spawn(|| sign_in(provider))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(claims.iter().all(|claims| claims.as_ref().is_ok_and(|claims| claims["iss"] == provider.issuer())));
    provider.issuer()
}

#[test]
fn a_provider_ends_with_its_value() {
    let provider = OidcProvider::start();
    let address = provider.origin().strip_prefix("http://").unwrap().to_owned();
    std::net::TcpStream::connect(&address).unwrap();
    drop(provider);
    assert!(std::net::TcpStream::connect(&address).is_err());
}

//! Every lie is told, and each gives itself away by what it says it is.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::Duration,
};

use alyx_testing::{Algorithm, Browser, Endpoint, Lie, OidcProvider, Value};
use base64::{Engine, prelude::BASE64_STANDARD};
use ring::hmac;

use crate::relying_party::{self, decoded, sign_in};

/// What a careful client finds wrong; nothing where the person is signed in all the same.
fn expected(lie: Lie) -> Option<&'static str> {
    Some(match lie {
        Lie::WrongIssuer | Lie::SimilarIssuer | Lie::IssuerOfAnotherTenant => "iss",
        Lie::WrongAudience => "aud",
        Lie::SeveralAudiencesWithoutParty => "no azp",
        Lie::SeveralAudiencesWithWrongParty | Lie::WrongParty => "azp",
        Lie::WrongNonce | Lie::MissingNonce => "nonce",
        Lie::Expired | Lie::MissingExpiry => "exp",
        Lie::IssuedInTheFuture | Lie::MissingIssueTime => "iat",
        Lie::NotYetValid => "nbf",
        Lie::MissingSubject | Lie::EmptySubject => "sub",
        Lie::WrongAccessTokenHash => "at_hash",
        Lie::AlgorithmNone
        | Lie::HmacWithPublicKey
        | Lie::HmacWithPublicPem
        | Lie::HmacWithClientSecret
        | Lie::SymmetricKeyPublished => "alg",
        Lie::UnknownKeyId | Lie::EmbeddedKey | Lie::NoKeys => "kid",
        Lie::KeyNotPublished | Lie::TamperedPayload | Lie::MissingSignature => "signature",
        Lie::UnknownCriticalHeader => "crit",
        Lie::GarbledIdToken => "no token",
        Lie::MissingIdToken => "no id token",
        Lie::AnotherIssuerInDiscovery => "another issuer in discovery",
        Lie::KeysOnAnotherHost => "keys on another host",
        Lie::TokenOnAnotherHost => "token on another host",
        Lie::UserInfoOnAnotherHost => "userinfo on another host",
        Lie::AuthorizePageIsScript => "authorize page on another host",
        Lie::AnotherSubjectInUserInfo | Lie::MissingSubjectInUserInfo => "userinfo of another",
        Lie::WrongState => "another state",
        Lie::MissingState => "no state",
        Lie::MissingCode => "no code",
        Lie::AnotherIssuerInCallback => "another issuer in the callback",
        Lie::MissingIssuerInCallback => "no issuer in the callback",
        Lie::AccessDenied => "denied",
        Lie::RedirectsTheSecret => "token",
        Lie::CodeAnsweredTwice
        | Lie::AnotherEmailInForm
        | Lie::EmailNotVerified
        | Lie::NoEmail
        | Lie::EmailOfSomebodyElse => return None,
        Lie::Refuses(endpoint)
        | Lie::Redirects(endpoint)
        | Lie::Endless(endpoint)
        | Lie::Hangs(endpoint)
        | Lie::Trickles(endpoint)
        | Lie::NotJson(endpoint)
        | Lie::HtmlPage(endpoint) => name(endpoint),
    })
}

fn name(endpoint: Endpoint) -> &'static str {
    match endpoint {
        Endpoint::Discovery => "discovery",
        Endpoint::Keys => "keys",
        Endpoint::Token => "token",
        Endpoint::UserInfo => "userinfo",
    }
}

/// Those whose answer ends; the reference client waits for the end of every answer.
fn lies_that_end() -> impl Iterator<Item = Lie> {
    Lie::all().into_iter().filter(|lie| !matches!(lie, Lie::Endless(_) | Lie::Hangs(_) | Lie::Trickles(_)))
}

#[test]
fn each_lie_is_one_fault_and_no_other() {
    for algorithm in [Algorithm::Es256, Algorithm::Rs256, Algorithm::EdDsa] {
        let provider = OidcProvider::start();
        provider.sign_with(algorithm);
        for lie in lies_that_end() {
            provider.lie(lie);
            assert_eq!(sign_in(&provider).err(), expected(lie), "{lie:?} with {algorithm:?}");
            provider.be_honest();
            assert_eq!(sign_in(&provider).err(), None, "after {lie:?}");
        }
    }
}

#[test]
fn lies_are_told_of_tenants_too() {
    let provider = OidcProvider::start();
    provider.serve_tenant("tenant-1");
    for lie in [Lie::WrongIssuer, Lie::SimilarIssuer, Lie::IssuerOfAnotherTenant, Lie::WrongAudience] {
        provider.lie(lie);
        assert_eq!(sign_in(&provider).err(), expected(lie), "{lie:?}");
    }
    provider.be_honest();
    assert_eq!(sign_in(&provider).err(), None);
}

#[test]
fn the_list_tells_which_lies_end_a_sign_in() {
    for lie in Lie::all() {
        assert_eq!(lie.must_be_refused(), expected(lie).is_some(), "{lie:?}");
    }
}

#[test]
fn a_false_hmac_holds_for_a_client_that_confuses_keys() {
    for algorithm in [Algorithm::Es256, Algorithm::Rs256, Algorithm::EdDsa] {
        let provider = OidcProvider::start();
        provider.sign_with(algorithm);
        let pem = public_pem(&provider, algorithm);
        let der = BASE64_STANDARD.decode(pem.lines().filter(|line| !line.starts_with("--")).collect::<String>());
        let bare = der.unwrap().split_off(public_key_start(algorithm));
        check_hmac(&provider, Lie::HmacWithPublicPem, pem.as_bytes());
        check_hmac(&provider, Lie::HmacWithPublicKey, &bare);
        check_hmac(&provider, Lie::HmacWithClientSecret, provider.client_secret().as_bytes());
        check_hmac(&provider, Lie::SymmetricKeyPublished, &shared_secret(&provider));
    }
}

#[track_caller]
fn check_hmac(provider: &OidcProvider, lie: Lie, secret: &[u8]) {
    provider.lie(lie);
    let token = id_token(provider);
    let (message, seal) = token.rsplit_once('.').unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    assert!(hmac::verify(&key, message.as_bytes(), &decoded(seal)).is_ok(), "{lie:?}");
}

fn id_token(provider: &OidcProvider) -> String {
    let started = relying_party::start(provider).unwrap();
    let fields = relying_party::token_fields(provider, &started.code);
    let tokens = relying_party::post_form(&relying_party::token_endpoint(&started), &fields, None).json();
    tokens["id_token"].as_str().unwrap().to_owned()
}

fn published(provider: &OidcProvider, id: &str) -> Value {
    let keys = relying_party::get(&format!("{}/jwks", provider.origin()), None).json();
    let key = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == id || key["alg"] == id);
    key.unwrap().clone()
}

fn shared_secret(provider: &OidcProvider) -> Vec<u8> {
    provider.lie(Lie::SymmetricKeyPublished);
    decoded(published(provider, "shared")["k"].as_str().unwrap())
}

/// The public key in PEM, made from the key set by hand.
fn public_pem(provider: &OidcProvider, algorithm: Algorithm) -> String {
    let key = published(provider, algorithm.name());
    let part = |name: &str| decoded(key[name].as_str().unwrap());
    let der = match algorithm {
        Algorithm::Es256 => {
            let head = decoded("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE");
            [head, part("x"), part("y")].concat()
        }
        Algorithm::EdDsa => [decoded("MCowBQYDK2VwAyEA"), part("x")].concat(),
        Algorithm::Rs256 => {
            // SEQUENCE { INTEGER modulus, INTEGER exponent } behind the head that says RSA.
            let head =
                b"\x30\x82\x01\x22\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00\x03\x82\x01\x0f\x00";
            let numbers = b"\x30\x82\x01\x0a\x02\x82\x01\x01\x00";
            [&head[..], &numbers[..], &part("n"), b"\x02\x03", &part("e")].concat()
        }
    };
    let text = BASE64_STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
}

fn public_key_start(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::Es256 => 26,
        Algorithm::EdDsa => 12,
        Algorithm::Rs256 => 24,
    }
}

#[test]
fn a_redirect_leads_to_where_everything_is_in_order() {
    for endpoint in [Endpoint::Discovery, Endpoint::Keys, Endpoint::UserInfo] {
        let provider = OidcProvider::start();
        provider.lie(Lie::Redirects(endpoint));
        let path = match endpoint {
            Endpoint::Discovery => "/.well-known/openid-configuration",
            Endpoint::Keys => "/jwks",
            _ => "/userinfo",
        };
        let answer = relying_party::get(&format!("{}{path}", provider.issuer()), None).expect_status(302);
        let there = relying_party::get(answer.header("location").unwrap(), None);
        assert_ne!(there.status, 404, "{endpoint:?}");
        assert_eq!(provider.requests_to(&format!("/elsewhere{path}")).len(), 1);
    }
}

#[test]
fn a_client_that_follows_with_its_secret_is_seen() {
    let provider = OidcProvider::start();
    let started = relying_party::start(&provider).unwrap();
    provider.lie(Lie::RedirectsTheSecret);
    let fields = relying_party::token_fields(&provider, &started.code);
    let answer = relying_party::post_form(&relying_party::token_endpoint(&started), &fields, None).expect_status(307);
    let tokens = relying_party::post_form(answer.header("location").unwrap(), &fields, None).expect_status(200).json();
    assert!(tokens["id_token"].is_string());
    assert_eq!(provider.requests_to("/elsewhere/token").len(), 1);
}

#[test]
fn a_code_can_be_made_good_twice() {
    let provider = OidcProvider::start();
    provider.lie(Lie::CodeAnsweredTwice);
    let started = relying_party::start(&provider).unwrap();
    let fields = relying_party::token_fields(&provider, &started.code);
    for _ in 0..2 {
        relying_party::post_form(&relying_party::token_endpoint(&started), &fields, None).expect_status(200);
    }
}

#[test]
fn addresses_are_presented_as_the_lie_has_it() {
    let provider = OidcProvider::start();
    let told = |lie| {
        provider.lie(lie);
        let claims = sign_in(&provider).unwrap();
        (claims.get("email").cloned(), claims.get("email_verified").cloned())
    };
    let text = |text: &str| Some(Value::from(text));
    assert_eq!(told(Lie::EmailNotVerified), (text("alice@example.com"), Some(false.into())));
    assert_eq!(told(Lie::NoEmail), (None, None));
    assert_eq!(told(Lie::EmailOfSomebodyElse), (text(Lie::VICTIM), Some(false.into())));
}

#[test]
fn the_form_can_name_another_address() {
    let provider = OidcProvider::start();
    let url = relying_party::authorize_url(&provider, "openid email") + "&response_mode=form_post";
    provider.lie(Lie::AnotherEmailInForm);
    let page = Browser::new().without_following().open(&url).expect_status(200);
    assert!(page.text().contains(Lie::VICTIM), "{}", page.text());
}

#[test]
fn an_endless_answer_goes_on_until_the_client_leaves() {
    let provider = OidcProvider::start();
    provider.lie(Lie::Endless(Endpoint::Keys));
    let mut stream = asked(&provider, "/jwks");
    let mut taken = vec![0; 3 << 20];
    stream.read_exact(&mut taken).unwrap();
    assert!(taken.ends_with(b"   "));
    drop(stream);
    assert!(provider.longest_answer() >= 2 << 20, "{}", provider.longest_answer());
}

#[test]
fn a_trickle_never_ends_and_a_silence_never_begins() {
    let provider = OidcProvider::start();
    provider.lie(Lie::Trickles(Endpoint::Discovery));
    let mut stream = asked(&provider, "/.well-known/openid-configuration");
    let mut head = vec![0; 100];
    stream.read_exact(&mut head).unwrap();
    assert!(head.ends_with(b" "), "{}", String::from_utf8_lossy(&head));
    provider.lie(Lie::Hangs(Endpoint::Token));
    let mut stream = asked(&provider, "/token");
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let fault = stream.read(&mut [0; 1]).unwrap_err();
    assert!(matches!(fault.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{fault}");
}

/// A connection on which a path was asked for.
fn asked(provider: &OidcProvider, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(provider.origin().strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()).unwrap();
    stream
}

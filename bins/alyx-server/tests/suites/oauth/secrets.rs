//! What proves who somebody is stands in no log, in no answer that does not need it, and not in the database (row 45).

use std::fs;

use alyx_testing::{Algorithm, Lie, OidcProvider, TestServer, json};

use super::journey::{API, Back, COOKIE, PAGE, VERIFIER, browser, code, exchange, named, schema, settings, text};

/// The values of these parameters in an address.
fn values(address: &str, names: &[&str]) -> Vec<String> {
    let pairs = address.split(['?', '&']).filter_map(|pair| pair.split_once('='));
    pairs.filter(|(name, _)| names.contains(name)).map(|(_, value)| value.to_owned()).collect()
}

fn server(mine: &OidcProvider) -> TestServer {
    let settings = settings(&named(&[("mine", mine)]), "logging: {level: trace}\n");
    TestServer::with_schema(&schema("true")).config(&settings).start()
}

#[test]
fn ac45_nothing_secret_is_in_the_log_or_at_rest() {
    let mine = OidcProvider::start();
    mine.sign_with(Algorithm::Rs256);
    let mut server = server(&mine);
    let mut secrets = vec![mine.client_secret().to_owned(), alyx_testing::encode(mine.client_secret())];
    // One that ends, one that fails, one that is refused, and one that stays under way.
    let mut honest = browser(&server);
    let ours = code(&mut honest, "mine").unwrap();
    let signed_in = exchange(&server.client(), &ours).expect_status(200).json();
    mine.lie(Lie::WrongNonce);
    let mut deceived = browser(&server);
    assert_eq!(code(&mut deceived, "mine").err().as_deref(), Some("PROVIDER_ERROR"));
    mine.be_honest();
    let waiting = Back::from(&server, "mine");
    waiting.ask(&server.client(), None).expect_status(400);
    let pending = code(&mut browser(&server), "mine").unwrap();
    for url in honest.history().iter().chain(&deceived.history()).copied().chain([waiting.path.as_str()]) {
        secrets.extend(values(url, &["state", "code", "nonce"]));
    }
    secrets.extend([&honest, &deceived].map(|browser| browser.cookie(COOKIE).unwrap().value.clone()));
    secrets.extend([waiting.cookie.split_once('=').unwrap().1.to_owned(), pending, VERIFIER.to_owned()]);
    secrets.extend(["access_token", "refresh_token"].map(|name| text(&signed_in["tokens"][name])));
    for asked in mine.requests_to("/token") {
        secrets.extend(["code", "code_verifier"].map(|name| asked.field(name).unwrap()));
    }
    assert!(secrets.len() > 15 && secrets.iter().all(|secret| secret.len() >= 16), "{secrets:?}");
    let log = server.output();
    assert!(log.contains("/api/auth/oauth/mine/callback") && log.contains("nonce"), "it logs what happens: {log}");
    assert!(server.stop());
    let folder = server.folder().join("alyx_data");
    let files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    let at_rest: Vec<u8> = files.flat_map(|path| fs::read(path).unwrap()).collect();
    let has = |secret: &str| at_rest.windows(secret.len()).any(|window| window == secret.as_bytes());
    assert!(has("alice@example.com") && has(PAGE), "the files are those with the sign-ins");
    for secret in &secrets {
        assert!(!log.contains(secret), "the log has {secret}");
        assert!(!has(secret), "the data has {secret}");
    }
}

#[test]
fn ac45_addresses_carry_no_more_than_they_must() {
    let mine = OidcProvider::start();
    let server = server(&mine);
    let mut browser = browser(&server);
    let code = code(&mut browser, "mine").unwrap();
    let history: Vec<String> = browser.history().iter().map(|url| (*url).to_owned()).collect();
    let [begin, there, back, app] = &history[..] else { panic!("{history:#?}") };
    assert!(!begin.contains(VERIFIER) && !there.contains(VERIFIER));
    for word in ["client_secret", "code_verifier", "token", "@"] {
        assert!(!there.contains(word) && !back.contains(word), "{word} in {history:#?}");
    }
    assert_eq!(app, &format!("{PAGE}?code={code}"));
    assert!(back.starts_with(&format!("{API}/api/auth/oauth/mine/callback?")));
    assert_eq!(mine.complaints(), [""; 0]);
}

#[test]
fn ac45_ac31_what_a_provider_says_of_an_error_is_shown_to_nobody() {
    let mine = OidcProvider::start();
    let server = server(&mine);
    mine.lie(Lie::AccessDenied);
    let mut browser = browser(&server);
    assert_eq!(code(&mut browser, "mine").err().as_deref(), Some("ACCESS_DENIED"));
    assert_eq!(browser.url(), format!("{PAGE}?error=ACCESS_DENIED"));
    let mut forged = Back::from(&server, "mine");
    forged.path =
        format!("{}&error_description=%3Cscript%3E", forged.path.replace("error=access_denied", "error=%3Cscript%3E"));
    let answer = forged.ask(&server.client(), Some(&forged.cookie)).expect_status(303);
    assert_eq!(answer.header("location"), Some(format!("{PAGE}?error=PROVIDER_ERROR").as_str()));
    for answer in [answer, server.get("/api/auth/oauth/mine/callback?error=%3Cscript%3E&state=%3Cscript%3E")] {
        assert!(!format!("{:?} {}", answer.headers, answer.text()).contains("script"));
    }
    assert!(!server.output().contains("<script>"));
    let refused = server.post("/api/auth/oauth/exchange", &json!({"code": "<script>", "code_verifier": VERIFIER}));
    assert!(!refused.expect_status(400).text().contains("script"));
}

//! Where a browser may be sent: to the app's own pages and nowhere else, whatever a request says (rows 14 and 44).

use alyx_testing::{OidcProvider, TestServer, encode, json};

use super::journey::{API, Back, CHALLENGE, PAGE, browser, named, parameter, schema, server_with, settings};

const REFUSED: &str = include_str!("../../../../../crates/alyx-auth/tests/refused_redirects.json");
const ALLOWED: [&str; 5] = [
    PAGE,
    "https://files.example.com/app/",
    "http://localhost:5173",
    "com.example.app:/signed-in",
    "example://signed-in",
];

#[test]
fn ac44_no_open_redirect() {
    let refused: Vec<String> = serde_json::from_str(REFUSED).unwrap();
    assert!(refused.len() >= 60, "{}", refused.len());
    let mine = OidcProvider::start();
    let list = ALLOWED.map(|page| format!("\"{page}\"")).join(", ");
    let settings = settings(&named(&[("mine", &mine)]), "").replace(&format!("[\"{PAGE}\"]"), &format!("[{list}]"));
    let server = TestServer::with_schema(&schema("true")).config(&settings).start();
    let client = server.client();
    let begin =
        |page: &str| client.query("/api/auth/oauth/mine", &[("redirect_to", page), ("code_challenge", CHALLENGE)]);
    for page in &refused {
        let answer = begin(page).expect_status(400);
        assert_eq!((answer.header("location"), answer.header("set-cookie")), (None, None), "{page}");
        assert_eq!(answer.error_code(), "INVALID_QUERY", "{page}");
        let [detail] = &answer.json()["details"].as_array().unwrap().clone()[..] else { panic!("{page}") };
        assert_eq!((&detail["field"], &detail["code"]), (&json!("redirect_to"), &json!("NOT_ALLOWED")), "{page}");
    }
    for page in ALLOWED.iter().copied().chain(["https://app.example.com/signed-in/deep?next=%2Fposts"]) {
        let answer = begin(page).expect_status(303);
        assert!(answer.header("location").unwrap().starts_with(mine.origin()), "{page}");
    }
    assert_eq!(mine.requests_to("/authorize").len(), 0);
}

#[test]
fn the_app_gets_its_own_parameters_back() {
    let mine = OidcProvider::start();
    let server = server_with(&mine).start();
    let page = format!("{PAGE}/deep?next=%2Fposts%3Fa%3D1");
    let mut browser = browser(&server);
    browser.open(&format!("{API}/api/auth/oauth/mine?redirect_to={}&code_challenge={CHALLENGE}", encode(&page)));
    assert!(browser.url().starts_with(&format!("{page}&code=")), "{}", browser.url());
}

#[test]
fn what_an_app_asks_wrongly_is_told_all_at_once() {
    let mine = OidcProvider::start();
    let server = server_with(&mine).start();
    let client = server.client();
    let check = |query: &str, expected: &[&str]| {
        let answer = client.get(&format!("/api/auth/oauth/mine?{query}")).expect_status(400);
        assert_eq!(answer.error_code(), "INVALID_QUERY", "{query}");
        let details = answer.json()["details"].as_array().unwrap().clone();
        let told = details.iter().map(|detail| format!("{} {}", detail["field"], detail["code"]).replace('"', ""));
        assert_eq!(told.collect::<Vec<_>>(), expected, "{query}");
    };
    let good = format!("redirect_to={PAGE}&code_challenge={CHALLENGE}");
    check("", &["redirect_to REQUIRED", "code_challenge REQUIRED"]);
    check(&format!("redirect_to={PAGE}&code_challenge=short"), &["code_challenge FORMAT"]);
    check(&format!("{good}&code_challenge_method=plain"), &["code_challenge_method NOT_ALLOWED"]);
    check(&format!("{good}&email=a&state=b"), &["email UNKNOWN_PARAMETER", "state UNKNOWN_PARAMETER"]);
    check(&format!("{good}&redirect_to={PAGE}"), &["redirect_to UNKNOWN_PARAMETER", "redirect_to UNKNOWN_PARAMETER"]);
    assert_eq!(client.get("/api/auth/oauth/mine?redirect_to=%ff").expect_status(400).error_code(), "MALFORMED_REQUEST");
    for unknown in ["other", "Mine", "mine%2f", ".."] {
        client.get(&format!("/api/auth/oauth/{unknown}?{good}")).expect_status(404);
    }
    client.get("/api/auth/oauth/exchange").expect_status(405);
    assert_eq!(mine.requests_to("/authorize").len(), 0);
}

#[test]
fn ac14_what_a_request_says_of_its_host_changes_nothing() {
    let mine = OidcProvider::start();
    let server = server_with(&mine).start();
    let evil = server
        .client()
        .with_host("evil.example")
        .with_header("X-Forwarded-Host", "evil.example")
        .with_header("X-Forwarded-Proto", "http")
        .with_header("X-Forwarded-Prefix", "/evil")
        .with_header("Forwarded", "host=evil.example;proto=http")
        .with_header("Origin", "https://evil.example")
        .with_header("Referer", "https://evil.example/");
    let query = format!("redirect_to={PAGE}&code_challenge={CHALLENGE}");
    let started = evil.get(&format!("/api/auth/oauth/mine?{query}")).expect_status(303);
    let callback = encode(&format!("{API}/api/auth/oauth/mine/callback"));
    for answer in [started, absolute(&server, &query)] {
        let location = answer.header("location").unwrap();
        assert!(location.contains(&format!("redirect_uri={callback}")), "{location}");
        assert!(!location.contains("evil") && answer.header("set-cookie").unwrap().starts_with("__Host-"));
    }
    let offered = evil.get("/api/auth/providers").expect_status(200).json();
    let url = format!("{API}/api/auth/oauth/mine");
    assert_eq!(offered, json!({"providers": [{"name": "mine", "title": "mine", "url": url}]}));
    let form = format!("state={}", "s".repeat(43));
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    let posted = evil.try_send_bytes("POST", "/api/auth/oauth/mine/callback", &headers, form.as_bytes()).unwrap();
    assert!(posted.header("location").unwrap().starts_with(&format!("{API}/api/auth/oauth/mine/callback?")));
    let back = Back::from(&server, "mine");
    let answer = back.ask(&evil, Some(&back.cookie)).expect_status(303);
    assert!(parameter(&answer, "code").is_some());
    assert_eq!(mine.complaints(), [""; 0]);
}

/// The same with the whole address in the first line, as proxies are asked.
fn absolute(server: &TestServer, query: &str) -> alyx_testing::Response {
    let target = format!("http://evil.example/api/auth/oauth/mine?{query}");
    let message = format!("GET {target} HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    server.client().try_send_raw(message.as_bytes()).expect("the server answers").expect_status(303)
}

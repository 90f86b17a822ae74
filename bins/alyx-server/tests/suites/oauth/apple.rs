//! Providers that send the browser back with a form of their own site, as Apple does, and what else is posted there.

use alyx_testing::{Algorithm, Client, Lie, OidcProvider, Response, TestServer, encode, json};

use super::journey::{API, Back, COOKIE, PAGE, accounts, browser, code, exchange, register, schema, set, settings};

fn apple() -> (OidcProvider, TestServer) {
    let apple = OidcProvider::start();
    apple.sign_with(Algorithm::Rs256);
    let key = apple.require_signed_secret("TEAM123456", "KEY1234567");
    let (issuer, client) = (apple.issuer(), apple.client_id());
    let provider =
        format!("    apple: {{client_id: {client}, team_id: TEAM123456, key_id: KEY1234567, issuer: \"{issuer}\"}}\n");
    let server = TestServer::with_schema(&schema("true"))
        .config(&settings(&provider, ""))
        .variable("ALYX_AUTH_OAUTH_APPLE_PRIVATE_KEY", &key);
    let server = server.start();
    (apple, server)
}

/// Posts a form, as a page of another site makes a browser do: without the cookie.
fn post(client: &Client, path: &str, form: &str) -> Response {
    let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Origin", "https://appleid.apple.com")];
    client.try_send_bytes("POST", path, &headers, form.as_bytes()).expect("the server answers")
}

#[test]
fn ac44_apples_form_from_another_site_finds_the_browser_that_began() {
    let (apple, server) = apple();
    let victim = register(&server, Lie::VICTIM);
    set(&server, &victim, &json!({"verified": true}));
    // Whatever the form says of the person, anybody could have written.
    apple.lie(Lie::AnotherEmailInForm);
    let mut browser = browser(&server);
    let code = code(&mut browser, "apple").unwrap();
    let history: Vec<String> = browser.history().iter().map(|url| (*url).to_owned()).collect();
    let [begin, there, posted, back, app] = &history[..] else { panic!("{history:#?}") };
    assert!(begin.starts_with(API) && there.starts_with(apple.origin()) && app.starts_with(PAGE));
    assert_eq!(posted, &format!("{API}/api/auth/oauth/apple/callback"), "nothing stands in the address");
    assert!(back.starts_with(&format!("{posted}?state=")) && !back.contains("user") && !back.contains("victim"));
    let signed_in = exchange(&server.client(), &code).expect_status(200).json();
    assert_eq!(signed_in["user"]["email"], "alice@example.com");
    assert_eq!((accounts(&server).len(), apple.complaints()), (2, Vec::new()));
    assert_eq!(apple.requests_to("/authorize")[0].parameter("response_mode").as_deref(), Some("form_post"));
}

#[test]
fn ac44_a_form_alone_ends_no_sign_in() {
    let (apple, server) = apple();
    let callback = "/api/auth/oauth/apple/callback";
    let state = "s".repeat(43);
    let client = server.client().with_header("Cookie", &format!("{COOKIE}={}", "b".repeat(43)));
    let form = format!("state={state}&code=stolen&user=%7B%7D&id_token=x&redirect_to=https://evil.example");
    let answer = post(&client, callback, &form).expect_status(303);
    let location = format!("{API}{callback}?state={state}&code=stolen");
    assert_eq!((answer.header("location"), answer.header("set-cookie")), (Some(location.as_str()), None));
    assert_eq!(
        (answer.header("referrer-policy"), answer.header("cache-control")),
        (Some("no-referrer"), Some("no-store"))
    );
    let followed = Back { path: location.replace(API, ""), cookie: String::new() };
    assert_eq!(followed.ask(&client, None).expect_status(400).error_code(), "INVALID_CODE");
    let hostile = format!("state={state}&code={}", encode("x\r\nSet-Cookie: stolen=1\r\n\r\n<script>"));
    let answer = post(&client, callback, &hostile).expect_status(303);
    assert!(answer.header("set-cookie").is_none() && answer.header("location").unwrap().is_ascii());
    assert_eq!(apple.requests_to("/token").len(), 0);
}

#[test]
fn ac32_what_is_no_such_form_is_refused() {
    let (_apple, server) = apple();
    let client = server.client();
    let callback = "/api/auth/oauth/apple/callback";
    let state = "s".repeat(43);
    for form in ["", "state=", "state=short&code=x", &format!("state={state}&state={state}"), "code=x", "&&&=&"] {
        assert_eq!(post(&client, callback, form).expect_status(400).error_code(), "INVALID_CODE", "{form}");
    }
    assert_eq!(post(&client, callback, "state=%ff").expect_status(400).error_code(), "MALFORMED_REQUEST");
    let long = format!("state={state}&code={}", "x".repeat(70_000));
    assert_eq!(post(&server.client(), callback, &long).expect_status(413).error_code(), "PAYLOAD_TOO_LARGE");
    for kind in ["application/json", "multipart/form-data; boundary=x", "text/plain", ""] {
        let headers = [("Content-Type", kind)];
        let answer = client.try_send_bytes("POST", callback, &headers, b"state=x").unwrap();
        assert_eq!(answer.expect_status(400).error_code(), "UNSUPPORTED_MEDIA_TYPE", "{kind}");
    }
    let form = format!("state={state}");
    for unknown in ["google", "Apple", "apple%2f", "..", "%0d%0aSet-Cookie:%20x", "exchange"] {
        let path = format!("/api/auth/oauth/{unknown}/callback");
        assert_eq!(post(&client, &path, &form).expect_status(404).error_code(), "NOT_FOUND", "{unknown}");
        client.get(&format!("{path}?{form}")).expect_status(404);
    }
}

//! Sign-ins that one address begins are counted, and nothing that a request says of itself resets the count (row 17).

use alyx_testing::{OAuthProvider, OidcProvider, TestServer, json};

use super::journey::{API, CHALLENGE, PAGE, exchange, named, schema, settings, sign_in};

#[test]
fn ac17_one_address_begins_so_many_sign_ins_and_no_more() {
    let mine = OidcProvider::start();
    let limited = settings(&named(&[("mine", &mine)]), "").replace("oauth: off", "oauth: 3/hour");
    let server = TestServer::with_schema(&schema("true")).config(&limited).start();
    let path = format!("/api/auth/oauth/mine?redirect_to={PAGE}&code_challenge={CHALLENGE}");
    let begin = |forwarded: &str| server.client().with_header("X-Forwarded-For", forwarded).get(&path);
    // What is asked wrongly is no sign-in.
    server.get("/api/auth/oauth/mine").expect_status(400);
    for number in 0..3 {
        begin(&format!("192.0.2.{number}")).expect_status(303);
    }
    let refused = begin("192.0.2.9").expect_status(429);
    assert_eq!((refused.error_code().as_str(), refused.header("set-cookie")), ("RATE_LIMITED", None));
    assert!(refused.header("retry-after").is_some_and(|seconds| seconds.parse::<u64>().is_ok_and(|s| s > 1)));
    exchange(&server.client(), "no such code").expect_status(400);
}

#[test]
fn providers_are_offered_without_their_secrets() {
    let (hub, mine) = (OAuthProvider::github(), OidcProvider::start());
    let origin = hub.origin();
    let (id, secret) = (hub.client_id(), hub.client_secret());
    let github = format!(
        "    github: {{client_id: {id}, client_secret: \"{secret}\", url: \"{origin}\", api_url: \"{origin}\"}}\n"
    );
    let settings = settings(&format!("{github}{}", named(&[("corp", &mine)])), "");
    let server = TestServer::with_schema(&schema("true")).config(&settings).start();
    let offer =
        |name: &str, title: &str| json!({"name": name, "title": title, "url": format!("{API}/api/auth/oauth/{name}")});
    let offered = server.get("/api/auth/providers").expect_status(200);
    assert_eq!(offered.json(), json!({"providers": [offer("github", "GitHub"), offer("corp", "corp")]}));
    let shown = server.admin().get("/api/admin/config").expect_status(200);
    for text in [offered.text(), shown.text()] {
        assert!(!text.contains(secret) && !text.contains(&secret.replace('/', "\\/")), "{text}");
    }
    hub.set_person(alyx_testing::Person::new("583231", "octo@example.com"));
    assert_eq!(sign_in(&server, "github").unwrap()["user"]["email"], "octo@example.com");
    assert_eq!(hub.complaints(), [""; 0]);
    server.get("/api/auth/providers?x=1").expect_status(400);
}

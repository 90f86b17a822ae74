//! There and back: once, in time, by the browser that began and for the app that began (rows 05 and 44).

use alyx_testing::{Browser, OidcProvider, TestServer, json};

use super::journey::{
    API, Back, CHALLENGE, COOKIE, PAGE, VERIFIER, accounts, at_once, browser, code, exchange, named, parameter, schema,
    server_with, settings, sign_in, start,
};

const CALLERS: usize = 100;

#[test]
fn somebody_new_signs_in_and_has_a_profile() {
    let mine = OidcProvider::start();
    let server = server_with(&mine).start();
    mine.allow_redirect(&format!("{API}/api/auth/oauth/mine/callback"));
    let mut browser = browser(&server);
    let code = code(&mut browser, "mine").unwrap();
    assert_eq!(browser.url(), format!("{PAGE}?code={code}"), "the app gets the code and nothing else");
    let answer = exchange(&server.client(), &code).expect_status(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let signed_in = answer.json();
    let (user, access) = (&signed_in["user"], signed_in["tokens"]["access_token"].as_str().unwrap());
    assert_eq!((&user["email"], &user["verified"]), (&json!("alice@example.com"), &json!(true)));
    assert_eq!((&user["role"], &user["metadata"]), (&json!("user"), &json!({})));
    let me = server.client().with_token(access).get("/api/auth/me").expect_status(200).json();
    assert_eq!(me["id"], user["id"]);
    let profile = server.get(&format!("/api/collections/users/{}", user["id"].as_str().unwrap())).json();
    assert_eq!(
        (&profile["name"], &profile["avatar_url"], &profile["verified"]),
        (&json!("Alice Example"), &json!("https://images.example.com/alice.png"), &json!(true))
    );
    assert_eq!(sign_in(&server, "mine").unwrap()["user"]["id"], user["id"], "the second time too");
    assert_eq!((accounts(&server).len(), mine.complaints()), (1, Vec::new()));
}

#[test]
fn ac44_the_cookie_is_this_hosts_alone_and_no_script_reads_it() {
    let mine = OidcProvider::start();
    let server = server_with(&mine).start();
    let mut browser = browser(&server);
    code(&mut browser, "mine").unwrap();
    let [cookie] = browser.cookies() else { panic!("one cookie: {:?}", browser.cookies()) };
    assert_eq!((cookie.name.as_str(), cookie.path.as_str(), cookie.max_age), (COOKIE, "/", Some(600)));
    assert!(cookie.is_secure && cookie.is_http_only && cookie.is_host_only);
    assert_eq!((cookie.same_site.as_deref(), cookie.value.len()), (Some("Lax"), 43));

    // In the clear there is no such prefix, and its name is not believed where there is.
    let settings = settings(&named(&[("mine", &mine)]), "").replace(&format!("server: {{public_url: \"{API}\"}}"), "");
    let plain = TestServer::with_schema(&schema("true")).config(&settings).start();
    let mut browser = Browser::new().stopping_at("http://127.0.0.1:1/").without_following();
    browser.open(&start("mine").replace(API, &format!("http://{}", plain.address()))).expect_status(303);
    let cookie = browser.cookie("alyx_oauth").expect("the cookie is taken in the clear");
    assert!(!cookie.is_secure && cookie.is_http_only && cookie.same_site.as_deref() == Some("Lax"));
    let back = Back::from(&server, "mine");
    let renamed = back.cookie.replace("__Host-", "");
    assert_eq!(back.ask(&server.client(), Some(&renamed)).expect_status(400).error_code(), "INVALID_CODE");
    let twice = format!("{}; {}", back.cookie, back.cookie);
    back.ask(&server.client(), Some(&twice)).expect_status(400);
    back.ask(&server.client(), Some(&back.cookie)).expect_status(303);
}

#[test]
fn ac05_ac44_a_sign_in_ends_in_the_browser_that_began_it_and_once() {
    let mine = OidcProvider::start();
    let server = server_with(&mine).start();
    let (back, stranger) = (Back::from(&server, "mine"), Back::from(&server, "mine"));
    let client = server.client();
    // The victim of a forged callback, with a sign-in of their own under way and without.
    for cookie in [None, Some(stranger.cookie.as_str()), Some("__Host-alyx_oauth=short"), Some("a=b")] {
        let refused = back.ask(&client, cookie).expect_status(400);
        assert_eq!((refused.error_code().as_str(), refused.header("location")), ("INVALID_CODE", None));
        assert_eq!(
            (refused.header("referrer-policy"), refused.header("content-type")),
            (Some("no-referrer"), Some("application/json"))
        );
    }
    assert_eq!(mine.requests_to("/token").len(), 0, "nothing was asked for them");
    let answer = back.ask(&client, Some(&back.cookie)).expect_status(303);
    assert_eq!(
        (answer.header("cache-control"), answer.header("referrer-policy")),
        (Some("no-store"), Some("no-referrer"))
    );
    let code = parameter(&answer, "code").expect("strangers have not used it up");
    back.ask(&client, Some(&back.cookie)).expect_status(400);
    exchange(&client, &code).expect_status(200);
    assert_eq!(exchange(&client, &code).expect_status(400).error_code(), "INVALID_CODE");
    assert_eq!((mine.requests_to("/token").len(), mine.complaints()), (1, Vec::new()));
}

#[test]
fn ac05_parameters_that_come_twice_are_none() {
    let mine = OidcProvider::start();
    let server = server_with(&mine).start();
    let client = server.client();
    let mut back = Back::from(&server, "mine");
    let honest = back.path.clone();
    let state = honest.split("state=").nth(1).and_then(|rest| rest.split('&').next()).unwrap();
    back.path = format!("{honest}&state={state}");
    back.ask(&client, Some(&back.cookie)).expect_status(400);
    back.path = format!("{honest}&code=another");
    let answer = back.ask(&client, Some(&back.cookie)).expect_status(303);
    assert_eq!(parameter(&answer, "error").as_deref(), Some("PROVIDER_ERROR"));
    assert_eq!(mine.requests_to("/token").len(), 0);
}

#[test]
fn ac05_of_a_hundred_callbacks_at_once_one_goes_on() {
    let mine = OidcProvider::start();
    let server = server_with(&mine).start();
    let back = Back::from(&server, "mine");
    let answers = at_once(&server, CALLERS, |client| back.ask(client, Some(&back.cookie)));
    let went_on: Vec<_> = answers.iter().filter(|answer| answer.status == 303).collect();
    assert_eq!(went_on.len(), 1);
    assert!(answers.iter().all(|answer| answer.status == 303 || answer.error_code() == "INVALID_CODE"));
    assert!(parameter(went_on[0], "code").is_some());
    assert_eq!((mine.requests_to("/token").len(), mine.complaints()), (1, Vec::new()));
}

#[test]
fn ac05_of_a_hundred_exchanges_at_once_one_signs_in_also_after_a_crash() {
    let mine = OidcProvider::start();
    let mut server = server_with(&mine).start();
    let code = code(&mut browser(&server), "mine").unwrap();
    let answers = at_once(&server, CALLERS, |client| exchange(client, &code));
    let signed_in: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(signed_in.len(), 1);
    assert!(answers.iter().all(|answer| answer.status == 200 || answer.error_code() == "INVALID_CODE"));
    let token = signed_in[0].json()["tokens"]["access_token"].as_str().unwrap().to_owned();
    let under_way = Back::from(&server, "mine");
    server.restart();
    exchange(&server.client(), &code).expect_status(400);
    let sessions = server.client().with_token(&token).get("/api/auth/sessions").expect_status(200).json();
    assert_eq!(sessions["sessions"].as_array().unwrap().len(), 1);
    // What was under way goes on, and once.
    let answer = under_way.ask(&server.client(), Some(&under_way.cookie)).expect_status(303);
    assert!(parameter(&answer, "code").is_some());
    under_way.ask(&server.client(), Some(&under_way.cookie)).expect_status(400);
}

#[test]
fn ac05_a_code_is_the_apps_that_began_and_a_wrong_guess_burns_it() {
    let mine = OidcProvider::start();
    let server = server_with(&mine).start();
    let client = server.client();
    let trade = |body: alyx_testing::Value| client.post("/api/auth/oauth/exchange", &body);
    for wrong in ["guessed", "", CHALLENGE, &VERIFIER[1..]] {
        let code = code(&mut browser(&server), "mine").unwrap();
        for unclear in [
            json!({"code": code}),
            json!({"code": code, "code_verifier": null}),
            json!({"code": code, "code_verifier": VERIFIER, "email": "eve@example.com"}),
            json!({"code": [code], "code_verifier": VERIFIER}),
        ] {
            assert_eq!(trade(unclear).expect_status(400).error_code(), "VALIDATION_ERROR");
        }
        let refused = trade(json!({"code": code, "code_verifier": wrong})).expect_status(400);
        assert_eq!(refused.error_code(), "INVALID_CODE");
        exchange(&client, &code).expect_status(400);
    }
    let code = code(&mut browser(&server), "mine").unwrap();
    for other in ["/api/auth/confirm-verification", "/api/auth/confirm-email-change"] {
        client.post(other, &json!({"token": code})).expect_status(400);
    }
    client.post("/api/auth/refresh", &json!({"refresh_token": code})).expect_status(401);
    server.client().with_token(&code).get("/api/auth/me").expect_status(401);
    exchange(&client, &code).expect_status(200);
}

#[test]
fn ac05_what_one_provider_began_no_other_ends() {
    let (mine, other) = (OidcProvider::start(), OidcProvider::start());
    let settings = settings(&named(&[("mine", &mine), ("other", &other)]), "");
    let server = TestServer::with_schema(&schema("true")).config(&settings).start();
    let mut back = Back::from(&server, "mine");
    back.path = back.path.replace("/mine/", "/other/");
    back.ask(&server.client(), Some(&back.cookie)).expect_status(400);
    back.path = back.path.replace("/other/", "/mine/");
    back.ask(&server.client(), Some(&back.cookie)).expect_status(400);
    assert_eq!((mine.requests_to("/token").len(), other.requests_to("/token").len()), (0, 0), "no code went astray");
}

#[test]
fn two_tabs_of_a_browser_do_not_disturb_each_other() {
    let mine = OidcProvider::start();
    let server = server_with(&mine).start();
    let callback = format!("{API}/api/auth/oauth/mine/callback");
    let mut browser = browser(&server).stopping_at(&callback);
    let mut paths = Vec::new();
    for _ in 0..2 {
        browser.open(&start("mine"));
        paths.push(browser.url().replace(API, ""));
    }
    let cookie = format!("{COOKIE}={}", browser.cookie(COOKIE).unwrap().value);
    for path in paths.into_iter().rev() {
        let answer = Back { path, cookie: cookie.clone() }.ask(&server.client(), Some(&cookie)).expect_status(303);
        assert!(parameter(&answer, "code").is_some());
    }
}

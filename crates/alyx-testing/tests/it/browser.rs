//! The browser: where redirects lead, and which cookies are kept and sent.

use alyx_testing::{Browser, Cookie};

use crate::site::{Site, ok, redirect};

/// A site that sets one cookie on every page.
fn setting(cookie: &str) -> Site {
    let header = format!("Set-Cookie: {cookie}\r\n");
    Site::start(move |_| ok(&header))
}

#[test]
fn redirects_are_followed_across_origins() {
    let last = Site::agreeable();
    let target = last.url("127.0.0.1", "/end?a=b%20c#part");
    let first =
        Site::start(move |path| if path == "/start" { redirect(302, "/middle") } else { redirect(303, &target) });
    let mut browser = Browser::new();
    browser.open(&first.url("localhost", "/start")).expect_status(200);
    assert_eq!(browser.url(), last.url("127.0.0.1", "/end?a=b%20c#part"));
    let steps = [first.url("localhost", "/start"), first.url("localhost", "/middle"), browser.url().to_owned()];
    assert_eq!(browser.history(), steps);
    assert_eq!(browser.parameter("a").as_deref(), Some("b c"));
    assert!(last.last().starts_with("GET /end?a=b%20c HTTP/1.1\n"), "{}", last.last());
}

#[test]
fn a_browser_can_take_one_step_at_a_time_or_stop_somewhere() {
    let site = Site::start(|_| redirect(302, "https://app.example.com/done?code=1"));
    let mut patient = Browser::new().without_following();
    assert_eq!(patient.open(&site.url("localhost", "/a")).status, 302);
    assert_eq!(patient.url(), site.url("localhost", "/a"));
    let mut stopping = Browser::new().stopping_at("https://app.example.com/");
    assert_eq!(stopping.open(&site.url("localhost", "/a")).status, 302);
    assert_eq!(stopping.url(), "https://app.example.com/done?code=1");
}

#[test]
fn a_post_becomes_a_get_unless_the_status_keeps_it() {
    let site = Site::start(|path| match path {
        "/303" => redirect(303, "/end"),
        "/307" => redirect(307, "/end"),
        _ => ok(""),
    });
    let mut browser = Browser::new();
    browser.open(&site.url("localhost", "/"));
    browser.submit("/303", &[("a", "1")]);
    assert!(site.last().starts_with("GET /end"), "{}", site.last());
    browser.submit("/307", &[("a", "1 2")]);
    assert!(site.last().starts_with("POST /end") && site.last().ends_with("\na=1+2"), "{}", site.last());
}

#[test]
fn an_origin_can_be_reached_through_a_proxy() {
    let site = setting("__Host-a=1; Secure; Path=/; HttpOnly; SameSite=Lax");
    let mut browser = Browser::new().with_route("https://app.example.com", site.address);
    browser.open("https://app.example.com/a").expect_status(200);
    assert!(site.last().contains("Host: app.example.com\n"), "{}", site.last());
    assert!(browser.cookie("__Host-a").is_some_and(|cookie| cookie.is_secure && cookie.is_http_only));
}

#[test]
fn a_cookie_is_kept_with_its_attributes() {
    let site = setting("a=b=c; Path=/api; HttpOnly; SameSite=Strict; Max-Age=600; Secure");
    let mut browser = Browser::new();
    browser.open(&site.url("localhost", "/x/y"));
    let expected = Cookie {
        name: "a".to_owned(),
        value: "b=c".to_owned(),
        domain: "localhost".to_owned(),
        is_host_only: true,
        path: "/api".to_owned(),
        is_secure: true,
        is_http_only: true,
        same_site: Some("Strict".to_owned()),
        max_age: Some(600),
    };
    assert_eq!(browser.cookies(), [expected]);
    browser.clear_cookies();
    assert!(browser.cookies().is_empty());
}

/// Sets a cookie on `http://HOST/folder/page` and opens another address: what is sent there.
#[track_caller]
fn check_sent(cookie: &str, host: &str, then: (&str, &str), is_sent: bool) {
    let header = format!("Set-Cookie: {cookie}\r\n");
    let site = Site::start(move |path| if path == "/folder/page" { ok(&header) } else { ok("") });
    let hosts = ["app.example.com", "other.example.com", "deep.app.example.com", "myapp.example.com"];
    let mut browser =
        hosts.iter().fold(Browser::new(), |browser, host| browser.with_route(&format!("http://{host}"), site.address));
    browser.open(&format!("http://{host}/folder/page"));
    browser.open(&format!("http://{}{}", then.0, then.1));
    assert_eq!(site.cookies().is_some(), is_sent, "{cookie} from {host} to {then:?}");
}

#[test]
fn host_and_path_decide_where_a_cookie_goes() {
    let (app, other, deep) = ("app.example.com", "other.example.com", "deep.app.example.com");
    check_sent("a=1", app, (app, "/folder/other"), true);
    check_sent("a=1", app, (app, "/folder"), true);
    check_sent("a=1", app, (app, "/folders"), false);
    check_sent("a=1; Path=/", app, (app, "/"), true);
    check_sent("a=1; Path=/", app, (other, "/"), false);
    check_sent("a=1; Path=/", app, (deep, "/"), false);
    check_sent("a=1; Path=/; Domain=app.example.com", app, (deep, "/"), true);
    check_sent("a=1; Path=/; Domain=app.example.com", app, ("myapp.example.com", "/"), false);
    check_sent("a=1; Path=/; Domain=example.com", app, (other, "/"), true);
    check_sent("a=1; Path=/; Domain=other.example.com", app, (other, "/"), false);
    check_sent("a=1; Path=/; Domain=com", app, (app, "/"), false);
}

#[test]
fn a_cookie_that_is_not_allowed_is_not_taken() {
    let app = "app.example.com";
    check_sent("a=1; Path=/; Secure", app, (app, "/"), false);
    check_sent("a=1; Path=/; SameSite=None", app, (app, "/"), false);
    check_sent("__Host-a=1; Path=/", app, (app, "/"), false);
    check_sent("__Secure-a=1; Path=/", app, (app, "/"), false);
    let taken = |cookie: &str| {
        let mut browser = Browser::new();
        browser.open(&setting(cookie).url("localhost", "/"));
        browser.cookies().len()
    };
    assert_eq!(taken("__Host-a=1; Secure; Path=/"), 1);
    assert_eq!(taken("__Host-a=1; Secure; Path=/api"), 0);
    assert_eq!(taken("__Secure-a=1; Secure"), 1);
    assert_eq!(taken("a=1; SameSite=None; Secure"), 1);
    assert_eq!(taken("nothing"), 0);
}

#[test]
fn a_cookie_is_replaced_and_deleted() {
    let site = Site::start(|path| match path {
        "/set" => ok("Set-Cookie: a=1; Path=/\r\nSet-Cookie: b=1; Path=/\r\n"),
        "/replace" => ok("Set-Cookie: a=2; Path=/\r\n"),
        "/other" => ok("Set-Cookie: a=3; Path=/other; Max-Age=0\r\n"),
        "/delete" => ok("Set-Cookie: a=; Path=/; Max-Age=0\r\n"),
        _ => ok(""),
    });
    let mut browser = Browser::new();
    let mut after = |path: &str| {
        browser.open(&site.url("localhost", path));
        browser.cookies().iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect::<Vec<_>>()
    };
    assert_eq!(after("/set"), ["a=1", "b=1"]);
    assert_eq!(after("/replace"), ["b=1", "a=2"]);
    assert_eq!(after("/other"), ["b=1", "a=2"]);
    assert_eq!(after("/delete"), ["b=1"]);
}

/// How another site can make a browser call.
#[derive(Clone, Copy, Debug)]
enum Way {
    Link,
    Form,
    Redirect,
    Typed,
}

#[track_caller]
fn check_same_site(cookie: &str, from: &str, way: Way, is_sent: bool) {
    let app = setting(cookie);
    let target = app.url("localhost", "/page");
    let location = target.clone();
    let start = Site::start(move |path| if path == "/redirect" { redirect(302, &location) } else { ok("") });
    let mut browser = Browser::new();
    browser.open(&target);
    browser.open(&start.url(from, "/"));
    match way {
        Way::Link => browser.click(&target),
        Way::Form => browser.submit(&target, &[("a", "1")]),
        Way::Redirect => browser.open(&start.url(from, "/redirect")),
        Way::Typed => browser.open(&target),
    };
    assert_eq!(app.cookies().is_some(), is_sent, "{cookie} {from} {way:?}");
}

#[test]
fn same_site_decides_what_goes_along_from_another_site() {
    let (strict, lax, none) = ("a=1; SameSite=Strict", "a=1; SameSite=Lax", "a=1; SameSite=None; Secure");
    let (other, own) = ("127.0.0.1", "localhost");
    for way in [Way::Link, Way::Form, Way::Redirect] {
        check_same_site(strict, other, way, false);
        check_same_site(none, other, way, true);
        check_same_site(strict, own, way, true);
    }
    for cookie in [lax, "a=1"] {
        check_same_site(cookie, other, Way::Link, true);
        check_same_site(cookie, other, Way::Redirect, true);
        check_same_site(cookie, other, Way::Form, false);
        check_same_site(cookie, own, Way::Form, true);
    }
    check_same_site(strict, other, Way::Typed, true);
}

#[test]
fn a_redirect_within_a_site_does_not_wash_off_where_it_began() {
    let app = Site::start(|path| match path {
        "/set" => ok("Set-Cookie: a=1; Path=/; SameSite=Strict\r\n"),
        "/redirect" => redirect(302, "/page"),
        _ => ok(""),
    });
    let other = Site::agreeable();
    let mut browser = Browser::new();
    browser.open(&app.url("localhost", "/set"));
    browser.open(&other.url("127.0.0.1", "/"));
    browser.click(&app.url("localhost", "/redirect"));
    assert_eq!((browser.url(), app.cookies()), (app.url("localhost", "/page").as_str(), None));
    browser.click("/redirect");
    assert_eq!(app.cookies().as_deref(), Some("a=1"));
}

#[test]
fn an_address_outside_this_machine_is_not_opened() {
    let opened = std::panic::catch_unwind(|| Browser::new().open("https://app.example.com/"));
    let said = opened.unwrap_err().downcast::<String>().unwrap();
    assert!(said.starts_with("nobody serves https://app.example.com/"), "{said}");
}

//! Row 44: a page of another site makes a browser do nothing here that counts.

use alyx_testing::{Client, TestServer, json};

use super::people::{PASSWORD, Person, USERS, login, server_with};

const APP: &str = "https://app.example.com";

/// Origins that are nearly the app's.
const NEARLY: [&str; 14] = [
    "null",
    "https://evil.example.net",
    "http://app.example.com",
    "https://app.example.com.evil.example.net",
    "https://evil-app.example.com",
    "https://evilapp.example.com",
    "https://sub.app.example.com",
    "https://app.example.com:8443",
    "https://app.example.com/",
    "https://app.example.com@evil.example.net",
    "https://app.example.com https://evil.example.net",
    "HTTPS://APP.EXAMPLE.COM",
    "app.example.com",
    "*",
];

fn with_credentials() -> TestServer {
    let settings = format!(
        "auth: {{password: {{bcrypt_cost: 4}}, rate_limit: {{login: off, register: off}}}}\n\
         server: {{cors: {{origins: [\"{APP}\", \"http://localhost:5173\"], credentials: true}}}}\n"
    );
    TestServer::with_schema(USERS).config(&settings).start()
}

fn preflight(client: &Client, origin: &str) -> alyx_testing::Response {
    let headers = [
        ("Origin", origin),
        ("Access-Control-Request-Method", "DELETE"),
        ("Access-Control-Request-Headers", "authorization, x-evil"),
    ];
    client.try_send_bytes("OPTIONS", "/api/auth/me", &headers, b"").expect("the server answers")
}

#[test]
fn ac44_only_the_very_origin_may_read_answers() {
    let server = with_credentials();
    for path in ["/api/auth/me", "/api/collections/users", "/api/nothing", "/api/auth/providers"] {
        for origin in [APP, "http://localhost:5173"] {
            let answer = server.client().with_header("Origin", origin).get(path);
            assert_eq!(answer.header("access-control-allow-origin"), Some(origin), "{path}");
            assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
        }
        for origin in NEARLY {
            let answer = server.client().with_header("Origin", origin).get(path);
            let named: Vec<_> = answer.headers.iter().filter(|(name, _)| name.starts_with("access-control")).collect();
            assert!(named.is_empty(), "{origin}: {named:?}");
            let vary: Vec<&str> =
                answer.headers.iter().filter(|(name, _)| name == "vary").map(|(_, value)| value.as_str()).collect();
            assert!(vary.iter().any(|value| value.to_lowercase().contains("origin")), "{origin}: {vary:?}");
        }
        let twice =
            server.client().with_header("Origin", APP).with_header("Origin", "https://evil.example.net").get(path);
        assert_ne!(twice.header("access-control-allow-origin"), Some("https://evil.example.net"));
    }
    assert_eq!(preflight(&server.client(), APP).header("access-control-allow-origin"), Some(APP));
    let allowed = preflight(&server.client(), APP);
    assert!(!allowed.header("access-control-allow-headers").unwrap_or_default().contains("x-evil"));
    for origin in NEARLY {
        let answer = preflight(&server.client(), origin);
        for name in ["origin", "credentials", "methods", "headers"] {
            assert_eq!(answer.header(&format!("access-control-allow-{name}")), None, "{origin}");
        }
    }
}

#[test]
fn ac44_where_any_origin_may_read_none_sends_credentials() {
    let server = server_with("").start();
    for origin in NEARLY.iter().chain([&APP]) {
        for answer in
            [server.client().with_header("Origin", origin).get("/api/auth/me"), preflight(&server.client(), origin)]
        {
            assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{origin}");
            assert_eq!(answer.header("access-control-allow-credentials"), None, "{origin}");
        }
    }
    let settings = "server: {cors: {origins: [\"*\"], credentials: true}}\n";
    let output = TestServer::with_schema(USERS).config(settings).command().output().expect("the server can be run");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("alyx.yaml:1:"));
}

#[test]
fn ac44_no_cookie_is_a_session_and_none_is_set() {
    let server = with_credentials();
    let anna = Person::register(&server, "anna");
    let names = [
        "token",
        "access_token",
        "session",
        "sid",
        "alyx",
        "alyx_session",
        "alyx_token",
        "Authorization",
        "refresh_token",
        "__Host-alyx",
    ];
    let cookies: Vec<String> = names
        .iter()
        .flat_map(|name| {
            [
                format!("{name}={}", anna.access),
                format!("{name}=Bearer {}", anna.access),
                format!("{name}={}", anna.refresh),
            ]
        })
        .collect();
    let path = format!("/api/collections/users/{}", anna.id);
    for cookie in [cookies.join("; ")].iter().chain(&cookies) {
        let client = server.client().with_header("Cookie", cookie).with_header("Origin", APP);
        for (method, path, body, status) in [
            ("GET", "/api/auth/me", None, 401),
            ("GET", "/api/auth/sessions", None, 401),
            ("DELETE", "/api/auth/sessions", None, 401),
            ("DELETE", "/api/auth/me", Some(json!({"password": PASSWORD})), 401),
            (
                "POST",
                "/api/auth/change-password",
                Some(json!({"current_password": PASSWORD, "new_password": "another password"})),
                401,
            ),
            ("POST", "/api/auth/refresh", Some(json!({})), 400),
            ("POST", "/api/auth/logout", Some(json!({})), 400),
            ("PATCH", &path, Some(json!({"name": "eve"})), 401),
            ("DELETE", &path, None, 401),
            ("GET", "/api/admin/users", None, 401),
        ] {
            let answer = client.send(method, path, body.as_ref());
            assert_eq!(answer.status, status, "{method} {path} with {cookie}: {}", answer.text());
            assert_eq!(answer.header("set-cookie"), None);
        }
    }
    for answer in [login(&server.client(), &anna.email, PASSWORD), anna.refreshed(&server), anna.me(&server)] {
        assert_eq!((answer.status, answer.header("set-cookie")), (200, None));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[test]
fn ac44_a_form_of_another_site_is_no_call() {
    let server = with_credentials();
    let anna = Person::register(&server, "anna");
    let body = json!({"email": anna.email, "password": PASSWORD}).to_string();
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain; a=application/json",
    ] {
        for path in
            ["/api/auth/login", "/api/auth/register", "/api/auth/request-password-reset", "/api/collections/users"]
        {
            let client = server.admin().with_header("Origin", "https://evil.example.net");
            let sent = client.try_send_bytes("POST", path, &[("Content-Type", content_type)], body.as_bytes());
            let answer = sent.expect("the server answers");
            assert_eq!(
                (answer.status, answer.error_code().as_str()),
                (400, "UNSUPPORTED_MEDIA_TYPE"),
                "{path} as {content_type}"
            );
        }
    }
    // What a link or a picture can ask changes nothing.
    let client = anna.client(&server);
    for path in [
        "logout",
        "refresh",
        "register",
        "login",
        "confirm-verification",
        "confirm-email-change",
        "confirm-password-reset",
        "change-password",
    ] {
        client.get(&format!("/api/auth/{path}?token=x")).expect_status(405);
    }
    anna.me(&server).expect_status(200);
}

#[test]
fn ac44_pages_are_not_framed_and_run_no_script_of_others() {
    let server = with_credentials();
    for path in ["/_admin", "/_auth/set-up", "/_auth/reset-password", "/_auth/verify-email", "/_auth/change-email"] {
        let page = server.get(path).expect_status(200);
        let policy = page.header("content-security-policy").unwrap_or_default().to_owned();
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe-inline"), "{path}: {policy}");
        assert!(policy.contains("default-src 'none'") || policy.contains("default-src 'self'"), "{path}: {policy}");
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"), "{path}");
        // The code stands behind `#`, and no other site is told where the visitor came from.
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"), "{path}");
    }
}

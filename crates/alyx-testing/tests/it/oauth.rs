//! Providers without OpenID Connect, in the shapes of GitHub and Discord.

use alyx_testing::{Browser, Endpoint, Lie, OAuthProvider, Person, Request, Response, Value, json};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::digest;

use crate::relying_party::{REDIRECT, VERIFIER, get, post_form};

const GITHUB: Paths = ("/login/oauth/authorize", "/login/oauth/access_token", "/user");
const DISCORD: Paths = ("/oauth2/authorize", "/api/oauth2/token", "/api/users/@me");

/// Where the person, the client and the API's reader go.
type Paths = (&'static str, &'static str, &'static str);

/// Sends the person there and back; the address bar at the end.
fn came_back(provider: &OAuthProvider, paths: Paths, scope: &str) -> Browser {
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, VERIFIER.as_bytes()));
    let parameters = [
        ("response_type", "code"),
        ("client_id", provider.client_id()),
        ("redirect_uri", REDIRECT),
        ("scope", scope),
        ("state", "a-state-of-one-sign-in"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let url = url::Url::parse_with_params(&format!("{}{}", provider.origin(), paths.0), parameters).unwrap();
    let mut browser = Browser::new().stopping_at(REDIRECT);
    browser.open(url.as_str()).expect_status(302);
    browser
}

fn exchange(provider: &OAuthProvider, paths: Paths, code: &str) -> Response {
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
        ("client_id", provider.client_id()),
        ("client_secret", provider.client_secret()),
    ];
    post_form(&format!("{}{}", provider.origin(), paths.1), &fields.map(|(name, value)| (name, value.to_owned())), None)
}

/// The bearer header of somebody who has agreed to these scopes.
fn bearer(provider: &OAuthProvider, paths: Paths, scope: &str) -> String {
    let code = came_back(provider, paths, scope).parameter("code").unwrap();
    let tokens = exchange(provider, paths, &code).expect_status(200).json();
    format!("Bearer {}", tokens["access_token"].as_str().unwrap())
}

fn page(provider: &OAuthProvider, path: &str, bearer: &str) -> Response {
    get(&format!("{}{path}", provider.origin()), Some(bearer))
}

#[test]
fn github_tells_addresses_on_a_page_of_their_own() {
    let provider = OAuthProvider::github();
    let person = Person::new("583231", "octo@example.com").with_other_email("old@example.com", false);
    provider.set_person(person.with_profile("Octo", "https://e.org/o.png"));
    let bearer = bearer(&provider, GITHUB, "read:user user:email");
    let user = page(&provider, "/user", &bearer).json();
    assert_eq!((&user["id"], &user["name"], &user["email"]), (&json!(583_231), &json!("Octo"), &Value::Null));
    let emails = page(&provider, "/user/emails", &bearer).json();
    let told: Vec<_> =
        emails.as_array().unwrap().iter().map(|e| [&e["email"], &e["primary"], &e["verified"]]).collect();
    let text = [json!("old@example.com"), json!("octo@example.com")];
    assert_eq!(told, [[&text[0], &json!(false), &json!(false)], [&text[1], &json!(true), &json!(true)]]);
    assert_eq!(provider.complaints(), [""; 0]);
}

#[test]
fn github_hides_addresses_without_the_scope_and_wants_a_name() {
    let provider = OAuthProvider::github();
    let bearer = bearer(&provider, GITHUB, "read:user");
    page(&provider, "/user/emails", &bearer).expect_status(404);
    page(&provider, "/user", "Bearer guessed").expect_status(401);
    let address = provider.origin().strip_prefix("http://").unwrap().parse().unwrap();
    let client = alyx_testing::Client::new(address).with_header("Authorization", &bearer);
    client.get("/user").expect_status(403);
    client.with_header("User-Agent", "alyx").get("/user").expect_status(200);
}

#[test]
fn github_calls_an_error_200() {
    let provider = OAuthProvider::github();
    let code = came_back(&provider, GITHUB, "user:email").parameter("code").unwrap();
    assert!(exchange(&provider, GITHUB, &code).json()["access_token"].is_string());
    let again = exchange(&provider, GITHUB, &code).expect_status(200).json();
    assert_eq!((&again["error"], again.get("access_token")), (&json!("bad_verification_code"), None));
    assert_eq!(provider.complaints(), ["/login/oauth/access_token: the code was used before"]);
}

#[test]
fn github_answers_in_a_form_unless_asked_for_json() {
    let provider = OAuthProvider::github();
    let address = provider.origin().strip_prefix("http://").unwrap().parse().unwrap();
    let kind = [("Content-Type", "application/x-www-form-urlencoded")];
    let client = alyx_testing::Client::new(address);
    let answer = client.try_send_bytes("POST", GITHUB.1, &kind, b"client_id=x&client_secret=y").unwrap();
    assert!(answer.text().starts_with("error=incorrect_client_credentials&"), "{}", answer.text());
}

#[test]
fn discord_tells_the_address_where_the_scope_was_given() {
    let provider = OAuthProvider::discord();
    provider.set_person(Person::new("80351110224678912", "nelly@example.com"));
    let me = |scope| page(&provider, DISCORD.2, &bearer(&provider, DISCORD, scope));
    let told = me("identify email").json();
    assert_eq!((&told["id"], &told["email"]), (&json!("80351110224678912"), &json!("nelly@example.com")));
    assert_eq!(told["verified"], true);
    assert_eq!(me("identify").json().get("email"), None);
    me("email").expect_status(401);
}

#[test]
fn what_both_are_asked_is_remembered() {
    for (provider, paths) in [(OAuthProvider::github(), GITHUB), (OAuthProvider::discord(), DISCORD)] {
        bearer(&provider, paths, "identify user:email");
        let asked =
            |path, name: &str| provider.requests_to(path).first().and_then(|request: &Request| request.parameter(name));
        assert_eq!(asked(paths.0, "code_challenge_method").as_deref(), Some("S256"));
        assert_eq!(asked(paths.0, "client_secret"), None);
        assert_eq!(provider.requests_to(paths.1)[0].field("client_secret").as_deref(), Some(provider.client_secret()));
    }
}

#[test]
fn both_lie_about_what_needs_no_openid() {
    for (make, paths) in [(OAuthProvider::github as fn() -> OAuthProvider, GITHUB), (OAuthProvider::discord, DISCORD)] {
        // What does not end is the same code as with OpenID Connect, and tested there.
        let ends = |lie: &Lie| !matches!(lie, Lie::Endless(_) | Lie::Hangs(_) | Lie::Trickles(_));
        for lie in Lie::all().into_iter().filter(|lie| !lie.needs_openid() && ends(lie)) {
            let provider = make();
            assert!(is_told(&provider, paths, lie), "{lie:?} at {}", paths.0);
        }
    }
}

/// Whether the provider does what the lie says.
fn is_told(provider: &OAuthProvider, paths: Paths, lie: Lie) -> bool {
    let scope = "identify email user:email";
    let honest = came_back(provider, paths, scope).parameter("code").unwrap();
    provider.lie(lie);
    let bar = || came_back(provider, paths, scope);
    match lie {
        Lie::WrongState => bar().parameter("state").is_some_and(|state| state != "a-state-of-one-sign-in"),
        Lie::MissingState => bar().parameter("state").is_none(),
        Lie::MissingCode => bar().parameter("code").is_none(),
        Lie::AccessDenied => bar().parameter("error").as_deref() == Some("access_denied"),
        Lie::CodeAnsweredTwice => [(); 2].iter().all(|()| is_granted(&exchange(provider, paths, &honest))),
        Lie::EmailNotVerified => emails(provider, paths).contains("alice@") && !has_verified(provider, paths),
        Lie::EmailOfSomebodyElse => emails(provider, paths).contains(Lie::VICTIM) && !has_verified(provider, paths),
        Lie::NoEmail => !emails(provider, paths).contains('@'),
        Lie::RedirectsTheSecret => exchange(provider, paths, &honest).status == 307,
        _ => is_troubled(provider, paths, lie, &honest),
    }
}

fn is_troubled(provider: &OAuthProvider, paths: Paths, lie: Lie, code: &str) -> bool {
    let token = exchange(provider, paths, code);
    let answer = match lie {
        Lie::Refuses(Endpoint::Token) | Lie::Redirects(Endpoint::Token) => token,
        Lie::NotJson(Endpoint::Token) | Lie::HtmlPage(Endpoint::Token) => token,
        _ => {
            let bearer = format!("Bearer {}", token.json()["access_token"].as_str().unwrap());
            page(provider, paths.2, &bearer)
        }
    };
    match lie {
        Lie::Refuses(_) => answer.status >= 400 && answer.json()["error"].is_string(),
        Lie::Redirects(_) => answer.status == 302,
        Lie::NotJson(_) => serde_json::from_slice::<Value>(&answer.body).is_err(),
        _ => answer.status == 502 && answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html")),
    }
}

fn is_granted(answer: &Response) -> bool {
    answer.status == 200 && answer.json()["access_token"].is_string()
}

/// What the API says of addresses.
fn emails(provider: &OAuthProvider, paths: Paths) -> String {
    let bearer = bearer(provider, paths, "identify email user:email");
    let path = if paths == GITHUB { "/user/emails" } else { paths.2 };
    page(provider, path, &bearer).expect_status(200).text()
}

fn has_verified(provider: &OAuthProvider, paths: Paths) -> bool {
    emails(provider, paths).contains(r#""verified":true"#)
}

//! The page to which the browser is sent: it asks nobody and sends the browser straight back.

use url::Url;

use super::{CLIENT_ID, Desk, Grant, Lie, desk::random_text};
use crate::{Request, loopback::Reply};

/// What a kind of provider wants to know of the browser's request, and does with it.
#[derive(Debug)]
pub(crate) struct Terms {
    /// Whether a nonce and the scope `openid` must be there.
    pub(crate) is_openid: bool,
    /// The `iss` that the browser carries back (RFC 9207), where that is promised.
    pub(crate) issuer: Option<String>,
    /// What stands between scopes.
    pub(crate) scope_separators: &'static [char],
}

/// Sends the browser back with a code, or shows an error page where the client has asked wrongly.
pub(crate) fn authorize(desk: &Desk, request: &Request, terms: &Terms) -> Reply {
    let faults = faults(desk, request, terms);
    if !faults.is_empty() {
        let items: Vec<String> =
            faults.into_iter().map(|fault| desk.complain(format!("{}: {fault}", request.path()))).collect();
        return Reply::html(400, &format!("<h1>The application has made a mistake</h1>{}", items.join("<br>")));
    }
    let ask = |name: &str| request.parameter(name).unwrap_or_default();
    let grant = Grant {
        redirect: ask("redirect_uri"),
        challenge: ask("code_challenge"),
        nonce: request.parameter("nonce"),
        scopes: ask("scope").split(terms.scope_separators).map(str::to_owned).collect(),
        person: desk.person(),
        uses: 0,
    };
    let redirect = grant.redirect.clone();
    let answer = answer(desk, grant, &ask("state"), terms);
    match request.parameter("response_mode").as_deref() {
        Some("form_post") => form(desk, &redirect, answer),
        _ => Reply::redirect(302, &with_parameters(&redirect, &answer)),
    }
}

/// Everything that is wrong with a browser's request.
fn faults(desk: &Desk, request: &Request, terms: &Terms) -> Vec<String> {
    let ask = |name: &str| request.parameter(name).unwrap_or_default();
    let redirect = ask("redirect_uri");
    let scope = ask("scope");
    let mode = request.parameter("response_mode");
    let checks = [
        (request.method == "GET", "this is opened with GET"),
        (ask("client_id") == CLIENT_ID, "the client is not known"),
        (ask("response_type") == "code", "response_type must be code"),
        (Url::parse(&redirect).is_ok_and(|url| url.fragment().is_none()), "redirect_uri is no address"),
        (desk.may_redirect_to(&redirect), "redirect_uri is not registered"),
        (ask("code_challenge_method") == "S256", "code_challenge_method must be S256"),
        (ask("code_challenge").len() == 43, "code_challenge is no SHA-256"),
        (ask("state").len() >= 16, "state is missing or can be guessed"),
        (!scope.is_empty(), "scope is missing"),
        (!terms.is_openid || scope.split(' ').any(|scope| scope == "openid"), "scope lacks openid"),
        (!terms.is_openid || ask("nonce").len() >= 16, "nonce is missing or can be guessed"),
        (matches!(mode.as_deref(), None | Some("query" | "form_post")), "response_mode is not known"),
        (request.parameter("client_secret").is_none(), "a secret stands in the address"),
        (request.parameter("code_verifier").is_none(), "the verifier stands in the address"),
    ];
    checks.into_iter().filter(|(holds, _)| !holds).map(|(_, fault)| fault.to_owned()).collect()
}

/// What the browser carries back.
fn answer(desk: &Desk, grant: Grant, state: &str, terms: &Terms) -> Vec<(&'static str, String)> {
    let mut answer = Vec::new();
    if desk.tells(Lie::AccessDenied) {
        answer.push(("error", "access_denied".to_owned()));
        answer.push(("error_description", "<script>alert(1)</script>\r\nSet-Cookie: stolen=1".to_owned()));
    } else if !desk.tells(Lie::MissingCode) {
        answer.push(("code", desk.issue_code(grant)));
    }
    match desk.lie() {
        Some(Lie::MissingState) => {}
        Some(Lie::WrongState) => answer.push(("state", random_text())),
        _ => answer.push(("state", state.to_owned())),
    }
    let issuer = match desk.lie() {
        Some(Lie::AnotherIssuerInCallback) => Some("https://accounts.example.com".to_owned()),
        Some(Lie::MissingIssuerInCallback) => None,
        _ => terms.issuer.clone(),
    };
    answer.extend(issuer.map(|issuer| ("iss", issuer)));
    answer
}

fn with_parameters(redirect: &str, answer: &[(&str, String)]) -> String {
    let mut url = Url::parse(redirect).expect("it was parsed before");
    url.query_pairs_mut().extend_pairs(answer);
    url.into()
}

/// A page that posts itself to the client (OAuth 2.0 Form Post Response Mode), with the `user` that Apple adds.
fn form(desk: &Desk, redirect: &str, mut answer: Vec<(&'static str, String)>) -> Reply {
    let person = desk.person();
    let email = if desk.tells(Lie::AnotherEmailInForm) { Some(Lie::VICTIM.to_owned()) } else { person.email };
    answer.push(("user", serde_json::json!({"name": {"firstName": person.name}, "email": email}).to_string()));
    let inputs: Vec<String> = answer
        .iter()
        .map(|(name, value)| format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escape(value)))
        .collect();
    let page = format!(
        "<!doctype html><body onload=\"document.forms[0].submit()\"><form method=\"post\" action=\"{}\">{}</form>",
        escape(redirect),
        inputs.concat()
    );
    Reply::html(200, &page)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

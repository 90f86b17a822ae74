//! Sign-in with other providers: what apps ask for, and the two addresses that browsers pass through.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{COOKIE, HeaderValue, LOCATION, REFERRER_POLICY, SET_COOKIE},
};
use alyx_auth::{
    AccountDraft, Error as AuthError,
    oauth::{Callback, Offer, Start},
};
use serde_json::{Map, Value as Json, json};

use super::{AuthCall, invalid_code, signed_in};
use crate::{
    access::{Access, Caller, RequestFacts},
    error::{ApiError, Code, Detail, Result},
    query_string,
};

/// What an app may ask for when a sign-in begins.
const ASKED: [&str; 3] = ["redirect_to", "code_challenge", "code_challenge_method"];

/// `GET /api/auth/providers`
pub(super) fn providers(call: &AuthCall) -> Result<HttpResponse> {
    query_string::no_parameters(&call.request)?;
    let shown = |offer: Offer| json!({"name": offer.name, "title": offer.title, "url": offer.url});
    let offers: Vec<Json> = call.state.auth().providers().into_iter().map(shown).collect();
    Ok(HttpResponse::Ok().json(json!({ "providers": offers })))
}

/// `POST /api/auth/oauth/exchange`
pub(super) async fn exchange(mut call: AuthCall) -> Result<HttpResponse> {
    let mut fields = call.fields().await?;
    let (code, verifier) = (fields.secret("code"), fields.secret("code_verifier"));
    fields.finish()?;
    let (auth, store) = (call.state.auth(), call.served.store());
    let traded = auth.oauth_exchange(store, (code.expose(), verifier.expose()), &call.client).await;
    let words = "the code is wrong, was used already, is too old, or is another app's";
    Ok(signed_in(HttpResponse::Ok(), &traded.map_err(|error| invalid_code(error, words))?))
}

/// `GET /api/auth/oauth/{provider}`: sends the browser to the provider.
pub(super) async fn start(call: &AuthCall) -> HttpResponse {
    without_referrer(begin(call).await)
}

/// `GET /api/auth/oauth/{provider}/callback`: the browser is back, and goes on to the app.
pub(super) async fn callback(call: &AuthCall) -> HttpResponse {
    without_referrer(finish(call).await)
}

/// `POST /api/auth/oauth/{provider}/callback`: the same as a form of another site, to which the browser adds no cookie.
/// It is sent to the same address once more, this time by GET.
pub(super) async fn posted_back(call: AuthCall) -> HttpResponse {
    without_referrer(turn_round(call).await)
}

async fn begin(call: &AuthCall) -> Result<HttpResponse> {
    let asked = query_string::parameters(&call.request)?;
    let unknown = |(name, _): &&(String, String)| only(&asked, name).is_none() || !ASKED.contains(&name.as_str());
    let details: Vec<Detail> = asked.iter().filter(unknown).take(20).map(unknown_parameter).collect();
    if !details.is_empty() {
        return Err(ApiError::new(Code::InvalidQuery, "the query is not valid").with_details(details));
    }
    let [redirect_to, code_challenge, code_challenge_method] = ASKED.map(|name| only(&asked, name));
    let start = Start { redirect_to, code_challenge, code_challenge_method };
    let (auth, store) = (call.state.auth(), call.served.store());
    let started = auth.oauth_start(store, (provider(&call.request), start), cookies(&call.request), &call.client).await;
    let started = started.map_err(of_query)?;
    let mut answer = see_other(&started.location)?;
    answer.headers_mut().append(SET_COOKIE, header(&started.cookie)?);
    Ok(answer)
}

async fn finish(call: &AuthCall) -> Result<HttpResponse> {
    let brought = query_string::parameters(&call.request)?;
    let from = (cookies(&call.request), &call.client);
    let asked = (provider(&call.request), read(&brought));
    let page = call.state.auth().oauth_callback(call.served.store(), asked, from, judge(call)).await;
    see_other(&page.map_err(of_callback)?)
}

async fn turn_round(mut call: AuthCall) -> Result<HttpResponse> {
    let brought = call.form().await?;
    let again = call.state.auth().oauth_callback_again(provider(&call.request), read(&brought));
    see_other(&again.map_err(of_callback)?)
}

/// Judges an account by the create rule as if it registered: nobody is signed in, and what the provider sent along
/// in the address is not the person's to choose.
fn judge(call: &AuthCall) -> impl Fn(&mut AccountDraft, &Map<String, Json>) -> bool {
    move |draft, known| {
        let (options, now) = (call.state.options(), call.state.clock().now());
        let facts = RequestFacts::of(&call.request, &options.trusted_proxies, now, call.served.looks_at_headers());
        let access = Access::new(&call.served, &Caller::Anonymous, facts.of_registration(known.clone()));
        let Some((collection, document)) = draft.profile() else { return false };
        let guard = access.create_guard(collection, document);
        draft.judge(guard.whole());
        guard.check(&Caller::Anonymous).is_ok()
    }
}

/// What came back with the browser; what else a provider adds is not looked at.
fn read(brought: &[(String, String)]) -> Callback<'_> {
    let [state, code, error, issuer] = ["state", "code", "error", "iss"].map(|name| only(brought, name));
    Callback { state, code, error, issuer }
}

/// The value of a parameter that is there exactly once.
fn only<'p>(parameters: &'p [(String, String)], name: &str) -> Option<&'p str> {
    let mut values = parameters.iter().filter(|(own, _)| own == name).map(|(_, value)| value.as_str());
    values.next().filter(|_| values.next().is_none())
}

fn unknown_parameter((name, _): &(String, String)) -> Detail {
    Detail {
        field: name.chars().take(64).collect(),
        code: "UNKNOWN_PARAMETER".into(),
        message: "is no parameter of this call, or is given twice".to_owned(),
    }
}

/// The provider in the path: `/api/auth/oauth/{provider}`, and what follows.
fn provider(request: &HttpRequest) -> &str {
    request.path().split('/').nth(4).unwrap_or_default()
}

fn cookies(request: &HttpRequest) -> impl Iterator<Item = &str> {
    request.headers().get_all(COOKIE).filter_map(|value| value.to_str().ok())
}

fn see_other(location: &str) -> Result<HttpResponse> {
    Ok(HttpResponse::SeeOther().insert_header((LOCATION, header(location)?)).finish())
}

fn header(text: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(text).map_err(ApiError::internal)
}

/// The address has the code and the state in it, which are nobody else's business.
fn without_referrer(answer: Result<HttpResponse>) -> HttpResponse {
    let mut answer = answer.unwrap_or_else(HttpResponse::from_error);
    answer.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    answer
}

fn of_query(error: AuthError) -> ApiError {
    let is_of_query = matches!(error, AuthError::Invalid(_));
    let error = ApiError::from(error);
    if is_of_query { ApiError { code: Code::InvalidQuery, ..error } } else { error }
}

fn of_callback(error: AuthError) -> ApiError {
    invalid_code(error, "this browser did not begin the sign-in, finished it already, or took too long")
}

//! Signing in and out, and one's own account: one operation a file, and how a request finds its own.

mod account;
mod email;
mod fields;
mod login;
mod logout;
mod me;
mod oauth;
mod password;
mod refresh;
mod register;
mod sessions;
mod verification;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method,
        header::{CACHE_CONTROL, HeaderValue},
    },
    web::{Data, Payload},
};
use alyx_auth::Client;

pub(crate) use account::{account_json, signed_in};
pub(crate) use fields::Fields;

use crate::{
    AppState,
    access::{self, Caller},
    body,
    error::{ApiError, Result},
    query_string,
    routes::{self, Route},
    served::Served,
};

/// A request about accounts.
pub(crate) struct AuthCall {
    pub(crate) request: HttpRequest,
    pub(crate) state: Data<AppState>,
    pub(crate) served: Served,
    pub(crate) caller: Caller,
    pub(crate) client: Client,
    /// The body, until it is read.
    payload: Option<Payload>,
}

impl AuthCall {
    pub(crate) fn new(
        request: HttpRequest,
        state: Data<AppState>,
        caller: Result<Caller>,
        payload: Payload,
    ) -> Result<Self> {
        let client = access::client(&request, &state);
        Ok(Self { served: state.served(), caller: caller?, request, state, client, payload: Some(payload) })
    }

    /// The fields of the body; a call that takes a body takes no parameters.
    pub(crate) async fn fields(&mut self) -> Result<Fields> {
        query_string::no_parameters(&self.request)?;
        let payload = self.payload.take().ok_or_else(|| ApiError::internal("the body was read before"))?;
        Ok(Fields::new(body::json_object(&self.request, payload, self.state.options()).await?))
    }

    /// The fields of a form.
    async fn form(&mut self) -> Result<Vec<(String, String)>> {
        let payload = self.payload.take().ok_or_else(|| ApiError::internal("the body was read before"))?;
        body::form(&self.request, payload, self.state.options()).await
    }
}

/// Answers everything below `/api/auth`.
pub(crate) async fn dispatch(
    request: HttpRequest,
    state: Data<AppState>,
    caller: Result<Caller>,
    payload: Payload,
) -> Result<HttpResponse> {
    let (route, method) = (Route::of(request.path()), request.method().clone());
    let is_read = matches!(method, Method::GET | Method::HEAD);
    let call = move || AuthCall::new(request, state, caller, payload);
    let answer = match (route, &method) {
        (Route::Register, &Method::POST) => register::register(call()?).await,
        (Route::Login, &Method::POST) => login::login(call()?).await,
        (Route::Refresh, &Method::POST) => refresh::refresh(call()?).await,
        (Route::Logout, &Method::POST) => logout::logout(call()?).await,
        (Route::Me, _) if is_read => me::me(&call()?),
        (Route::Me, &Method::DELETE) => me::delete(call()?).await,
        (Route::Sessions, _) if is_read => sessions::list(&call()?).await,
        (Route::Sessions, &Method::DELETE) => sessions::end_all(&call()?).await,
        (Route::Session, &Method::DELETE) => sessions::end(&call()?).await,
        (Route::ChangePassword, &Method::POST) => password::change(call()?).await,
        (Route::RequestPasswordReset, &Method::POST) => password::request_reset(call()?).await,
        (Route::ConfirmPasswordReset, &Method::POST) => password::confirm_reset(call()?).await,
        (Route::RequestVerification, &Method::POST) => verification::request(call()?).await,
        (Route::ConfirmVerification, &Method::POST) => verification::confirm(call()?).await,
        (Route::ChangeEmail, &Method::POST) => email::request_change(call()?).await,
        (Route::ConfirmEmailChange, &Method::POST) => email::confirm_change(call()?).await,
        (Route::Providers, _) if is_read => oauth::providers(&call()?),
        (Route::OAuthExchange, &Method::POST) => oauth::exchange(call()?).await,
        (Route::OAuthStart, _) if is_read => Ok(oauth::start(&call()?).await),
        (Route::OAuthCallback, _) if is_read => Ok(oauth::callback(&call()?).await),
        (Route::OAuthCallback, &Method::POST) => Ok(oauth::posted_back(call()?).await),
        (Route::Unknown, _) => return Ok(routes::unknown_path().await),
        (route, method) => return Ok(routes::other_method(method, route.methods())),
    };
    // What proves who somebody is must not stay in a cache.
    answer.map(|mut answer| {
        answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        answer
    })
}

/// `GET /.well-known/jwks.json` (RFC 7517)
pub(crate) async fn jwks(state: Data<AppState>) -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=300")).json(state.auth().public_keys())
}

/// The answer to what is done in the background, whether there is anything to do or not.
fn accepted() -> HttpResponse {
    HttpResponse::Accepted().finish()
}

fn done() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

/// The account's own errors speak of tokens; here it is what a link carried.
pub(crate) fn of_link(error: alyx_auth::Error) -> ApiError {
    invalid_code(error, "the link is wrong, was used already, or is too old")
}

/// The same for whatever else is good for one use, in these words.
fn invalid_code(error: alyx_auth::Error, words: &'static str) -> ApiError {
    use alyx_auth::Error::{InvalidToken, TokenExpired, UnknownAccount};
    match error {
        InvalidToken { .. } | TokenExpired | UnknownAccount => ApiError::new(crate::Code::InvalidCode, words),
        other => other.into(),
    }
}

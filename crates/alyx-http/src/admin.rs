//! What administrators do: accounts, deploy tokens, and a look at everything. One resource a file.

mod audit;
mod functions;
mod server;
mod set_up;
mod tokens;
mod users;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method,
        header::{CACHE_CONTROL, HeaderValue},
    },
    web::{Data, Payload},
};

use crate::{
    AppState,
    access::Caller,
    auth::AuthCall,
    error::{ApiError, Code, Detail, Result},
    query_string,
    routes::{self, Route},
};

/// Answers everything below `/api/admin`.
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
        (Route::AdminUsers, _) if is_read => users::list(&call()?).await,
        (Route::AdminUsers, &Method::POST) => users::create(call()?).await,
        (Route::AdminUser, _) if is_read => users::get(&call()?).await,
        (Route::AdminUser, &Method::PATCH) => users::update(call()?).await,
        (Route::AdminUser, &Method::DELETE) => users::delete(&call()?).await,
        (Route::AdminTokens, _) if is_read => tokens::list(&call()?).await,
        (Route::AdminTokens, &Method::POST) => tokens::create(call()?).await,
        (Route::AdminToken, &Method::DELETE) => tokens::revoke(&call()?).await,
        (Route::AdminSchema, _) if is_read => server::schema(&call()?).await,
        (Route::AdminMigrations, _) if is_read => server::migrations(&call()?).await,
        (Route::AdminStats, _) if is_read => server::stats(&call()?).await,
        (Route::AdminConfig, _) if is_read => server::config(&call()?),
        (Route::AdminAudit, _) if is_read => audit::list(&call()?).await,
        (Route::AdminFunctions, _) if is_read => functions::list(&call()?).await,
        (Route::AdminExecutions, _) if is_read => functions::executions(&call()?).await,
        (Route::AdminSetup, &Method::POST) => set_up::set_up(call()?).await,
        (Route::Unknown, _) => return Ok(routes::unknown_path().await),
        (route, method) => return Ok(routes::other_method(method, route.methods())),
    };
    answer.map(|mut answer| {
        answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        answer
    })
}

/// No list is so long that anybody would ask for what lies behind this.
const FARTHEST: u32 = 1_000_000_000;
/// Largest page of a list.
const MOST: u32 = 1000;
const BY_DEFAULT: u32 = 100;

/// The parameters of a list, taken out one by one.
struct Parameters {
    left: Vec<(String, String)>,
    details: Vec<Detail>,
}

impl Parameters {
    fn of(call: &AuthCall) -> Result<Self> {
        Ok(Self { left: query_string::parameters(&call.request)?, details: Vec::new() })
    }

    fn text(&mut self, name: &'static str) -> Option<String> {
        let place = self.left.iter().position(|(known, _)| known == name)?;
        Some(self.left.swap_remove(place).1)
    }

    fn number<N: std::str::FromStr + PartialOrd + std::fmt::Display>(
        &mut self,
        name: &'static str,
        (least, most): (N, N),
    ) -> Option<N> {
        let text = self.text(name)?;
        let number = text.parse().ok().filter(|number| *number >= least && *number <= most);
        if number.is_none() {
            self.refuse(name, "INVALID_VALUE", format!("must be a whole number from {least} to {most}"));
        }
        number
    }

    fn flag(&mut self, name: &'static str) -> Option<bool> {
        let text = self.text(name)?;
        let flag = text.parse().ok();
        if flag.is_none() {
            self.refuse(name, "INVALID_VALUE", "must be true or false".to_owned());
        }
        flag
    }

    fn limit(&mut self) -> u32 {
        self.number("limit", (1, MOST)).unwrap_or(BY_DEFAULT)
    }

    fn offset(&mut self) -> u32 {
        self.number("offset", (0, FARTHEST)).unwrap_or_default()
    }

    fn refuse(&mut self, name: &str, code: &'static str, message: String) {
        self.details.push(Detail { field: name.to_owned(), code: code.into(), message });
    }

    /// Refuses with everything that was wrong, parameters that nobody asked for included.
    fn finish(mut self) -> Result<()> {
        for (name, _) in std::mem::take(&mut self.left).into_iter().take(20) {
            let shown: String = name.chars().take(64).collect();
            self.refuse(&shown, "UNKNOWN_PARAMETER", "is no parameter of this call, or is given twice".to_owned());
        }
        if self.details.is_empty() {
            return Ok(());
        }
        Err(ApiError::new(Code::InvalidQuery, "the query is not valid").with_details(self.details))
    }
}

//! The documents of a collection: one operation a file, and how a request finds its own.

mod create;
mod delete;
mod get;
mod list;
pub(crate) mod operation;
mod update;
mod upsert;

use std::{sync::Arc, time::Instant};

use actix_web::{
    HttpRequest, HttpResponse,
    http::Method,
    web::{Data, Payload},
};
use alyx_query::{ErrorCode, QueryError};
use alyx_schema::{Collection, FieldFault, Value};
use alyx_store::Store;

use crate::{
    AppState,
    access::{Access, Caller, RequestFacts, denied},
    error::{ApiError, Code, Result},
    query_string,
    routes::{self, Route},
    served::Served,
    transactions::Inside,
};

/// A request about documents.
struct Call {
    request: HttpRequest,
    state: Data<AppState>,
    served: Served,
    caller: Caller,
    /// The transaction that it is part of.
    inside: Option<Inside>,
}

/// Answers everything below `/api/collections`.
///
/// Told apart by hand: the router would match by regular expression, which costs more than all else here.
pub(crate) async fn dispatch(
    request: HttpRequest,
    state: Data<AppState>,
    caller: Result<Caller>,
    payload: Payload,
) -> Result<HttpResponse> {
    let (route, method) = (Route::below_collections(request.match_info().unprocessed()), request.method().clone());
    let call = async move || Call::new(request, state, caller?).await;
    match (route, method) {
        (Route::Collection, Method::GET | Method::HEAD) => list::list(&call().await?).await,
        (Route::Collection, Method::POST) => create::create(&call().await?, payload).await,
        (Route::Document, Method::GET | Method::HEAD | Method::PATCH | Method::DELETE) => {
            document(&call().await?, payload).await
        }
        (Route::Unknown, _) => Ok(routes::unknown_path().await),
        (route, method) => Ok(routes::other_method(&method, route.methods())),
    }
}

/// Answers what is asked of one document.
async fn document(call: &Call, payload: Payload) -> Result<HttpResponse> {
    let came = Instant::now();
    let answer = match *call.request.method() {
        Method::PATCH => update::update(call, payload).await,
        Method::DELETE => delete::delete(call).await,
        _ => get::get(call).await,
    };
    // It may be that there is none, or that this caller must not know of it.
    if !call.caller.is_admin() && answer.as_ref().is_err_and(|error| error.code == Code::NotFound) {
        call.state.auth().pace(came).await;
    }
    answer
}

impl Call {
    async fn new(request: HttpRequest, state: Data<AppState>, caller: Caller) -> Result<Self> {
        let inside = Inside::of(&request, &state, &caller).await?;
        let served = inside.as_ref().map_or_else(|| state.served(), |inside| inside.served().clone());
        Ok(Self { request, state, served, caller, inside })
    }

    /// What the rules leave for the caller.
    fn access(&self) -> Access<'_> {
        Access::new(&self.served, &self.caller, self.facts())
    }

    /// Where its operation happens.
    fn scope(&self) -> operation::Scope<'_> {
        let (state, served, store, caller) = (&self.state, &self.served, self.store(), &self.caller);
        operation::Scope { state, served, store, caller, facts: self.facts() }
    }

    fn facts(&self) -> RequestFacts {
        let (options, now) = (self.state.options(), self.state.clock().now());
        RequestFacts::of(&self.request, &options.trusted_proxies, now, self.served.looks_at_headers())
    }

    fn store(&self) -> &Store {
        self.inside.as_ref().map_or_else(|| self.served.store(), Inside::store)
    }

    /// The collection that the path names.
    fn collection(&self) -> Result<&Arc<Collection>> {
        let rest = self.request.match_info().unprocessed();
        let name = rest.split('/').nth(1).unwrap_or_default();
        self.served.schema().collection(name).ok_or_else(|| no_collection(Code::NotFound, name))
    }

    /// The primary key that the path names; text that can be no key names no document.
    fn id(&self, collection: &Collection) -> Result<Value> {
        let text = query_string::last_segment(&self.request)?;
        Value::from_text(collection.primary_field(), &text).map_err(|_| no_document())
    }
}

/// Nothing but what the client wrote: which collections there are is nobody's business.
pub(crate) fn no_collection(code: Code, name: &str) -> ApiError {
    let shown: String = name.chars().take(63).collect();
    ApiError::new(code, format!("there is no collection {shown:?}"))
}

pub(crate) fn no_document() -> ApiError {
    ApiError::new(Code::NotFound, "there is no such document")
}

/// Faults of a query that the caller would be spared with other rights.
pub(crate) fn unreadable(caller: &Caller, faults: Vec<QueryError>) -> ApiError {
    debug_assert!(
        faults.iter().all(|fault| fault.code == ErrorCode::FieldNotReadable),
        "nothing else is checked there"
    );
    let first = faults.first().map(ToString::to_string).unwrap_or_default();
    let error = denied(caller).with_details(faults.into_iter().map(Into::into).collect());
    match caller {
        Caller::Anonymous => error,
        _ => ApiError { message: first.into(), ..error },
    }
}

/// All faults of a query as one error.
pub(crate) fn invalid_query(faults: Vec<QueryError>) -> ApiError {
    let message = match faults.as_slice() {
        [only] => only.to_string(),
        several => format!("the query has {} faults", several.len()),
    };
    ApiError::new(Code::InvalidQuery, message).with_details(faults.into_iter().map(Into::into).collect())
}

/// All faults of a body as one error.
pub(crate) fn invalid_document(faults: Vec<FieldFault>) -> ApiError {
    let message = match faults.as_slice() {
        [only] => only.to_string(),
        several => format!("{} fields are not valid", several.len()),
    };
    ApiError::new(Code::ValidationError, message).with_details(faults.into_iter().map(Into::into).collect())
}

//! The documents of a collection: one operation a file, and how a request finds its own.

mod create;
mod delete;
mod get;
mod list;
mod update;

use std::{sync::Arc, time::Instant};

use actix_web::{
    HttpRequest, HttpResponse,
    http::Method,
    web::{Data, Payload},
};
use alyx_query::QueryError;
use alyx_schema::{Collection, FieldFault, Value};

use alyx_query::{ErrorCode, Visible};

use crate::{
    AppState,
    access::{Access, Caller, Guard, RequestFacts, denied},
    error::{ApiError, Code, Result},
    query_string,
    routes::{self, Route},
    served::Served,
};

/// A request about documents.
struct Call {
    request: HttpRequest,
    state: Data<AppState>,
    served: Served,
    caller: Caller,
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
    let call = move || {
        let served = state.served();
        Ok::<_, ApiError>(Call { request, state, served, caller: caller? })
    };
    match (route, method) {
        (Route::Collection, Method::GET | Method::HEAD) => list::list(&call()?).await,
        (Route::Collection, Method::POST) => create::create(&call()?, payload).await,
        (Route::Document, Method::GET | Method::HEAD | Method::PATCH | Method::DELETE) => {
            document(&call()?, payload).await
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
    /// What the rules leave for the caller.
    fn access(&self) -> Access<'_> {
        let (options, now) = (self.state.options(), self.state.clock().now());
        let facts = RequestFacts::of(&self.request, &options.trusted_proxies, now, self.served.looks_at_headers());
        Access::new(&self.served, &self.caller, facts)
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

/// Why a guarded write to a document found nothing to write: it is not there or not readable, or the
/// guard does not let it through.
async fn refused(
    call: &Call,
    (collection, id): (&Arc<Collection>, &Value),
    guard: &Guard,
    access: &Access<'_>,
) -> Result<ApiError> {
    let readable = access.readable(collection);
    let predicates = [vec![&*readable], guard.parts()].concat();
    let Some(holds) = call.served.store().judge(collection, id, &predicates).await? else { return Ok(no_document()) };
    match holds.as_slice() {
        [true, true, fields @ ..] => {
            let mut fields = fields.iter();
            let fault = guard.refuse(&call.caller, |_| fields.next() == Some(&false));
            Ok(fault.err().unwrap_or_else(no_document))
        }
        [true, ..] => Ok(denied(&call.caller)),
        _ => Ok(no_document()),
    }
}

/// Nothing but what the client wrote: which collections there are is nobody's business.
pub(crate) fn no_collection(code: Code, name: &str) -> ApiError {
    let shown: String = name.chars().take(63).collect();
    ApiError::new(code, format!("there is no collection {shown:?}"))
}

fn no_document() -> ApiError {
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

//! The documents of a collection: one operation a file, and how a request finds its own.

mod create;
mod delete;
mod get;
mod list;
mod update;

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::Method,
    web::{Data, Payload},
};
use alyx_query::QueryError;
use alyx_schema::{Collection, FieldFault, Schema, Value};

use crate::{
    AppState,
    access::Caller,
    error::{ApiError, Code, Result},
    query_string,
    routes::{self, Route},
};

/// A request about documents.
struct Call {
    request: HttpRequest,
    state: Data<AppState>,
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
    let call = move || Ok::<_, ApiError>(Call { request, state, caller: caller? });
    match (route, method) {
        (Route::Collection, Method::GET | Method::HEAD) => list::list(&call()?).await,
        (Route::Collection, Method::POST) => create::create(&call()?, payload).await,
        (Route::Document, Method::GET | Method::HEAD) => get::get(&call()?).await,
        (Route::Document, Method::PATCH) => update::update(&call()?, payload).await,
        (Route::Document, Method::DELETE) => delete::delete(&call()?).await,
        (Route::Unknown, _) => Ok(routes::unknown_path().await),
        (route, method) => Ok(routes::other_method(&method, route.methods())),
    }
}

impl Call {
    /// The collection that the path names.
    fn collection<'a>(&self, schema: &'a Schema) -> Result<&'a Arc<Collection>> {
        let rest = self.request.match_info().unprocessed();
        let name = rest.split('/').nth(1).unwrap_or_default();
        schema.collection(name).ok_or_else(|| {
            // Nothing but what the client wrote: which collections there are is nobody's business.
            let shown: String = name.chars().take(63).collect();
            ApiError::new(Code::NotFound, format!("there is no collection {shown:?}"))
        })
    }

    /// The primary key that the path names; text that can be no key names no document.
    fn id(&self, collection: &Collection) -> Result<Value> {
        let text = query_string::last_segment(&self.request)?;
        Value::from_text(collection.primary_field(), &text).map_err(|_| no_document())
    }
}

fn no_document() -> ApiError {
    ApiError::new(Code::NotFound, "there is no such document")
}

/// All faults of a query as one error.
fn invalid_query(faults: Vec<QueryError>) -> ApiError {
    let message = match faults.as_slice() {
        [only] => only.to_string(),
        several => format!("the query has {} faults", several.len()),
    };
    ApiError::new(Code::InvalidQuery, message).with_details(faults.into_iter().map(Into::into).collect())
}

/// All faults of a body as one error.
fn invalid_document(faults: Vec<FieldFault>) -> ApiError {
    let message = match faults.as_slice() {
        [only] => only.to_string(),
        several => format!("{} fields are not valid", several.len()),
    };
    ApiError::new(Code::ValidationError, message).with_details(faults.into_iter().map(Into::into).collect())
}

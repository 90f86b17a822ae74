//! Transactions over several calls, and batches: who has which open, and the calls about them.
//!
//! What a call inside of one does is in `collections`.

pub(crate) mod batch;
mod inside;
mod open;
pub(crate) mod operations;
mod owner;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, HeaderValue},
    web::Data,
};
use alyx_schema::clock::format_timestamp;
use serde_json::json;

pub(crate) use batch::batch;
pub(crate) use inside::Inside;
pub(crate) use open::Transactions;
pub(crate) use owner::Owner;

use crate::{
    AppState,
    access::{Caller, denied},
    error::{ApiError, Code, Result},
    query_string,
};

/// `POST /api/transactions`
pub(crate) async fn begin(request: HttpRequest, state: Data<AppState>, caller: Caller) -> Result<HttpResponse> {
    if !caller.is_client() && !caller.is_admin() {
        return Err(denied(&caller));
    }
    query_string::no_parameters(&request)?;
    let owner = Owner::of(&caller, &request, &state);
    let id = state.transactions().begin(&state, owner).await?;
    let expires_at = state.clock().now() + state.options().transactions.idle_timeout;
    let body = json!({"transaction_id": id, "expires_at": format_timestamp(expires_at)});
    Ok(HttpResponse::Created().insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store"))).json(body))
}

/// `POST /api/transactions/{id}/commit`
pub(crate) async fn commit(request: HttpRequest, state: Data<AppState>, caller: Caller) -> Result<HttpResponse> {
    query_string::no_parameters(&request)?;
    state.transactions().commit(named(&request), &Owner::of(&caller, &request, &state)).await?;
    Ok(HttpResponse::Ok().json(json!({"status": "committed"})))
}

/// `POST /api/transactions/{id}/rollback`
pub(crate) async fn roll_back(request: HttpRequest, state: Data<AppState>, caller: Caller) -> Result<HttpResponse> {
    query_string::no_parameters(&request)?;
    state.transactions().roll_back(named(&request), &Owner::of(&caller, &request, &state)).await?;
    Ok(HttpResponse::Ok().json(json!({"status": "rolled_back"})))
}

fn named(request: &HttpRequest) -> &str {
    request.match_info().get("id").unwrap_or_default()
}

fn no_transaction() -> ApiError {
    ApiError::new(Code::NotFound, "there is no such transaction")
}

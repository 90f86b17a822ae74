//! `GET /api/collections/{collection}/{id}`

use actix_web::{HttpRequest, HttpResponse, http::header::ContentType, web::Data};
use alyx_query::Projection;

use super::{id, invalid_query, named, no_document};
use crate::{
    AppState,
    access::{Caller, Operation},
    error::Result,
    query_string,
};

/// Answers with one document.
pub(crate) async fn get(request: HttpRequest, state: Data<AppState>, caller: Caller) -> Result<HttpResponse> {
    let store = state.store();
    let schema = store.schema();
    let collection = named(&schema, &request)?;
    caller.require(Operation::Read, collection)?;
    let projection = if request.query_string().is_empty() {
        Projection::default()
    } else {
        let parameters = query_string::parameters(&request)?;
        Projection::from_parameters(&schema, collection, &parameters).map_err(invalid_query)?
    };
    let found = store.get(collection, &id(collection, &request)?, &projection, &caller).await?;
    let json = found.ok_or_else(no_document)?;
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(json))
}

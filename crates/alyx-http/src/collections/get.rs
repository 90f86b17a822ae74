//! `GET /api/collections/{collection}/{id}`

use actix_web::{HttpResponse, http::header::ContentType};
use alyx_query::Projection;

use super::{Call, invalid_query, no_document};
use crate::{access::Operation, error::Result, query_string};

/// Answers with one document.
pub(super) async fn get(call: &Call) -> Result<HttpResponse> {
    let store = call.state.store();
    let schema = store.schema();
    let collection = call.collection(&schema)?;
    call.caller.require(Operation::Read, collection)?;
    let projection = if call.request.query_string().is_empty() {
        Projection::default()
    } else {
        let parameters = query_string::parameters(&call.request)?;
        Projection::from_parameters(&schema, collection, &parameters).map_err(invalid_query)?
    };
    let found = store.get(collection, &call.id(collection)?, &projection, &call.caller).await?;
    let json = found.ok_or_else(no_document)?;
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(json))
}

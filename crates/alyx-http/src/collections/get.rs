//! `GET /api/collections/{collection}/{id}`

use actix_web::{HttpResponse, http::header::ContentType};
use alyx_query::{Projection, check_expand};
use alyx_rules::Operation;

use super::{Call, invalid_query, no_document, unreadable};
use crate::{error::Result, query_string};

/// Answers with one document.
pub(super) async fn get(call: &Call) -> Result<HttpResponse> {
    let collection = call.collection()?;
    let access = call.access();
    access.may(Operation::Read, collection)?;
    let projection = if call.request.query_string().is_empty() {
        Projection::default()
    } else {
        let parameters = query_string::parameters(&call.request)?;
        let projection = Projection::from_parameters(call.served.schema(), collection, &parameters);
        projection.map_err(invalid_query)?
    };
    check_expand(collection, &projection.expand, &access).map_err(|faults| unreadable(&call.caller, faults))?;
    let found = call.served.store().get(collection, &call.id(collection)?, &projection, &access).await?;
    let json = found.ok_or_else(no_document)?;
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(json))
}

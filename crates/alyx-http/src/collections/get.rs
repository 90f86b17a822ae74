//! `GET /api/collections/{collection}/{id}`

use std::sync::Arc;

use actix_web::{HttpResponse, http::header::ContentType};
use alyx_query::{Projection, check_expand};
use alyx_rules::Operation;
use alyx_schema::{Collection, Value};

use super::{Call, invalid_query, no_document, operation::Scope, unreadable};
use crate::{error::Result, query_string};

/// Answers with one document.
pub(super) async fn get(call: &Call) -> Result<HttpResponse> {
    let collection = call.collection()?;
    if !call.request.query_string().is_empty() {
        // Who may read nothing here is not told what is wrong with the parameters.
        call.access().may(Operation::Read, collection)?;
    }
    let parameters = query_string::parameters(&call.request)?;
    let id = call.id(collection);
    let found = get_document(&call.scope(), (collection, id), &parameters).await?;
    let json = found.ok_or_else(no_document)?;
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(json))
}

/// Reads one document; `None` where the caller sees none. The parameters are read before the id is.
pub(crate) async fn get_document(
    scope: &Scope<'_>,
    (collection, id): (&Arc<Collection>, Result<Value>),
    parameters: &[(String, String)],
) -> Result<Option<Vec<u8>>> {
    let access = scope.access();
    access.may(Operation::Read, collection)?;
    let projection = if parameters.is_empty() {
        Projection::default()
    } else {
        Projection::from_parameters(scope.served.schema(), collection, parameters).map_err(invalid_query)?
    };
    check_expand(collection, &projection.expand, &access).map_err(|faults| unreadable(scope.caller, faults))?;
    Ok(scope.store.get(collection, &id?, &projection, &access).await?)
}

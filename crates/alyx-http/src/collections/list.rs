//! `GET /api/collections/{collection}`

use std::{io::Write, sync::Arc};

use actix_web::{HttpResponse, http::header::ContentType};
use alyx_query::Query;
use alyx_rules::Operation;
use alyx_store::List;

use super::{Call, invalid_query, unreadable};
use crate::{error::Result, query_string};

/// Lists documents that match the query and that the caller may read.
pub(super) async fn list(call: &Call) -> Result<HttpResponse> {
    let collection = call.collection()?;
    let access = call.access();
    access.may(Operation::Read, collection)?;
    let parameters = query_string::parameters(&call.request)?;
    let query = Query::from_parameters(call.served.schema(), Arc::clone(collection), &parameters);
    let query = query.map_err(invalid_query)?;
    query.check_readable(&access).map_err(|faults| unreadable(&call.caller, faults))?;
    let page = call.store().list(&query, &access).await?;
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(encode(&query, page)))
}

/// The answer around the documents, whose bytes are already JSON.
pub(crate) fn encode(query: &Query, page: List) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(page.docs.len() + 256);
    bytes.extend_from_slice(b"{\"docs\":");
    bytes.extend_from_slice(&page.docs);
    if let Some(total) = page.total {
        write!(bytes, ",\"total\":{total}").expect("writing to memory cannot fail");
    }
    write!(bytes, ",\"limit\":{},\"offset\":{},\"next_cursor\":", query.limit, query.offset)
        .expect("writing to memory cannot fail");
    match page.next_cursor {
        // Base64url needs no escapes.
        Some(cursor) => write!(bytes, "\"{}\"}}", cursor.encode(&query.collection, &query.sort)),
        None => write!(bytes, "null}}"),
    }
    .expect("writing to memory cannot fail");
    bytes
}

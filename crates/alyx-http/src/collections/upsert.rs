//! Update where the document is there, create where it is not; has no call of its own.

use std::sync::Arc;

use alyx_query::Projection;
use alyx_rules::Operation;
use alyx_schema::{Collection, FieldFault, Value};
use serde_json::{Map, Value as Json};

use super::{create::create_document, invalid_document, operation::Scope, update::update_document};
use crate::error::{ApiError, Code, Result};

/// Updates the document whose primary key the data has, and creates it where the caller sees none.
///
/// Between the look and the write somebody else may come: inside of a transaction nobody can.
pub(crate) async fn upsert_document(
    scope: &Scope<'_>,
    collection: &Arc<Collection>,
    mut body: Map<String, Json>,
) -> Result<Vec<u8>> {
    if collection.is_auth {
        let message = format!("documents of {} are made with their accounts, not here", collection.name);
        return Err(ApiError::new(Code::OperationNotSupported, message));
    }
    let primary = collection.primary_field();
    let Some(key) = body.get(primary.name.as_str()) else { return create_document(scope, collection, body).await };
    let id = Value::from_json(primary, key).map_err(|fault| invalid_document(vec![fault]))?;
    if !is_there(scope, collection, &id).await? {
        return create_document(scope, collection, body).await;
    }
    body.remove(primary.name.as_str());
    update_document(scope, (collection, &id), body).await
}

/// Whether the caller may read such a document.
async fn is_there(scope: &Scope<'_>, collection: &Arc<Collection>, id: &Value) -> Result<bool> {
    let access = scope.access();
    if access.may(Operation::Read, collection).is_err() {
        return Ok(false);
    }
    Ok(scope.store.get(collection, id, &Projection::default(), &access).await?.is_some())
}

/// Puts a primary key that came apart into the data; one that is there already must be the same.
pub(crate) fn with_key(
    collection: &Collection,
    key: Option<Json>,
    mut body: Map<String, Json>,
) -> Result<Map<String, Json>> {
    let name = collection.primary_field().name.as_str();
    match (key, body.get(name)) {
        (Some(key), Some(other)) if key != *other => Err(invalid_document(vec![FieldFault {
            field: name.to_owned(),
            code: "READ_ONLY",
            message: "is not the id that the operation names".to_owned(),
        }])),
        (Some(key), _) => {
            body.insert(name.to_owned(), key);
            Ok(body)
        }
        (None, _) => Ok(body),
    }
}

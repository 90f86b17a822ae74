//! The API description (OpenAPI 3.1) of a schema: every path, every input and output, every status.
//!
//! It is made from the model alone, so that it cannot tell another story than the routes.

mod account_paths;
mod account_schemas;
mod change_schema;
mod collection_paths;
mod collection_schemas;
mod field_schema;
mod filter_pattern;
mod function_paths;
mod parameters;
mod realtime_paths;
mod responses;
mod server_paths;
mod transaction_paths;
mod where_schema;

use std::sync::{Arc, Mutex, PoisonError};

use alyx_schema::Schema;
use bytes::Bytes;
use serde_json::{Map, Value as Json, json};

use crate::system::VERSION;

/// The description of the API that serves `schema`; `server` is the address clients use.
///
/// ```
/// let document = alyx_http::openapi::document(&alyx_schema::Schema::default(), None);
/// assert_eq!(document["openapi"], "3.1.0");
/// ```
#[must_use]
pub fn document(schema: &Schema, server: Option<&str>) -> Json {
    let mut paths = server_paths::paths();
    let mut schemas = responses::schemas();
    schemas.extend(where_schema::types(schema));
    paths.extend(account_paths::paths());
    paths.extend(realtime_paths::paths(schema));
    schemas.extend(realtime_paths::schemas());
    paths.extend(function_paths::paths());
    schemas.extend(function_paths::schemas());
    paths.extend(transaction_paths::paths());
    schemas.extend(transaction_paths::schemas(schema));
    let mut tags = Vec::new();
    for collection in schema.collections.values() {
        collection_paths::add(schema, collection, &mut paths);
        collection_schemas::add(schema, collection, &mut schemas);
        tags.push(
            json!({"name": collection.name.as_str(), "description": format!("Documents of {}.", collection.name)}),
        );
    }
    let profile = schema.collections.values().find(|collection| collection.is_auth);
    schemas.extend(account_schemas::schemas(profile.map(|profile| collection_schemas::profile(profile))));
    tags.push(json!({"name": "accounts", "description": "Signing in and out, and one's own account."}));
    tags.push(json!({"name": "transactions", "description": "Several writes that are kept or undone together."}));
    tags.push(json!({"name": "functions", "description": "Functions of the project."}));
    tags.push(json!({"name": "realtime", "description": "Live queries."}));
    tags.push(json!({"name": "administration", "description": "For administrators and deploy tokens."}));
    tags.push(json!({"name": "server", "description": "The server itself: information, health and figures."}));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Alyx API",
            "version": VERSION,
            "description": "The REST API of this project, generated from its schema.",
        },
        "servers": [{"url": server.unwrap_or("/")}],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": responses::responses(),
            "securitySchemes": {"bearer": {
                "type": "http",
                "scheme": "bearer",
                "description": "An access token, a deploy token, or the administrator's token (`ALYX_ADMIN_TOKEN`).",
            }},
        },
    })
}

/// The bytes of the description, made once a schema.
#[derive(Default)]
pub(crate) struct OpenApiCache(Mutex<Option<(Arc<Schema>, Bytes)>>);

impl OpenApiCache {
    /// The description of this schema.
    pub(crate) fn bytes(&self, schema: &Arc<Schema>, server: Option<&str>) -> Bytes {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some((known, bytes)) if Arc::ptr_eq(known, schema) => bytes.clone(),
            _ => {
                let bytes = Bytes::from(document(schema, server).to_string());
                *kept = Some((Arc::clone(schema), bytes.clone()));
                bytes
            }
        }
    }
}

/// A reference to a named schema.
fn reference(name: &str) -> Json {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// A JSON object as a map.
fn object(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(map) => map,
        _ => Map::new(),
    }
}

//! OpenAPI
use std::sync::{Arc, Mutex};
use alyx_schema::Schema;
use bytes::Bytes;
#[derive(Default)]
pub(crate) struct OpenApiCache(Mutex<Option<(Arc<Schema>, Bytes)>>);

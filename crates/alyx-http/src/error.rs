//! The one error that a client can get: a stable code, a message, and a cause that only the log sees.
//!
//! A handler returns [`ApiError`]; the layer around all routes turns it into the body. How the errors
//! of the crates below map to it stands in `error/mapping.rs`.

mod body;
mod code;
mod mapping;

use std::{borrow::Cow, error::Error};

use actix_web::{HttpResponse, ResponseError, http::StatusCode};

pub(crate) use body::ErrorBody;
pub use code::Code;
pub(crate) use mapping::rename_field;

/// The result of a handler.
pub(crate) type Result<T, E = ApiError> = std::result::Result<T, E>;

/// A failed request, in the terms of the client.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    /// The stable word for what went wrong; decides the status.
    pub code: Code,
    /// For people: lower case, no full stop, safe to show to anyone.
    pub message: Cow<'static, str>,
    /// Faults of single fields or parameters, all of them.
    pub details: Vec<Detail>,
    /// Seconds after which the same may be tried again.
    pub retry_after: Option<u64>,
    /// What stands in place of code and details, where the project's own code decides that.
    pub(crate) own: Option<Box<OwnError>>,
    /// What really happened; goes to the log, never to the client.
    #[source]
    pub cause: Option<Box<dyn Error + Send + Sync>>,
}

/// What a project's own code says went wrong.
#[derive(Debug)]
pub(crate) struct OwnError {
    /// From 400 to 599.
    pub(crate) status: StatusCode,
    pub(crate) code: String,
    pub(crate) details: Option<serde_json::Value>,
}

/// The fault of one field or parameter.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Detail {
    /// The field or parameter.
    pub field: String,
    /// Stable word for the broken rule.
    pub code: Cow<'static, str>,
    /// What is wrong with it.
    pub message: String,
}

impl ApiError {
    /// An error without details.
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), details: Vec::new(), retry_after: None, own: None, cause: None }
    }

    /// The same with details.
    #[must_use]
    pub fn with_details(self, details: Vec<Detail>) -> Self {
        Self { details, ..self }
    }

    /// A failure of the server; only the log learns the cause.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let message = "something went wrong on the server; its log has the details under this request id";
        Self { cause: Some(cause.into()), ..Self::new(Code::Internal, message) }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.own.as_ref().map_or_else(|| self.code.status(), |own| own.status)
    }

    /// Only the status: the body needs the request id, which the layer knows.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

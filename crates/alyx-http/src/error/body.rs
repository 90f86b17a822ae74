//! The error shape on the wire.

use jiff::Timestamp;

use super::{ApiError, Code, Detail};

/// The body of every answer that is not 2xx.
#[derive(serde::Serialize)]
pub(crate) struct ErrorBody<'a> {
    error: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Details<'a>>,
    request_id: &'a str,
    timestamp: String,
}

/// Faults of single fields, or what a function says.
#[derive(serde::Serialize)]
#[serde(untagged)]
enum Details<'a> {
    Fields(&'a [Detail]),
    Own(&'a serde_json::Value),
}

impl<'a> ErrorBody<'a> {
    /// The body's fields, for a code and the request it answers.
    pub(crate) fn new(code: Code, error: &'a str, request_id: &'a str, now: Timestamp) -> Self {
        let timestamp = alyx_schema::clock::format_timestamp(now);
        Self { error, code: code.as_str(), details: None, request_id, timestamp }
    }

    /// The body of this error.
    pub(crate) fn of(error: &'a ApiError, request_id: &'a str, now: Timestamp) -> Self {
        let bare = Self::new(error.code, &error.message, request_id, now);
        match &error.own {
            Some(own) => Self { code: &own.code, details: own.details.as_ref().map(Details::Own), ..bare },
            None if error.details.is_empty() => bare,
            None => Self { details: Some(Details::Fields(&error.details)), ..bare },
        }
    }

    /// The bytes of the body.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("text and lists of text are always JSON")
    }
}

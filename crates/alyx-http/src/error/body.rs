//! The error shape on the wire.

use jiff::Timestamp;

use super::{Code, Detail};

/// The body of every answer that is not 2xx.
#[derive(serde::Serialize)]
pub(crate) struct ErrorBody<'a> {
    error: &'a str,
    code: &'static str,
    #[serde(skip_serializing_if = "<[Detail]>::is_empty")]
    details: &'a [Detail],
    request_id: &'a str,
    timestamp: String,
}

impl<'a> ErrorBody<'a> {
    /// The body's fields, for a code and the request it answers.
    pub(crate) fn new(code: Code, error: &'a str, request_id: &'a str, now: Timestamp) -> Self {
        let timestamp = alyx_schema::clock::format_timestamp(now);
        Self { error, code: code.as_str(), details: &[], request_id, timestamp }
    }

    /// The same with details.
    pub(crate) fn with_details(self, details: &'a [Detail]) -> Self {
        Self { details, ..self }
    }

    /// The bytes of the body.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("text and lists of text are always JSON")
    }
}

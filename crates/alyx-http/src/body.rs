//! The body of a write: within its limit, in time, JSON, an object, and no key twice.

use actix_web::{
    HttpRequest,
    http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap},
    web::Payload,
};
use alyx_schema::strict_json;
use bytes::BytesMut;
use futures_util::StreamExt;
use serde_json::{Map, Value as Json};

use crate::{
    Options,
    error::{ApiError, Code, Result},
};

/// Reads the body as a JSON object.
pub(crate) async fn json_object(
    request: &HttpRequest,
    payload: Payload,
    options: &Options,
) -> Result<Map<String, Json>> {
    check_headers(request.headers(), options.body_limit)?;
    let reading = read(payload, options.body_limit);
    let bytes = match options.request_timeout {
        Some(limit) => tokio::time::timeout(limit, reading).await.unwrap_or_else(|_| Err(too_late())),
        None => reading.await,
    }?;
    parse(&bytes)
}

fn parse(bytes: &[u8]) -> Result<Map<String, Json>> {
    match strict_json::parse(bytes) {
        Ok(Json::Object(object)) => Ok(object),
        Ok(_) => Err(ApiError::new(Code::InvalidBody, "the body must be a JSON object")),
        Err(fault) => Err(ApiError::new(Code::InvalidJson, format!("the body is not valid JSON: {fault}"))),
    }
}

async fn read(mut payload: Payload, limit: Option<u64>) -> Result<BytesMut> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| ApiError::new(Code::MalformedRequest, "the body ended before it was whole"))?;
        if limit.is_some_and(|limit| (bytes.len() + chunk.len()) as u64 > limit) {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn check_headers(headers: &HeaderMap, limit: Option<u64>) -> Result<()> {
    if headers.get(CONTENT_TYPE).is_some_and(|value| !is_json(value.as_bytes())) {
        return Err(ApiError::new(
            Code::UnsupportedMediaType,
            "the body must be JSON: send Content-Type: application/json",
        ));
    }
    if headers.get(CONTENT_ENCODING).is_some_and(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(ApiError::new(Code::UnsupportedMediaType, "a compressed body is not taken"));
    }
    let length = headers.get("content-length").and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.zip(limit).is_some_and(|(length, limit)| length > limit) { Err(too_large()) } else { Ok(()) }
}

/// `application/json`, or a type whose name ends in `+json`, with any parameters.
fn is_json(content_type: &[u8]) -> bool {
    let essence = content_type.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    let ends = |end: &[u8]| essence.len() > end.len() && essence[essence.len() - end.len()..].eq_ignore_ascii_case(end);
    essence.eq_ignore_ascii_case(b"application/json") || (ends(b"+json") && essence.contains(&b'/'))
}

fn too_large() -> ApiError {
    ApiError::new(Code::PayloadTooLarge, Code::PayloadTooLarge.default_message())
}

fn too_late() -> ApiError {
    ApiError::new(Code::RequestTimeout, Code::RequestTimeout.default_message())
}

#[cfg(test)]
mod tests {
    use super::is_json;

    #[test]
    fn json_types_are_told_from_others() {
        for yes in ["application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json"] {
            assert!(is_json(yes.as_bytes()), "{yes}");
        }
        for no in ["text/plain", "application/jsonp", "+json", "", "application/x-www-form-urlencoded"] {
            assert!(!is_json(no.as_bytes()), "{no}");
        }
    }
}

//! The body of a write: within its limit, in time, JSON, an object, and no key twice. And the one form that is taken.

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
    query_string,
};

/// Most bytes of a form.
const LONGEST_FORM: u64 = 64 << 10;

/// Reads the body as a JSON object.
pub(crate) async fn json_object(
    request: &HttpRequest,
    payload: Payload,
    options: &Options,
) -> Result<Map<String, Json>> {
    let words = "the body must be JSON: send Content-Type: application/json";
    check_type(request.headers(), is_json, words)?;
    parse(&read_in_time(request, payload, (options, options.body_limit)).await?)
}

/// Reads the body as any JSON: its text, and what it says. No body at all is an empty object.
pub(crate) async fn json_text(request: &HttpRequest, payload: Payload, options: &Options) -> Result<(String, Json)> {
    check_type(request.headers(), is_json, "the body must be JSON: send Content-Type: application/json")?;
    let bytes = read_in_time(request, payload, (options, options.body_limit)).await?;
    if bytes.is_empty() {
        return Ok(("{}".to_owned(), Json::Object(Map::new())));
    }
    let parsed = strict_json::parse(&bytes).map_err(|fault| invalid_json(&fault))?;
    let text = String::from_utf8(bytes.into()).map_err(|fault| invalid_json(&fault))?;
    Ok((text, parsed))
}

/// Reads the body as a form.
pub(crate) async fn form(request: &HttpRequest, payload: Payload, options: &Options) -> Result<Vec<(String, String)>> {
    check_type(request.headers(), is_form, "the body must be a form: application/x-www-form-urlencoded")?;
    let limit = options.body_limit.map_or(LONGEST_FORM, |limit| limit.min(LONGEST_FORM));
    let bytes = read_in_time(request, payload, (options, Some(limit))).await?;
    let pairs = std::str::from_utf8(&bytes).ok().and_then(query_string::pairs);
    pairs.ok_or_else(|| ApiError::new(Code::MalformedRequest, "the form is not valid percent-encoded UTF-8"))
}

async fn read_in_time(
    request: &HttpRequest,
    payload: Payload,
    (options, limit): (&Options, Option<u64>),
) -> Result<BytesMut> {
    check_length(request.headers(), limit)?;
    let reading = read(payload, limit);
    match options.request_timeout {
        Some(longest) => tokio::time::timeout(longest, reading).await.unwrap_or_else(|_| Err(too_late())),
        None => reading.await,
    }
}

fn parse(bytes: &[u8]) -> Result<Map<String, Json>> {
    match strict_json::parse(bytes) {
        Ok(Json::Object(object)) => Ok(object),
        Ok(_) => Err(ApiError::new(Code::InvalidBody, "the body must be a JSON object")),
        Err(fault) => Err(invalid_json(&fault)),
    }
}

fn invalid_json(fault: &dyn std::fmt::Display) -> ApiError {
    ApiError::new(Code::InvalidJson, format!("the body is not valid JSON: {fault}"))
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

fn check_type(headers: &HeaderMap, is_right: fn(&[u8]) -> bool, words: &'static str) -> Result<()> {
    if headers.get(CONTENT_TYPE).is_some_and(|value| !is_right(value.as_bytes())) {
        return Err(ApiError::new(Code::UnsupportedMediaType, words));
    }
    if headers.get(CONTENT_ENCODING).is_some_and(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(ApiError::new(Code::UnsupportedMediaType, "a compressed body is not taken"));
    }
    Ok(())
}

fn check_length(headers: &HeaderMap, limit: Option<u64>) -> Result<()> {
    let length = headers.get("content-length").and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.zip(limit).is_some_and(|(length, limit)| length > limit) { Err(too_large()) } else { Ok(()) }
}

/// `application/json`, or a type whose name ends in `+json`, with any parameters.
fn is_json(content_type: &[u8]) -> bool {
    let essence = essence(content_type);
    let ends = |end: &[u8]| essence.len() > end.len() && essence[essence.len() - end.len()..].eq_ignore_ascii_case(end);
    essence.eq_ignore_ascii_case(b"application/json") || (ends(b"+json") && essence.contains(&b'/'))
}

fn is_form(content_type: &[u8]) -> bool {
    essence(content_type).eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
}

/// The type without its parameters.
fn essence(content_type: &[u8]) -> &[u8] {
    content_type.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii()
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

//! The parts of a URL, read strictly: what is not valid UTF-8 is refused, not repaired.

use actix_web::HttpRequest;

use crate::error::{ApiError, Code, Detail, Result};

/// The parameters of a request's query, in their order.
pub(crate) fn parameters(request: &HttpRequest) -> Result<Vec<(String, String)>> {
    pairs(request.query_string())
        .ok_or_else(|| ApiError::new(Code::MalformedRequest, "the query is not valid percent-encoded UTF-8"))
}

/// The names and values of a query, in their order; `None` where it is not valid.
pub(crate) fn pairs(query: &str) -> Option<Vec<(String, String)>> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(name, true)?, decode(value, true)?))
        })
        .collect()
}

/// Refuses parameters where there is nothing to ask for.
pub(crate) fn no_parameters(request: &HttpRequest) -> Result<()> {
    if request.query_string().is_empty() {
        return Ok(());
    }
    let detail = |(name, _): (String, String)| Detail {
        message: "this call takes no parameters".to_owned(),
        field: name,
        code: "UNKNOWN_PARAMETER".into(),
    };
    let details: Vec<_> = parameters(request)?.into_iter().take(20).map(detail).collect();
    if details.is_empty() {
        return Ok(());
    }
    Err(ApiError::new(Code::InvalidQuery, "this call takes no parameters").with_details(details))
}

/// The last part of a request's path.
pub(crate) fn last_segment(request: &HttpRequest) -> Result<String> {
    let path = request.uri().path();
    let segment = path.rsplit('/').next().unwrap_or_default();
    decode(segment, false)
        .ok_or_else(|| ApiError::new(Code::MalformedRequest, "the path is not valid percent-encoded UTF-8"))
}

fn decode(text: &str, plus_is_space: bool) -> Option<String> {
    if !text.contains(['%', '+']) {
        return Some(text.to_owned());
    }
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => hex(bytes.next()?)? * 16 + hex(bytes.next()?)?,
            b'+' if plus_is_space => b' ',
            other => other,
        });
    }
    String::from_utf8(decoded).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn only_valid_utf_8_is_decoded() {
        assert_eq!(decode("a%20b+c%C3%A9", true).as_deref(), Some("a b cé"));
        assert_eq!(decode("a+b", false).as_deref(), Some("a+b"));
        for wrong in ["%", "%4", "%zz", "%ff", "%C3", "%+1"] {
            assert_eq!(decode(wrong, true), None, "{wrong}");
        }
    }
}

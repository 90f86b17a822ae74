//! Requests as the bytes that are sent, made before the clock starts.

use alyx_testing::Value;

/// A whole request.
#[derive(Clone)]
pub(crate) struct Message(pub(crate) Vec<u8>);

impl Message {
    pub(crate) fn get(path: &str, token: Option<&str>) -> Self {
        Self(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{}\r\n", authorization(token)).into_bytes())
    }

    pub(crate) fn post(path: &str, body: &Value, token: Option<&str>) -> Self {
        Self::with_body("POST", (path, body), token)
    }

    pub(crate) fn patch(path: &str, body: &Value, token: &str) -> Self {
        Self::with_body("PATCH", (path, body), Some(token))
    }

    fn with_body(method: &str, (path, body): (&str, &Value), token: Option<&str>) -> Self {
        let (body, authorization) = (body.to_string(), authorization(token));
        let head =
            format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{authorization}Content-Type: application/json");
        Self(format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes())
    }
}

fn authorization(token: Option<&str>) -> String {
    token.map_or_else(String::new, |token| format!("Authorization: Bearer {token}\r\n"))
}

//! One HTTP answer, and how it is read off a socket.

use std::io::{self, BufRead, Read};

use serde_json::Value;

/// An answer: status, headers as sent, body with its transfer coding undone.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Names in lower case, in the order sent.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of this name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body as text; what is not UTF-8 is replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; fails the test where it is none.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Value {
        match serde_json::from_slice(&self.body) {
            Ok(value) => value,
            Err(fault) => panic!("the body is not JSON ({fault}): {} {}", self.status, self.text()),
        }
    }

    /// Fails the test, showing the body, where the status is another.
    #[track_caller]
    pub fn expect_status(self, status: u16) -> Self {
        assert_eq!(self.status, status, "unexpected status; the body is {}", self.text());
        self
    }

    /// The `code` of the error shape; fails the test where the body is not of that shape.
    #[must_use]
    #[track_caller]
    pub fn error_code(&self) -> String {
        let body = self.json();
        for key in ["error", "code", "request_id", "timestamp"] {
            assert!(body[key].is_string(), "no text under {key:?} in {body}");
        }
        body["code"].as_str().unwrap_or_default().to_owned()
    }

    /// Whether the server will read another request from this connection.
    #[must_use]
    pub fn keeps_alive(&self) -> bool {
        !self.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }

    /// Reads one answer; `without_body` for the answer to a HEAD.
    pub fn read(reader: &mut impl BufRead, without_body: bool) -> io::Result<Self> {
        loop {
            let status = read_status(reader)?;
            let headers = read_headers(reader)?;
            let mut response = Self { status, headers, body: Vec::new() };
            if (100..200).contains(&status) && status != 101 {
                continue;
            }
            if !without_body && !matches!(status, 101 | 204 | 304) {
                response.body = response.read_body(reader)?;
            }
            return Ok(response);
        }
    }

    fn read_body(&self, reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        if self.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
            read_chunks(reader, &mut body)?;
        } else if let Some(length) = self.header("content-length") {
            body.resize(length.trim().parse().map_err(io::Error::other)?, 0);
            reader.read_exact(&mut body)?;
        } else {
            reader.read_to_end(&mut body)?;
        }
        Ok(body)
    }
}

pub(crate) fn read_line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}

fn read_status(reader: &mut impl BufRead) -> io::Result<u16> {
    let line = read_line(reader)?;
    let status = line.strip_prefix("HTTP/1.").and_then(|rest| rest.split(' ').nth(1));
    status.and_then(|status| status.parse().ok()).ok_or_else(|| io::Error::other(format!("no status line: {line:?}")))
}

pub(crate) fn read_headers(reader: &mut impl BufRead) -> io::Result<Vec<(String, String)>> {
    let mut headers = Vec::new();
    loop {
        let line = read_line(reader)?;
        if line.is_empty() {
            return Ok(headers);
        }
        let (name, value) = line.split_once(':').ok_or_else(|| io::Error::other(format!("no header: {line:?}")))?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
}

fn read_chunks(reader: &mut impl BufRead, body: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let line = read_line(reader)?;
        let size = line.split(';').next().unwrap_or_default();
        let size = u64::from_str_radix(size, 16).map_err(io::Error::other)?;
        if size == 0 {
            return read_headers(reader).map(drop);
        }
        let before = body.len() as u64;
        reader.by_ref().take(size).read_to_end(body)?;
        if body.len() as u64 - before < size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        read_line(reader)?;
    }
}

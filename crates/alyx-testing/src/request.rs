//! One request as a double of another service received it, for tests that ask what was sent.

use std::io::{self, BufRead};

use url::form_urlencoded;

use crate::response::{read_headers, read_line};

/// A request that came in: the head as sent, and the body.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: String,
    /// Path and query, as they stood in the first line.
    pub target: String,
    /// Names in lower case, in the order sent.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// The path, without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The first header of this name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The parameters of the query, decoded.
    #[must_use]
    pub fn parameters(&self) -> Vec<(String, String)> {
        pairs(self.target.split_once('?').map_or("", |(_, query)| query).as_bytes())
    }

    /// The fields of a form in the body, decoded; none where the body is no form.
    #[must_use]
    pub fn fields(&self) -> Vec<(String, String)> {
        let kind = self.header("content-type").unwrap_or_default();
        if kind.starts_with("application/x-www-form-urlencoded") { pairs(&self.body) } else { Vec::new() }
    }

    /// The value of a parameter that stands in the query exactly once.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<String> {
        only(self.parameters(), name)
    }

    /// The value of a field that stands in the form exactly once.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<String> {
        only(self.fields(), name)
    }

    /// Reads one request; nothing where the connection was closed before its first byte.
    pub(crate) fn read(reader: &mut impl BufRead) -> io::Result<Option<Self>> {
        if reader.fill_buf()?.is_empty() {
            return Ok(None);
        }
        let first = read_line(reader)?;
        let mut words = first.split(' ');
        let (Some(method), Some(target)) = (words.next(), words.next()) else {
            return Err(io::Error::other(format!("no request line: {first:?}")));
        };
        let mut request =
            Self { method: method.to_owned(), target: target.to_owned(), headers: read_headers(reader)?, body: vec![] };
        if let Some(length) = request.header("content-length") {
            request.body.resize(length.parse().map_err(io::Error::other)?, 0);
            reader.read_exact(&mut request.body)?;
        }
        Ok(Some(request))
    }
}

fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(encoded).into_owned().collect()
}

fn only(pairs: Vec<(String, String)>, name: &str) -> Option<String> {
    let mut values = pairs.into_iter().filter(|(key, _)| key == name).map(|(_, value)| value);
    let first = values.next();
    if values.next().is_some() { None } else { first }
}

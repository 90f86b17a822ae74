//! What rules may know of a request.

use std::net::IpAddr;

use actix_web::HttpRequest;
use alyx_config::value::Cidr;
use alyx_rules::Operation;
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use crate::{client_address::client_address, query_string};

/// A request as rules see it. Owned, so that it can go where the request itself cannot.
#[derive(Clone)]
pub(crate) struct RequestFacts {
    method: &'static str,
    ip: Option<IpAddr>,
    time: Timestamp,
    query: String,
    /// Copied only where some rule looks at headers.
    headers: Vec<(String, String)>,
    body: Map<String, Json>,
}

/// Headers that no rule sees: what they hold proves who somebody is.
const SECRET: [&str; 3] = ["authorization", "cookie", "proxy-authorization"];

impl RequestFacts {
    pub(crate) fn of(request: &HttpRequest, trusted: &[Cidr], time: Timestamp, with_headers: bool) -> Self {
        Self {
            method: method(request.method().as_str()),
            ip: client_address(request, trusted),
            time,
            query: request.query_string().to_owned(),
            headers: if with_headers { headers(request) } else { Vec::new() },
            body: Map::new(),
        }
    }

    pub(crate) fn with_body(self, body: Map<String, Json>) -> Self {
        Self { body, ..self }
    }

    /// The same caller as one who asks for nothing but this write.
    pub(crate) fn writing(self, operation: Operation, body: Map<String, Json>) -> Self {
        let method = match operation {
            Operation::Create => "POST",
            Operation::Update => "PATCH",
            Operation::Delete => "DELETE",
            Operation::Read => "GET",
        };
        Self { method, query: String::new(), body, ..self }
    }

    /// The same caller as one who registers with this body, whatever the request itself was.
    pub(crate) fn of_registration(self, body: Map<String, Json>) -> Self {
        Self { method: "POST", query: String::new(), body, ..self }
    }

    /// The same at another time.
    pub(crate) fn at(self, time: Timestamp) -> Self {
        Self { time, ..self }
    }

    pub(crate) fn body(&self) -> &Map<String, Json> {
        &self.body
    }
}

fn method(name: &str) -> &'static str {
    match name {
        "POST" => "POST",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        // A HEAD asks for what a GET would answer.
        _ => "GET",
    }
}

fn headers(request: &HttpRequest) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = Vec::new();
    for (name, value) in request.headers() {
        let Some(value) = value.to_str().ok().filter(|_| !SECRET.contains(&name.as_str())) else { continue };
        match headers.iter_mut().find(|(known, _)| known == name.as_str()) {
            Some((_, values)) => {
                values.push_str(", ");
                values.push_str(value);
            }
            None => headers.push((name.as_str().to_owned(), value.to_owned())),
        }
    }
    headers
}

impl alyx_rules::Request for RequestFacts {
    fn method(&self) -> &str {
        self.method
    }

    fn ip(&self) -> String {
        self.ip.map(|ip| ip.to_string()).unwrap_or_default()
    }

    fn time(&self) -> Timestamp {
        self.time
    }

    fn body(&self) -> Option<&Map<String, Json>> {
        Some(&self.body)
    }

    fn headers(&self) -> Vec<(String, String)> {
        self.headers.clone()
    }

    fn query(&self) -> Vec<(String, String)> {
        query_string::pairs(&self.query).unwrap_or_default()
    }
}

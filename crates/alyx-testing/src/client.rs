//! A blocking HTTP/1.1 client over one kept connection.

use std::{
    cell::RefCell,
    io::{self, BufRead, BufReader, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

use crate::Response;

/// How long a test waits for an answer before it fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// Sends requests over one connection that is opened at need; one per thread.
#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    host: String,
    headers: Vec<(String, String)>,
    connection: RefCell<Option<BufReader<TcpStream>>>,
}

impl Client {
    /// A client without a token.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        Self { address, host: address.to_string(), headers: Vec::new(), connection: RefCell::new(None) }
    }

    /// The same client, calling the server by another name.
    #[must_use]
    pub fn with_host(mut self, host: &str) -> Self {
        host.clone_into(&mut self.host);
        self
    }

    /// The same client with a header on every request.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same client with a bearer token.
    #[must_use]
    pub fn with_token(self, token: &str) -> Self {
        self.with_header("Authorization", &format!("Bearer {token}"))
    }

    /// `GET path`.
    #[track_caller]
    pub fn get(&self, path: &str) -> Response {
        self.send("GET", path, None)
    }

    /// `GET path?name=value&…` with the values percent-encoded.
    #[track_caller]
    pub fn query(&self, path: &str, parameters: &[(&str, &str)]) -> Response {
        let pairs: Vec<String> =
            parameters.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        self.get(&format!("{path}?{}", pairs.join("&")))
    }

    /// `POST path` with a JSON body.
    #[track_caller]
    pub fn post(&self, path: &str, body: &Value) -> Response {
        self.send("POST", path, Some(body))
    }

    /// `PATCH path` with a JSON body.
    #[track_caller]
    pub fn patch(&self, path: &str, body: &Value) -> Response {
        self.send("PATCH", path, Some(body))
    }

    /// `DELETE path`.
    #[track_caller]
    pub fn delete(&self, path: &str) -> Response {
        self.send("DELETE", path, None)
    }

    /// Any method, with a JSON body or none; fails the test where no answer comes.
    #[track_caller]
    pub fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Response {
        match self.try_send(method, path, body) {
            Ok(response) => response,
            Err(fault) => panic!("{method} {path} got no answer: {fault}"),
        }
    }

    /// The same, with the failure as a value: for servers that are killed on purpose.
    pub fn try_send(&self, method: &str, path: &str, body: Option<&Value>) -> io::Result<Response> {
        match body {
            Some(body) => {
                self.try_send_bytes(method, path, &[("Content-Type", "application/json")], body.to_string().as_bytes())
            }
            None => self.try_send_bytes(method, path, &[], b""),
        }
    }

    /// Any method, headers and body, byte by byte as given.
    pub fn try_send_bytes(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<Response> {
        let mut message = self.head(method, path, headers, body.len()).into_bytes();
        message.extend_from_slice(body);
        self.exchange(&message, method == "HEAD")
    }

    /// Sends a whole request as raw bytes, right or wrong, and reads one answer.
    pub fn try_send_raw(&self, message: &[u8]) -> io::Result<Response> {
        self.exchange(message, message.starts_with(b"HEAD "))
    }

    fn head(&self, method: &str, path: &str, headers: &[(&str, &str)], length: usize) -> String {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.host);
        let own = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in own.chain(headers.iter().copied()) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if length > 0 || matches!(method, "POST" | "PUT" | "PATCH") {
            head.push_str(&format!("Content-Length: {length}\r\n"));
        }
        head + "\r\n"
    }

    fn exchange(&self, message: &[u8], without_body: bool) -> io::Result<Response> {
        let mut slot = self.connection.borrow_mut();
        let kept = slot.take();
        let reused = kept.is_some();
        let mut connection = kept.map_or_else(|| connect(self.address), Ok)?;
        let mut answer = attempt(&mut connection, message, without_body)?;
        if answer.is_none() && reused {
            connection = connect(self.address)?;
            answer = attempt(&mut connection, message, without_body)?;
        }
        let response = answer.ok_or(io::ErrorKind::UnexpectedEof)?;
        if response.keeps_alive() {
            *slot = Some(connection);
        }
        Ok(response)
    }
}

/// Percent-encodes everything but letters, digits and `-._~`.
#[must_use]
pub fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn connect(address: SocketAddr) -> io::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(BufReader::new(stream))
}

/// One request and its answer; `None` where the connection was closed without a byte, as idle ones are.
fn attempt(connection: &mut BufReader<TcpStream>, message: &[u8], without_body: bool) -> io::Result<Option<Response>> {
    // A server may refuse a large body before it has read it all, so a failed write still looks for an answer.
    let written = connection.get_mut().write_all(message);
    match connection.fill_buf() {
        Ok([]) => return Ok(None),
        Err(fault) if is_closed(&fault) => return Ok(None),
        Err(fault) => return Err(written.err().unwrap_or(fault)),
        Ok(_) => {}
    }
    Response::read(connection, without_body).map(Some)
}

fn is_closed(fault: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
    matches!(fault.kind(), BrokenPipe | ConnectionAborted | ConnectionReset)
}

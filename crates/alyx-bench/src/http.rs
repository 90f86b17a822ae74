//! The smallest HTTP client that gives exact control: one `Connection` is one keep-alive TCP connection.

use std::{fmt::Write, time::Duration};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{net::TcpStream, time::timeout};

const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) type Sender = http1::SendRequest<Full<Bytes>>;

/// One request, whatever the product.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    method: &'static str,
    path: String,
    body: Option<Bytes>,
}

impl Request {
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self { method: "GET", path: path.into(), body: None }
    }

    pub(crate) fn json(method: &'static str, path: impl Into<String>, body: &Value) -> Self {
        Self { method, path: path.into(), body: Some(Bytes::from(body.to_string())) }
    }

    pub(crate) fn build(&self, host: &str, token: Option<&str>) -> Result<hyper::Request<Full<Bytes>>> {
        let mut builder = hyper::Request::builder().method(self.method).uri(&self.path).header("host", host);
        if let Some(token) = token {
            builder = builder.header("authorization", format!("Bearer {token}"));
        }
        if self.body.is_some() {
            builder = builder.header("content-type", "application/json");
        }
        Ok(builder.body(Full::new(self.body.clone().unwrap_or_default()))?)
    }
}

/// One keep-alive connection; opened at need, and again when the server closed it.
pub(crate) struct Connection {
    address: String,
    sender: Option<Sender>,
}

impl Connection {
    pub(crate) fn new(address: &str) -> Self {
        Self { address: address.to_owned(), sender: None }
    }

    /// Sends and reads the whole answer: its status and body.
    pub(crate) async fn send(&mut self, request: &Request, token: Option<&str>) -> Result<(u16, Bytes)> {
        let request = request.build(&self.address, token)?;
        let mut sender = match self.sender.take().filter(|sender| !sender.is_closed()) {
            Some(sender) => sender,
            None => connect(&self.address).await?,
        };
        let answer = timeout(PATIENCE, exchange(&mut sender, request)).await.context("no answer in two minutes")??;
        self.sender = Some(sender);
        Ok(answer)
    }

    /// Sends, demands a 2xx and parses the JSON answer (null when it is empty).
    pub(crate) async fn call(&mut self, request: &Request, token: Option<&str>) -> Result<Value> {
        let (status, body) = self.send(request, token).await?;
        if !(200..300).contains(&status) {
            let text: String = String::from_utf8_lossy(&body).chars().take(300).collect();
            bail!("{} {} answered {status}: {text}", request.method, request.path);
        }
        if body.is_empty() { Ok(Value::Null) } else { Ok(serde_json::from_slice(&body)?) }
    }
}

/// Opens a connection for one exchange after the other.
pub(crate) async fn connect(address: &str) -> Result<Sender> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

async fn exchange(sender: &mut Sender, request: hyper::Request<Full<Bytes>>) -> Result<(u16, Bytes)> {
    sender.ready().await?;
    let response = sender.send_request(request).await?;
    let status = response.status().as_u16();
    Ok((status, response.into_body().collect().await?.to_bytes()))
}

/// Percent-encodes everything outside the unreserved set.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() + 16);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(byte as char),
            _ => write!(encoded, "%{byte:02X}").expect("writing to a String cannot fail"),
        }
    }
    encoded
}

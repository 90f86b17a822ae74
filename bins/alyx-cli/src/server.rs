//! A server that a command talks to: where it is, how it is reached, and what it says where it refuses.
//!
//! Certificates are checked against those of the system, or Mozilla's list where there are none.

mod address;

use std::time::Duration;

use anyhow::{Context, anyhow};
use reqwest::{
    Certificate, Client, ClientBuilder, RequestBuilder, Response, StatusCode,
    header::{AUTHORIZATION, HeaderMap, HeaderValue},
    redirect::Policy,
};
use serde_json::Value;
use tokio::time::timeout;

use crate::escape::escaped;

pub(crate) use address::Server;

const CONNECT: Duration = Duration::from_secs(10);
/// Most bytes of an error that are read.
const ERROR: usize = 64 << 10;

/// A client that signs in with the token, where there is one.
pub(crate) fn client(server: &Server, token: Option<&str>) -> anyhow::Result<Client> {
    let mut headers = HeaderMap::new();
    if let Some(token) = token.filter(|token| !token.is_empty()) {
        let value = HeaderValue::from_str(&format!("Bearer {token}"));
        let mut value = value.context("the token has characters that no token has")?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    let builder = || builder(server, &headers);
    let client = builder().build().or_else(|_| builder().tls_certs_only(built_in()).build());
    client.context("the network cannot be used")
}

fn builder(server: &Server, headers: &HeaderMap) -> ClientBuilder {
    // Others in the process may have brought another provider, and then none is chosen by itself.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder()
        .user_agent(concat!("alyx-cli/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT)
        .redirect(Policy::none())
        .default_headers(headers.clone());
    if server.is_local() { builder.no_proxy() } else { builder }
}

fn built_in() -> impl Iterator<Item = Certificate> {
    webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().filter_map(|certificate| Certificate::from_der(certificate).ok())
}

/// Sends a request. The address is known to whoever asked, and would be long.
pub(crate) async fn send(request: RequestBuilder) -> anyhow::Result<Response> {
    let failed = match request.send().await {
        Ok(answer) => return Ok(answer),
        Err(fault) => fault.without_url(),
    };
    let what = if failed.is_connect() { "there is no connection to the server" } else { "the server does not answer" };
    Err(anyhow::Error::new(failed).context(what))
}

/// An answer that is none, in the words of the server where it has some, and whether it may be another one later.
pub(crate) async fn refusal(mut answer: Response) -> (anyhow::Error, bool) {
    let status = answer.status();
    let mut body = Vec::new();
    while let Ok(Ok(Some(chunk))) = timeout(CONNECT, answer.chunk()).await {
        body.extend_from_slice(&chunk);
        if body.len() > ERROR {
            break;
        }
    }
    let said = serde_json::from_slice::<Value>(&body).ok().and_then(|body| words(&body));
    let said = said.unwrap_or_else(|| format!("the server answered with status {}", status.as_u16()));
    let may_pass =
        status.is_server_error() || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT);
    (anyhow!(said), may_pass)
}

/// What a detail says, with the field that it is about.
fn detail(detail: &Value) -> Option<String> {
    let message = escaped(detail["message"].as_str()?);
    let field = escaped(detail["field"].as_str().unwrap_or_default());
    Some(if message.contains(&field) { message } else { format!("{field} {message}") })
}

/// What an error says: the details say it better than the sentence above them.
fn words(body: &Value) -> Option<String> {
    let error = escaped(body["error"].as_str()?);
    let details = body["details"].as_array().into_iter().flatten();
    let details: Vec<String> = details.filter_map(detail).collect();
    let code = escaped(body["code"].as_str().unwrap_or("ERROR"));
    let more = if details.is_empty() { String::new() } else { format!(": {}", details.join("; ")) };
    Some(format!("{error}{more} ({code})"))
}

//! Calls to the server: the events of one query over HTTP, and what went wrong with them in the server's words.
//!
//! Certificates are checked against those of the system, or Mozilla's list where there are none.

use std::time::Duration;

use anyhow::{Context, anyhow};
use reqwest::{
    Certificate, Client, ClientBuilder, Method, RequestBuilder, Response, StatusCode, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue},
    redirect::Policy,
};
use serde_json::Value;
use tokio::time::timeout;

use super::{
    document_key,
    escape::escaped,
    events::{Event, Events},
    server::Server,
};

/// The server shows every 25 seconds that it is there.
const SILENCE: Duration = Duration::from_secs(70);
const CONNECT: Duration = Duration::from_secs(10);
/// Most bytes of an error that are read.
const ERROR: usize = 64 << 10;

/// Why there are no further events.
pub(super) enum Failure {
    /// It may be otherwise in a while.
    Lost(anyhow::Error),
    /// It will not.
    Refused(anyhow::Error),
}

/// Opens connections for one query.
pub(super) struct Connection {
    client: Client,
    server: Server,
    query: Url,
}

/// An open connection.
pub(super) struct Stream {
    answer: Response,
    events: Events,
}

impl Connection {
    /// For a query, as somebody or as anybody.
    pub(super) fn new(server: Server, token: Option<&str>, query: &[(&str, String)]) -> anyhow::Result<Self> {
        let mut headers = HeaderMap::new();
        if let Some(token) = token.filter(|token| !token.is_empty()) {
            let value = HeaderValue::from_str(&format!("Bearer {token}"));
            let mut value = value.context("the token has characters that no token has")?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let builder = || builder(&server, &headers);
        let client = builder().build().or_else(|_| builder().tls_certs_only(built_in()).build());
        let mut address = server.at("api/realtime/sse")?;
        address.query_pairs_mut().extend_pairs(query);
        Ok(Self { client: client.context("the network cannot be used")?, query: address, server })
    }

    /// The server, for people.
    pub(super) fn address(&self) -> &str {
        self.server.shown()
    }

    /// The primary key of a collection, as far as the server tells it.
    pub(super) async fn key_of(&self, collection: &str) -> anyhow::Result<String> {
        let description = self.client.request(Method::GET, self.server.at("api/openapi.json")?).timeout(SILENCE);
        document_key::read(send(description).await?, collection).await
    }

    /// Asks the query, from its beginning or from a cursor on.
    pub(super) async fn open(&self, since: Option<&str>) -> Result<Stream, Failure> {
        let mut request = self.client.request(Method::GET, self.query.clone());
        if let Some(since) = since {
            request = request.header("last-event-id", since);
        }
        let answer = timeout(SILENCE, send(request)).await;
        let answer = answer.map_err(|_| anyhow!("the server does not answer")).and_then(|sent| sent);
        let answer = answer.map_err(Failure::Lost)?;
        if answer.status() != StatusCode::OK {
            return Err(refusal(answer).await);
        }
        let kind = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("text/event-stream") {
            return Err(Failure::Refused(anyhow!("what answers there is not Alyx: it sent {:?}", escaped(kind))));
        }
        Ok(Stream { answer, events: Events::default() })
    }
}

impl Stream {
    /// The next event.
    pub(super) async fn next(&mut self) -> Result<Event, Failure> {
        loop {
            if let Some(event) = self.events.next() {
                return Ok(event);
            }
            let chunk = match timeout(SILENCE, self.answer.chunk()).await {
                Ok(Ok(Some(chunk))) => chunk,
                Ok(Ok(None)) => return Err(Failure::Lost(anyhow!("the server ended the connection"))),
                Ok(Err(_)) => return Err(Failure::Lost(anyhow!("the connection is lost"))),
                Err(_) => return Err(Failure::Lost(anyhow!("nothing was heard of the server for a while"))),
            };
            self.events.push(&chunk).map_err(|fault| Failure::Refused(fault.into()))?;
        }
    }
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
async fn send(request: RequestBuilder) -> anyhow::Result<Response> {
    let failed = match request.send().await {
        Ok(answer) => return Ok(answer),
        Err(fault) => fault.without_url(),
    };
    let what = if failed.is_connect() { "there is no connection to the server" } else { "the server does not answer" };
    Err(anyhow::Error::new(failed).context(what))
}

/// An answer that is none, in the words of the server where it has some.
async fn refusal(mut answer: Response) -> Failure {
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
    if may_pass { Failure::Lost(anyhow!(said)) } else { Failure::Refused(anyhow!(said)) }
}

/// What an error says: the details say it better than the sentence above them.
fn words(body: &Value) -> Option<String> {
    let error = escaped(body["error"].as_str()?);
    let details = body["details"].as_array().into_iter().flatten();
    let details: Vec<String> = details.filter_map(|detail| detail["message"].as_str()).map(escaped).collect();
    let code = escaped(body["code"].as_str().unwrap_or("ERROR"));
    let more = if details.is_empty() { String::new() } else { format!(": {}", details.join("; ")) };
    Some(format!("{error}{more} ({code})"))
}

//! Calls to the server: the events of one query over HTTP, and what went wrong with them in the server's words.

use std::time::Duration;

use anyhow::anyhow;
use reqwest::{Client, Method, Response, StatusCode, Url, header::CONTENT_TYPE};
use tokio::time::timeout;

use super::{
    document_key,
    events::{Event, Events},
};
use crate::{
    escape::escaped,
    server::{self, Server, send},
};

/// The server shows every 25 seconds that it is there.
const SILENCE: Duration = Duration::from_secs(70);

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
        let client = server::client(&server, token)?;
        let mut address = server.at("api/realtime/sse")?;
        address.query_pairs_mut().extend_pairs(query);
        Ok(Self { client, query: address, server })
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
            return Err(refused(answer).await);
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

async fn refused(answer: Response) -> Failure {
    match server::refusal(answer).await {
        (said, true) => Failure::Lost(said),
        (said, false) => Failure::Refused(said),
    }
}

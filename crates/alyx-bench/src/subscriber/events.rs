//! Server-sent events, one whole event at a time.

use anyhow::{Context, Result, ensure};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use memchr::memmem;

use crate::http::{Request, Sender, connect};

/// An open stream of events.
pub(crate) struct Events {
    body: Incoming,
    buffer: BytesMut,
    /// The connection lives as long as its sender.
    _sender: Sender,
}

impl Events {
    /// Connects as the bearer of a token.
    pub(crate) async fn connect(address: &str, path: &str, token: &str) -> Result<Self> {
        let mut sender = connect(address).await?;
        let answer = sender.send_request(Request::get(path).build(address, Some(token))?).await?;
        ensure!(answer.status().is_success(), "no events: {}", answer.status());
        Ok(Self { body: answer.into_body(), buffer: BytesMut::new(), _sender: sender })
    }

    /// The next event.
    pub(crate) async fn next(&mut self) -> Result<Bytes> {
        loop {
            if let Some(end) = memmem::find(&self.buffer, b"\n\n") {
                return Ok(self.buffer.split_to(end + 2).freeze());
            }
            let frame = self.body.frame().await.context("the connection ended")??;
            if let Some(data) = frame.data_ref() {
                self.buffer.extend_from_slice(data);
            }
        }
    }
}

//! Where a connection's messages go: a WebSocket, or a stream of server-sent events (WHATWG HTML, section 9.2).

use std::{future::poll_fn, pin::pin, task::Poll, time::Duration};

use actix_ws::{CloseReason, Message, Session};
use bytes::Bytes;
use tokio::{
    sync::mpsc,
    time::{error::Elapsed, timeout},
};

/// One message of the server.
pub(super) struct Told {
    pub(super) kind: &'static str,
    /// JSON.
    pub(super) text: Bytes,
}

/// Where messages go.
pub(super) enum Outlet {
    Socket(Session),
    Events(mpsc::Sender<Bytes>),
}

/// The client is gone, or takes nothing.
#[derive(Debug)]
pub(super) struct Gone;

impl Outlet {
    pub(super) async fn tell(&mut self, told: Told, patience: Duration) -> Result<(), Gone> {
        match self {
            Self::Socket(session) => {
                // The bytes stay where they are: many may be told the same.
                let Message::Text(text) = Message::Text(told.text.try_into().map_err(|_| Gone)?) else {
                    return Err(Gone);
                };
                taken(&patiently(patience, session.text(text)).await)
            }
            Self::Events(events) => taken(&patiently(patience, events.send(event(&told))).await),
        }
    }

    /// Shows that the server is there.
    pub(super) async fn beat(&mut self, patience: Duration) -> Result<(), Gone> {
        match self {
            Self::Socket(session) => taken(&patiently(patience, session.ping(b"")).await),
            // A line that begins with a colon is no event.
            Self::Events(events) => taken(&patiently(patience, events.send(Bytes::from_static(b":\n\n"))).await),
        }
    }

    pub(super) async fn answer_ping(&mut self, bytes: &[u8], patience: Duration) -> Result<(), Gone> {
        match self {
            Self::Socket(session) => taken(&patiently(patience, session.pong(bytes)).await),
            Self::Events(_) => Ok(()),
        }
    }

    pub(super) async fn close(self, reason: CloseReason, patience: Duration) {
        if let Self::Socket(session) = self {
            // It may be gone already.
            let _ = patiently(patience, session.close(Some(reason))).await;
        }
    }
}

/// Waits for a client for so long and no longer. Nearly always nothing is to be waited for, and no timer needed.
async fn patiently<F: Future>(patience: Duration, future: F) -> Result<F::Output, Elapsed> {
    let mut future = pin!(future);
    match poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await {
        Poll::Ready(output) => Ok(output),
        Poll::Pending => timeout(patience, future).await,
    }
}

fn taken<T, E, F>(outcome: &Result<Result<T, E>, F>) -> Result<(), Gone> {
    matches!(outcome, Ok(Ok(_))).then_some(()).ok_or(Gone)
}

/// A message as an event; its id is the cursor with which it can be resumed.
fn event(told: &Told) -> Bytes {
    let mut event = format!("event: {}\n", told.kind).into_bytes();
    if let Some(cursor) = cursor(&told.text) {
        event.extend_from_slice(&[b"id: ", cursor, b"\n"].concat());
    }
    // JSON on one line: a line break in a text is written as `\n`.
    event.extend_from_slice(&[&b"data: "[..], &told.text, b"\n\n"].concat());
    event.into()
}

/// The cursor at the end of a snapshot or delta.
fn cursor(text: &[u8]) -> Option<&[u8]> {
    let text = text.strip_suffix(b"\"}}")?;
    let start = text.iter().rposition(|byte| *byte == b'"')?;
    text[..start].ends_with(b"\"cursor\":").then(|| &text[start + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_has_the_cursor_as_its_id() {
        let told = Told {
            kind: "delta",
            text: Bytes::from_static(br#"{"type":"delta","payload":{"total":1,"cursor":"aB-_"}}"#),
        };
        let text =
            "event: delta\nid: aB-_\ndata: {\"type\":\"delta\",\"payload\":{\"total\":1,\"cursor\":\"aB-_\"}}\n\n";
        assert_eq!(event(&told), text);
        let told = Told { kind: "error", text: Bytes::from_static(br#"{"type":"error","payload":{"message":"x"}}"#) };
        assert!(!event(&told).starts_with(b"event: error\nid"));
    }
}

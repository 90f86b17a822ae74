//! Where a connection's messages go: a WebSocket, or a stream of server-sent events (WHATWG HTML, section 9.2).

use std::time::Duration;

use actix_ws::{CloseReason, Session};
use bytes::Bytes;
use tokio::{sync::mpsc, time::timeout};

/// Longest time for a client to take one message.
const PATIENCE: Duration = Duration::from_secs(30);

/// One message of the server.
pub(super) struct Told {
    pub(super) kind: &'static str,
    /// JSON.
    pub(super) text: Vec<u8>,
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
    pub(super) async fn tell(&mut self, told: Told) -> Result<(), Gone> {
        match self {
            Self::Socket(session) => {
                let text = String::from_utf8(told.text).map_err(|_| Gone)?;
                taken(&timeout(PATIENCE, session.text(text)).await)
            }
            Self::Events(events) => taken(&timeout(PATIENCE, events.send(event(&told))).await),
        }
    }

    /// Shows that the server is there.
    pub(super) async fn beat(&mut self) -> Result<(), Gone> {
        match self {
            Self::Socket(session) => taken(&timeout(PATIENCE, session.ping(b"")).await),
            // A line that begins with a colon is no event.
            Self::Events(events) => taken(&timeout(PATIENCE, events.send(Bytes::from_static(b":\n\n"))).await),
        }
    }

    pub(super) async fn answer_ping(&mut self, bytes: &[u8]) -> Result<(), Gone> {
        match self {
            Self::Socket(session) => taken(&timeout(PATIENCE, session.pong(bytes)).await),
            Self::Events(_) => Ok(()),
        }
    }

    pub(super) async fn close(self, reason: CloseReason) {
        if let Self::Socket(session) = self {
            // It may be gone already.
            let _ = timeout(PATIENCE, session.close(Some(reason))).await;
        }
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
    event.extend_from_slice(&[b"data: ", told.text.as_slice(), b"\n\n"].concat());
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
        let told = Told { kind: "delta", text: br#"{"type":"delta","payload":{"total":1,"cursor":"aB-_"}}"#.to_vec() };
        let text =
            "event: delta\nid: aB-_\ndata: {\"type\":\"delta\",\"payload\":{\"total\":1,\"cursor\":\"aB-_\"}}\n\n";
        assert_eq!(event(&told), text);
        let told = Told { kind: "error", text: br#"{"type":"error","payload":{"message":"x"}}"#.to_vec() };
        assert!(!event(&told).starts_with(b"event: error\nid"));
    }
}

//! Messages as bytes: frames of a WebSocket (RFC 6455, section 5.2), or server-sent events (WHATWG HTML, section 9.2).

use std::cell::RefCell;

use actix_http::ws::{OpCode, Parser};
use actix_ws::CloseReason;
use bytes::{Bytes, BytesMut};

use super::Told;
use crate::realtime::message;

/// Longest payload of a control frame (RFC 6455, section 5.5).
const LONGEST_CONTROL: usize = 125;
/// Most bytes that a frame's head takes.
const HEAD: usize = 10;

/// How messages are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::realtime) enum Format {
    Socket,
    Events,
}

impl Format {
    pub(super) fn message(self, told: &Told) -> Bytes {
        match self {
            Self::Socket => frame(OpCode::Text, &told.text),
            Self::Events => event(told),
        }
    }

    /// Shows that the server is there.
    pub(super) fn beat(self) -> Bytes {
        match self {
            Self::Socket => frame(OpCode::Ping, b""),
            // A line that begins with a colon is no event.
            Self::Events => Bytes::from_static(b":\n\n"),
        }
    }

    /// A delta of a subscription; made once for all connections of a thread that hear it: all who listen to the same
    /// hear it one after the other, and nearly all under the same name.
    pub(super) fn delta(self, subscription: &str, inside: &Bytes) -> Bytes {
        LAST.with_borrow_mut(|last| match last {
            Some(last) if last.is(self, subscription, inside) => last.written.clone(),
            _ => {
                let written = self.message(&message::around("delta", None, subscription, inside));
                let made = Made {
                    format: self,
                    subscription: subscription.to_owned(),
                    inside: inside.clone(),
                    written: written.clone(),
                };
                *last = Some(made);
                written
            }
        })
    }
}

/// A delta and how it was written.
struct Made {
    format: Format,
    subscription: String,
    inside: Bytes,
    written: Bytes,
}

thread_local! {
    static LAST: RefCell<Option<Made>> = const { RefCell::new(None) };
}

impl Made {
    fn is(&self, format: Format, subscription: &str, inside: &Bytes) -> bool {
        // While it is kept here, nothing else is at the same place.
        let is_same = self.inside.as_ptr() == inside.as_ptr() && self.inside.len() == inside.len();
        is_same && self.format == format && self.subscription == subscription
    }
}

pub(super) fn pong(bytes: &[u8]) -> Bytes {
    frame(OpCode::Pong, &bytes[..bytes.len().min(LONGEST_CONTROL)])
}

pub(super) fn close(reason: CloseReason) -> Bytes {
    let mut bytes = BytesMut::new();
    // What is longer was not said by this server.
    let description = reason.description.filter(|text| text.len() <= LONGEST_CONTROL - 2);
    Parser::write_close(&mut bytes, Some(CloseReason { description, ..reason }), false);
    bytes.freeze()
}

fn frame(code: OpCode, payload: &[u8]) -> Bytes {
    let mut bytes = BytesMut::with_capacity(payload.len() + HEAD);
    Parser::write_message(&mut bytes, payload, code, true, false);
    bytes.freeze()
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

    #[test]
    fn a_delta_is_written_once_for_those_who_hear_it_under_one_name() {
        let inside = Bytes::from_static(b"\"total\":1");
        let first = Format::Socket.delta("sub_1", &inside);
        assert_eq!(Format::Socket.delta("sub_1", &inside).as_ptr(), first.as_ptr());
        assert_eq!(&first[2..], br#"{"type":"delta","payload":{"subscription_id":"sub_1","total":1}}"#);
        assert_ne!(Format::Socket.delta("sub_2", &inside), first);
        assert!(Format::Events.delta("sub_2", &inside).starts_with(b"event: delta\n"));
        let other = Bytes::from(b"\"total\":2".to_vec());
        assert!(Format::Socket.delta("sub_1", &other).ends_with(b"2}}"));
    }

    #[test]
    fn control_frames_are_never_too_long() {
        assert_eq!(pong(&[b'x'; 200]).len(), 2 + LONGEST_CONTROL);
        let reason = CloseReason { code: actix_ws::CloseCode::Away, description: Some("x".repeat(200)) };
        assert_eq!(&close(reason)[..], [0x88, 2, 0x03, 0xe9]);
    }
}

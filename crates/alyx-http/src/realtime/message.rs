//! The messages: what clients send, and what they are told.

use alyx_realtime::Started;
use serde_json::{Map, Value as Json, json};

use alyx_schema::channel::MAX_NAME;

use super::{
    channels::{MOST_EVENT, MOST_STATE},
    outlet::Told,
};
use crate::error::{ApiError, Code};

/// What a client asks for.
pub(super) enum Asked {
    Subscribe { query: Json, since: Option<String> },
    Unsubscribe { subscription: String },
    Auth { token: String },
    Ping,
    Join { channel: String, presence: Option<String> },
    Leave { channel: String },
    Broadcast(Sending),
    Presence { channel: String, state: Option<String> },
}

/// What is sent to a channel.
pub(super) struct Sending {
    pub(super) channel: String,
    pub(super) event: String,
    pub(super) data: Json,
}

/// A message of a client: `id` is echoed, whatever it is.
pub(super) struct Message {
    pub(super) id: Option<Json>,
    pub(super) asked: Result<Asked, ApiError>,
}

const TYPES: &str = "subscribe, unsubscribe, join, leave, broadcast, presence, auth and ping";

impl Message {
    pub(super) fn parse(text: &str) -> Self {
        let mut message = match serde_json::from_str(text) {
            Ok(Json::Object(message)) => message,
            Ok(_) => return Self { id: None, asked: Err(invalid("a message is a JSON object")) },
            Err(fault) => {
                let fault = ApiError::new(Code::InvalidJson, format!("the message is no JSON: {fault}"));
                return Self { id: None, asked: Err(fault) };
            }
        };
        let id = message.remove("id").filter(|id| id.is_string() || id.is_number());
        Self { id, asked: asked(message) }
    }
}

fn asked(mut message: Map<String, Json>) -> Result<Asked, ApiError> {
    let payload = match message.remove("payload") {
        None | Some(Json::Null) => Map::new(),
        Some(Json::Object(payload)) => payload,
        Some(_) => return Err(invalid("payload must be an object")),
    };
    match message.get("type").and_then(Json::as_str) {
        Some("subscribe") => subscribe(payload),
        Some("unsubscribe") => {
            Ok(Asked::Unsubscribe { subscription: text(&payload, "subscription_id")?.unwrap_or_default() })
        }
        Some("join") => Ok(Asked::Join { channel: channel(&payload)?, presence: shown(&payload, "presence")? }),
        Some("leave") => Ok(Asked::Leave { channel: channel(&payload)? }),
        Some("broadcast") => broadcast(payload),
        Some("presence") => Ok(Asked::Presence { channel: channel(&payload)?, state: shown(&payload, "state")? }),
        Some("auth") => match text(&payload, "token")? {
            Some(token) => Ok(Asked::Auth { token }),
            None => Err(invalid("payload.token is missing")),
        },
        Some("ping") => Ok(Asked::Ping),
        Some(other) => {
            let other: String = other.chars().take(40).collect();
            Err(invalid(&format!("there is no type {other:?}; there are {TYPES}")))
        }
        None => Err(invalid(&format!("type is missing; there are {TYPES}"))),
    }
}

fn subscribe(mut payload: Map<String, Json>) -> Result<Asked, ApiError> {
    let since = text(&payload, "since")?;
    payload.remove("since");
    Ok(Asked::Subscribe { query: Json::Object(payload), since })
}

fn broadcast(mut payload: Map<String, Json>) -> Result<Asked, ApiError> {
    let channel = channel(&payload)?;
    let event = required(&payload, "event")?;
    if event.len() > MOST_EVENT {
        return Err(invalid(&format!("payload.event has {} bytes; at most {MOST_EVENT}", event.len())));
    }
    Ok(Asked::Broadcast(Sending { channel, event, data: payload.remove("data").unwrap_or_default() }))
}

/// The name of a channel; one that is too long is none, and is not repeated.
fn channel(payload: &Map<String, Json>) -> Result<String, ApiError> {
    let name = required(payload, "channel")?;
    if name.len() > MAX_NAME {
        return Err(invalid(&format!("payload.channel has {} bytes; at most {MAX_NAME}", name.len())));
    }
    Ok(name)
}

/// What somebody shows of themselves, as JSON text.
fn shown(payload: &Map<String, Json>, name: &str) -> Result<Option<String>, ApiError> {
    match payload.get(name) {
        None | Some(Json::Null) => Ok(None),
        Some(state @ Json::Object(_)) => match state.to_string() {
            text if text.len() > MOST_STATE => {
                Err(invalid(&format!("payload.{name} has {} bytes; at most {MOST_STATE}", text.len())))
            }
            text => Ok(Some(text)),
        },
        Some(_) => Err(invalid(&format!("payload.{name} must be an object"))),
    }
}

fn required(payload: &Map<String, Json>, name: &str) -> Result<String, ApiError> {
    text(payload, name)?.ok_or_else(|| invalid(&format!("payload.{name} is missing")))
}

fn text(payload: &Map<String, Json>, name: &str) -> Result<Option<String>, ApiError> {
    match payload.get(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(invalid(&format!("payload.{name} must be text"))),
    }
}

fn invalid(message: &str) -> ApiError {
    ApiError::new(Code::InvalidBody, message.to_owned())
}

/// A message of the server.
pub(super) fn told(kind: &'static str, id: Option<&Json>, payload: &Json) -> Told {
    let mut message = json!({"type": kind, "payload": payload});
    if let Some(id) = id {
        message["id"] = id.clone();
    }
    Told { kind, text: message.to_string().into() }
}

/// An error, in the words that an answer over HTTP would have.
pub(super) fn error(id: Option<&Json>, subscription: Option<&str>, error: &ApiError) -> Told {
    about(id, subscription.map(|subscription| ("subscription_id", subscription)), error)
}

/// An error about a channel that is joined.
pub(super) fn channel_error(channel: &str, error: &ApiError) -> Told {
    about(None, Some(("channel", channel)), error)
}

fn about(id: Option<&Json>, what: Option<(&str, &str)>, error: &ApiError) -> Told {
    let mut payload = json!({"code": error.code.as_str(), "message": error.message});
    if !error.details.is_empty() {
        payload["details"] = serde_json::to_value(&error.details).unwrap_or_default();
    }
    if let Some((name, value)) = what {
        payload[name] = value.into();
    }
    told("error", id, &payload)
}

/// A snapshot or a delta around what all listeners share.
pub(super) fn around(kind: &'static str, id: Option<&Json>, subscription: &str, inside: &[u8]) -> Told {
    let id = id.map_or_else(String::new, |id| format!("\"id\":{id},"));
    let head = format!("{{{id}\"type\":\"{kind}\",\"payload\":{{\"subscription_id\":\"{subscription}\",");
    Told { kind, text: [head.as_bytes(), inside, b"}}"].concat().into() }
}

/// What a subscription begins with, as its messages.
pub(super) fn started(id: Option<&Json>, subscription: &str, started: &Started) -> Vec<Told> {
    match started {
        Started::Snapshot(inside) => vec![around("snapshot", id, subscription, inside)],
        Started::Resumed(inside) => vec![around("delta", id, subscription, inside)],
        Started::Resync(inside) => {
            let resync = told("resync", None, &json!({"subscription_id": subscription}));
            vec![resync, around("snapshot", id, subscription, inside)]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str) -> String {
        Message::parse(text).asked.err().expect("it is refused").message.into_owned()
    }

    #[test]
    fn wrong_messages_say_what_would_be_right() {
        assert!(refused("{").contains("no JSON"));
        assert_eq!(refused("[]"), "a message is a JSON object");
        assert!(refused("{}").starts_with("type is missing; there are subscribe, unsubscribe, join"));
        assert!(refused(r#"{"type":"subscribed"}"#).starts_with(r#"there is no type "subscribed""#));
        assert_eq!(refused(r#"{"type":"auth"}"#), "payload.token is missing");
        assert_eq!(refused(r#"{"type":"auth","payload":7}"#), "payload must be an object");
        assert_eq!(refused(r#"{"type":"subscribe","payload":{"since":7}}"#), "payload.since must be text");
        assert_eq!(refused(r#"{"type":"join"}"#), "payload.channel is missing");
        assert_eq!(refused(r#"{"type":"broadcast","payload":{"channel":"a"}}"#), "payload.event is missing");
        let presence = r#"{"type":"join","payload":{"channel":"a","presence":7}}"#;
        assert_eq!(refused(presence), "payload.presence must be an object");
    }

    #[test]
    fn what_is_too_long_is_refused_before_anything_else() {
        let channel = "x".repeat(201);
        let long = refused(&format!(r#"{{"type":"join","payload":{{"channel":"{channel}"}}}}"#));
        assert_eq!(long, "payload.channel has 201 bytes; at most 200");
        let long = refused(&format!(r#"{{"type":"broadcast","payload":{{"channel":"a","event":"{channel}"}}}}"#));
        assert_eq!(long, "payload.event has 201 bytes; at most 200");
        let state = format!(r#"{{"a":"{}"}}"#, "x".repeat(4089));
        let long = refused(&format!(r#"{{"type":"presence","payload":{{"channel":"a","state":{state}}}}}"#));
        assert_eq!(long, "payload.state has 4097 bytes; at most 4096");
    }

    #[test]
    fn a_delta_goes_around_what_is_shared() {
        let text = around("delta", Some(&json!("a\"b")), "sub_1", b"\"total\":3");
        let read: Json = serde_json::from_slice(&text.text).unwrap();
        assert_eq!(read, json!({"id": "a\"b", "type": "delta", "payload": {"subscription_id": "sub_1", "total": 3}}));
    }
}

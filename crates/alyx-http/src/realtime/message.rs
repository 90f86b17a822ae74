//! The messages: what clients send, and what they are told.

use alyx_realtime::Started;
use serde_json::{Map, Value as Json, json};

use super::outlet::Told;

use crate::error::{ApiError, Code};

/// What a client asks for.
pub(super) enum Asked {
    Subscribe { query: Json, since: Option<String> },
    Unsubscribe { subscription: String },
    Auth { token: String },
    Ping,
}

/// A message of a client: `id` is echoed, whatever it is.
pub(super) struct Message {
    pub(super) id: Option<Json>,
    pub(super) asked: Result<Asked, ApiError>,
}

const TYPES: &str = "subscribe, unsubscribe, auth and ping";

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
    Told { kind, text: message.to_string().into_bytes() }
}

/// An error, in the words that an answer over HTTP would have.
pub(super) fn error(id: Option<&Json>, subscription: Option<&str>, error: &ApiError) -> Told {
    let mut payload = json!({"code": error.code.as_str(), "message": error.message});
    if !error.details.is_empty() {
        payload["details"] = serde_json::to_value(&error.details).unwrap_or_default();
    }
    if let Some(subscription) = subscription {
        payload["subscription_id"] = subscription.into();
    }
    told("error", id, &payload)
}

/// A snapshot or a delta around what all listeners share.
pub(super) fn around(kind: &'static str, id: Option<&Json>, subscription: &str, inside: &[u8]) -> Told {
    let id = id.map_or_else(String::new, |id| format!("\"id\":{id},"));
    let head = format!("{{{id}\"type\":\"{kind}\",\"payload\":{{\"subscription_id\":\"{subscription}\",");
    Told { kind, text: [head.as_bytes(), inside, b"}}"].concat() }
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
        assert_eq!(refused("{}"), "type is missing; there are subscribe, unsubscribe, auth and ping");
        assert!(refused(r#"{"type":"subscribed"}"#).starts_with(r#"there is no type "subscribed""#));
        assert_eq!(refused(r#"{"type":"auth"}"#), "payload.token is missing");
        assert_eq!(refused(r#"{"type":"auth","payload":7}"#), "payload must be an object");
        assert_eq!(refused(r#"{"type":"subscribe","payload":{"since":7}}"#), "payload.since must be text");
    }

    #[test]
    fn a_delta_goes_around_what_is_shared() {
        let text = around("delta", Some(&json!("a\"b")), "sub_1", b"\"total\":3");
        let read: Json = serde_json::from_slice(&text.text).unwrap();
        assert_eq!(read, json!({"id": "a\"b", "type": "delta", "payload": {"subscription_id": "sub_1", "total": 3}}));
    }
}

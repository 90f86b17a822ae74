//! The messages of channels: made once for all who get them.

use alyx_realtime::channels::Shown;
use bytes::Bytes;
use serde_json::{Value as Json, json};

use crate::{
    access::Caller,
    error::ApiError,
    realtime::{message::told, outlet::Told},
};

/// Who does something, as others see it: never what a client says of itself.
pub(in crate::realtime) fn person(client: &str, caller: &Caller) -> Json {
    json!({"client_id": client, "user": user(caller)})
}

/// The account of a caller; null for who has none.
pub(in crate::realtime) fn user(caller: &Caller) -> Json {
    caller.identity().map_or(Json::Null, |identity| json!({"id": identity.id, "role": identity.role}))
}

/// What was sent to a channel.
pub(in crate::realtime) fn broadcast(channel: &str, (event, data): (&str, &Json), from: &Json) -> Bytes {
    let payload = json!({"channel": channel, "event": event, "data": data, "from": from});
    told("broadcast", None, &payload).text
}

/// How somebody shows that they are there; the state is JSON text.
pub(in crate::realtime) fn shown(channel: &str, person: &Json, state: &str, is_new: bool) -> Shown {
    let person_text = person.to_string();
    let open = person_text.strip_suffix('}').unwrap_or_default();
    let entry = format!("{open},\"state\":{state}}}");
    let (joins, updates) = if is_new { (entry.as_str(), "") } else { ("", entry.as_str()) };
    let leaves = json!({"client_id": person["client_id"]}).to_string();
    let (news, farewell) = (presence(channel, [joins, updates, ""]), presence(channel, ["", "", &leaves]));
    Shown { entry: entry.into(), news, farewell }
}

fn presence(channel: &str, [joins, updates, leaves]: [&str; 3]) -> Bytes {
    let lists = format!("\"joins\":[{joins}],\"updates\":[{updates}],\"leaves\":[{leaves}]");
    let channel = Json::from(channel);
    format!("{{\"type\":\"presence\",\"payload\":{{\"channel\":{channel},{lists}}}}}").into()
}

/// An answer with who is there, where that may be seen.
pub(in crate::realtime) fn joined(id: Option<&Json>, channel: &str, present: Option<&[Bytes]>) -> Told {
    with_present("joined", (id, channel, None), present)
}

/// So many messages did not reach a slow client; who is there now comes along.
pub(in crate::realtime) fn missed(channel: &str, count: u64, present: Option<&[Bytes]>) -> Told {
    with_present("missed", (None, channel, Some(count)), present)
}

/// A channel is left, by itself or because it may not stay.
pub(in crate::realtime) fn left(id: Option<&Json>, channel: &str, reason: Option<&ApiError>) -> Told {
    let mut payload = json!({"channel": channel});
    if let Some(error) = reason {
        payload["code"] = error.code.as_str().into();
        payload["message"] = error.message.as_ref().into();
    }
    told("left", id, &payload)
}

/// A message around entries that are JSON already.
fn with_present(
    kind: &'static str,
    (id, channel, count): (Option<&Json>, &str, Option<u64>),
    present: Option<&[Bytes]>,
) -> Told {
    let id = id.map_or_else(String::new, |id| format!("\"id\":{id},"));
    let count = count.map_or_else(String::new, |count| format!(",\"count\":{count}"));
    let head = format!("{{{id}\"type\":\"{kind}\",\"payload\":{{\"channel\":{}{count}", Json::from(channel));
    let text = match present {
        Some(present) => [head.as_bytes(), b",\"presence\":[", &present.join(&b','), b"]}}"].concat(),
        None => [head.as_bytes(), b"}}"].concat(),
    };
    Told { kind, text: text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_there_comes_along_as_it_was_made() {
        let entries = [Bytes::from_static(br#"{"client_id":"a"}"#), Bytes::from_static(br#"{"client_id":"b"}"#)];
        let read = |told: Told| serde_json::from_slice::<Json>(&told.text).unwrap();
        let present = json!([{"client_id": "a"}, {"client_id": "b"}]);
        let expected = json!({"id": 7, "type": "joined", "payload": {"channel": "lobby", "presence": present}});
        assert_eq!(read(joined(Some(&json!(7)), "lobby", Some(&entries))), expected);
        let expected = json!({"type": "missed", "payload": {"channel": "a\"b", "count": 3, "presence": []}});
        assert_eq!(read(missed("a\"b", 3, Some(&[]))), expected);
        assert_eq!(read(joined(None, "lobby", None)), json!({"type": "joined", "payload": {"channel": "lobby"}}));
    }
}

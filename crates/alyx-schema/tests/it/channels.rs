//! Channels: which names a pattern has, and what becomes of `channels:`.

use alyx_schema::{Schema, Value, diff, parse_schema, to_yaml};

const CHANNELS: &str = r#"
version: 1
collections: {}
channels:
  lobby:
    rules: {join: "true", broadcast: "auth != null"}
  "room:{room_id}":
    rules:
      join: auth != null
      presence: |
        auth.verified
  room:main: {}
  "room:{room_id}:thread:{thread}":
"#;

fn schema() -> Schema {
    parse_schema("schema.yaml", CHANNELS).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

/// The pattern that a name has, and its parameters.
#[track_caller]
fn check(name: &str, expected: Option<(&str, &[&str])>) {
    let schema = schema();
    let found = schema.channel(name);
    let found = found.as_ref().map(|(channel, document)| {
        let text = |value: &Value| if let Value::Text(text) = value { text.clone() } else { panic!("{value:?}") };
        let texts: Vec<_> = document.values.iter().map(text).collect();
        assert_eq!(texts[0], name);
        (channel.pattern.as_str().to_owned(), texts[1..].to_vec())
    });
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    assert_eq!(found, expected.map(|(pattern, texts)| (pattern.to_owned(), owned(texts))), "{name:?}");
}

#[test]
fn a_name_has_the_pattern_that_says_most() {
    check("lobby", Some(("lobby", &[])));
    check("room:7", Some(("room:{room_id}", &["7"])));
    check("room:Zürich 1", Some(("room:{room_id}", &["Zürich 1"])));
    check("room:main", Some(("room:main", &[])));
    check("room:7:thread:x", Some(("room:{room_id}:thread:{thread}", &["7", "x"])));
}

#[test]
fn what_fits_no_pattern_is_no_channel() {
    for name in
        ["", ":", "lobby:", "Lobby", "room", "room:", "room:1:2", "room:7:thread:", "room:a\nb", "room:{room_id}:"]
    {
        check(name, None);
    }
    check(&format!("room:{}", "x".repeat(195)), Some(("room:{room_id}", &["x".repeat(195).as_str()])));
    check(&format!("room:{}", "x".repeat(196)), None);
}

#[test]
fn a_name_that_was_perhaps_meant_is_told() {
    let schema = schema();
    assert_eq!(schema.nearest_channel("rom:7").as_deref(), Some("room:7"));
    assert_eq!(schema.nearest_channel("loby").as_deref(), Some("lobby"));
    assert_eq!(schema.nearest_channel("something:else"), None);
    assert_eq!(schema.nearest_channel("room:"), None);
}

#[test]
fn channels_are_printed_and_change_no_table() {
    let (with, printed) = (schema(), to_yaml(&schema()));
    let again = parse_schema("schema.yaml", &printed).unwrap_or_else(|faults| panic!("{faults:#?}\n{printed}"));
    assert_eq!(again.without_spans(), with.without_spans(), "{printed}");
    assert_ne!(to_yaml(&Schema::default()), printed, "the text and its hash are others");
    assert_eq!(diff(&Schema::default(), &with), []);
}

#[test]
fn a_rule_knows_its_place() {
    let schema = schema();
    let presence = schema.channels[1].rules.presence.as_ref().unwrap();
    assert_eq!((presence.text.as_str(), presence.span.line, presence.span.column), ("auth.verified", 11, 9));
}

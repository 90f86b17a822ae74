//! Rules of channels: what they know, and what is left of one to ask other documents.

use std::sync::Arc;

use alyx_query::Predicate;
use alyx_rules::{ChannelOperation, Context, RuleSet};
use alyx_schema::{Schema, parse_schema};

use crate::fixture::alice;

const ROOMS: &str = r#"
version: 1
collections:
  memberships:
    fields:
      id: {type: string, primary: true}
      room_id: {type: string}
      user_id: {type: string}
channels:
  "room:{room_id}":
    rules:
      join: exists_in("memberships", m, m.room_id == channel.room_id && m.user_id == auth.id)
      broadcast: "channel.name.startsWith('room:a') && auth.verified && request.body.event == 'wave'"
"#;

fn rooms() -> (RuleSet, Arc<Schema>) {
    let schema = Arc::new(parse_schema("schema.yaml", ROOMS).unwrap_or_else(|faults| panic!("{faults:#?}")));
    (RuleSet::compile("schema.yaml", &schema).unwrap_or_else(|faults| panic!("{faults:#?}")), schema)
}

#[track_caller]
fn check(name: &str, operation: ChannelOperation, signed_in: bool, expected: &str) {
    let (rules, schema) = rooms();
    let (channel, document) = schema.channel(name).expect("there is such a channel");
    let (alice, request) = (alice(), crate::fixture::request(&serde_json::json!({"event": "wave"})));
    let context = Context { auth: signed_in.then_some(&alice), request: &request };
    let rule = rules.channel_rule(channel, operation).expect("it has a rule");
    assert_eq!(rule.decide_for(&context, &document).predicate().canonical_key(), expected, "{name} {operation:?}");
}

#[test]
fn what_is_left_speaks_of_other_documents_alone() {
    let left = "any(memberships and(eq(room_id s1:7)eq(user_id s2:u1)))";
    check("room:7", ChannelOperation::Join, true, left);
    check("room:7", ChannelOperation::Join, false, &Predicate::FALSE.canonical_key());
}

#[test]
fn what_looks_at_nothing_is_decided() {
    check("room:a1", ChannelOperation::Broadcast, true, &Predicate::TRUE.canonical_key());
    check("room:b1", ChannelOperation::Broadcast, true, &Predicate::FALSE.canonical_key());
    check("room:a1", ChannelOperation::Broadcast, false, &Predicate::FALSE.canonical_key());
}

#[test]
fn a_rule_that_is_missing_is_none_and_what_is_looked_at_is_known() {
    let (rules, schema) = rooms();
    let (channel, _) = schema.channel("room:7").expect("there is such a channel");
    assert!(rules.channel_rule(channel, ChannelOperation::Presence).is_none());
    assert_eq!(rules.seen_from_channels().iter().map(|name| name.as_str()).collect::<Vec<_>>(), ["memberships"]);
}

#[test]
fn a_parameter_is_compared_with_ids_of_any_kind() {
    for kind in ["uuid", "id", "string"] {
        let text = ROOMS.replace("room_id: {type: string}", &format!("room_id: {{type: {kind}}}"));
        let schema = Arc::new(parse_schema("schema.yaml", &text).unwrap_or_else(|faults| panic!("{faults:#?}")));
        let rules = RuleSet::compile("schema.yaml", &schema).unwrap_or_else(|faults| panic!("{faults:#?}"));
        let (channel, document) = schema.channel("room:0194fdc2-fa2f-7cc0-81d3-ff12045b73c8").expect("it is there");
        let (alice, request) = (alice(), crate::fixture::request(&serde_json::json!({})));
        let context = Context { auth: Some(&alice), request: &request };
        let rule = rules.channel_rule(channel, ChannelOperation::Join).expect("it has a rule");
        let left = rule.decide_for(&context, &document).predicate().canonical_key();
        assert!(left.contains("0194fdc2-fa2f-7cc0-81d3-ff12045b73c8"), "{kind}: {left}");
    }
}

//! The entries of `channels:`.

use alyx_yaml::{Entry, Node};

use super::{faults::Faults, rules};
use crate::channel::{Channel, ChannelPattern, ChannelRules, PatternFault};

/// Keys of a channel.
pub(crate) const CHANNEL_KEYS: &[&str] = &["rules"];
/// What a rule of a channel can be given for.
pub(crate) const CHANNEL_RULE_KEYS: &[&str] = &["join", "broadcast", "presence"];

pub(super) fn read(node: &Node, text: &str, faults: &mut Faults) -> Vec<Channel> {
    if node.is_null() {
        return Vec::new();
    }
    let Some(entries) = faults.mapping(node, "\"channels\"") else { return Vec::new() };
    let mut channels: Vec<Channel> = Vec::new();
    for entry in entries {
        let rules = channel_rules(entry, text, faults);
        let Some(pattern) = pattern(entry, faults) else { continue };
        if let Some(first) = channels.iter().find(|first| first.pattern.is_same(&pattern)) {
            let message = format!("channel \"{}\" has the names of \"{}\"", entry.key, first.pattern.as_str());
            faults.hinted("channel_twice", entry.key_span, message, format!("that is on line {}", first.span.line));
        }
        channels.push(Channel::new(pattern, rules, entry.key_span));
    }
    channels
}

fn pattern(entry: &Entry, faults: &mut Faults) -> Option<ChannelPattern> {
    let parsed = ChannelPattern::parse(&entry.key);
    let told = |PatternFault { message, hint }: PatternFault| {
        let message = format!("the name of channel \"{}\" {message}", entry.key);
        faults.hinted("channel_name", entry.key_span, message, hint);
    };
    parsed.map_err(told).ok()
}

fn channel_rules(entry: &Entry, text: &str, faults: &mut Faults) -> ChannelRules {
    let what = format!("channel \"{}\"", entry.key);
    if entry.value.is_null() {
        return ChannelRules::default();
    }
    let Some(entries) = faults.mapping(&entry.value, &what) else { return ChannelRules::default() };
    faults.known_keys(entries, CHANNEL_KEYS, &what);
    let Some(node) = entry.value.get("rules").filter(|node| !node.is_null()) else { return ChannelRules::default() };
    let what = format!("\"rules\" of {what}");
    let Some(entries) = faults.mapping(node, &what) else { return ChannelRules::default() };
    faults.known_keys(entries, CHANNEL_RULE_KEYS, &what);
    let mut rule = |key: &str| rules::rule(node.entry(key)?, text, faults);
    ChannelRules { join: rule("join"), broadcast: rule("broadcast"), presence: rule("presence") }
}

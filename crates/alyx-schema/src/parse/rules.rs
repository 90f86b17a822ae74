//! Access rules: their text and where it starts. What they say is read elsewhere.

use alyx_yaml::{Entry, Kind, ScalarStyle, Span};

use super::faults::Faults;
use crate::{CollectionName, Rule, Rules};

/// Operations that a rule can be given for.
pub(crate) const RULE_KEYS: &[&str] = &["create", "read", "update", "delete"];

pub(super) fn read(node: &alyx_yaml::Node, collection: &CollectionName, text: &str, faults: &mut Faults) -> Rules {
    let what = format!("\"rules\" of \"{collection}\"");
    if node.is_null() {
        return Rules::default();
    }
    let Some(entries) = faults.mapping(node, &what) else { return Rules::default() };
    faults.known_keys(entries, RULE_KEYS, &what);
    let mut rule = |key: &str| rule(node.entry(key)?, text, faults);
    Rules { create: rule("create"), read: rule("read"), update: rule("update"), delete: rule("delete") }
}

/// The rule of an entry, if it is one.
pub(super) fn rule(entry: &Entry, text: &str, faults: &mut Faults) -> Option<Rule> {
    let Entry { key, value, .. } = entry;
    let Kind::Scalar { text: rule, style } = &value.kind else {
        faults.wrong_kind(value, &format!("rule \"{key}\""), "a text");
        return None;
    };
    if value.as_bool().is_some() || value.as_f64().is_some() {
        let message = format!("rule \"{key}\" must be a text, not {}", value.describe());
        faults.hinted("rule_kind", value.span, message, format!("write it in quotes: \"{rule}\""));
        return None;
    }
    let rule = rule.trim_end();
    if value.is_null() || rule.is_empty() {
        let hint = "\"true\" opens it to everyone; without the key it is for administrators only";
        faults.hinted("empty_rule", entry.key_span, format!("rule \"{key}\" is empty"), hint);
        return None;
    }
    let span = start(entry, *style, text);
    Some(Rule { text: rule.to_owned(), span, places: places(rule, text, span) })
}

/// The rule under a key of another file than `schema.yaml`, whose whole text is given.
///
/// # Errors
/// It is no text, or empty.
pub fn parse_rule(file: &str, entry: &Entry, text: &str) -> Result<Rule, Vec<alyx_yaml::Diagnostic>> {
    let mut faults = Faults::new(file);
    let found = rule(entry, text, &mut faults);
    let found = faults.into_result(found)?;
    Ok(found.expect("a rule that is none leaves a fault"))
}

/// Where the text of a rule starts.
fn start(entry: &Entry, style: ScalarStyle, text: &str) -> Span {
    let span = entry.value.span;
    match style {
        ScalarStyle::Plain => span,
        ScalarStyle::Quoted => Span { column: span.column + 1, ..span },
        ScalarStyle::Block => block_start(entry.key_span, text),
    }
}

/// The first line with text after the one with the key and its `|` or `>`.
fn block_start(key: Span, text: &str) -> Span {
    let mut lines = text.lines().enumerate().skip(key.line);
    let Some((index, line)) = lines.find(|(_, line)| !line.trim().is_empty()) else { return key };
    let indent = line.chars().take_while(|c| *c == ' ').count();
    Span { line: index + 1, column: indent + 1 }
}

/// Where each character of the rule stands in the file.
///
/// YAML changes only white space and escapes, so the file is read beside the rule and what has no
/// counterpart there is stepped over.
fn places(rule: &str, text: &str, start: Span) -> Vec<Span> {
    let mut file = characters(text, start).peekable();
    let mut places = Vec::with_capacity(rule.len());
    let mut last = start;
    for wanted in rule.chars() {
        if !wanted.is_whitespace() {
            while file.next_if(|(_, found)| *found != wanted && is_skipped(*found)).is_some() {}
            if let Some((place, _)) = file.next() {
                last = place;
            }
            places.push(last);
        } else {
            // White space stands right after what is before it.
            let place = Span { column: last.column + usize::from(!places.is_empty()), ..last };
            places.push(place);
        }
    }
    places
}

fn is_skipped(found: char) -> bool {
    found.is_whitespace() || matches!(found, '\\' | '\'' | '"')
}

/// The characters of the file from a place on, each with its place.
fn characters(text: &str, start: Span) -> impl Iterator<Item = (Span, char)> {
    text.lines().enumerate().skip(start.line.saturating_sub(1)).flat_map(move |(index, line)| {
        let first = if index + 1 == start.line { start.column.saturating_sub(1) } else { 0 };
        let place = move |column: usize| Span { line: index + 1, column: column + 1 };
        line.chars().enumerate().skip(first).map(move |(column, found)| (place(column), found))
    })
}

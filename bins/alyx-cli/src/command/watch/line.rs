//! One change as one line, as wide as the terminal.

use alyx_project::Style;
use console::{Term, measure_text_width, truncate_str};
use serde_json::{Map, Value};

use super::held::Change;
use crate::escape::escaped;

/// Widest form of one value, in columns.
const VALUE: usize = 48;
const KEY: usize = 40;
const MORE: &str = "…";

/// What the lines of one message have in common.
pub(super) struct Frame {
    style: Style,
    /// Without a terminal a line is as long as it is.
    width: Option<usize>,
    /// Time of day, UTC.
    time: String,
    total: String,
}

impl Frame {
    /// For standard output, at a moment in RFC 3339.
    pub(super) fn of_terminal(style: Style, now: &str, total: Option<u64>) -> Self {
        let width = Term::stdout().size_checked().map(|(_, columns)| usize::from(columns));
        Self::new(style, width, (now, total))
    }

    fn new(style: Style, width: Option<usize>, (now, total): (&str, Option<u64>)) -> Self {
        let time = format!("{}Z", now.get(11..19).unwrap_or(now));
        let total = total.map(|total| format!("  ({total})")).unwrap_or_default();
        Self { style, width, time, total }
    }

    /// The line of a change.
    pub(super) fn line(&self, change: &Change) -> String {
        let (sign, key, what) = match change {
            Change::Inserted { key, document } => (self.style.green("+"), key, whole(document)),
            Change::Updated { key, before, document } => {
                let what = before.as_ref().map_or_else(|| whole(document), |old| difference(old, document));
                (self.style.yellow("~"), key, what)
            }
            Change::Deleted { key, before } => {
                let what = before.as_ref().map(whole).unwrap_or_default();
                (self.style.red("-"), key, what)
            }
        };
        let key = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
        let key = fitted(&escaped(&key), KEY);
        let what = match self.width {
            None => what,
            Some(width) => {
                let rest = [&self.time, &key, &self.total].map(|part| measure_text_width(part)).iter().sum::<usize>();
                // Two spaces before what changed; a space, the sign and a space before the key.
                fitted(&what, width.saturating_sub(rest + 5))
            }
        };
        let gap = if what.is_empty() { "" } else { "  " };
        let (time, total) = (self.style.dim(&self.time), self.style.dim(&self.total));
        format!("{time} {sign} {}{gap}{what}{total}", self.style.bold(&key))
    }
}

fn whole(document: &Map<String, Value>) -> String {
    document.iter().map(|(name, value)| format!("{}={}", escaped(name), short(value))).collect::<Vec<_>>().join(" ")
}

/// The fields that are others than before.
fn difference(before: &Map<String, Value>, document: &Map<String, Value>) -> String {
    let absent = |name: &str| !document.contains_key(name);
    let names = document.keys().chain(before.keys().filter(|name| absent(name)));
    let changed = names.filter(|name| before.get(*name) != document.get(*name));
    let side = |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), short);
    let texts =
        changed.map(|name| format!("{}: {} → {}", escaped(name), side(before.get(name)), side(document.get(name))));
    texts.collect::<Vec<_>>().join(", ")
}

fn short(value: &Value) -> String {
    fitted(&escaped(&value.to_string()), VALUE)
}

fn fitted(text: &str, width: usize) -> String {
    truncate_str(text, width, MORE).into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[track_caller]
    fn check(width: Option<usize>, change: &Change, expected: &str) {
        let frame = Frame::new(Style::Plain, width, ("2026-01-31T08:30:00.123Z", Some(7)));
        let line = frame.line(change);
        assert_eq!(line, expected);
        assert!(width.is_none_or(|width| measure_text_width(&line) <= width), "{line}");
    }

    fn updated(before: &Value, document: &Value) -> Change {
        Change::Updated { key: json!("a"), before: Some(object(before)), document: object(document) }
    }

    #[test]
    fn a_line_says_what_happened() {
        let document = object(&json!({"n": 5, "title": "Hi"}));
        let inserted = Change::Inserted { key: json!("a"), document };
        check(None, &inserted, "08:30:00Z + a  n=5 title=\"Hi\"  (7)");
        let deleted = Change::Deleted { key: json!(12), before: None };
        check(None, &deleted, "08:30:00Z - 12  (7)");
        let change = updated(&json!({"n": 5, "old": 1}), &json!({"n": null, "new": [1]}));
        check(None, &change, "08:30:00Z ~ a  n: 5 → null, new: nothing → [1], old: 1 → nothing  (7)");
    }

    #[test]
    fn a_line_fits_the_terminal() {
        let document = object(&json!({"title": "日本語のとても長い題名です"}));
        let inserted = Change::Inserted { key: json!("a"), document };
        check(Some(40), &inserted, "08:30:00Z + a  title=\"日本語のとて…  (7)");
        let long = Change::Deleted { key: json!("k".repeat(100)), before: None };
        check(None, &long, &format!("08:30:00Z - {}…  (7)", "k".repeat(39)));
    }

    #[test]
    fn a_document_does_not_drive_the_terminal() {
        let change = updated(&json!({"t": "x"}), &json!({"t": "\u{1b}[2J\u{9b}31m\n"}));
        check(None, &change, "08:30:00Z ~ a  t: \"x\" → \"\\u001b[2J\\u{9b}31m\\n\"  (7)");
        let key = Change::Deleted { key: json!("\u{1b}]0;x\u{7}"), before: None };
        check(None, &key, "08:30:00Z - \\u{1b}]0;x\\u{7}  (7)");
    }
}

//! `richtext`: HTML, sanitised when it is written (not when it is compared).

use super::{Definition, Reading, as_written};

pub(super) const DEFINITION: Definition = Definition {
    name: "richtext",
    summary: "HTML; scripts, styles, event handlers and unknown elements are removed when it is written.",
    expected: "a text of HTML",
    options: &["minLength", "maxLength"],
    generated: None,
    reading: Reading::Text(as_written),
};

/// The same HTML without anything that could run.
pub(crate) fn sanitise(html: &str) -> String {
    ammonia::clean(html)
}

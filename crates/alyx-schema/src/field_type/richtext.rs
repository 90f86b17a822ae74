//! `richtext`: HTML, sanitised when it is written (not when it is compared).

use super::{Definition, Reading, Wrong, as_written};

mod nesting;

/// Longest HTML that is sanitised: building its tree takes many times its size.
const MAX_BYTES: usize = 1 << 20;

pub(super) const DEFINITION: Definition = Definition {
    name: "richtext",
    summary: "HTML; scripts, styles, event handlers and unknown elements are removed when it is written.",
    expected: "a text of HTML",
    options: &["minLength", "maxLength"],
    generated: None,
    reading: Reading::Text(as_written),
};

/// The same HTML without anything that could run.
pub(crate) fn sanitise(html: &str) -> Result<String, Wrong> {
    if html.len() > MAX_BYTES {
        return Err(Wrong::new("MAX_LENGTH", format!("must have at most {MAX_BYTES} bytes of HTML")));
    }
    if !nesting::is_bounded(html) {
        return Err(Wrong::new(
            "DEPTH",
            "must not have so many elements open at once; close each one before its parent",
        ));
    }
    Ok(ammonia::clean(html))
}

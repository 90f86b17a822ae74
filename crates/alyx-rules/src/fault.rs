//! A fault in the text of a rule, before it is known where in the file that stands.

use alyx_schema::{Diagnostic, Rule};

/// What is wrong, and where in the text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fault {
    /// Byte of the text.
    pub(crate) at: usize,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Fault {
    pub(crate) fn new(at: usize, code: &'static str, message: impl Into<String>) -> Self {
        Self { at, code, message: message.into(), hint: None }
    }

    pub(crate) fn hinted(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    pub(crate) fn with_hint(self, hint: Option<String>) -> Self {
        Self { hint, ..self }
    }

    /// The fault with its place in the file.
    pub(crate) fn diagnostic(self, file: &str, rule: &Rule) -> Diagnostic {
        let before = rule.text.bytes().take(self.at).filter(|byte| (*byte & 0xC0) != 0x80);
        Diagnostic::error(self.code, file, rule.place(before.count()), self.message).with_hint(self.hint)
    }
}

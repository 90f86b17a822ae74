//! Faults in files that a person wrote: all of them at once, each with its place and a way out.

use std::fmt;

/// A place in a text file; lines and columns count from 1, columns in characters.
///
/// The default, line 0, is for what has no place, such as an environment variable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Span {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// Legal and probably wrong.
    Warning,
}

/// One fault: what rule is broken, where, and what would mend it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Diagnostic {
    /// Stable word for the broken rule, such as `unknown_field_type`.
    pub code: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// The file as the user named it, such as `schema.yaml`.
    pub file: String,
    /// Where in the file.
    pub span: Span,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// What to do about it, such as a nearest valid name.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// An error without a hint.
    #[must_use]
    pub fn error(code: &'static str, file: &str, span: Span, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, severity: Severity::Error, file: file.to_owned(), span, message, hint: None }
    }

    /// The same with a hint, where there is one.
    #[must_use]
    pub fn with_hint(self, hint: Option<String>) -> Self {
        Self { hint, ..self }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Span { line, column } = self.span;
        f.write_str(&self.file)?;
        if line > 0 {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {} [{}]", self.message, self.code)?;
        match &self.hint {
            Some(hint) => write!(f, " (hint: {hint})"),
            None => Ok(()),
        }
    }
}

//! Why a query was refused, in the words of the one who wrote it. HTTP statuses are decided elsewhere.

use std::borrow::Cow;

use alyx_yaml::nearest;

/// Longest piece of a client's text that is repeated in a message, in characters.
const SHOWN: usize = 64;

/// One fault of a query. A query that has several is refused with all of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{parameter}: {message}{}", .suggestion.as_ref().map(|name| format!("; did you mean \"{name}\"?")).unwrap_or_default())]
pub struct QueryError {
    /// The parameter at fault: `filter`, `where`, `sort`, or an unknown one as written.
    pub parameter: Cow<'static, str>,
    /// What exactly is wrong in it: a field, operator, value or path as written, shortened.
    pub subject: String,
    /// What kind of fault it is.
    pub code: ErrorCode,
    /// One sentence that names the thing.
    pub message: String,
    /// The valid name nearest to an unknown one.
    pub suggestion: Option<String>,
}

/// The kinds of fault; [`ErrorCode::as_str`] is stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// No collection has this name.
    UnknownCollection,
    /// The collection has no such field, or it is internal.
    UnknownField,
    /// There is no such operator.
    UnknownOperator,
    /// The operator exists, and fields of this type do not take it.
    OperatorNotAllowed,
    /// A filter or condition that has not the right form.
    InvalidFilter,
    /// A value that is not of the field's type.
    InvalidValue,
    /// There is no such parameter.
    UnknownParameter,
    /// A parameter was given more often than once.
    DuplicateParameter,
    /// Two parameters exclude each other.
    ConflictingParameters,
    /// No relation has this name.
    UnknownExpand,
    /// A sort that names a field twice, or one without an order.
    InvalidSort,
    /// `limit` is not a whole number from 1 to 1000.
    InvalidLimit,
    /// `offset` is not a whole number from 0 to 2^53.
    InvalidOffset,
    /// The cursor is damaged or belongs to another query.
    InvalidCursor,
    /// The caller may not see the field in every document, so it may not decide what is found.
    FieldNotReadable,
    /// The query is larger than the server is willing to run.
    TooComplex,
}

impl ErrorCode {
    /// The stable word for machines.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnknownCollection => "UNKNOWN_COLLECTION",
            Self::UnknownField => "UNKNOWN_FIELD",
            Self::UnknownOperator => "UNKNOWN_OPERATOR",
            Self::OperatorNotAllowed => "OPERATOR_NOT_ALLOWED",
            Self::InvalidFilter => "INVALID_FILTER",
            Self::InvalidValue => "INVALID_VALUE",
            Self::UnknownParameter => "UNKNOWN_PARAMETER",
            Self::DuplicateParameter => "DUPLICATE_PARAMETER",
            Self::ConflictingParameters => "CONFLICTING_PARAMETERS",
            Self::UnknownExpand => "UNKNOWN_EXPAND",
            Self::InvalidSort => "INVALID_SORT",
            Self::InvalidLimit => "INVALID_LIMIT",
            Self::InvalidOffset => "INVALID_OFFSET",
            Self::InvalidCursor => "INVALID_CURSOR",
            Self::FieldNotReadable => "FIELD_NOT_READABLE",
            Self::TooComplex => "TOO_COMPLEX",
        }
    }
}

/// A fault as an entry of an error answer's `details`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorDetail {
    /// The parameter at fault.
    pub field: String,
    /// The stable word.
    pub code: &'static str,
    /// The message, with the suggestion.
    pub message: String,
}

impl QueryError {
    pub(crate) fn new(
        parameter: impl Into<Cow<'static, str>>,
        code: ErrorCode,
        subject: &str,
        message: impl Into<String>,
    ) -> Self {
        let parameter = parameter.into();
        Self { parameter, code, subject: shortened(subject), message: message.into(), suggestion: None }
    }

    /// Adds the candidate nearest to what was written, if one is near.
    pub(crate) fn suggesting<'a>(mut self, name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Self {
        // Comparing is quadratic in the length, and no name is longer.
        if name.len() <= SHOWN {
            self.suggestion = nearest(name, candidates).map(str::to_owned);
        }
        self
    }

    /// The fault as an entry of an error answer.
    #[must_use]
    pub fn detail(&self) -> ErrorDetail {
        let mut message = self.message.clone();
        if let Some(suggestion) = &self.suggestion {
            message.push_str(&format!("; did you mean \"{suggestion}\"?"));
        }
        ErrorDetail { field: shortened(&self.parameter), code: self.code.as_str(), message }
    }
}

/// A client's text as it may stand in a message: in quotes, escaped and shortened.
pub(crate) fn quoted(text: &str) -> String {
    format!("{:?}", shortened(text))
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

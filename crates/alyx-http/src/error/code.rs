//! Every code that an error answer can carry, with its status.

use actix_web::http::StatusCode;

/// The stable word of an error, and with it the HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// The request is not HTTP, or its path or query is not valid UTF-8.
    MalformedRequest,
    /// The body is not JSON, or names a key twice.
    InvalidJson,
    /// The body is JSON and not an object.
    InvalidBody,
    /// The body's content type or encoding is not JSON.
    UnsupportedMediaType,
    /// Fields of the document are missing, unknown or wrong; `details` has all of them.
    ValidationError,
    /// The code or link is wrong, used or out of time.
    InvalidCode,
    /// A query parameter is unknown or wrong; `details` has all of them.
    InvalidQuery,
    /// The query is too heavy: it was stopped when its time was up.
    TooSlow,
    /// The answer would be too large: fewer documents, fields or relations fit.
    AnswerTooLarge,
    /// The operation has no place here: in a batch, or inside of a transaction.
    OperationNotSupported,
    /// A token is needed and there is none.
    Unauthorized,
    /// There is a token and it is not valid.
    InvalidToken,
    /// The call of a function that the token belonged to has ended, or there never was one.
    InvocationEnded,
    /// There is an access token and its time is over: refresh it.
    TokenExpired,
    /// No account has this e-mail address and password.
    InvalidCredentials,
    /// The caller is known and may not do this.
    Forbidden,
    /// The account is banned.
    AccountBanned,
    /// The account's e-mail address must be confirmed first.
    EmailNotVerified,
    /// No such path, collection or document, or none that this caller may read.
    NotFound,
    /// The path exists and does not take this method; `Allow` says which it takes.
    MethodNotAllowed,
    /// The request did not arrive in time.
    RequestTimeout,
    /// A unique field's value is taken.
    UniqueViolation,
    /// A reference points at nothing, or others still refer to the document.
    ForeignKeyViolation,
    /// What the transaction has read was changed before it could write: begin it again.
    TransactionConflict,
    /// The transaction was idle for too long, or held up other writers for too long; nothing of it is kept.
    TransactionExpired,
    /// The transaction was committed or rolled back before.
    TransactionEnded,
    /// The body is larger than the limit.
    PayloadTooLarge,
    /// The request's head is larger than the limit.
    HeadersTooLarge,
    /// Too many attempts; `Retry-After` says when to try again.
    RateLimited,
    /// The caller has as many transactions open as a caller may.
    TooManyTransactions,
    /// A fault of the server.
    Internal,
    /// Too many writes wait; `Retry-After` says when to try again.
    Busy,
    /// The server is not ready to serve, or is stopping.
    Unavailable,
    /// A provider to sign in with cannot be reached, or does not answer as it should.
    ProviderUnavailable,
}

impl Code {
    /// Every code there is, by status.
    pub const ALL: [Self; 34] = [
        Self::MalformedRequest,
        Self::InvalidJson,
        Self::InvalidBody,
        Self::UnsupportedMediaType,
        Self::ValidationError,
        Self::InvalidCode,
        Self::InvalidQuery,
        Self::TooSlow,
        Self::AnswerTooLarge,
        Self::OperationNotSupported,
        Self::Unauthorized,
        Self::InvalidToken,
        Self::InvocationEnded,
        Self::TokenExpired,
        Self::InvalidCredentials,
        Self::Forbidden,
        Self::AccountBanned,
        Self::EmailNotVerified,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::RequestTimeout,
        Self::UniqueViolation,
        Self::ForeignKeyViolation,
        Self::TransactionConflict,
        Self::TransactionExpired,
        Self::TransactionEnded,
        Self::PayloadTooLarge,
        Self::RateLimited,
        Self::TooManyTransactions,
        Self::HeadersTooLarge,
        Self::Internal,
        Self::Busy,
        Self::Unavailable,
        Self::ProviderUnavailable,
    ];

    /// The word as clients see it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.entry().1
    }

    /// The status that goes with it.
    #[must_use]
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.entry().0).expect("the table holds valid statuses only")
    }

    fn entry(self) -> (u16, &'static str) {
        match self {
            Self::MalformedRequest => (400, "MALFORMED_REQUEST"),
            Self::InvalidJson => (400, "INVALID_JSON"),
            Self::InvalidBody => (400, "INVALID_BODY"),
            Self::UnsupportedMediaType => (400, "UNSUPPORTED_MEDIA_TYPE"),
            Self::ValidationError => (400, "VALIDATION_ERROR"),
            Self::InvalidCode => (400, "INVALID_CODE"),
            Self::InvalidQuery => (400, "INVALID_QUERY"),
            Self::TooSlow => (400, "TOO_SLOW"),
            Self::AnswerTooLarge => (400, "ANSWER_TOO_LARGE"),
            Self::OperationNotSupported => (400, "OPERATION_NOT_SUPPORTED"),
            Self::Unauthorized => (401, "UNAUTHORIZED"),
            Self::InvalidToken => (401, "INVALID_TOKEN"),
            Self::InvocationEnded => (401, "INVOCATION_ENDED"),
            Self::TokenExpired => (401, "TOKEN_EXPIRED"),
            Self::InvalidCredentials => (401, "INVALID_CREDENTIALS"),
            Self::Forbidden => (403, "FORBIDDEN"),
            Self::AccountBanned => (403, "ACCOUNT_BANNED"),
            Self::EmailNotVerified => (403, "EMAIL_NOT_VERIFIED"),
            Self::NotFound => (404, "NOT_FOUND"),
            Self::MethodNotAllowed => (405, "METHOD_NOT_ALLOWED"),
            Self::RequestTimeout => (408, "REQUEST_TIMEOUT"),
            Self::UniqueViolation => (409, "UNIQUE_VIOLATION"),
            Self::ForeignKeyViolation => (409, "FOREIGN_KEY_VIOLATION"),
            Self::TransactionConflict => (409, "TRANSACTION_CONFLICT"),
            Self::TransactionExpired => (409, "TRANSACTION_EXPIRED"),
            Self::TransactionEnded => (409, "TRANSACTION_ENDED"),
            Self::PayloadTooLarge => (413, "PAYLOAD_TOO_LARGE"),
            Self::RateLimited => (429, "RATE_LIMITED"),
            Self::TooManyTransactions => (429, "TOO_MANY_TRANSACTIONS"),
            Self::HeadersTooLarge => (431, "HEADERS_TOO_LARGE"),
            Self::Internal => (500, "INTERNAL"),
            Self::Busy => (503, "BUSY"),
            Self::Unavailable => (503, "UNAVAILABLE"),
            Self::ProviderUnavailable => (503, "PROVIDER_UNAVAILABLE"),
        }
    }

    /// The code for an answer that something other than our handlers made.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            401 => Self::Unauthorized,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            405 => Self::MethodNotAllowed,
            408 => Self::RequestTimeout,
            413 => Self::PayloadTooLarge,
            429 => Self::RateLimited,
            431 => Self::HeadersTooLarge,
            503 => Self::Unavailable,
            400..500 => Self::MalformedRequest,
            _ => Self::Internal,
        }
    }

    /// What to say where nothing more is known.
    pub(crate) fn default_message(self) -> &'static str {
        match self {
            Self::MalformedRequest => "the request is not valid HTTP",
            Self::NotFound => "there is nothing under this path",
            Self::MethodNotAllowed => "this path does not take this method",
            Self::RequestTimeout => "the request did not arrive in time",
            Self::PayloadTooLarge => "the body is larger than the server takes",
            Self::HeadersTooLarge => "the request line and headers are larger than the server takes",
            Self::Unauthorized => "a token is needed",
            Self::Forbidden => "this is not allowed",
            Self::RateLimited => "too many attempts",
            Self::Unavailable => "the server is not ready",
            _ => "the request failed",
        }
    }
}

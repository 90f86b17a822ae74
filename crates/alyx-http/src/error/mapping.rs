//! How the errors of the crates below look to a client: one exhaustive match a crate.

use alyx_auth::Error as AuthError;
use alyx_query::QueryError;
use alyx_realtime::Error as LiveError;
use alyx_schema::{FieldFault, FieldName};
use alyx_store::{Error as StoreError, session::Ended};

use super::{ApiError, Code, Detail};

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let message = error.to_string();
        match error {
            StoreError::Taken { fields } => {
                Self::new(Code::UniqueViolation, message).with_details(each(&fields, "TAKEN", "this value is taken"))
            }
            StoreError::Invalid { faults } => {
                Self::new(Code::ValidationError, message).with_details(faults.into_iter().map(Into::into).collect())
            }
            StoreError::MissingReference { fields } => Self::new(Code::ForeignKeyViolation, message)
                .with_details(each(&fields, "MISSING_REFERENCE", "there is no such document")),
            StoreError::StillReferenced { .. } => Self::new(Code::ForeignKeyViolation, message),
            StoreError::TooSlow { .. } => Self::new(Code::TooSlow, message),
            StoreError::AnswerTooLarge => Self::new(Code::AnswerTooLarge, message),
            StoreError::DocumentTooLarge => Self::new(Code::PayloadTooLarge, message),
            StoreError::Busy => Self::new(Code::Busy, message),
            StoreError::TooManyTransactions => Self { retry_after: Some(1), ..Self::new(Code::Busy, message) },
            StoreError::TransactionEnded { how } => ended(how),
            StoreError::Closed => Self::new(Code::Unavailable, "the server is stopping"),
            StoreError::Database { .. } => Self::internal(error),
        }
    }
}

/// What to tell who goes on with a transaction that has ended.
fn ended(how: Ended) -> ApiError {
    let code = match how {
        Ended::Committed | Ended::RolledBack => Code::TransactionEnded,
        Ended::Stale | Ended::Closed | Ended::Failed => Code::TransactionConflict,
        Ended::LeaseOver | Ended::Idle => Code::TransactionExpired,
    };
    let setting = match how {
        Ended::LeaseOver => " (database.transactions.lease)",
        Ended::Idle => " (database.transactions.idle_timeout, max_duration)",
        _ => "",
    };
    ApiError::new(code, format!("the transaction {how}{setting}"))
}

impl From<LiveError> for ApiError {
    fn from(error: LiveError) -> Self {
        match error {
            LiveError::Store(error) => error.into(),
            LiveError::Replaced => Self::new(Code::Unavailable, "what is served has changed; try again"),
        }
    }
}

impl From<AuthError> for ApiError {
    fn from(error: AuthError) -> Self {
        let message = error.to_string();
        match error {
            AuthError::InvalidCredentials => Self::new(Code::InvalidCredentials, message),
            AuthError::InvalidToken { .. } => Self::new(Code::InvalidToken, message),
            AuthError::TokenExpired => Self::new(Code::TokenExpired, message),
            AuthError::Banned => Self::new(Code::AccountBanned, message),
            AuthError::NotVerified => Self::new(Code::EmailNotVerified, message),
            AuthError::WeakPassword { faults } => Self::new(Code::ValidationError, message)
                .with_details(faults.into_iter().map(|fault| fault.in_field("password").into()).collect()),
            AuthError::Invalid(faults) => {
                Self::new(Code::ValidationError, message).with_details(faults.into_iter().map(Into::into).collect())
            }
            AuthError::Taken { fields } => {
                let taken =
                    |field: String| Detail { field, code: "TAKEN".into(), message: "this value is taken".to_owned() };
                Self::new(Code::UniqueViolation, message).with_details(fields.into_iter().map(taken).collect())
            }
            AuthError::Denied => Self::new(Code::Forbidden, message),
            AuthError::RateLimited { retry_after } => {
                Self { retry_after: Some(retry_after), ..Self::new(Code::RateLimited, message) }
            }
            AuthError::Busy => Self::new(Code::Busy, message),
            AuthError::UnknownRole { .. } => {
                let detail = Detail { field: "role".to_owned(), code: "UNKNOWN_ROLE".into(), message: message.clone() };
                Self::new(Code::ValidationError, message).with_details(vec![detail])
            }
            AuthError::UnknownProvider { .. } => Self::new(Code::NotFound, message),
            AuthError::Provider { .. } => {
                let message = "the provider cannot be reached, or does not answer as it should";
                let unavailable = Self::new(Code::ProviderUnavailable, message);
                Self { retry_after: Some(10), cause: Some(Box::new(error)), ..unavailable }
            }
            AuthError::UnknownAccount | AuthError::UnknownSession | AuthError::UnknownDeployToken { .. } => {
                Self::new(Code::NotFound, message)
            }
            AuthError::AlreadySetUp => Self::new(Code::UniqueViolation, message),
            AuthError::Store(error) => error.into(),
            AuthError::Keys { .. }
            | AuthError::KeyIsConfigured
            | AuthError::Templates(_)
            | AuthError::Mail(_)
            | AuthError::NoRandomness
            | AuthError::NoWorkers(_) => Self::internal(error),
        }
    }
}

/// The same with the faults of a password told of the field that this call has it in.
pub(crate) fn rename_field(error: AuthError, field: &str) -> ApiError {
    let mut error = ApiError::from(error);
    for detail in &mut error.details {
        field.clone_into(&mut detail.field);
    }
    error
}

fn each(fields: &[FieldName], code: &'static str, message: &str) -> Vec<Detail> {
    let detail =
        |field: &FieldName| Detail { field: field.as_str().to_owned(), code: code.into(), message: message.to_owned() };
    fields.iter().map(detail).collect()
}

impl From<QueryError> for Detail {
    fn from(error: QueryError) -> Self {
        let detail = error.detail();
        Self { field: detail.field, code: detail.code.into(), message: detail.message }
    }
}

impl From<FieldFault> for Detail {
    fn from(fault: FieldFault) -> Self {
        Self { field: fault.field, code: fault.code.into(), message: fault.message }
    }
}

//! How the errors of the crates below look to a client: one exhaustive match a crate.

use alyx_query::QueryError;
use alyx_schema::{FieldFault, FieldName};
use alyx_store::Error as StoreError;

use super::{ApiError, Code, Detail};

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let message = error.to_string();
        match error {
            StoreError::Taken { fields } => {
                Self::new(Code::UniqueViolation, message).with_details(each(&fields, "TAKEN", "this value is taken"))
            }
            StoreError::MissingReference { fields } => Self::new(Code::ForeignKeyViolation, message)
                .with_details(each(&fields, "MISSING_REFERENCE", "there is no such document")),
            StoreError::StillReferenced { .. } => Self::new(Code::ForeignKeyViolation, message),
            StoreError::TooSlow { .. } => Self::new(Code::TooSlow, message),
            StoreError::AnswerTooLarge => Self::new(Code::AnswerTooLarge, message),
            StoreError::DocumentTooLarge => Self::new(Code::PayloadTooLarge, message),
            StoreError::Busy => Self::new(Code::Busy, message),
            StoreError::Closed => Self::new(Code::Unavailable, "the server is stopping"),
            StoreError::Database { .. } => Self::internal(error),
        }
    }
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

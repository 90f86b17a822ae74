//! Who calls, what they may do, and what of it is asked of each document.
//!
//! [`Caller`] is who sent the request; [`Access`] is what the rules leave for them, decided once a
//! request and handed to the store with every read and write, so that forgetting it is not possible.

mod caller;
mod facts;
mod view;

pub(crate) use caller::{Caller, bearer, client, not_valid};
pub(crate) use facts::RequestFacts;
pub(crate) use view::{Access, Guard};

use crate::error::{ApiError, Code, Detail};

/// Who is known is told that it is not allowed, and nobody that a token is needed.
pub(crate) fn denied(caller: &Caller) -> ApiError {
    match caller {
        Caller::Anonymous => ApiError::new(Code::Unauthorized, "a token is needed: send Authorization: Bearer TOKEN"),
        _ => ApiError::new(Code::Forbidden, "this is not allowed"),
    }
}

/// A field that is the reason: it has a rule for who sets it.
fn not_writable(field: &str) -> Detail {
    let message = "is not for this caller to set".to_owned();
    Detail { field: field.to_owned(), code: "FIELD_NOT_WRITABLE".into(), message }
}

/// A field that is the reason: it has a rule for who reads it.
fn not_readable(field: &str) -> Detail {
    let message = "is not for this caller to read, and so takes no operator from it".to_owned();
    Detail { field: field.to_owned(), code: "FIELD_NOT_READABLE".into(), message }
}

//! Who calls, what they may do, and what of it is asked of each document.
//!
//! [`Caller`] is who sent the request; [`Access`] is what the rules leave for them, decided once a
//! request and handed to the store with every read and write.

mod caller;
mod view;

pub(crate) use caller::Caller;
pub(crate) use view::Access;

use crate::error::{ApiError, Code};

/// Who is known is told that it is not allowed, nobody that a token is needed.
pub(crate) fn denied(caller: &Caller) -> ApiError {
    match caller {
        Caller::Anonymous => {
            ApiError::new(Code::Unauthorized, "a token is needed: send Authorization: Bearer TOKEN")
        }
        _ => ApiError::new(Code::Forbidden, "this is not allowed"),
    }
}

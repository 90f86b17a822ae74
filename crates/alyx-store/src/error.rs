//! Why a store call failed. HTTP statuses are decided in `alyx-http`, not here.

use alyx_schema::{CollectionName, FieldFault, FieldName};

use crate::session::Ended;

/// The result of a store call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failed store call, in the terms of the caller.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A unique field or index already holds these values.
    #[error("{} must be unique and this value is taken", join(.fields))]
    Taken {
        /// The fields of the unique constraint.
        fields: Vec<FieldName>,
    },
    /// What operators would make of the document is not valid.
    #[error("{}", invalid(.faults))]
    Invalid {
        /// Every fault.
        faults: Vec<FieldFault>,
    },
    /// The document points at one that does not exist.
    #[error("a document that this one refers to does not exist")]
    MissingReference {
        /// The foreign keys of the written document that point at nothing.
        fields: Vec<FieldName>,
    },
    /// Others point at the document and their `onDelete` is `restrict`.
    #[error("{}", still_referred(.collection.as_ref()))]
    StillReferenced {
        /// A collection that refers to it; `None` where it is one of the documents that would be deleted
        /// with it that is referred to.
        collection: Option<CollectionName>,
    },
    /// The read took longer than its budget.
    #[error("the query took longer than {seconds} s and was stopped")]
    TooSlow {
        /// The budget.
        seconds: u64,
    },
    /// The documents that were asked for are longer together than one answer may be.
    #[error("the answer would be larger than 64 MiB: ask for fewer documents, fields or relations at a time")]
    AnswerTooLarge,
    /// The document is longer than the database takes.
    #[error("the document is larger than the database takes, which is 64 MiB")]
    DocumentTooLarge,
    /// More writes wait than the queue holds.
    #[error("too many writes are waiting")]
    Busy,
    /// As many transactions are open as may be.
    #[error("too many transactions are open")]
    TooManyTransactions,
    /// The transaction has ended; but for a commit nothing of it is kept.
    #[error("the transaction {how}")]
    TransactionEnded {
        /// How it has ended.
        how: Ended,
    },
    /// The store is shutting down.
    #[error("the store is closed")]
    Closed,
    /// The database itself failed.
    #[error("the database failed while {doing}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// The driver's error.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    /// Wraps a driver's error, for `map_err`.
    pub(crate) fn database<E>(doing: &'static str) -> impl FnOnce(E) -> Self
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        move |source| Self::Database { doing, source: source.into() }
    }
}

fn join(fields: &[FieldName]) -> String {
    fields.iter().map(FieldName::as_str).collect::<Vec<_>>().join(", ")
}

fn invalid(faults: &[FieldFault]) -> String {
    match faults {
        [only] => only.to_string(),
        several => format!("{} fields are not valid", several.len()),
    }
}

fn still_referred(collection: Option<&CollectionName>) -> String {
    match collection {
        Some(collection) => format!("documents of {collection} still refer to this one"),
        None => "documents still refer to one that would be deleted with this one".to_owned(),
    }
}

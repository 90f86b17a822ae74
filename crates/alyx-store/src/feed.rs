//! The durable change feed, written by triggers in the same transaction as the change.

use alyx_schema::CollectionName;

/// One change of one document.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Position in the feed; rises by commit order.
    pub position: i64,
    /// The collection.
    pub collection: CollectionName,
    /// What happened.
    pub operation: Operation,
    /// The document's primary key as text.
    pub document_id: String,
    /// For an update the old values of the fields that changed, for a delete the whole old document.
    pub before: serde_json::Map<String, serde_json::Value>,
}

/// What happened to a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// It was made.
    Insert,
    /// Some of its fields changed.
    Update,
    /// It is gone.
    Delete,
}

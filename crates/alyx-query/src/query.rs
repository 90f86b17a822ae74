//! A typed query: predicate, order, page, projection and relations to expand.

use std::{borrow::Cow, sync::Arc};

use alyx_schema::{Collection, Order, Value};

use crate::{FieldRef, Predicate};

/// A list query, checked against its collection.
#[derive(Clone, Debug)]
pub struct Query {
    /// What is listed.
    pub collection: Arc<Collection>,
    /// What the client asked for. What the caller may see is a second predicate, given to the store.
    pub predicate: Predicate,
    /// Order as asked for; always ends with the primary key, so that paging is stable.
    pub sort: Vec<SortKey>,
    /// Most documents answered, 1 to 1000.
    pub limit: u32,
    /// Documents skipped first.
    pub offset: u64,
    /// Continue after this place.
    pub cursor: Option<Cursor>,
    /// Only these fields (the primary key is always among them); `None` is all that are not internal.
    pub fields: Option<Vec<FieldRef>>,
    /// Relations to embed.
    pub expand: Vec<Expand>,
    /// Whether the total is wanted.
    pub total: bool,
}

/// What of a document goes into an answer.
#[derive(Clone, Debug, Default)]
pub struct Projection {
    /// Only these fields and the primary key; `None` is all that are not internal.
    pub fields: Option<Vec<FieldRef>>,
    /// Relations to embed.
    pub expand: Vec<Expand>,
}

/// One key of an order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SortKey {
    /// The field.
    pub field: FieldRef,
    /// Ascending has null first, descending has it last.
    pub order: Order,
}

/// A place in an order: the values of the sort keys of the last document seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Cursor {
    /// One value a sort key.
    pub values: Vec<Value>,
}

/// A relation to embed under [`Expand::name`].
///
/// The name is that of the foreign key without `_id` (`author`), or with `_doc` where it does not end
/// so, and for a list the name in the query (with `_doc` where a field has that name).
#[derive(Clone, Debug)]
pub struct Expand {
    /// The key in the answer (`author` for `author_id`, `comments_via_post_id`).
    pub name: String,
    /// How to get there.
    pub relation: Relation,
    /// The other collection.
    pub target: Arc<Collection>,
    /// Relations of that one.
    pub nested: Vec<Expand>,
}

/// How an expanded document is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Relation {
    /// This document's `field` holds the target's `target_field`: one document or none.
    ToOne {
        /// The foreign key here.
        field: FieldRef,
        /// What it points at there.
        target_field: FieldRef,
    },
    /// The target's `target_field` holds this document's `field`: a list by primary key, of its
    /// first [`MAX_LISTED`](crate::limits::MAX_LISTED) documents.
    Back {
        /// The field here that is pointed at.
        field: FieldRef,
        /// The foreign key there.
        target_field: FieldRef,
    },
}

/// What a caller may read: of each collection its documents, and of those its fields.
///
/// The store adds it to every read, of expanded documents too.
pub trait Visible: Send + Sync {
    /// The documents of `collection` that the caller may read.
    fn readable(&self, collection: &Collection) -> Cow<'_, Predicate>;

    /// The readable documents in which the caller may see the field at this position; asked only of
    /// fields with a read rule of their own.
    fn shown(&self, collection: &Collection, field: usize) -> Cow<'_, Predicate>;
}

/// Everything is readable: for administrators and for the server itself.
#[derive(Clone, Copy, Debug)]
pub struct Everything;

impl Visible for Everything {
    fn readable(&self, _: &Collection) -> Cow<'_, Predicate> {
        Cow::Owned(Predicate::TRUE)
    }

    fn shown(&self, _: &Collection, _: usize) -> Cow<'_, Predicate> {
        Cow::Owned(Predicate::TRUE)
    }
}

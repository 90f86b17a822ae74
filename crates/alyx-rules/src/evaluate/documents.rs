//! The documents of an evaluation: those in reach, or the values of a scan.

use alyx_query::World;
use alyx_schema::{Collection, Document, Value as Stored};

use crate::{
    error::{Error, Result},
    tree::FieldPath,
    value::{Value, from_stored},
};

/// Where fields get their values from.
pub(crate) enum Documents<'a> {
    /// No document is known.
    Nothing,
    /// Documents, and the world that they are in.
    Reach(Reach<'a>),
    /// Values of the fields that are asked for; none where there is no such document.
    Values(&'a [FieldPath], &'a [Option<Stored>]),
}

/// `doc`, the documents of the `exists_in` around, and the world.
pub(crate) struct Reach<'a> {
    document: &'a Document,
    inner: Vec<Document>,
    world: Option<&'a dyn World>,
}

impl<'a> Reach<'a> {
    pub(crate) fn new(document: &'a Document, world: Option<&'a dyn World>) -> Self {
        Self { document, inner: Vec::new(), world }
    }

    fn document(&self, depth: usize) -> Option<&Document> {
        match depth.checked_sub(1) {
            None => Some(self.document),
            Some(index) => self.inner.get(index),
        }
    }

    fn stored(&self, path: &FieldPath) -> Result<Stored> {
        let first = self.document(path.depth).ok_or(Error::NoDocument)?;
        let mut found = None;
        for hop in &path.hops {
            let key = &found.as_ref().unwrap_or(first).values[hop.field.index];
            let next = if key.is_null() { None } else { self.find(hop, key) };
            found = Some(next.ok_or(Error::NoDocument)?);
        }
        Ok(found.as_ref().unwrap_or(first).values[path.field.index].clone())
    }

    fn find(&self, hop: &alyx_query::Hop, key: &Stored) -> Option<Document> {
        self.world?.find(&hop.target, &hop.target_field, key)
    }
}

impl Documents<'_> {
    pub(super) fn field(&self, path: &FieldPath) -> Result<Value> {
        match self {
            Self::Nothing => Err(Error::NoDocument),
            Self::Reach(reach) => from_stored(path.shape, &reach.stored(path)?),
            Self::Values(paths, values) => {
                let index = paths.iter().position(|known| known == path).ok_or(Error::NoDocument)?;
                let stored = values.get(index).and_then(Option::as_ref).ok_or(Error::NoDocument)?;
                from_stored(path.shape, stored)
            }
        }
    }

    /// Whether the first foreign key of a path is known and null.
    pub(crate) fn leads_nowhere(&self, path: &FieldPath) -> bool {
        match (self, path.hops.first()) {
            (Self::Reach(reach), Some(hop)) if path.depth == 0 => reach.document.values[hop.field.index].is_null(),
            _ => false,
        }
    }

    /// Every document of a collection.
    pub(super) fn all(&self, collection: &Collection) -> Result<Vec<Document>> {
        match self {
            Self::Reach(Reach { world: Some(world), .. }) => Ok(world.all(collection)),
            _ => Err(Error::NoDocument),
        }
    }

    pub(super) fn enter(&mut self, document: Document) {
        if let Self::Reach(reach) = self {
            reach.inner.push(document);
        }
    }

    pub(super) fn leave(&mut self) {
        if let Self::Reach(reach) = self {
            reach.inner.pop();
        }
    }
}

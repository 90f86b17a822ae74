//! Which document is how far out, and the relations that have to be entered to reach one.

use alyx_query::{FieldAt, FieldRef, Hop, Predicate, RelatedKey, Truth};

use super::Lowering;
use crate::tree::{FieldPath, same_hops};

/// A document: that of a name, or one that foreign keys lead to from there.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) depth: usize,
    pub(super) hops: Vec<Hop>,
}

impl Place {
    pub(super) const ROOT: Self = Self { depth: 0, hops: Vec::new() };

    pub(super) fn is_at(&self, depth: usize, hops: &[Hop]) -> bool {
        self.depth == depth && same_hops(&self.hops, hops)
    }
}

impl Lowering<'_> {
    /// How far out the document is, if it is in reach and not only known by value.
    pub(super) fn level(&self, depth: usize, hops: &[Hop]) -> Option<usize> {
        if self.document.is_some() && depth == 0 && hops.is_empty() {
            return None;
        }
        self.frames.iter().rev().position(|frame| frame.is_at(depth, hops))
    }

    /// A predicate about one field, wherever its document is.
    pub(super) fn on(&mut self, path: &FieldPath, about: impl FnOnce(FieldRef) -> Predicate) -> Predicate {
        let field = path.field.clone();
        self.within(path.depth, &path.hops, |this| match (about(field), this.level(path.depth, &path.hops)) {
            (constant @ Predicate::Constant(_), _) | (constant, Some(0) | None) => constant,
            (predicate, Some(level)) => Predicate::Outer { level, predicate: Box::new(predicate) },
        })
    }

    /// A field of a document that is in reach.
    pub(super) fn field_at(&self, path: &FieldPath) -> FieldAt {
        FieldAt { level: self.level(path.depth, &path.hops).unwrap_or_default(), field: path.field.clone() }
    }

    /// What `inner` makes where the document is in reach; relations that lead there are entered.
    pub(super) fn within(
        &mut self,
        depth: usize,
        hops: &[Hop],
        inner: impl FnOnce(&mut Self) -> Predicate,
    ) -> Predicate {
        let Some((last, before)) = hops.split_last() else { return inner(self) };
        if self.level(depth, hops).is_some() {
            return inner(self);
        }
        // Boxed, since each hop makes a type of its own.
        let enter: Box<dyn FnOnce(&mut Self) -> Predicate + '_> = Box::new(|this: &mut Self| {
            let Some(key) = this.key(depth, before, last) else { return Predicate::Constant(Truth::Unknown) };
            this.frames.push(Place { depth, hops: hops.to_vec() });
            let predicate = Box::new(inner(this));
            this.frames.pop();
            Predicate::Related {
                key,
                target: std::sync::Arc::clone(&last.target),
                target_field: last.target_field.clone(),
                predicate,
            }
        });
        self.within_boxed(depth, before, enter)
    }

    fn within_boxed(
        &mut self,
        depth: usize,
        hops: &[Hop],
        inner: Box<dyn FnOnce(&mut Self) -> Predicate + '_>,
    ) -> Predicate {
        self.within(depth, hops, inner)
    }

    /// Where the foreign key of the last hop is; nothing where it is known to be null.
    fn key(&self, depth: usize, before: &[Hop], last: &Hop) -> Option<RelatedKey> {
        match (self.level(depth, before), self.document) {
            (Some(level), _) => Some(RelatedKey::Field(FieldAt { level, field: last.field.clone() })),
            (None, Some(document)) => {
                let value = &document.values[last.field.index];
                (!value.is_null()).then(|| RelatedKey::Value(value.clone()))
            }
            (None, None) => None,
        }
    }
}

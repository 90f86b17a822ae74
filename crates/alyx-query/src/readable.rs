//! Whether a caller may see the fields that a query uses.
//!
//! A field that is hidden in some documents must not decide which of them are found, or in what
//! order: the answer would tell what it holds.

use alyx_schema::Collection;

use crate::{ErrorCode, Expand, FieldRef, Predicate, Query, QueryError, Relation, Visible, error::quoted};

impl Query {
    /// Checks that the caller may see every field that filters, sorts or is followed.
    ///
    /// # Errors
    /// Each field that the caller may not see, or not in every document.
    pub fn check_readable(&self, visible: &dyn Visible) -> Result<(), Vec<QueryError>> {
        let mut check = Check { visible, errors: Vec::new() };
        for field in filtered(&self.predicate) {
            check.field(&self.collection, field, "filter");
        }
        for key in &self.sort {
            check.field(&self.collection, &key.field, "sort");
        }
        check.relations(&self.collection, &self.expand);
        check.finish()
    }
}

/// Checks that the caller may see every foreign key that is followed.
///
/// # Errors
/// Each one that the caller may not see, or not in every document.
pub fn check_expand(collection: &Collection, expand: &[Expand], visible: &dyn Visible) -> Result<(), Vec<QueryError>> {
    let mut check = Check { visible, errors: Vec::new() };
    check.relations(collection, expand);
    check.finish()
}

struct Check<'a> {
    visible: &'a dyn Visible,
    errors: Vec<QueryError>,
}

impl Check<'_> {
    fn finish(self) -> Result<(), Vec<QueryError>> {
        if self.errors.is_empty() { Ok(()) } else { Err(self.errors) }
    }

    fn field(&mut self, collection: &Collection, field: &FieldRef, parameter: &'static str) {
        if field.field(collection).rules.read.is_none()
            || *self.visible.shown(collection, field.index) == Predicate::TRUE
        {
            return;
        }
        let name = field.name.as_str();
        let message = format!("field {} of \"{}\" is not for this caller to read", quoted(name), collection.name);
        let error = QueryError::new(parameter, ErrorCode::FieldNotReadable, name, message);
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    fn relations(&mut self, from: &Collection, expand: &[Expand]) {
        for relation in expand {
            match &relation.relation {
                Relation::ToOne { field, .. } => self.field(from, field, "expand"),
                Relation::Back { target_field, .. } => self.field(&relation.target, target_field, "expand"),
            }
            self.relations(&relation.target, &relation.nested);
        }
    }
}

/// The fields of the collection itself that a client's filter looks at.
fn filtered(predicate: &Predicate) -> Vec<&FieldRef> {
    match predicate {
        Predicate::Compare { field, .. }
        | Predicate::In { field, .. }
        | Predicate::Like { field, .. }
        | Predicate::ContainsText { field, .. }
        | Predicate::ContainsItem { field, .. }
        | Predicate::IsNull(field) => vec![field],
        Predicate::And(parts) | Predicate::Or(parts) => parts.iter().flat_map(filtered).collect(),
        Predicate::Not(inner) => filtered(inner),
        // Clients cannot write the others.
        _ => Vec::new(),
    }
}

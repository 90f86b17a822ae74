//! Reading one document.

use std::sync::Arc;

use alyx_query::{Predicate, Truth, Visible};
use alyx_schema::{Collection, Value};

use super::{Projection, Store};
use crate::{
    Result, connection, render,
    sql::{self, Bind, DocumentView},
};

impl Store {
    /// One document as JSON text; `None` where it is absent or not readable.
    pub async fn get(
        &self,
        collection: &Arc<Collection>,
        id: &Value,
        projection: &Projection,
        visible: &dyn Visible,
    ) -> Result<Option<Vec<u8>>> {
        let readable = visible.readable(collection);
        if is_never(&readable) {
            return Ok(None);
        }
        self.note(|reads| {
            reads.add_document(collection, id);
            reads.add_view(collection, &projection.expand, visible);
        });
        let view = DocumentView { fields: projection.fields.as_deref(), expand: &projection.expand, visible };
        let plan =
            self.inner.plans.of(collection).filter(|_| *readable == Predicate::TRUE && view.is_plain(collection));
        let row = match plan {
            Some(plan) => self.one(plan.get.clone(), vec![Bind::from(id)]).await?,
            None => {
                let sql = sql::get(collection, id, &view, &readable);
                self.one(sql.text, sql.binds).await?
            }
        };
        let marked = plan.map_or_else(|| sql::has_markers(collection, &view), |plan| plan.marked);
        Ok(row.map(|row| finish(connection::bytes(&row, 0), marked)))
    }
}

/// Whether no document can meet it, whatever is stored.
pub(super) fn is_never(predicate: &Predicate) -> bool {
    matches!(predicate, Predicate::Constant(Truth::False | Truth::Unknown))
}

/// Text from the database as JSON.
pub(super) fn finish(text: Vec<u8>, marked: bool) -> Vec<u8> {
    if marked { render::unmark(&text) } else { text }
}

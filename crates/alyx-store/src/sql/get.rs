//! One document by its primary key.

use alyx_query::Predicate;
use alyx_schema::{Collection, Value};

use super::{DocumentView, Sql, document::write_document, holds};

/// Reads the document as JSON text, if it is readable.
pub(crate) fn get(collection: &Collection, id: &Value, view: &DocumentView<'_>, readable: &Predicate) -> Sql {
    let mut sql = Sql::new();
    let scope = sql.scope(collection);
    sql.push("SELECT ");
    write_document(&mut sql, scope, view);
    sql.push(" FROM ");
    scope.write_source(&mut sql);
    sql.push(" WHERE ").column(scope, collection.primary_field()).push(" = ").bind(id);
    if *readable != Predicate::TRUE {
        sql.push(" AND ");
        holds(&mut sql, scope, readable);
    }
    sql
}

//! One document by its primary key.

use alyx_query::Predicate;
use alyx_schema::{Collection, Value};

use super::{Aliases, DocumentView, Sql, condition, document::write_document};

/// Reads the document as JSON text, if it is readable.
pub(crate) fn get(collection: &Collection, id: &Value, view: &DocumentView<'_>, readable: &Predicate) -> Sql {
    let mut sql = Sql::new();
    let mut aliases = Aliases::default();
    let scope = aliases.scope(collection);
    sql.push("SELECT ");
    write_document(&mut sql, scope, view, &mut aliases);
    sql.push(" FROM ");
    scope.write_source(&mut sql);
    sql.push(" WHERE ").column(scope, collection.primary_field()).push(" = ").bind(id);
    if *readable != Predicate::TRUE {
        sql.push(" AND ");
        condition(&mut sql, scope, readable);
    }
    sql
}

//! Inserts, updates and deletes.

use alyx_query::{FieldRef, Predicate, Visible};
use alyx_schema::{Collection, Document, Value};

use super::{Aliases, DocumentView, Scope, Sql, condition, document::write_document, literal};

/// Stores a document; its JSON is known to the caller, so nothing is read back.
pub(crate) fn insert(collection: &Collection, document: Document) -> Sql {
    let mut sql = Sql::new();
    sql.push("INSERT INTO ").name(collection.name.as_str());
    for (index, field) in collection.fields.iter().enumerate() {
        sql.push(if index == 0 { " (" } else { "," }).name(field.name.as_str());
    }
    for (index, value) in document.values.into_iter().enumerate() {
        sql.push(if index == 0 { ") VALUES (" } else { "," }).bind(value);
    }
    sql.push(")");
    sql
}

/// Sets fields of the document that meets the guard, and then reads it as JSON text: two statements.
///
/// `RETURNING` would be one, but it keeps its rows in a temporary table that is made anew each time,
/// which costs more than finding the row again.
pub(crate) fn update(
    collection: &Collection,
    (id, guard): (&Value, &Predicate),
    changes: Vec<(FieldRef, Value)>,
    visible: &dyn Visible,
) -> Sql {
    let scope = Scope::named(collection);
    let primary = collection.primary_field().name.as_str();
    let mut sql = Sql::new();
    sql.push("UPDATE ").name(collection.name.as_str()).push(" SET ");
    if changes.is_empty() {
        sql.name(primary).push(" = ").name(primary);
    }
    for (index, (field, value)) in changes.into_iter().enumerate() {
        sql.push(if index == 0 { "" } else { "," }).name(field.name.as_str()).push(" = ").bind(value);
    }
    write_target(&mut sql, scope, id, guard);
    sql.push(";SELECT ");
    write_result(&mut sql, scope, visible);
    sql.push(" FROM ").name(collection.name.as_str());
    write_target(&mut sql, scope, id, &Predicate::TRUE);
    sql
}

/// The statements of an [`update`].
pub(crate) const UPDATE_STEPS: usize = 2;

/// Deletes the document that meets the guard.
pub(crate) fn delete(collection: &Collection, id: &Value, guard: &Predicate) -> Sql {
    let mut sql = Sql::new();
    sql.push("DELETE FROM ").name(collection.name.as_str());
    write_target(&mut sql, Scope::named(collection), id, guard);
    sql
}

fn write_target(sql: &mut Sql, scope: Scope<'_>, id: &Value, guard: &Predicate) {
    sql.push(" WHERE ").column(scope, scope.collection.primary_field()).push(" = ").bind(id);
    if *guard != Predicate::TRUE {
        sql.push(" AND ");
        condition(sql, scope, guard);
    }
}

/// The document, or its primary key alone where the caller may not read it.
fn write_result(sql: &mut Sql, scope: Scope<'_>, visible: &dyn Visible) {
    let readable = visible.readable(scope.collection);
    let view = DocumentView::whole(visible);
    if readable == Predicate::TRUE {
        return write_document(sql, scope, &view, &mut Aliases::default());
    }
    sql.push("CASE WHEN ");
    condition(sql, scope, &readable);
    sql.push(" THEN ");
    write_document(sql, scope, &view, &mut Aliases::default());
    let primary = scope.collection.primary_field();
    sql.push(" ELSE concat(").push(&literal(&format!("{{\"{}\":", primary.name))).push(",");
    sql.dialect().json_value(sql, scope, primary);
    sql.push(",'}') END");
}

//! Inserts, updates and deletes.

use alyx_query::{FieldRef, Predicate, Visible};
use alyx_schema::{Collection, Document, Field, Value};

use super::{DocumentView, Scope, Sql, document::write_document, holds, literal};

/// Stores a document; its JSON is known to the caller, so nothing is read back.
pub(crate) fn insert(collection: &Collection, document: Document) -> Sql {
    let mut sql = Sql::new();
    write_columns(&mut sql, collection);
    for (index, value) in document.values.into_iter().enumerate() {
        sql.push(if index == 0 { " VALUES (" } else { "," }).bind(value);
    }
    sql.push(")");
    sql
}

/// Stores a document where the guard holds, which speaks of other documents alone.
pub(crate) fn insert_where(collection: &Collection, document: Document, guard: &Predicate) -> Sql {
    let mut sql = Sql::new();
    write_columns(&mut sql, collection);
    for (index, value) in document.values.into_iter().enumerate() {
        sql.push(if index == 0 { " SELECT " } else { "," }).bind(value);
    }
    sql.push(" WHERE ");
    holds(&mut sql, Scope::named(collection), guard);
    sql
}

/// Adds a statement that reads a document as its caller sees it.
pub(crate) fn then_read(sql: &mut Sql, collection: &Collection, id: &Value, visible: &dyn Visible) {
    let scope = Scope::named(collection);
    sql.push(";SELECT ");
    write_result(sql, scope, visible);
    sql.push(" FROM ").name(collection.name.as_str());
    write_target(sql, scope, id, &Predicate::TRUE);
}

/// Says of each predicate whether it holds for a document, as 1 or 0; no row where there is none.
pub(crate) fn judge(collection: &Collection, id: &Value, predicates: &[&Predicate]) -> Sql {
    let mut sql = Sql::new();
    let scope = sql.scope(collection);
    write_judgements(&mut sql, scope, predicates);
    sql.push(" FROM ");
    scope.write_source(&mut sql);
    write_target(&mut sql, scope, id, &Predicate::TRUE);
    sql
}

/// Says of each predicate, which speaks of other documents alone, whether it holds, as 1 or 0.
pub(crate) fn judge_alone(collection: &Collection, predicates: &[&Predicate]) -> Sql {
    let mut sql = Sql::new();
    write_judgements(&mut sql, Scope::named(collection), predicates);
    sql
}

fn write_judgements(sql: &mut Sql, scope: Scope<'_>, predicates: &[&Predicate]) {
    for (index, predicate) in predicates.iter().enumerate() {
        sql.push(if index == 0 { "SELECT CASE WHEN " } else { ",CASE WHEN " });
        holds(sql, scope, predicate);
        sql.push(" THEN 1 ELSE 0 END");
    }
}

fn write_columns(sql: &mut Sql, collection: &Collection) {
    sql.push("INSERT INTO ").name(collection.name.as_str());
    for (index, field) in collection.fields.iter().enumerate() {
        sql.push(if index == 0 { " (" } else { "," }).name(field.name.as_str());
    }
    sql.push(")");
}

/// Reads fields of the document that meets the guard, as they are stored.
pub(crate) fn stored(collection: &Collection, (id, guard): (&Value, &Predicate), fields: &[&Field]) -> Sql {
    let mut sql = Sql::new();
    let scope = sql.scope(collection);
    for (index, field) in fields.iter().enumerate() {
        sql.push(if index == 0 { "SELECT " } else { "," }).column(scope, field);
    }
    sql.push(" FROM ");
    scope.write_source(&mut sql);
    write_target(&mut sql, scope, id, guard);
    sql
}

/// Sets fields of the document that meets the guard, and then reads it as JSON text: two statements.
///
/// `RETURNING` would be one, but it keeps its rows in a temporary table that is made anew each time,
/// which costs more than finding the row again. The values are bound first, in the order of the changes.
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
    then_read(&mut sql, collection, id, visible);
    sql
}

/// The statements of a write that reads what it wrote.
pub(crate) const STEPS_WITH_READ: usize = 2;

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
        holds(sql, scope, guard);
    }
}

/// The document, or its primary key alone where the caller may not read it.
fn write_result(sql: &mut Sql, scope: Scope<'_>, visible: &dyn Visible) {
    let readable = visible.readable(scope.collection);
    let view = DocumentView::whole(visible);
    if *readable == Predicate::TRUE {
        return write_document(sql, scope, &view);
    }
    sql.push("CASE WHEN ");
    holds(sql, scope, &readable);
    sql.push(" THEN ");
    write_document(sql, scope, &view);
    let primary = scope.collection.primary_field();
    sql.push(" ELSE concat(").push(&literal(&format!("{{\"{}\":", primary.name))).push(",");
    sql.dialect().json_value(sql, scope, primary);
    sql.push(",'}') END");
}

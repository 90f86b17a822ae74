//! The order of a list and the place where its next page starts.

use alyx_query::{Cursor, SortKey};
use alyx_schema::{Order, Value};

use super::{Scope, Sql};

/// The keys that decide: what follows the primary key cannot.
pub(super) fn deciding<'a>(scope: Scope<'_>, sort: &'a [SortKey]) -> &'a [SortKey] {
    let end = sort.iter().position(|key| key.field.index == scope.collection.primary);
    &sort[..end.map_or(sort.len(), |index| index + 1)]
}

/// Writes `ORDER BY`. SQLite's null order is ours: first ascending, last descending.
pub(super) fn write_order(sql: &mut Sql, scope: Scope<'_>, sort: &[SortKey]) {
    for (index, key) in deciding(scope, sort).iter().enumerate() {
        sql.push(if index == 0 { " ORDER BY " } else { "," }).column(scope, key.field.field(scope.collection));
        if key.order == Order::Descending {
            sql.push(" DESC");
        }
    }
}

/// Writes the condition that a document comes after the cursor.
pub(super) fn write_after(sql: &mut Sql, scope: Scope<'_>, sort: &[SortKey], cursor: &Cursor) {
    let keys: Vec<(&SortKey, &Value)> = deciding(scope, sort).iter().zip(&cursor.values).collect();
    let nullable = |(key, value): &(&SortKey, &Value)| key.field.field(scope.collection).nullable || value.is_null();
    let uniform = keys.windows(2).all(|pair| pair[0].0.order == pair[1].0.order);
    if uniform && !keys.iter().any(nullable) {
        return write_row_value(sql, scope, &keys);
    }
    if let Some((key, value)) = keys.first()
        && write_bound(sql, scope, key, value)
    {
        sql.push(" AND ");
    }
    write_chain(sql, scope, &keys);
}

/// `(a, b) > (?, ?)`: one range of one index.
fn write_row_value(sql: &mut Sql, scope: Scope<'_>, keys: &[(&SortKey, &Value)]) {
    sql.push("(");
    for (index, (key, _)) in keys.iter().enumerate() {
        sql.push(if index == 0 { "" } else { "," }).column(scope, key.field.field(scope.collection));
    }
    sql.push(if keys.first().is_some_and(|(key, _)| key.order == Order::Descending) { ") < (" } else { ") > (" });
    for (index, (_, value)) in keys.iter().enumerate() {
        sql.push(if index == 0 { "" } else { "," }).bind(*value);
    }
    sql.push(")");
}

/// A bound on the first key that the chain implies: with it an index on that key skips what was seen.
fn write_bound(sql: &mut Sql, scope: Scope<'_>, key: &SortKey, value: &Value) -> bool {
    let field = key.field.field(scope.collection);
    match (key.order, value.is_null()) {
        (Order::Ascending, true) => return false,
        (Order::Descending, true) => sql.column(scope, field).push(" IS NULL"),
        (Order::Ascending, false) => sql.column(scope, field).push(" >= ").bind(value),
        (Order::Descending, false) if field.nullable => {
            sql.push("(").column(scope, field).push(" <= ").bind(value);
            sql.push(" OR ").column(scope, field).push(" IS NULL)")
        }
        (Order::Descending, false) => sql.column(scope, field).push(" <= ").bind(value),
    };
    true
}

/// `(a after ? OR (a IS ? AND (b after ? OR …)))`.
fn write_chain(sql: &mut Sql, scope: Scope<'_>, keys: &[(&SortKey, &Value)]) {
    let Some(((key, value), rest)) = keys.split_first() else {
        sql.push("0");
        return;
    };
    sql.push("(");
    write_beyond(sql, scope, key, value);
    if !rest.is_empty() {
        let same = sql.dialect().same();
        sql.push(" OR (").column(scope, key.field.field(scope.collection)).push(same).bind(*value).push(" AND ");
        write_chain(sql, scope, rest);
        sql.push(")");
    }
    sql.push(")");
}

/// Strictly after the value on this key alone.
fn write_beyond(sql: &mut Sql, scope: Scope<'_>, key: &SortKey, value: &Value) {
    let field = key.field.field(scope.collection);
    match (key.order, value.is_null()) {
        (Order::Ascending, true) => sql.column(scope, field).push(" IS NOT NULL"),
        (Order::Ascending, false) => sql.column(scope, field).push(" > ").bind(value),
        (Order::Descending, true) => sql.push("0"),
        (Order::Descending, false) if field.nullable => {
            sql.push("(").column(scope, field).push(" < ").bind(value);
            sql.push(" OR ").column(scope, field).push(" IS NULL)")
        }
        (Order::Descending, false) => sql.column(scope, field).push(" < ").bind(value),
    };
}

//! Collections as they were: a statement that begins with these sees, under the collections' own names, documents of
//! an earlier moment, in its rules and embedded documents too.

use std::sync::Arc;

use alyx_schema::{Collection, Field, FieldType, Order, Storage};

use super::{Bind, ListParts, Scope, Sql, conjunction, order::deciding};

/// The table of floats: JSON text could lose their last digit.
const REALS: &str = "_alyx_reals";

/// The page of an earlier moment.
pub(super) const PAGE: &str = "_alyx_page";

/// The documents of a collection that have changed since.
#[derive(Clone, Debug)]
pub(crate) struct Touched {
    /// Their keys, as the feed writes them; a JSON array.
    pub(crate) keys: String,
    /// Those that were there: a JSON array of objects with the key as `k` and the old value of each changed field
    /// under its place, `f0`, `f1`, …
    pub(crate) rows: String,
}

/// An earlier moment of some collections, seen from a snapshot.
pub struct Past {
    pub(crate) touched: Vec<(Arc<Collection>, Touched)>,
    /// Floats; in the rows stand their places.
    pub(crate) reals: Vec<f64>,
}

impl Past {
    /// The documents of a collection that have changed since.
    pub(super) fn touched(&self, collection: &Collection) -> Option<&Touched> {
        self.touched.iter().find(|(other, _)| other.name == collection.name).map(|(_, touched)| touched)
    }

    /// Writes `WITH …` before a statement.
    pub(super) fn write(&self, sql: &mut Sql) {
        sql.push("WITH ").name(REALS).push("(n,r) AS (VALUES (-1,0.0)");
        for (number, real) in self.reals.iter().enumerate() {
            sql.push(&format!(",({number},")).bind(Bind::Real(*real)).push(")");
        }
        sql.push(")");
        for (collection, touched) in &self.touched {
            sql.push(",");
            write_collection(sql, collection, touched);
        }
    }
}

/// What has not changed, and what has as it was. A name with its database in front of it is the table itself.
fn write_collection(sql: &mut Sql, collection: &Collection, touched: &Touched) {
    let (name, primary) = (collection.name.as_str(), collection.primary_field());
    write_touched_name(sql, collection);
    sql.push(" AS MATERIALIZED (SELECT ");
    for (index, field) in collection.fields.iter().enumerate() {
        sql.push(if index == 0 { "" } else { "," });
        match field.primary {
            true => write_key(sql, field, "c.value->>'k'"),
            false => write_value(sql, index, field),
        }
        sql.push(" AS ").name(field.name.as_str());
    }
    sql.push(" FROM json_each(").bind(touched.rows.as_str()).push(") AS c LEFT JOIN main.").name(name);
    sql.push(" AS d ON d.").name(primary.name.as_str()).push(" = ");
    write_key(sql, primary, "c.value->>'k'");
    sql.push("),").name(name).push(" AS NOT MATERIALIZED (SELECT ");
    for (index, field) in collection.fields.iter().enumerate() {
        sql.push(if index == 0 { "" } else { "," }).name(field.name.as_str());
    }
    sql.push(" FROM main.").name(name).push(" WHERE ").name(primary.name.as_str());
    write_not_touched(sql, primary, touched);
    sql.push(" UNION ALL SELECT * FROM ");
    write_touched_name(sql, collection);
    sql.push(")");
}

/// Writes the documents of the page: those of both halves, each found by its key, since a join with the whole would
/// put all of it together first.
pub(super) fn write_documents(sql: &mut Sql, scope: Scope<'_>, touched: &Touched) {
    let (name, primary) = (scope.collection.name.as_str(), scope.collection.primary_field());
    sql.push(" FROM ").name(PAGE).push(" AS page CROSS JOIN (SELECT ");
    for (index, field) in scope.collection.fields.iter().enumerate() {
        sql.push(if index == 0 { "" } else { "," }).name(field.name.as_str());
    }
    sql.push(" FROM main.").name(name).push(" WHERE ").name(primary.name.as_str()).push(" IN (SELECT r FROM ");
    sql.name(PAGE).push(") AND ").name(primary.name.as_str());
    write_not_touched(sql, primary, touched);
    sql.push(" UNION ALL SELECT * FROM ");
    write_touched_name(sql, scope.collection);
    sql.push(") AS ");
    scope.table.write(sql);
    sql.push(" ON ").column(scope, primary).push(" = page.r");
}

/// Writes the keys in order of both halves: each is read in the order of its index, and they are merged.
pub(super) fn write_rows(sql: &mut Sql, parts: &ListParts<'_>, touched: &Touched) {
    let collection = &*parts.query.collection;
    let primary = collection.primary_field();
    let predicates = [&parts.query.predicate, parts.readable];
    sql.search = parts.search;
    for half in [Half::Untouched, Half::Touched] {
        let scope = sql.scope(collection);
        sql.push(if half == Half::Untouched { "SELECT " } else { " UNION ALL SELECT " });
        sql.column(scope, primary).push(" AS r");
        for (index, key) in deciding(scope, &parts.query.sort).iter().enumerate() {
            sql.push(",").column(scope, key.field.field(collection)).push(&format!(" AS k{index}"));
        }
        sql.push(" FROM ");
        match half {
            Half::Untouched => {
                sql.push("main.").name(collection.name.as_str());
            }
            Half::Touched => write_touched_name(sql, collection),
        }
        sql.push(" AS ");
        scope.table.write(sql);
        let filtered = conjunction(sql, scope, &predicates);
        if half == Half::Untouched {
            sql.push(if filtered { " AND " } else { " WHERE " }).column(scope, primary);
            write_not_touched(sql, primary, touched);
        }
    }
    write_merged_order(sql, parts);
}

fn write_merged_order(sql: &mut Sql, parts: &ListParts<'_>) {
    let scope = Scope::named(&parts.query.collection);
    for (index, key) in deciding(scope, &parts.query.sort).iter().enumerate() {
        sql.push(if index == 0 { " ORDER BY " } else { "," }).push(&format!("k{index}"));
        if key.order == Order::Descending {
            sql.push(" DESC");
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    Untouched,
    Touched,
}

fn write_touched_name(sql: &mut Sql, collection: &Collection) {
    sql.name(&format!("_alyx_touched_{}", collection.name));
}

fn write_not_touched(sql: &mut Sql, primary: &Field, touched: &Touched) {
    sql.push(" NOT IN (SELECT ");
    write_key(sql, primary, "value");
    sql.push(" FROM json_each(").bind(touched.keys.as_str()).push("))");
}

/// A key as it is stored, from the text that the feed has of it.
fn write_key(sql: &mut Sql, primary: &Field, text: &str) {
    match primary.value_type.storage() {
        Storage::Integer => sql.push("CAST(").push(text).push(" AS INTEGER)"),
        Storage::Real => sql.push("CAST(").push(text).push(" AS REAL)"),
        Storage::Blob => sql.push("unhex(").push(text).push(")"),
        Storage::Text => sql.push(text),
    };
}

fn write_value(sql: &mut Sql, index: usize, field: &Field) {
    let old = format!("c.value->>'f{index}'");
    sql.push(&format!("CASE WHEN json_type(c.value,'$.f{index}') IS NULL THEN d.")).name(field.name.as_str());
    sql.push(" ELSE ");
    match (field.value_type, field.value_type.storage()) {
        (FieldType::Json, _) | (_, Storage::Text | Storage::Integer) => sql.push(&old),
        (_, Storage::Real) => sql.push("(SELECT r FROM ").name(REALS).push(" WHERE n=").push(&old).push(")"),
        (_, Storage::Blob) => sql.push("unhex(").push(&old).push(")"),
    };
    sql.push(" END");
}

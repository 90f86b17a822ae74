//! The triggers that write the change feed; those of profiles are in `profile`, those that hear of `REPLACE` in `replaced`.
//!
//! `before` holds old values as they are stored: JSON scalars for text and integers, 0 and 1 for
//! flags, JSON text as a string, bytes as hex, floats as digits that lose nothing. The feed's reader turns them into values by field.

use alyx_schema::{Collection, Field, FieldType, Storage};

use super::{
    CHANGES, profile, quote, replaced,
    sqlite::{float_digits, literal},
};

/// The triggers of the change feed.
const KINDS: [&str; 4] = ["insert", "delete", "rename", "update"];

/// The triggers of a collection: one each for inserts, deletes and updates, and one for a changed
/// primary key, which the feed tells as a delete and an insert.
pub(crate) fn trigger_statements(collection: &Collection) -> Vec<String> {
    let primary = quote(collection.primary_field().name.as_str());
    let others: Vec<&Field> = collection.fields.iter().filter(|field| !field.primary).collect();
    let deleted = change(collection, "DELETE", "OLD", ("NULL", &whole_object(collection, "OLD")));
    let inserted = change(collection, "INSERT", "NEW", ("NULL", "NULL"));
    let (forget, [tell, clear]) = (replaced::forget(collection), replaced::tell(collection));
    // What had the key before is gone before the key is there again.
    let on_insert = [&tell, &clear, &inserted];
    let on_rename = [&forget, &tell, &clear, &deleted, &inserted];
    let mut statements = vec![
        trigger(collection, "insert", "", &on_insert),
        trigger(collection, "delete", "", &[&forget, &deleted]),
        trigger(collection, "rename", &format!(" WHEN OLD.{primary} IS NOT NEW.{primary}"), &on_rename),
    ];
    if !others.is_empty() {
        let condition = format!(" WHEN OLD.{primary} IS NEW.{primary} AND ({})", any_changed(&others));
        let updated = change(collection, "UPDATE", "NEW", (&names(&others), &object(&others, "OLD", Shown::Changed)));
        statements.push(trigger(collection, "update", &condition, &[&updated]));
    }
    statements.extend(replaced::statements(collection, |kind| trigger_name(collection, kind)));
    statements.extend(profile::statements(collection, |kind| trigger_name(collection, kind)));
    statements
}

/// Drops them again, as a table rebuild must, with what they have put aside.
pub(crate) fn drop_trigger_statements(collection: &Collection) -> Vec<String> {
    let dropped = trigger_names(collection).map(|name| format!("DROP TRIGGER IF EXISTS {}", quote(&name)));
    dropped.chain([replaced::forget_all(collection)]).collect()
}

/// What they may be called.
pub(crate) fn trigger_names(collection: &Collection) -> impl Iterator<Item = String> {
    KINDS.iter().chain(&replaced::KINDS).chain(&profile::KINDS).map(|kind| format!("_alyx_{}_{kind}", collection.name))
}

fn trigger_name(collection: &Collection, kind: &str) -> String {
    quote(&format!("_alyx_{}_{kind}", collection.name))
}

fn trigger(collection: &Collection, kind: &str, condition: &str, statements: &[&String]) -> String {
    let (name, table) = (trigger_name(collection, kind), quote(collection.name.as_str()));
    let event = match kind {
        "insert" => "INSERT",
        "delete" => "DELETE",
        _ => "UPDATE",
    };
    let body: String = statements.iter().map(|statement| format!("  {statement};\n")).collect();
    format!("CREATE TRIGGER {name} AFTER {event} ON {table}{condition} BEGIN\n{body}END")
}

fn change(collection: &Collection, operation: &str, row: &str, (fields, before): (&str, &str)) -> String {
    let id = document_id(collection, row);
    let (table, name) = (quote(CHANGES), literal(collection.name.as_str()));
    format!(
        "INSERT INTO {table} (\"collection\", \"operation\", \"doc_id\", \"changed_fields\", \"before\", \"timestamp\") \
         VALUES ({name}, '{operation}', {id}, {fields}, {before}, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))"
    )
}

/// The primary key of a row as the feed writes it.
pub(super) fn document_id(collection: &Collection, row: &str) -> String {
    let primary = collection.primary_field();
    let id = format!("{row}.{}", quote(primary.name.as_str()));
    match primary.value_type.storage() {
        Storage::Text => id,
        Storage::Blob => format!("hex({id})"),
        Storage::Integer | Storage::Real => format!("CAST({id} AS TEXT)"),
    }
}

/// A row as the feed keeps it when it goes.
pub(super) fn whole_object(collection: &Collection, row: &str) -> String {
    object(&collection.fields.iter().collect::<Vec<_>>(), row, Shown::All)
}

fn any_changed(fields: &[&Field]) -> String {
    fields.iter().map(|field| changed(field)).collect::<Vec<_>>().join(" OR ")
}

/// `IS NOT`: a change from or to null is one.
fn changed(field: &Field) -> String {
    let name = quote(field.name.as_str());
    format!("OLD.{name} IS NOT NEW.{name}")
}

/// The names of the changed fields as a JSON array.
fn names(fields: &[&Field]) -> String {
    let parts = fields
        .iter()
        .map(|field| format!("CASE WHEN {} THEN {} END", changed(field), literal(&format!(",\"{}\"", field.name))));
    format!("'[' || substr({}, 2) || ']'", concatenated(parts))
}

/// Which fields of the old document are kept.
#[derive(Clone, Copy)]
enum Shown {
    All,
    Changed,
}

/// Values of a row as a JSON object: all of them, or those of changed fields.
fn object(fields: &[&Field], row: &str, shown: Shown) -> String {
    let parts = fields.iter().map(|field| {
        let pair = format!("{} || {}", literal(&format!(",\"{}\":", field.name)), stored_value(row, field));
        match shown {
            Shown::Changed => format!("CASE WHEN {} THEN {pair} END", changed(field)),
            Shown::All => pair,
        }
    });
    format!("'{{' || substr({}, 2) || '}}'", concatenated(parts))
}

fn stored_value(row: &str, field: &Field) -> String {
    let column = format!("{row}.{}", quote(field.name.as_str()));
    match (field.value_type, field.value_type.storage()) {
        (FieldType::Json, _) => format!("json_quote({column})"),
        (_, Storage::Blob) => format!("CASE WHEN {column} IS NULL THEN 'null' ELSE json_quote(hex({column})) END"),
        (_, Storage::Real) => {
            format!("CASE WHEN {column} IS NULL THEN 'null' ELSE json_quote({}) END", float_digits(&column))
        }
        (_, Storage::Integer) => format!("coalesce({column}, 'null')"),
        (_, Storage::Text) => format!("json_quote({column})"),
    }
}

/// `concat` skips nulls, and so the fields that did not change.
fn concatenated(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    let groups: Vec<String> = parts.chunks(400).map(|group| format!("concat({})", group.join(", "))).collect();
    groups.join(" || ")
}

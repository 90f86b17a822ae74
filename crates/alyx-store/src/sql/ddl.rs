//! Tables, indexes and triggers as statements.

use alyx_schema::{Collection, Field, FieldType, OnDelete, Order, Storage};

pub(crate) use super::{
    index::{TableIndex, indexes},
    trigger::{drop_trigger_statements, trigger_names, trigger_statements},
};
use super::{quote, sqlite::literal};

/// Everything that makes the collection exist: table, indexes, triggers.
pub(crate) fn create_statements(collection: &Collection) -> Vec<String> {
    let mut statements = vec![table_statement(collection, collection.name.as_str())];
    statements.extend(index_statements(collection));
    statements.extend(trigger_statements(collection));
    statements
}

/// The table alone, under a name that a rebuild may choose.
pub(crate) fn table_statement(collection: &Collection, table: &str) -> String {
    let columns: Vec<String> = collection.fields.iter().map(column_definition).collect();
    format!("CREATE TABLE {} (\n  {}\n) STRICT", quote(table), columns.join(",\n  "))
}

/// One column with its constraints; uniqueness is an index, so that it can come and go.
pub(crate) fn column_definition(field: &Field) -> String {
    let mut definition = format!("{} {}", quote(field.name.as_str()), storage_name(field.value_type.storage()));
    if !field.nullable || field.primary {
        definition.push_str(" NOT NULL");
    }
    if field.primary {
        definition.push_str(" PRIMARY KEY");
    }
    if field.value_type == FieldType::Json {
        definition.push_str(&format!(" CHECK (json_valid({}))", quote(field.name.as_str())));
    }
    if let Some(reference) = &field.references {
        let target = (quote(reference.collection.as_str()), quote(reference.field.as_str()));
        let action = on_delete_name(reference.on_delete);
        definition.push_str(&format!(" REFERENCES {} ({}) ON DELETE {action}", target.0, target.1));
    }
    definition
}

/// The indexes of the collection, unique ones included.
pub(crate) fn index_statements(collection: &Collection) -> Vec<String> {
    indexes(collection).iter().map(|index| index_statement(collection, index)).collect()
}

fn index_statement(collection: &Collection, index: &TableIndex<'_>) -> String {
    let direction = if index.order == Order::Descending { " DESC" } else { "" };
    let columns: Vec<String> = index.columns.iter().map(|column| quote(column) + direction).collect();
    let unique = if index.unique { "UNIQUE " } else { "" };
    let (name, table) = (quote(&index.name), quote(collection.name.as_str()));
    format!("CREATE {unique}INDEX {name} ON {table} ({})", columns.join(", "))
}

/// The names that a statement may call a row's number by.
pub(crate) const ROW_NUMBERS: [&str; 3] = ["rowid", "_rowid_", "oid"];

/// What the row's number is called in all of these tables; none where no name is free of a field, or the primary key is
/// that number.
pub(crate) fn row_number(collections: &[&Collection]) -> Option<&'static str> {
    if collections.iter().any(|collection| collection.primary_field().value_type.storage() == Storage::Integer) {
        return None;
    }
    let taken = |name: &str| {
        let mut fields = collections.iter().flat_map(|collection| &collection.fields);
        fields.any(|field| field.name.as_str().eq_ignore_ascii_case(name))
    };
    ROW_NUMBERS.into_iter().find(|name| !taken(name))
}

/// What SQLite calls it.
pub(crate) fn storage_name(storage: Storage) -> &'static str {
    match storage {
        Storage::Text => "TEXT",
        Storage::Integer => "INTEGER",
        Storage::Real => "REAL",
        Storage::Blob => "BLOB",
    }
}

fn on_delete_name(action: OnDelete) -> &'static str {
    match action {
        OnDelete::Restrict => "RESTRICT",
        OnDelete::Cascade => "CASCADE",
        OnDelete::SetNull => "SET NULL",
    }
}

/// A value as a literal, for the `DEFAULT` of an added column, which takes no bound value.
pub(crate) fn literal_value(value: &alyx_schema::Value) -> String {
    use super::Bind;
    match Bind::from(value) {
        Bind::Null | Bind::Test(_) => "NULL".to_owned(),
        Bind::Integer(number) => number.to_string(),
        Bind::Real(number) => format!("{number:?}"),
        Bind::Text(text) => literal(&text),
        Bind::Blob(bytes) => format!("x'{}'", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()),
    }
}

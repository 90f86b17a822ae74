//! The operations of a migration file, and how each is read.

use alyx_yaml::{Node, Span};

use super::reader::Reader;
use crate::{CollectionName, FieldName};

/// One operation of a migration file and its place there.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Where it stands in the file.
    pub span: Span,
    /// What it does.
    pub operation: Operation,
}

/// What a migration does to the data model or to the data.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// A field gets another name.
    RenameField {
        /// Its collection.
        collection: CollectionName,
        /// The name until now.
        from: FieldName,
        /// The name from now on.
        to: FieldName,
    },
    /// A collection gets another name.
    RenameCollection {
        /// The name until now.
        from: CollectionName,
        /// The name from now on.
        to: CollectionName,
    },
    /// A field and its values go; they are kept aside until pruned.
    DropField {
        /// Its collection.
        collection: CollectionName,
        /// The field.
        field: FieldName,
    },
    /// A collection and its documents go; they are kept aside until pruned.
    DropCollection {
        /// The collection.
        collection: CollectionName,
    },
    /// A field is defined anew and its values are converted.
    ChangeType {
        /// Its collection.
        collection: CollectionName,
        /// The field.
        field: FieldName,
        /// The whole definition from now on, as in `schema.yaml`.
        to: Node,
        /// How values are converted, where the natural way is not wanted or there is none.
        using: Option<Conversion>,
        /// What replaces null afterwards.
        fill: Option<Fill>,
    },
    /// A new field that documents already stored must have a value for.
    AddField {
        /// Its collection.
        collection: CollectionName,
        /// The field.
        field: FieldName,
        /// Its definition, as in `schema.yaml`.
        definition: Node,
        /// The value for documents already stored.
        fill: Option<Fill>,
    },
    /// Options of a field become stricter.
    Tighten {
        /// Its collection.
        collection: CollectionName,
        /// The field.
        field: FieldName,
        /// The options that change, with their new values, as in `schema.yaml`.
        options: Node,
        /// What replaces null.
        fill: Option<Fill>,
    },
    /// A unique index over several fields is added, or replaces one of the same name.
    TightenIndex {
        /// Its collection.
        collection: CollectionName,
        /// The index, as under `indexes:` in `schema.yaml`.
        index: Node,
    },
    /// Another field becomes the primary key.
    ChangePrimary {
        /// The collection.
        collection: CollectionName,
        /// The field that is primary from now on.
        to: FieldName,
    },
    /// SQL as written.
    Sql {
        /// What applying it runs.
        up: String,
        /// What rolling it back runs; without it there is no way back.
        down: Option<String>,
    },
}

/// How a value of one type becomes one of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conversion {
    /// The natural conversion; where it fails the value becomes null.
    OrNull,
    /// Between seconds since 1970 and a timestamp.
    UnixSeconds,
    /// Between milliseconds since 1970 and a timestamp.
    UnixMilliseconds,
    /// A SQL expression over the document's fields.
    Sql(String),
}

/// A value for documents that have none.
#[derive(Clone, Debug, PartialEq)]
pub enum Fill {
    /// This value, as it would stand in a request.
    Value(serde_json::Value),
    /// A SQL expression over the document's fields.
    Sql(String),
}

/// The word under `type:` and what reads the rest; adding an operation is one line here.
type Parse = fn(&mut Reader<'_, '_>) -> Option<Operation>;
const OPERATIONS: &[(&str, Parse)] = &[
    ("rename_field", rename_field),
    ("rename_collection", rename_collection),
    ("drop_field", drop_field),
    ("drop_collection", drop_collection),
    ("change_type", change_type),
    ("add_field", add_field),
    ("tighten", tighten),
    ("change_primary", change_primary),
    ("sql", sql),
];

/// Reads one item of `operations:`.
pub(super) fn parse_step(reader: &mut Reader<'_, '_>) -> Option<Step> {
    if !reader.is_mapping() {
        return None;
    }
    let span = reader.span();
    let word = reader.text("type")?;
    let Some((_, parse)) = OPERATIONS.iter().find(|(name, _)| *name == word) else {
        let names: Vec<_> = OPERATIONS.iter().map(|(name, _)| *name).collect();
        reader.unknown_value("unknown_operation", "type", &word, &names);
        return None;
    };
    let operation = parse(reader);
    reader.finish();
    Some(Step { span, operation: operation? })
}

fn rename_field(reader: &mut Reader<'_, '_>) -> Option<Operation> {
    let (collection, from, to) = (reader.name("collection"), reader.name("from"), reader.new_name("to"));
    let (collection, from, to) = (collection?, from?, to?);
    Some(Operation::RenameField { collection: (&*collection).into(), from: (&*from).into(), to: (&*to).into() })
}

fn rename_collection(reader: &mut Reader<'_, '_>) -> Option<Operation> {
    let (from, to) = (reader.name("from"), reader.new_name("to"));
    Some(Operation::RenameCollection { from: (&*from?).into(), to: (&*to?).into() })
}

fn drop_field(reader: &mut Reader<'_, '_>) -> Option<Operation> {
    let (collection, field) = target(reader)?;
    Some(Operation::DropField { collection, field })
}

fn drop_collection(reader: &mut Reader<'_, '_>) -> Option<Operation> {
    Some(Operation::DropCollection { collection: (&*reader.name("collection")?).into() })
}

fn change_type(reader: &mut Reader<'_, '_>) -> Option<Operation> {
    let target = target(reader);
    let to = reader.definition("to");
    let using = reader.optional_text("using").map(|text| conversion(&text));
    let fill = fill(reader);
    let (collection, field) = target?;
    Some(Operation::ChangeType { collection, field, to: to?, using, fill: fill? })
}

fn conversion(text: &str) -> Conversion {
    match text {
        "or_null" => Conversion::OrNull,
        "unix_seconds" => Conversion::UnixSeconds,
        "unix_milliseconds" => Conversion::UnixMilliseconds,
        expression => Conversion::Sql(expression.to_owned()),
    }
}

fn add_field(reader: &mut Reader<'_, '_>) -> Option<Operation> {
    let collection = reader.name("collection");
    let field = reader.new_name("field");
    let definition = reader.definition("definition");
    let fill = fill(reader);
    let (collection, field) = (collection?, field?);
    Some(Operation::AddField {
        collection: (&*collection).into(),
        field: (&*field).into(),
        definition: definition?,
        fill: fill?,
    })
}

fn tighten(reader: &mut Reader<'_, '_>) -> Option<Operation> {
    if let Some(index) = reader.take("index").filter(|node| node.as_mapping().is_some()) {
        let collection = reader.name("collection")?;
        return Some(Operation::TightenIndex { collection: (&*collection).into(), index: index.clone() });
    }
    let target = target(reader);
    let fill = fill(reader);
    let options = reader.rest();
    if options.as_mapping().is_some_and(<[_]>::is_empty) {
        reader.fault("missing_key", "says nothing to tighten", Some("add `required: true`, `unique: true` or a limit"));
        return None;
    }
    let (collection, field) = target?;
    Some(Operation::Tighten { collection, field, options, fill: fill? })
}

fn change_primary(reader: &mut Reader<'_, '_>) -> Option<Operation> {
    let (collection, to) = (reader.name("collection"), reader.name("to"));
    Some(Operation::ChangePrimary { collection: (&*collection?).into(), to: (&*to?).into() })
}

fn sql(reader: &mut Reader<'_, '_>) -> Option<Operation> {
    let (up, down) = (reader.text("up"), reader.optional_text("down"));
    Some(Operation::Sql { up: up?, down })
}

fn target(reader: &mut Reader<'_, '_>) -> Option<(CollectionName, FieldName)> {
    let (collection, field) = (reader.name("collection"), reader.name("field"));
    Some(((&*collection?).into(), (&*field?).into()))
}

/// `Some(None)` where there is no `fill:`, `None` where it is wrong.
fn fill(reader: &mut Reader<'_, '_>) -> Option<Option<Fill>> {
    let Some(node) = reader.take("fill") else { return Some(None) };
    let Some([entry]) = node.as_mapping().filter(|entries| entries.iter().any(|entry| entry.key == "sql")) else {
        return Some(Some(Fill::Value(node.to_json())));
    };
    match entry.value.as_str() {
        Some(expression) => Some(Some(Fill::Sql(expression.to_owned()))),
        None => {
            reader.fault_at("wrong_kind", entry.value.span, "`sql` must be text".to_owned(), None);
            None
        }
    }
}

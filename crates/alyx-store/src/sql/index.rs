//! Which indexes a collection has, and over which columns.

use std::borrow::Cow;

use alyx_schema::{Collection, DefaultValue, Field, FieldType, Order};

/// An index as it is created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TableIndex<'a> {
    pub(crate) name: Cow<'a, str>,
    pub(crate) columns: Vec<&'a str>,
    pub(crate) unique: bool,
    pub(crate) order: Order,
}

/// Every index of the collection, apart from that of its primary key.
pub(crate) fn indexes(collection: &Collection) -> Vec<TableIndex<'_>> {
    let own = collection.fields.iter().filter_map(|field| field_index(collection, field));
    let named = collection.indexes.iter().map(|index| TableIndex {
        name: Cow::Borrowed(&index.name),
        columns: completed(collection, index.fields.iter().map(|name| name.as_str()).collect(), index.unique),
        unique: index.unique,
        order: index.order,
    });
    own.chain(named).collect()
}

/// Whether some index starts with the field.
pub(crate) fn serves(collection: &Collection, field: &Field) -> bool {
    has_own(field) || collection.indexes.iter().any(|index| index.fields.first() == Some(&field.name))
}

/// A foreign key always has an index: without one, deleting what it points at reads the whole table.
fn has_own(field: &Field) -> bool {
    !field.primary && (field.unique || field.index || field.references.is_some())
}

fn field_index<'a>(collection: &'a Collection, field: &'a Field) -> Option<TableIndex<'a>> {
    if !has_own(field) {
        return None;
    }
    let (suffix, columns) = if field.unique {
        ("_unique", vec![field.name.as_str()])
    } else if field.references.is_some() {
        ("", children_of_one(collection, field))
    } else {
        ("", completed(collection, vec![field.name.as_str()], false))
    };
    let name = Cow::Owned(format!("_alyx_{}_{}{suffix}", collection.name, field.name));
    Some(TableIndex { name, columns, unique: field.unique, order: Order::Ascending })
}

/// What a foreign key is asked most: the children of one parent, newest first, with a flag set, and
/// how many. Creation time, primary key and flags in the index answer that without the table.
fn children_of_one<'a>(collection: &'a Collection, field: &'a Field) -> Vec<&'a str> {
    let is_creation = |other: &&Field| {
        other.field_type == FieldType::Timestamp
            && other.default == Some(DefaultValue::Now)
            && !other.on_update_now
            && other.name != field.name
    };
    let mut columns = vec![field.name.as_str()];
    columns.extend(collection.fields.iter().find(is_creation).map(|other| other.name.as_str()));
    let mut columns = completed(collection, columns, false);
    let flags = collection.fields.iter().filter(|other| other.field_type == FieldType::Bool);
    columns.extend(flags.map(|flag| flag.name.as_str()));
    columns
}

/// Every order ends with the primary key, and so does every index that may serve one.
fn completed<'a>(collection: &'a Collection, mut columns: Vec<&'a str>, unique: bool) -> Vec<&'a str> {
    let primary = collection.primary_field().name.as_str();
    if !unique && !columns.contains(&primary) {
        columns.push(primary);
    }
    columns
}

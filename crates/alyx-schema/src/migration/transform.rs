//! What an operation makes of a schema.

use std::sync::Arc;

use alyx_yaml::{Node, did_you_mean};

use super::{Operation, definition};
use crate::{Collection, CollectionName, Field, FieldName, Order, Schema};

/// What an operation comes to on a given schema.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The schema afterwards.
    Changed(Schema),
    /// Only data changes.
    Data,
    /// There is nothing here to change, and why.
    Absent(String),
}

/// The result of an operation, or what is wrong with it, in words.
type Transformed = Result<Outcome, String>;

impl Operation {
    /// The schema after this operation.
    ///
    /// # Errors
    /// Where the operation cannot be carried out on this schema, with the reason.
    pub fn transform(&self, schema: &Schema) -> Transformed {
        match self {
            Self::RenameField { collection, from, to } => rename_field(schema, collection, from, to),
            Self::RenameCollection { from, to } => rename_collection(schema, from, to),
            Self::DropField { collection, field } => drop_field(schema, collection, field),
            Self::DropCollection { collection } => drop_collection(schema, collection),
            Self::ChangeType { collection, field, to, .. } => {
                with_field(schema, collection, field, |old| redefine(schema, collection, old, to))
            }
            Self::AddField { collection, field, definition, .. } => add_field(schema, collection, field, definition),
            Self::Tighten { collection, field, options, .. } => {
                with_field(schema, collection, field, |old| tighten(schema, collection, old, options))
            }
            Self::TightenIndex { collection, index } => tighten_index(schema, collection, index),
            Self::ChangePrimary { collection, to } => change_primary(schema, collection, to),
            Self::Sql { .. } => Ok(Outcome::Data),
        }
    }
}

fn find<'a>(schema: &'a Schema, name: &CollectionName) -> Result<&'a Arc<Collection>, Outcome> {
    let names = schema.collections.keys().map(CollectionName::as_str);
    schema.collection(name.as_str()).ok_or_else(|| absent(format!("there is no collection {name}"), name.as_str(), names))
}

fn find_field<'a>(collection: &'a Collection, name: &FieldName) -> Result<&'a Field, Outcome> {
    let names = collection.fields.iter().map(|field| field.name.as_str());
    let said = || format!("{} has no field {name}", collection.name);
    collection.field(name.as_str()).ok_or_else(|| absent(said(), name.as_str(), names))
}

fn absent<'a>(said: String, name: &str, candidates: impl Iterator<Item = &'a str>) -> Outcome {
    Outcome::Absent(match did_you_mean(name, candidates) {
        Some(hint) => format!("{said} ({hint})"),
        None => said,
    })
}

/// The schema with one collection replaced, in its place.
fn with_collection(schema: &Schema, collection: Collection) -> Schema {
    let mut schema = schema.clone();
    schema.collections.insert(collection.name.clone(), Arc::new(collection));
    schema
}

fn with_field(
    schema: &Schema,
    collection: &CollectionName,
    field: &FieldName,
    change: impl FnOnce(&Field) -> Result<Field, String>,
) -> Transformed {
    let old = match find(schema, collection) {
        Ok(old) => old,
        Err(absent) => return Ok(absent),
    };
    let field = match find_field(old, field) {
        Ok(field) => field,
        Err(absent) => return Ok(absent),
    };
    let changed = change(field)?;
    let mut new = Collection::clone(old);
    let position = old.field_index(field.name.as_str()).expect("it was found");
    new.fields[position] = changed;
    Ok(Outcome::Changed(with_collection(schema, new)))
}

fn taken(collection: &Collection, name: &FieldName) -> Option<String> {
    let clash = collection.fields.iter().find(|field| field.name.as_str().eq_ignore_ascii_case(name.as_str()))?;
    Some(format!("{} already has a field {}", collection.name, clash.name))
}

fn rename_field(schema: &Schema, collection: &CollectionName, from: &FieldName, to: &FieldName) -> Transformed {
    let old = match find(schema, collection) {
        Ok(old) => old,
        Err(absent) => return Ok(absent),
    };
    if let Err(absent) = find_field(old, from) {
        return Ok(absent);
    }
    if let Some(clash) = taken(old, to).filter(|_| !from.as_str().eq_ignore_ascii_case(to.as_str())) {
        return Err(clash);
    }
    let mut schema = schema.clone();
    for each in schema.collections.values_mut() {
        let own = each.name == *collection;
        let each = Arc::make_mut(each);
        for field in &mut each.fields {
            if own && field.name == *from {
                field.name = to.clone();
            }
            if let Some(reference) = &mut field.references
                && reference.collection == *collection
                && reference.field == *from
            {
                reference.field = to.clone();
            }
        }
        let names = each.indexes.iter_mut().flat_map(|index| &mut index.fields);
        names.filter(|name| own && *name == from).for_each(|name| *name = to.clone());
    }
    Ok(Outcome::Changed(schema))
}

fn rename_collection(schema: &Schema, from: &CollectionName, to: &CollectionName) -> Transformed {
    if let Err(absent) = find(schema, from) {
        return Ok(absent);
    }
    let same = |name: &CollectionName| name.as_str().eq_ignore_ascii_case(to.as_str()) && name != from;
    if schema.collections.keys().any(same) {
        return Err(format!("there is a collection {to} already"));
    }
    let mut renamed = Schema::default();
    for old in schema.collections.values() {
        let mut collection = Collection::clone(old);
        for reference in collection.fields.iter_mut().filter_map(|field| field.references.as_mut()) {
            if reference.collection == *from {
                reference.collection = to.clone();
            }
        }
        if collection.name == *from {
            collection.name = to.clone();
        }
        renamed.collections.insert(collection.name.clone(), Arc::new(collection));
    }
    Ok(Outcome::Changed(renamed))
}

fn drop_field(schema: &Schema, collection: &CollectionName, field: &FieldName) -> Transformed {
    let old = match find(schema, collection) {
        Ok(old) => old,
        Err(absent) => return Ok(absent),
    };
    match find_field(old, field) {
        Ok(field) if field.primary => return Err(format!("{} is the primary key of {collection}", field.name)),
        Ok(_) => {}
        Err(absent) => return Ok(absent),
    }
    let pointing = schema.collections.values().flat_map(|other| other.fields.iter().map(move |each| (other, each)));
    for (other, each) in pointing {
        let points = each.references.as_ref().is_some_and(|to| to.collection == *collection && to.field == *field);
        if points {
            return Err(format!("{}.{} refers to {collection}.{field}", other.name, each.name));
        }
    }
    let mut new = Collection::clone(old);
    let primary = new.primary_field().name.clone();
    new.fields.retain(|each| each.name != *field);
    new.indexes.retain(|index| !index.fields.contains(field));
    new.primary = new.field_index(primary.as_str()).expect("the primary field stays");
    Ok(Outcome::Changed(with_collection(schema, new)))
}

fn drop_collection(schema: &Schema, collection: &CollectionName) -> Transformed {
    if let Err(absent) = find(schema, collection) {
        return Ok(absent);
    }
    let mut schema = schema.clone();
    schema.collections.shift_remove(collection);
    Ok(Outcome::Changed(schema))
}

fn redefine(schema: &Schema, name: &CollectionName, old: &Field, to: &Node) -> Result<Field, String> {
    let collection = schema.collection(name.as_str()).expect("the caller found it");
    let new = definition::define(schema, collection, old.name.as_str(), to)?;
    if new.primary != old.primary {
        return Err(format!("`to` must {}say `primary: true`", if old.primary { "" } else { "not " }));
    }
    Ok(new)
}

fn add_field(schema: &Schema, collection: &CollectionName, name: &FieldName, definition: &Node) -> Transformed {
    let old = match find(schema, collection) {
        Ok(old) => old,
        Err(absent) => return Ok(absent),
    };
    if let Some(clash) = taken(old, name) {
        return Ok(Outcome::Absent(clash));
    }
    let field = definition::define(schema, old, name.as_str(), definition)?;
    if field.primary {
        return Err("a new field cannot be the primary key; add it first, then use `change_primary`".to_owned());
    }
    let mut new = Collection::clone(old);
    new.fields.push(field);
    Ok(Outcome::Changed(with_collection(schema, new)))
}

fn tighten(schema: &Schema, name: &CollectionName, old: &Field, options: &Node) -> Result<Field, String> {
    if options.get("type").is_some() {
        return Err("`tighten` keeps the type; use `change_type`".to_owned());
    }
    let current = definition::definition_of(schema, name.as_str(), old.name.as_str());
    let current = current.ok_or_else(|| format!("{name}.{} could not be printed", old.name))?;
    redefine(schema, name, old, &definition::merge(&current, options))
}

fn tighten_index(schema: &Schema, name: &CollectionName, node: &Node) -> Transformed {
    let old = match find(schema, name) {
        Ok(old) => old,
        Err(absent) => return Ok(absent),
    };
    let index = read_index(node)?;
    for field in &index.fields {
        if let Err(Outcome::Absent(reason)) = find_field(old, field) {
            return Err(reason);
        }
    }
    let mut new = Collection::clone(old);
    match new.indexes.iter_mut().find(|each| each.name == index.name) {
        Some(each) => *each = index,
        None => new.indexes.push(index),
    }
    Ok(Outcome::Changed(with_collection(schema, new)))
}

fn read_index(node: &Node) -> Result<crate::Index, String> {
    let known = ["name", "fields", "unique", "order"];
    let entries = node.as_mapping().unwrap_or_default();
    if let Some(entry) = entries.iter().find(|entry| !known.contains(&&*entry.key)) {
        return Err(format!("an index has no key \"{}\"", entry.key));
    }
    let name = node.get("name").and_then(Node::as_str).ok_or("an index needs a `name`")?;
    let fields = node.get("fields").and_then(Node::as_sequence).ok_or("an index needs `fields`")?;
    let fields: Vec<FieldName> = fields.iter().filter_map(Node::as_str).map(FieldName::new).collect();
    let order = match node.get("order").and_then(Node::as_str) {
        None | Some("asc") => Order::Ascending,
        Some("desc") => Order::Descending,
        Some(other) => return Err(format!("`order` cannot be \"{other}\"")),
    };
    let unique = node.get("unique").and_then(Node::as_bool).unwrap_or(false);
    Ok(crate::Index { name: name.to_owned(), fields, unique, order, span: node.span })
}

fn change_primary(schema: &Schema, collection: &CollectionName, to: &FieldName) -> Transformed {
    let old = match find(schema, collection) {
        Ok(old) => old,
        Err(absent) => return Ok(absent),
    };
    if let Err(absent) = find_field(old, to) {
        return Ok(absent);
    }
    let mut new = Collection::clone(old);
    let before = new.primary;
    new.primary = new.field_index(to.as_str()).expect("it was found");
    new.fields[before].primary = false;
    let primary = &mut new.fields[new.primary];
    (primary.primary, primary.nullable) = (true, false);
    Ok(Outcome::Changed(with_collection(schema, new)))
}

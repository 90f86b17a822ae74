//! What an operation makes of a schema.

use std::sync::Arc;

use alyx_yaml::{Node, did_you_mean};

use super::{Conversion, Fill, Operation, accept, conversion, definition};
use crate::{Collection, CollectionName, Field, FieldName, Index, Order, Schema};

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

/// Why an operation does not change the schema.
enum Stop {
    Absent(String),
    Wrong(String),
}

impl From<String> for Stop {
    fn from(reason: String) -> Self {
        Self::Wrong(reason)
    }
}

impl Operation {
    /// The schema after this operation.
    ///
    /// # Errors
    /// Where the operation cannot be carried out on this schema, with the reason.
    pub fn transform(&self, schema: &Schema) -> Result<Outcome, String> {
        let changed = match self {
            Self::RenameField { collection, from, to } => rename_field(schema, collection, from, to),
            Self::RenameCollection { from, to } => rename_collection(schema, from, to),
            Self::DropField { collection, field } => drop_field(schema, collection, field),
            Self::DropCollection { collection } => drop_collection(schema, collection),
            Self::ChangeType { collection, field, to, using, fill } => {
                redefine(schema, (collection, field), fill.as_ref(), |_| to.clone())
                    .and_then(|after| convertible(schema, after, (collection, field), using.as_ref()))
            }
            Self::AddField { collection, field, definition, fill } => {
                add_field(schema, (collection, field), definition, fill.as_ref())
            }
            Self::Tighten { collection, field, options, fill } => {
                redefine(schema, (collection, field), fill.as_ref(), |current| definition::merge(current, options))
            }
            Self::TightenIndex { collection, index } => tighten_index(schema, collection, index),
            Self::ChangePrimary { collection, to } => change_primary(schema, collection, to),
            Self::Sql { .. } => return Ok(Outcome::Data),
        };
        match changed {
            Ok(schema) => Ok(Outcome::Changed(schema)),
            Err(Stop::Absent(reason)) => Ok(Outcome::Absent(reason)),
            Err(Stop::Wrong(reason)) => Err(reason),
        }
    }
}

/// The schema with one collection changed, in its place.
fn edit<T>(
    schema: &Schema,
    name: &CollectionName,
    change: impl FnOnce(&mut Collection) -> Result<T, Stop>,
) -> Result<Schema, Stop> {
    let mut schema = schema.clone();
    let names: Vec<_> = schema.collections.keys().cloned().collect();
    let Some(collection) = schema.collections.get_mut(name.as_str()) else {
        let names = names.iter().map(CollectionName::as_str);
        return Err(absent(format!("there is no collection {name}"), name.as_str(), names));
    };
    change(Arc::make_mut(collection))?;
    Ok(schema)
}

fn position(collection: &Collection, name: &FieldName) -> Result<usize, Stop> {
    let names = collection.fields.iter().map(|field| field.name.as_str());
    let said = || format!("{} has no field {name}", collection.name);
    collection.field_index(name.as_str()).ok_or_else(|| absent(said(), name.as_str(), names))
}

fn absent<'a>(said: String, name: &str, candidates: impl Iterator<Item = &'a str>) -> Stop {
    Stop::Absent(match did_you_mean(name, candidates) {
        Some(hint) => format!("{said} ({hint})"),
        None => said,
    })
}

fn rename_field(
    schema: &Schema,
    collection: &CollectionName,
    from: &FieldName,
    to: &FieldName,
) -> Result<Schema, Stop> {
    let mut schema = edit(schema, collection, |collection| {
        let field = position(collection, from)?;
        let same = |other: &&Field| other.name != *from && other.name.as_str().eq_ignore_ascii_case(to.as_str());
        if let Some(clash) = collection.fields.iter().find(same) {
            return Err(Stop::Wrong(format!("{} already has a field {}", collection.name, clash.name)));
        }
        collection.fields[field].name = to.clone();
        let names = collection.indexes.iter_mut().flat_map(|index| &mut index.fields);
        names.filter(|name| *name == from).for_each(|name| *name = to.clone());
        Ok(())
    })?;
    for each in schema.collections.values_mut() {
        let references = Arc::make_mut(each).fields.iter_mut().filter_map(|field| field.references.as_mut());
        references
            .filter(|reference| reference.collection == *collection && reference.field == *from)
            .for_each(|reference| reference.field = to.clone());
    }
    Ok(schema)
}

fn rename_collection(schema: &Schema, from: &CollectionName, to: &CollectionName) -> Result<Schema, Stop> {
    let schema = edit(schema, from, |collection| {
        collection.name = to.clone();
        Ok(())
    })?;
    let same = |name: &&CollectionName| name.as_str().eq_ignore_ascii_case(to.as_str()) && *name != from;
    if let Some(clash) = schema.collections.keys().find(same) {
        return Err(Stop::Wrong(format!("there is a collection {clash} already")));
    }
    let mut renamed = Schema::default();
    for (_, mut collection) in schema.collections {
        let references = Arc::make_mut(&mut collection).fields.iter_mut().filter_map(|field| field.references.as_mut());
        references
            .filter(|reference| reference.collection == *from)
            .for_each(|reference| reference.collection = to.clone());
        renamed.collections.insert(collection.name.clone(), collection);
    }
    Ok(renamed)
}

fn drop_field(schema: &Schema, name: &CollectionName, field: &FieldName) -> Result<Schema, Stop> {
    edit(schema, name, |collection| {
        let dropped = position(collection, field)?;
        if collection.fields[dropped].primary {
            return Err(Stop::Wrong(format!("{field} is the primary key of {name}")));
        }
        if let Some(pointing) = pointing_at(schema, name, Some(field)) {
            return Err(Stop::Wrong(format!("{pointing} refers to {name}.{field}")));
        }
        collection.fields.remove(dropped);
        collection.primary -= usize::from(collection.primary > dropped);
        collection.indexes.retain(|index| !index.fields.contains(field));
        Ok(())
    })
}

fn drop_collection(schema: &Schema, name: &CollectionName) -> Result<Schema, Stop> {
    let mut schema = edit(schema, name, |_| Ok(()))?;
    if let Some(pointing) = pointing_at(&schema, name, None) {
        return Err(Stop::Wrong(format!("{pointing} refers to {name}; drop that field first")));
    }
    schema.collections.shift_remove(name);
    Ok(schema)
}

/// A field of another collection, or of any for a single `field`, that refers to it.
fn pointing_at(schema: &Schema, name: &CollectionName, field: Option<&FieldName>) -> Option<String> {
    let others = schema.collections.values().filter(|other| field.is_some() || other.name != *name);
    others.flat_map(|other| other.fields.iter().map(move |each| (other, each))).find_map(|(other, each)| {
        let to = each.references.as_ref()?;
        let points = to.collection == *name && field.is_none_or(|field| to.field == *field);
        points.then(|| format!("{}.{}", other.name, each.name))
    })
}

fn redefine(
    schema: &Schema,
    (name, field): (&CollectionName, &FieldName),
    fill: Option<&Fill>,
    definition: impl FnOnce(&Node) -> Node,
) -> Result<Schema, Stop> {
    edit(schema, name, |collection| {
        let field = position(collection, field)?;
        let old = &collection.fields[field];
        let current = definition::definition_of(schema, name.as_str(), old.name.as_str());
        let current = current.ok_or_else(|| format!("{name}.{} could not be printed", old.name))?;
        let new = definition::define(schema, collection, old.name.as_str(), &definition(&current))?;
        if new.primary != old.primary {
            return Err(Stop::Wrong("the primary key stays; use `change_primary`".to_owned()));
        }
        check_fill(&new, fill)?;
        collection.fields[field] = new;
        Ok(())
    })
}

/// A fill that is a value must be one that the field takes.
fn check_fill(field: &Field, fill: Option<&Fill>) -> Result<(), Stop> {
    match fill {
        Some(Fill::Value(json)) => match accept(field, json) {
            Ok(_) => Ok(()),
            Err(reason) => Err(Stop::Wrong(format!("`fill` {reason}, and is {json}"))),
        },
        _ => Ok(()),
    }
}

/// The schema after, if there is a way from the old type to the new one.
fn convertible(
    before: &Schema,
    after: Schema,
    (name, field): (&CollectionName, &FieldName),
    using: Option<&Conversion>,
) -> Result<Schema, Stop> {
    let of = |schema: &Schema| Some(schema.collection(name.as_str())?.field(field.as_str())?.value_type);
    if let (Some(from), Some(to)) = (of(before), of(&after)) {
        conversion(using, from, to)?;
    }
    Ok(after)
}

fn add_field(
    schema: &Schema,
    (name, field): (&CollectionName, &FieldName),
    definition: &Node,
    fill: Option<&Fill>,
) -> Result<Schema, Stop> {
    edit(schema, name, |collection| {
        let same = |other: &&Field| other.name.as_str().eq_ignore_ascii_case(field.as_str());
        if let Some(clash) = collection.fields.iter().find(same) {
            return Err(Stop::Absent(format!("{name} already has a field {}", clash.name)));
        }
        let field = definition::define(schema, collection, field.as_str(), definition)?;
        if field.primary {
            return Err(Stop::Wrong("add the field first, then make it primary with `change_primary`".to_owned()));
        }
        check_fill(&field, fill)?;
        collection.fields.push(field);
        Ok(())
    })
}

fn tighten_index(schema: &Schema, name: &CollectionName, node: &Node) -> Result<Schema, Stop> {
    edit(schema, name, |collection| {
        let index = read_index(node)?;
        for field in &index.fields {
            position(collection, field)?;
        }
        match collection.indexes.iter_mut().find(|each| each.name == index.name) {
            Some(each) => *each = index,
            None => collection.indexes.push(index),
        }
        Ok(())
    })
}

fn read_index(node: &Node) -> Result<Index, String> {
    let known = ["name", "fields", "unique", "order"];
    let entries = node.as_mapping().unwrap_or_default();
    if let Some(entry) = entries.iter().find(|entry| !known.contains(&&*entry.key)) {
        return Err(format!("an index has no key \"{}\"", entry.key));
    }
    let name = node.get("name").and_then(Node::as_str).ok_or("an index needs a `name`")?;
    let fields = node.get("fields").and_then(Node::as_sequence).ok_or("an index needs `fields`, a list")?;
    let fields: Vec<FieldName> = fields.iter().filter_map(Node::as_str).map(FieldName::new).collect();
    let order = match node.get("order").and_then(Node::as_str) {
        None | Some("asc") => Order::Ascending,
        Some("desc") => Order::Descending,
        Some(other) => return Err(format!("`order` cannot be \"{other}\"")),
    };
    let unique = node.get("unique").and_then(Node::as_bool).unwrap_or(false);
    Ok(Index { name: name.to_owned(), fields, unique, order, span: node.span })
}

fn change_primary(schema: &Schema, name: &CollectionName, to: &FieldName) -> Result<Schema, Stop> {
    edit(schema, name, |collection| {
        let (before, after) = (collection.primary, position(collection, to)?);
        if before == after {
            return Err(Stop::Absent(format!("{to} is the primary key of {name} already")));
        }
        collection.fields[before].primary = false;
        let primary = &mut collection.fields[after];
        (primary.primary, primary.nullable) = (true, false);
        collection.primary = after;
        Ok(())
    })
}

//! `expand=author_id,comments_via_post_id.author`: paths along foreign keys, in both directions.

use std::sync::Arc;

use alyx_schema::{Collection, Field, Reference, Schema, expand_name};

use crate::{
    ErrorCode, Expand, FieldRef, QueryError, Relation,
    error::quoted,
    limits::{MAX_EXPAND_DEPTH, MAX_EXPAND_PATHS, MAX_LISTS_ON_PATH},
};

/// Reads paths; those with the same start share it.
pub(crate) fn parse(
    schema: &Schema,
    collection: &Arc<Collection>,
    paths: &[&str],
) -> Result<Vec<Expand>, Vec<QueryError>> {
    if paths.len() > MAX_EXPAND_PATHS {
        return Err(vec![too_complex("", format!("at most {MAX_EXPAND_PATHS} paths can be expanded"))]);
    }
    let (mut expand, mut errors) = (Vec::new(), Vec::new());
    for path in paths {
        let place = Place { schema, path, lists: 0 };
        let added = place.check_depth().and_then(|()| place.add(collection, &mut expand, path));
        errors.extend(added.err());
    }
    if errors.is_empty() { Ok(expand) } else { Err(errors) }
}

fn too_complex(path: &str, message: String) -> QueryError {
    QueryError::new("expand", ErrorCode::TooComplex, path, message)
}

/// Where on its way a path is.
#[derive(Clone, Copy)]
struct Place<'a> {
    schema: &'a Schema,
    path: &'a str,
    lists: usize,
}

impl Place<'_> {
    fn check_depth(self) -> Result<(), QueryError> {
        if self.path.split('.').count() <= MAX_EXPAND_DEPTH {
            return Ok(());
        }
        Err(too_complex(self.path, format!("{} has more than {MAX_EXPAND_DEPTH} steps", quoted(self.path))))
    }

    fn add(mut self, from: &Arc<Collection>, expand: &mut Vec<Expand>, path: &str) -> Result<(), QueryError> {
        let (step, rest) = path.split_once('.').map_or((path, None), |(step, rest)| (step, Some(rest)));
        let found = self.resolve(from, step)?;
        if matches!(found.relation, Relation::Back { .. }) {
            self.lists += 1;
        }
        if self.lists > MAX_LISTS_ON_PATH {
            let message = format!("{} goes through more than {MAX_LISTS_ON_PATH} lists", quoted(self.path));
            return Err(too_complex(self.path, message));
        }
        let known = expand.iter().position(|other| other.name == found.name);
        let position = known.unwrap_or(expand.len());
        if known.is_none() {
            expand.push(found);
        }
        let next = &mut expand[position];
        let target = Arc::clone(&next.target);
        rest.map_or(Ok(()), |rest| self.add(&target, &mut next.nested, rest))
    }

    fn resolve(self, from: &Arc<Collection>, step: &str) -> Result<Expand, QueryError> {
        let mut candidates = candidates(self.schema, from);
        if let Some(position) = candidates.iter().position(|candidate| candidate.is_called(step)) {
            return Ok(candidates.swap_remove(position).expand);
        }
        let message = format!("collection \"{}\" has no relation {}", from.name, quoted(step));
        let names = candidates.iter().flat_map(|candidate| [candidate.written.as_str(), &candidate.expand.name]);
        Err(QueryError::new("expand", ErrorCode::UnknownExpand, self.path, message).suggesting(step, names))
    }
}

/// A relation that can be expanded.
struct Candidate {
    /// The foreign key's name, or that of the list.
    written: String,
    expand: Expand,
}

impl Candidate {
    fn is_called(&self, step: &str) -> bool {
        self.written == step || self.expand.name == step
    }
}

/// Relations from a collection: first its own foreign keys, then those that point at it. Internal
/// foreign keys are none.
fn candidates(schema: &Schema, from: &Arc<Collection>) -> Vec<Candidate> {
    let own = from.fields.iter().filter_map(|field| to_one(schema, from, field));
    let others = schema
        .collections
        .values()
        .flat_map(|other| other.fields.iter().filter_map(move |field| back(from, other, field)));
    own.chain(others).collect()
}

fn to_one(schema: &Schema, from: &Collection, field: &Field) -> Option<Candidate> {
    let reference = field.references.as_ref().filter(|_| !field.internal)?;
    let target = Arc::clone(schema.collection(reference.collection.as_str())?);
    let relation = Relation::ToOne {
        field: FieldRef::named(from, field.name.as_str())?,
        target_field: FieldRef::named(&target, reference.field.as_str())?,
    };
    let written = field.name.as_str().to_owned();
    let expand = Expand { name: expand_name(&written), relation, target, nested: Vec::new() };
    Some(Candidate { written, expand })
}

fn back(from: &Collection, other: &Arc<Collection>, field: &Field) -> Option<Candidate> {
    let is_to_here = |reference: &&Reference| !field.internal && reference.collection == from.name;
    let reference = field.references.as_ref().filter(is_to_here)?;
    let relation = Relation::Back {
        field: FieldRef::named(from, reference.field.as_str())?,
        target_field: FieldRef::named(other, field.name.as_str())?,
    };
    let written = format!("{}_via_{}", other.name, field.name);
    let mut name = written.clone();
    while is_taken(from, &name) {
        name.push_str("_doc");
    }
    Some(Candidate { written, expand: Expand { name, relation, target: Arc::clone(other), nested: Vec::new() } })
}

/// Whether a field has the name, or the document that it points at.
fn is_taken(collection: &Collection, name: &str) -> bool {
    let has_name =
        |field: &Field| field.name == name || field.references.is_some() && expand_name(field.name.as_str()) == name;
    collection.fields.iter().any(has_name)
}

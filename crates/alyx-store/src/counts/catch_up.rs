//! How a count changed between two positions of the feed.

use std::collections::HashMap;

use alyx_query::{FieldRef, Predicate};
use alyx_schema::{Collection, CollectionName, Document, Value};
use serde_json::{Map, Value as Json};

use crate::{
    feed::old_value,
    render,
    sql::{Scope, Sql, quote},
    store::api_value,
};

/// Reads, as one text, every change after a position that can matter to the predicates, with the
/// fields they look at as they are now. Columns: the feed's first and last position, the changes.
pub(crate) fn changes_since(collection: &Collection, fields: &[FieldRef], after: i64) -> Sql {
    let mut sql = Sql::new();
    let scope = sql.scope(collection);
    sql.push(r#"SELECT (SELECT min("id") FROM "_alyx_changes"),(SELECT max("id") FROM "_alyx_changes"),"#);
    sql.push(r#"(SELECT group_concat(concat('[',c."id",',',json_quote(c."doc_id"),',"',c."operation",'",',"#);
    sql.push(r#"coalesce(c."before",'null'),',',"#);
    write_current(&mut sql, scope, fields);
    sql.push(r#",']'),',') FROM "_alyx_changes" AS c LEFT JOIN "#);
    scope.write_source(&mut sql);
    sql.push(" ON ").column(scope, collection.primary_field()).push(" = ");
    sql.push(match collection.primary_field().value_type.storage() {
        alyx_schema::Storage::Integer => r#"CAST(c."doc_id" AS INTEGER)"#,
        alyx_schema::Storage::Real => r#"CAST(c."doc_id" AS REAL)"#,
        alyx_schema::Storage::Blob => r#"unhex(c."doc_id")"#,
        alyx_schema::Storage::Text => r#"c."doc_id""#,
    });
    sql.push(r#" WHERE c."id" > "#).bind(after).push(r#" AND c."collection" = "#).bind(collection.name.as_str());
    sql.push(r#" AND (c."operation" <> 'UPDATE'"#);
    for field in fields {
        sql.push(r#" OR instr(c."changed_fields","#).literal(&quote(field.name.as_str())).push(") > 0");
    }
    sql.push("))");
    sql
}

/// Whether anything changed in some collections after a position. Columns: the feed's first and last
/// position, 1 or 0.
pub(crate) fn any_change_since(collections: &[&CollectionName], after: i64) -> Sql {
    let mut sql = Sql::new();
    sql.push(r#"SELECT (SELECT min("id") FROM "_alyx_changes"),(SELECT max("id") FROM "_alyx_changes"),"#);
    sql.push(r#"EXISTS (SELECT 1 FROM "_alyx_changes" WHERE "id" > "#).bind(after).push(r#" AND "collection" IN ("#);
    for (index, collection) in collections.iter().enumerate() {
        sql.push(if index == 0 { "" } else { "," }).literal(collection.as_str());
    }
    sql.push("))");
    sql
}

/// The looked-at fields of the document as it is now, as a JSON array; `null` where it is gone.
fn write_current(sql: &mut Sql, scope: Scope<'_>, fields: &[FieldRef]) {
    sql.push("CASE WHEN ").column(scope, scope.collection.primary_field()).push(" IS NULL THEN 'null' ELSE concat('['");
    for (index, field) in fields.iter().enumerate() {
        sql.push(if index == 0 { "," } else { ",','," });
        sql.dialect().json_value(sql, scope, field.field(scope.collection));
    }
    sql.push(",']') END");
}

/// A change as [`changes_since`] tells it: position, id, operation, old values, values now.
type Told = (i64, String, String, Option<Map<String, Json>>, Option<Vec<Json>>);

/// What changed about a count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Delta {
    /// Up to the moment that was asked for.
    pub(crate) until: i64,
    /// Up to the last change that was read.
    pub(crate) whole: i64,
}

impl Delta {
    /// Follows every touched document backwards from what it is now; `None` if the feed does not
    /// explain what is there.
    pub(crate) fn of(
        (collection, fields): (&Collection, &[FieldRef]),
        predicates: &[&Predicate],
        changes: &[u8],
        until: i64,
    ) -> Option<Self> {
        let mut delta = Self::default();
        for changes in by_document(changes)? {
            let now = changes.first()?.4.clone();
            let mut state = now.map(|values| current(collection, fields, values));
            for (position, _, operation, before, _) in changes {
                let after = matches(predicates, state.as_ref());
                state = earlier(collection, (&operation, before), state)?;
                let difference = after - matches(predicates, state.as_ref());
                delta.whole += difference;
                delta.until += if position <= until { difference } else { 0 };
            }
        }
        Some(delta)
    }
}

/// The changes of each document, the newest first.
fn by_document(changes: &[u8]) -> Option<Vec<Vec<Told>>> {
    let text = [b"[", render::unmark(changes).as_slice(), b"]"].concat();
    let told: Vec<Told> = serde_json::from_slice(&text).ok()?;
    let mut by_document: HashMap<String, Vec<Told>> = HashMap::new();
    for change in told {
        by_document.entry(change.1.clone()).or_default().push(change);
    }
    let mut all: Vec<_> = by_document.into_values().collect();
    all.iter_mut().for_each(|changes| changes.sort_unstable_by_key(|change| std::cmp::Reverse(change.0)));
    Some(all)
}

/// What a document was, change by change.
#[derive(Clone, Debug)]
pub struct DocumentHistory {
    /// What it was after each change, the newest first, with the change's position; `None` where it was gone.
    pub states: Vec<(i64, Option<Document>)>,
    /// What it was before the first of them.
    pub before: Option<Document>,
}

impl DocumentHistory {
    /// What it was at a position.
    #[must_use]
    pub fn at(&self, position: i64) -> Option<&Document> {
        let state = self.states.iter().find(|(from, _)| *from <= position);
        state.map_or(self.before.as_ref(), |(_, document)| document.as_ref())
    }

    /// Whether it changed after a position and not after another.
    #[must_use]
    pub fn changed_between(&self, after: i64, until: i64) -> bool {
        self.states.iter().any(|(position, _)| *position > after && *position <= until)
    }

    /// Everything it was at a position and since.
    pub fn since(&self, position: i64) -> impl Iterator<Item = &Document> {
        let later =
            self.states.iter().filter(move |(from, _)| *from > position).filter_map(|(_, state)| state.as_ref());
        later.chain(self.at(position))
    }
}

/// What each document of [`changes_since`] was; `None` if the feed does not explain what is there.
pub(crate) fn histories(
    (collection, fields): (&Collection, &[FieldRef]),
    changes: &[u8],
) -> Option<Vec<DocumentHistory>> {
    by_document(changes)?.into_iter().map(|changes| history((collection, fields), changes)).collect()
}

fn history((collection, fields): (&Collection, &[FieldRef]), changes: Vec<Told>) -> Option<DocumentHistory> {
    let now = changes.first()?.4.clone();
    let mut state = now.map(|values| current(collection, fields, values));
    let mut states = Vec::with_capacity(changes.len());
    for (position, _, operation, before, _) in changes {
        let earlier = earlier(collection, (&operation, before), state.clone())?;
        states.push((position, std::mem::replace(&mut state, earlier)));
    }
    Some(DocumentHistory { states, before: state })
}

fn matches(predicates: &[&Predicate], document: Option<&Document>) -> i64 {
    document.is_some_and(|document| predicates.iter().all(|predicate| predicate.matches(document))).into()
}

/// The document before a change, `Some(None)` where there was none.
fn earlier(
    collection: &Collection,
    (operation, before): (&str, Option<Map<String, Json>>),
    after: Option<Document>,
) -> Option<Option<Document>> {
    let mut document = match operation {
        "INSERT" => return after.map(|_| None),
        "UPDATE" => after?,
        _ if after.is_some() => return None,
        _ => Document { values: vec![Value::Null; collection.fields.len()] },
    };
    for (name, stored) in before? {
        let index = collection.field_index(&name)?;
        document.values[index] = old_value(&stored, &collection.fields[index]);
    }
    Some(Some(document))
}

/// A document of which only some fields are known: those that are looked at.
fn current(collection: &Collection, fields: &[FieldRef], values: Vec<Json>) -> Document {
    let mut document = Document { values: vec![Value::Null; collection.fields.len()] };
    for (field, json) in fields.iter().zip(values) {
        document.values[field.index] = api_value(json, field.field(collection).value_type);
    }
    document
}

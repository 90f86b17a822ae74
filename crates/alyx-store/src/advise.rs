//! Why a query is slow and which index it wants.

use alyx_query::{Comparison, FieldRef, Predicate, Query, Visible};
use alyx_schema::{Collection, FieldType, Order};

use crate::{
    Result, Store, connection,
    sql::{self, DocumentView},
};

/// What is to be said about a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// The database's plan, a step a line, indented by depth.
    pub plan: Vec<String>,
    /// Whether indexes find and order what the query asks for.
    pub is_served: bool,
    /// The index that would serve it, as text for `schema.yaml`; `None` where it is served or none would.
    pub wanted: Option<String>,
}

impl Store {
    /// Looks at how a list query would run.
    pub async fn advise(&self, query: &Query, visible: &dyn Visible) -> Result<Advice> {
        let readable = visible.readable(&query.collection);
        let view = DocumentView { fields: query.fields.as_deref(), expand: &query.expand, visible };
        let sql = sql::explained(&sql::outline(query, &readable, view));
        let rows = self.readers().all(sql).await?;
        let mut depths = std::collections::HashMap::new();
        let plan = rows.iter().map(|row| {
            let (id, parent) = (connection::integer(row, 0), connection::integer(row, 1));
            let depth = depths.get(&parent).map_or(0, |depth: &usize| depth + 1);
            depths.insert(id, depth);
            "  ".repeat(depth) + connection::text(row, 3).unwrap_or_default()
        });
        let plan: Vec<String> = plan.collect();
        let is_filtered = query.predicate != Predicate::TRUE || readable != Predicate::TRUE;
        let is_served = !plan.iter().any(|step| is_slow(step, is_filtered));
        let wanted = if is_served { None } else { wanted(query) };
        Ok(Advice { plan, is_served, wanted })
    }
}

/// A step that looks at everything: a scan under a filter, or a sort of all that was found.
fn is_slow(step: &str, is_filtered: bool) -> bool {
    let step = step.trim_start();
    let scans = is_filtered && step.starts_with("SCAN d") || step.starts_with("SCAN d") && !step.contains("INDEX");
    // Sorting among equals of an index's order is no work.
    scans && !step.starts_with("SCAN d1") || step.contains("TEMP B-TREE FOR ORDER BY")
}

/// An index over what must be equal, then over the order.
fn wanted(query: &Query) -> Option<String> {
    let collection = &*query.collection;
    let mut fields: Vec<&FieldRef> = query.predicate.equalities().into_iter().map(|(field, _)| field).collect();
    // The most telling first: a flag says least.
    fields.sort_by_key(|field| field.field(collection).value_type == FieldType::Bool);
    let ordered = query.sort.iter().filter(|key| key.field.index != collection.primary);
    let descending = ordered.clone().next().is_some_and(|key| key.order == Order::Descending);
    fields.extend(ordered.map(|key| &key.field));
    fields.extend(range(&query.predicate));
    let mut names: Vec<&str> = Vec::new();
    for field in fields {
        if !names.contains(&field.name.as_str()) && can_be_indexed(collection, field) {
            names.push(field.name.as_str());
        }
    }
    if names.is_empty() {
        return None;
    }
    let order = if descending { ", order: desc" } else { "" };
    let name = format!("{}_by_{}", collection.name, names.join("_"));
    Some(format!(
        "collections:\n  {}:\n    indexes:\n      - {{name: {name}, fields: [{}]{order}}}\n",
        collection.name,
        names.join(", ")
    ))
}

fn can_be_indexed(collection: &Collection, field: &FieldRef) -> bool {
    let field = field.field(collection);
    !field.primary && !matches!(field.value_type, FieldType::Json | FieldType::Blob)
}

/// A field with a bound, if the predicate demands one.
fn range(predicate: &Predicate) -> Option<&FieldRef> {
    match predicate {
        Predicate::Compare { field, comparison, .. } if *comparison != Comparison::Eq && *comparison != Comparison::Ne => {
            Some(field)
        }
        Predicate::And(parts) => parts.iter().find_map(range),
        _ => None,
    }
}

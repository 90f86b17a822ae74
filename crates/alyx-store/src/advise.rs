//! Which index a query wants, from what it asks for and how SQLite would answer it.

use alyx_query::{Comparison, Everything, FieldRef, Predicate, Query};
use alyx_schema::{Collection, FieldName, Order};

use crate::{Result, Store, connection, sql};

/// How a query is answered, and what would help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// How the page is found, in SQLite's words.
    pub plan: Vec<String>,
    /// Whether documents are read that are not answered, without a look-up.
    pub scans: bool,
    /// Whether documents are sorted that an index could give in order.
    pub sorts: bool,
    /// The index that would serve, where there is one to be made.
    pub index: Option<AdvisedIndex>,
}

/// An index for `indexes:` in `schema.yaml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdvisedIndex {
    /// Its fields.
    pub fields: Vec<FieldName>,
    /// Its order.
    pub order: Order,
}

impl Store {
    /// Looks at how a list query would be answered for a caller who may read everything.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn advise(&self, query: &Query) -> Result<Advice> {
        let statement = sql::explained(&sql::outline(query, &Predicate::TRUE, sql::DocumentView::whole(&Everything)));
        let rows = self.readers().all(statement).await?;
        let lines: Vec<String> =
            rows.iter().filter_map(|row| connection::text(row, DETAIL)).map(str::to_owned).collect();
        Ok(advice(query, &lines))
    }
}

/// The column of `EXPLAIN QUERY PLAN` that says it in words.
const DETAIL: usize = 3;

fn advice(query: &Query, lines: &[String]) -> Advice {
    let is_page = |line: &&String| line.contains(&format!(" {} ", sql::PAGE_ALIAS)) || line.contains("ORDER BY");
    let plan: Vec<String> = lines.iter().filter(is_page).map(|line| named(line, &query.collection)).collect();
    let scans = query.predicate != Predicate::TRUE && plan.iter().any(|line| line.starts_with("SCAN "));
    let sorts = plan.iter().any(|line| line.contains("ORDER BY"));
    let index = wanted(query).filter(|index| (scans || sorts) && !exists(&query.collection, index));
    Advice { plan, scans, sorts, index }
}

/// A line with the collection's name for the short one of the statement.
fn named(line: &str, collection: &Collection) -> String {
    line.replacen(&format!(" {} ", sql::PAGE_ALIAS), &format!(" {} ", collection.name), 1).trim_end().to_owned()
}

/// Fields with one value first, then those of the order, else one that has a range.
fn wanted(query: &Query) -> Option<AdvisedIndex> {
    let collection = &query.collection;
    let primary = FieldRef::primary(collection);
    let mut fields: Vec<&FieldRef> = Vec::new();
    for (field, values) in query.predicate.equalities() {
        // A look-up of several values gives several runs, which no order joins.
        if values.len() == 1 && !fields.contains(&field) {
            fields.push(field);
        }
    }
    let sorted: Vec<_> =
        query.sort.iter().filter(|key| key.field != primary && !fields.contains(&&key.field)).collect();
    let first_order = sorted.first().map(|key| key.order);
    fields.extend(sorted.iter().take_while(|key| Some(key.order) == first_order).map(|key| &key.field));
    if sorted.is_empty() {
        fields.extend(ranges(&query.predicate).into_iter().find(|field| !fields.contains(field)));
    }
    if fields.is_empty() || fields == [&primary] {
        return None;
    }
    let fields = fields.into_iter().map(|field| field.name.clone()).collect();
    Some(AdvisedIndex { fields, order: first_order.unwrap_or_default() })
}

/// Fields that must lie on one side of a value, or be one of several.
fn ranges(predicate: &Predicate) -> Vec<&FieldRef> {
    match predicate {
        Predicate::And(parts) => parts.iter().flat_map(ranges).collect(),
        Predicate::In { field, .. } => vec![field],
        Predicate::Compare { field, comparison, .. } if !matches!(comparison, Comparison::Eq | Comparison::Ne) => {
            vec![field]
        }
        _ => Vec::new(),
    }
}

fn exists(collection: &Collection, index: &AdvisedIndex) -> bool {
    sql::index::indexes(collection).iter().any(|each| {
        each.columns.len() >= index.fields.len()
            && each.columns.iter().zip(&index.fields).all(|(column, field)| field == column)
    })
}

//! Statements whose plan `Store::advise` looks at.

use alyx_query::{Predicate, Query};

use super::{DocumentView, ListParts, Sql, list::list};

/// The list statement of a query, as it would run.
pub(crate) fn outline(query: &Query, readable: &Predicate, view: DocumentView<'_>) -> Sql {
    list(&ListParts { query, readable, view, position: false, total: query.total })
}

/// The same, asked how it would run.
pub(crate) fn explained(sql: &Sql) -> Sql {
    let mut explained = sql.clone();
    explained.text.insert_str(0, "EXPLAIN QUERY PLAN ");
    explained
}

//! Statements whose plan `Store::advise` looks at.

use alyx_query::{Predicate, Query};

use super::{DocumentView, ListParts, Search, Sql, list::list};

/// What the statement calls the collection where the page is chosen: the first name that is handed out.
pub(crate) const PAGE_ALIAS: &str = "d0";

/// The list statement of a query, as it would run; without the total, which is often known already.
pub(crate) fn outline(query: &Query, readable: &Predicate, view: DocumentView<'_>) -> Sql {
    list(&ListParts { query, readable, view, search: Search::Many, position: false, total: false })
}

/// The same, asked how it would run.
pub(crate) fn explained(sql: &Sql) -> Sql {
    let mut explained = sql.clone();
    explained.text.insert_str(0, "EXPLAIN QUERY PLAN ");
    explained
}

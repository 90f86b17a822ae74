//! Statements whose plan `Store::advise` looks at.

use alyx_query::{Predicate, Query};
use alyx_schema::Collection;

use super::{DocumentView, ListParts, Scope, Search, Sql, conjunction, holds, list::list};

/// What the statement calls the collection where the page is chosen: the first name that is handed out.
pub(crate) const PAGE_ALIAS: &str = "d0";

/// The list statement of a query, as it would run; without the total, which is often known already.
pub(crate) fn outline(query: &Query, readable: &Predicate, view: DocumentView<'_>) -> Sql {
    list(&ListParts { query, readable, view, search: Search::Many, position: false, total: false, past: None })
}

/// The keys of the documents that meet a predicate, found from what the caller has to do with.
pub(crate) fn matching(collection: &Collection, predicate: &Predicate) -> Sql {
    let mut sql = Sql::new();
    let scope = sql.scope(collection);
    sql.search = Search::Few;
    sql.push("SELECT ").column(scope, collection.primary_field()).push(" FROM ");
    scope.write_source(&mut sql);
    conjunction(&mut sql, scope, &[predicate]);
    sql
}

/// The condition alone, with the collection under its own name.
pub(crate) fn shown_condition(collection: &Collection, predicate: &Predicate) -> String {
    let mut sql = Sql::new();
    sql.search = Search::Few;
    holds(&mut sql, Scope::named(collection), predicate);
    sql.text
}

/// A line of a plan with the collection's name for the short one of the statement.
pub(crate) fn with_names(line: &str, collection: &Collection) -> String {
    let named = |word: &str| if word == PAGE_ALIAS { collection.name.to_string() } else { word.to_owned() };
    line.split(' ').map(named).collect::<Vec<_>>().join(" ")
}

/// The same, asked how it would run.
pub(crate) fn explained(sql: &Sql) -> Sql {
    let mut explained = sql.clone();
    explained.text.insert_str(0, "EXPLAIN QUERY PLAN ");
    explained
}

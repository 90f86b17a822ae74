//! A page of documents, the feed's position and the total in one statement, and so of one moment.

use alyx_query::{Predicate, Query};
use alyx_schema::Collection;

use super::{
    DocumentView, FEED_POSITION, Scope, Search, Sql, conjunction,
    document::write_document,
    order::{deciding, write_after, write_order},
    past::{self, Past},
};

/// Stands between two documents, and between the keys of two: no raw control character occurs in JSON.
pub(crate) const ROW_MARK: u8 = 3;

/// What a list statement reads.
pub(crate) struct ListParts<'a> {
    pub(crate) query: &'a Query,
    pub(crate) readable: &'a Predicate,
    pub(crate) view: DocumentView<'a>,
    /// How the page is looked for.
    pub(crate) search: Search,
    /// Also the feed's position.
    pub(crate) position: bool,
    /// Also the total.
    pub(crate) total: bool,
    /// An earlier moment, of which it tells.
    pub(crate) past: Option<&'a Past>,
}

/// Columns: the documents; the position or null; the total or null; the sort keys, unless the
/// documents show them.
///
/// Asks for one document more than the page holds, to know whether another page follows.
pub(crate) fn list(parts: &ListParts<'_>) -> Sql {
    let collection = &*parts.query.collection;
    let mut sql = Sql::new();
    if let Some(past) = parts.past {
        past.write(&mut sql);
    }
    let (inner, outer) = (sql.scope(collection), sql.scope(collection));
    let touched = parts.past.and_then(|past| past.touched(collection));
    if touched.is_some() {
        // Said first, since its documents are looked for by it.
        sql.push(",").name(past::PAGE).push(" AS MATERIALIZED (");
        write_page(&mut sql, (inner, ""), parts);
        sql.push(")");
    }
    sql.push(if parts.past.is_some() { " SELECT group_concat(" } else { "SELECT group_concat(" });
    write_document(&mut sql, outer, &parts.view);
    sql.push(",'\u{3}')");
    write_figures(&mut sql, parts);
    if !shows_keys(parts.query, &parts.view) {
        sql.push(",group_concat(");
        write_keys(&mut sql, outer, parts.query);
        sql.push(",'\u{3}')");
    }
    // The page is chosen first and its documents are written after, so that a sort moves row ids
    // and not whole documents, and an index may decide alone.
    if let Some(touched) = touched {
        past::write_documents(&mut sql, outer, touched);
        return sql;
    }
    let identity = row_identity(collection);
    sql.push(" FROM (");
    write_page(&mut sql, (inner, identity), parts);
    sql.push(") AS page CROSS JOIN ");
    outer.write_source(&mut sql);
    sql.push(" ON ");
    outer.table.write(&mut sql);
    sql.push(".").name(identity).push(" = page.r");
    sql
}

/// Whether the place where the next page starts can be read off the last document.
pub(crate) fn shows_keys(query: &Query, view: &DocumentView<'_>) -> bool {
    let collection = &*query.collection;
    query.sort.iter().all(|key| {
        let field = key.field.field(collection);
        view.shown(collection).any(|shown| shown.name == field.name) && view.condition(collection, field).is_none()
    })
}

fn write_figures(sql: &mut Sql, parts: &ListParts<'_>) {
    if parts.position {
        sql.push(",(").push(FEED_POSITION).push(")");
    } else {
        sql.push(",NULL");
    }
    if parts.total {
        sql.push(",(");
        let counted = sql.scope(&parts.query.collection);
        write_count(sql, counted, &[&parts.query.predicate, parts.readable]);
        sql.push(")");
    } else {
        sql.push(",NULL");
    }
}

fn write_count(sql: &mut Sql, scope: Scope<'_>, predicates: &[&Predicate]) {
    let is_narrow = has_telling_equality(scope.collection, predicates);
    sql.hide_flags(is_narrow);
    sql.search = if is_narrow { Search::Many } else { Search::Few };
    sql.push("SELECT count(*) FROM ");
    scope.write_source(sql);
    conjunction(sql, scope, predicates);
}

fn write_page(sql: &mut Sql, inner: (Scope<'_>, &str), parts: &ListParts<'_>) {
    let limit = u64::from(parts.query.limit) + 1;
    let offset = i64::try_from(parts.query.offset).unwrap_or(i64::MAX);
    let touched = parts.past.and_then(|past| past.touched(&parts.query.collection));
    if let Some(touched) = touched.filter(|_| offset == 0) {
        past::write_rows(sql, parts, touched);
        sql.push(&format!(" LIMIT {limit}"));
    } else if offset == 0 {
        write_rows(sql, inner, parts);
        // Written out: SQLite plans a statement anew whenever a bound limit is bound again.
        sql.push(&format!(" LIMIT {limit}"));
    } else if parts.readable.is_local() {
        write_rows(sql, inner, parts);
        sql.push(&format!(" LIMIT {limit} OFFSET ")).bind(offset);
    } else {
        // SQLite makes a join of EXISTS, and then skips once for every match in there (3.51.3): rows are
        // skipped where none of it is seen.
        sql.push("SELECT r FROM (");
        write_rows(sql, inner, parts);
        let last = offset.saturating_add(i64::try_from(limit).unwrap_or(i64::MAX));
        sql.push(" LIMIT ").bind(last).push(&format!(") LIMIT {limit} OFFSET ")).bind(offset);
    }
}

/// The row numbers of what is asked for, in order.
fn write_rows(sql: &mut Sql, (scope, identity): (Scope<'_>, &str), parts: &ListParts<'_>) {
    sql.push("SELECT ");
    scope.table.write(sql);
    sql.push(".").name(identity).push(" AS r FROM ");
    let predicates = [&parts.query.predicate, parts.readable];
    sql.hide_flags(has_telling_equality(scope.collection, &predicates));
    sql.search = parts.search;
    scope.write_source(sql);
    let filtered = conjunction(sql, scope, &predicates);
    if let Some(cursor) = &parts.query.cursor {
        sql.push(if filtered { " AND " } else { " WHERE " });
        write_after(sql, scope, &parts.query.sort, cursor);
    }
    write_order(sql, scope, &parts.query.sort);
}

fn write_keys(sql: &mut Sql, scope: Scope<'_>, query: &Query) {
    sql.push("concat('['");
    for (index, key) in deciding(scope, &query.sort).iter().enumerate() {
        sql.push(if index == 0 { "," } else { ",','," });
        sql.dialect().json_value(sql, scope, key.field.field(scope.collection));
    }
    sql.push(",']')");
}

/// Counts matches up to a limit, reached from what the caller has to do with.
pub(crate) fn probe(query: &Query, readable: &Predicate, at_most: u64) -> Sql {
    let mut sql = Sql::new();
    let scope = sql.scope(&query.collection);
    sql.search = Search::Few;
    sql.push("SELECT count(*) FROM (SELECT 1 FROM ");
    scope.write_source(&mut sql);
    conjunction(&mut sql, scope, &[&query.predicate, readable]);
    sql.push(&format!(" LIMIT {at_most})"));
    sql
}

/// Whether an equality that an index serves, other than a flag's, narrows the search.
pub(crate) fn has_telling_equality(collection: &Collection, predicates: &[&Predicate]) -> bool {
    predicates.iter().flat_map(|predicate| predicate.equalities()).any(|(reference, _)| {
        let field = reference.field(collection);
        field.value_type != alyx_schema::FieldType::Bool
            && (field.primary || field.unique || super::index::serves(collection, field))
    })
}

/// The name under which SQLite gives a row's number: one that no field has taken.
fn row_identity(collection: &Collection) -> &str {
    ["rowid", "_rowid_", "oid"]
        .into_iter()
        .find(|name| !collection.fields.iter().any(|field| field.name.as_str().eq_ignore_ascii_case(name)))
        .unwrap_or_else(|| collection.primary_field().name.as_str())
}

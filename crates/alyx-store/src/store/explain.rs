//! How documents that meet a predicate are found.

use alyx_query::Predicate;
use alyx_schema::Collection;

use super::Store;
use crate::{
    Result, connection,
    sql::{self, Bind},
};

/// A predicate as the database sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The condition as SQL, with `?` for each value.
    pub sql: String,
    /// The values, in order, as a person would write them.
    pub values: Vec<String>,
    /// How SQLite finds the documents, in its own words.
    pub plan: Vec<String>,
    /// Whether it looks them up instead of reading all.
    pub is_served: bool,
}

/// The column of `EXPLAIN QUERY PLAN` that says it in words.
const DETAIL: usize = 3;

impl Store {
    /// Says how the documents of a collection that meet a predicate are found.
    ///
    /// # Errors
    /// The database fails.
    pub async fn explain_predicate(&self, collection: &Collection, predicate: &Predicate) -> Result<Explanation> {
        let found = sql::matching(collection, predicate);
        let rows = self.readers().all(sql::explained(&found)).await?;
        let lines = rows.iter().filter_map(|row| connection::text(row, DETAIL));
        let plan: Vec<String> = lines.map(|line| sql::with_names(line, collection)).collect();
        let scan = format!("SCAN {}", collection.name);
        let is_served = !plan.iter().any(|line| *line == scan || line.starts_with(&format!("{scan} ")));
        Ok(Explanation {
            sql: sql::shown_condition(collection, predicate),
            values: values(&found.binds),
            plan,
            is_served,
        })
    }
}

fn values(binds: &[Bind]) -> Vec<String> {
    let shown = |bind: &Bind| match bind {
        Bind::Null => "null".to_owned(),
        Bind::Integer(number) => number.to_string(),
        Bind::Real(number) => number.to_string(),
        Bind::Text(text) => format!("{text:?}"),
        Bind::Blob(bytes) => format!("{} bytes", bytes.len()),
        Bind::Test(_) => "a test in Rust".to_owned(),
    };
    binds.iter().map(shown).collect()
}

//! Which table a column belongs to inside a statement.

use alyx_schema::Collection;

use super::Sql;

/// How a statement calls a table.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Table<'a> {
    /// By a short name that no collection can have, since it is never written unqualified.
    Alias(u32),
    /// By its own name: in writes, whose `RETURNING` knows no alias.
    Named(&'a str),
}

impl Table<'_> {
    pub(super) fn write(self, sql: &mut Sql) {
        match self {
            Self::Alias(number) => {
                sql.push("d").push(&number.to_string());
            }
            Self::Named(name) => {
                sql.name(name);
            }
        }
    }
}

/// A collection as one statement sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    pub(crate) collection: &'a Collection,
    pub(crate) table: Table<'a>,
}

impl<'a> Scope<'a> {
    /// The collection under its own name.
    pub(crate) fn named(collection: &'a Collection) -> Self {
        Self { collection, table: Table::Named(collection.name.as_str()) }
    }

    /// `"posts" AS d0`.
    pub(crate) fn write_source(self, sql: &mut Sql) {
        sql.name(self.collection.name.as_str());
        if matches!(self.table, Table::Alias(_)) {
            sql.push(" AS ");
            self.table.write(sql);
        }
    }
}

/// Hands out aliases, each once a statement.
#[derive(Debug, Default)]
pub(crate) struct Aliases(u32);

impl Aliases {
    pub(crate) fn scope<'a>(&mut self, collection: &'a Collection) -> Scope<'a> {
        let number = self.0;
        self.0 += 1;
        Scope { collection, table: Table::Alias(number) }
    }
}

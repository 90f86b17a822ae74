//! Which table a column belongs to inside a statement.

use alyx_query::FieldAt;
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

/// A collection inside a statement, with those around it: level 0 is the innermost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reach<'a> {
    pub(crate) scope: Scope<'a>,
    pub(crate) outer: Option<&'a Reach<'a>>,
}

impl<'a> Reach<'a> {
    /// A collection with nothing around it.
    pub(crate) fn alone(scope: Scope<'a>) -> Self {
        Self { scope, outer: None }
    }

    /// The collection so many levels out; predicates never look further than there is something.
    pub(crate) fn outward(&'a self, level: usize) -> &'a Reach<'a> {
        (0..level).fold(self, |reach, _| reach.outer.unwrap_or(reach))
    }

    /// The column of a field of a collection in reach.
    pub(crate) fn column(&self, sql: &mut Sql, place: &FieldAt) {
        let scope = self.outward(place.level).scope;
        sql.column(scope, place.field.field(scope.collection));
    }
}

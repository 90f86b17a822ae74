//! SQL text and the values bound to it. Every statement of the store is made here and below.
//!
//! Values never become text: they are bound. Names pass [`Dialect::quote`] and nothing else.

mod advice;
mod aliases;
pub(crate) mod ddl;
mod dialect;
mod document;
mod get;
pub(crate) mod index;
mod list;
mod order;
mod past;
mod predicate;
mod profile;
mod related;
mod replaced;
mod scan;
mod sqlite;
mod trigger;
mod write;

use std::sync::Arc;

use alyx_schema::{Collection, Field, Value};
use alyx_sqlite::Kept;

pub(crate) use advice::{PAGE_ALIAS, explained, matching, outline, shown_condition, with_names};
use aliases::Table;
pub(crate) use aliases::{Reach, Scope};
pub(crate) use dialect::Dialect;
pub(crate) use document::{DocumentView, has_markers};
pub(crate) use get::get;
pub(crate) use list::{ListParts, ROW_MARK, has_telling_equality, list, probe, shows_keys};
pub use past::Past;
pub(crate) use past::Touched;
pub(crate) use predicate::{Sense, condition, conjunction, holds};
pub(crate) use sqlite::{Sqlite, literal, quote};
pub(crate) use write::{STEPS_WITH_READ, delete, insert, insert_where, judge, judge_alone, stored, then_read, update};

/// The table of the change feed.
pub(crate) const CHANGES: &str = "_alyx_changes";

/// The feed's last position; the newest row is found without a scan.
pub(crate) const FEED_POSITION: &str = r#"SELECT coalesce(max("id"), 0) FROM "_alyx_changes""#;

/// A value bound to a statement, in its storage class; cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Bind {
    Null,
    Integer(i64),
    Real(f64),
    Text(Arc<String>),
    Blob(Arc<Vec<u8>>),
    /// The number of a test, which is kept as long as the value is.
    Test(Arc<Kept>),
}

impl From<Value> for Bind {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Integer(flag.into()),
            Value::Int(number) => Self::Integer(number),
            Value::Float(number) => Self::Real(number),
            Value::Text(text) => Self::Text(Arc::new(text)),
            Value::Blob(bytes) => Self::Blob(Arc::new(bytes)),
            Value::Json(json) => Self::Text(Arc::new(json.to_string())),
        }
    }
}

impl From<&str> for Bind {
    fn from(text: &str) -> Self {
        Self::Text(Arc::new(text.to_owned()))
    }
}

impl From<i64> for Bind {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<&Value> for Bind {
    fn from(value: &Value) -> Self {
        Self::from(value.clone())
    }
}

/// How documents are looked for whose reach is more than their own fields; all find the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Search {
    /// One document is asked: each other document is looked up where it is needed.
    #[default]
    One,
    /// Many match: documents are asked in order. What the caller has to do with is gathered once.
    Many,
    /// Few match: they are reached from what the caller has to do with.
    Few,
}

/// SQL under construction: its text and the values bound so far, in order.
#[derive(Clone, Debug)]
pub(crate) struct Sql {
    pub(crate) text: String,
    pub(crate) binds: Vec<Bind>,
    pub(crate) search: Search,
    dialect: &'static dyn Dialect,
    /// Whether equality with a `bool` is kept away from the planner, see [`Sql::hide_flags`].
    flags_hidden: bool,
    /// Aliases handed out.
    aliases: u32,
}

impl Sql {
    pub(crate) fn new() -> Self {
        Self {
            text: String::with_capacity(512),
            binds: Vec::new(),
            search: Search::default(),
            dialect: &Sqlite,
            flags_hidden: false,
            aliases: 0,
        }
    }

    /// A statement that is always the same.
    pub(crate) fn fixed(text: &str, binds: Vec<Bind>) -> Self {
        Self { text: text.to_owned(), binds, ..Self::new() }
    }

    /// The collection under an alias of its own.
    pub(crate) fn scope<'a>(&mut self, collection: &'a Collection) -> Scope<'a> {
        let number = self.aliases;
        self.aliases += 1;
        Scope { collection, table: Table::Alias(number) }
    }

    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// A quoted name.
    pub(crate) fn name(&mut self, name: &str) -> &mut Self {
        self.dialect.quote(&mut self.text, name);
        self
    }

    /// A quoted text.
    pub(crate) fn literal(&mut self, value: &str) -> &mut Self {
        self.dialect.literal(&mut self.text, value);
        self
    }

    /// A field's column, said with its table so that no inner query can take the name for its own.
    pub(crate) fn column(&mut self, scope: Scope<'_>, field: &Field) -> &mut Self {
        scope.table.write(self);
        self.push(".").name(field.name.as_str())
    }

    /// A placeholder for a value.
    pub(crate) fn bind(&mut self, value: impl Into<Bind>) -> &mut Self {
        self.binds.push(value.into());
        self.dialect.placeholder(&mut self.text, self.binds.len());
        self
    }

    pub(crate) fn dialect(&self) -> &'static dyn Dialect {
        self.dialect
    }

    /// Says that another equality is the one to look up by.
    ///
    /// Half of all documents may share a flag, while the planner, without statistics, takes every
    /// equality for equally telling; a unary plus keeps it from choosing the flag's index.
    pub(crate) fn hide_flags(&mut self, hidden: bool) {
        self.flags_hidden = hidden;
    }

    pub(crate) fn flags_hidden(&self) -> bool {
        self.flags_hidden
    }
}

//! Cells of the account tables as what they mean. What the tables cannot hold is a damaged database.

use alyx_schema::{Value, clock::format_timestamp};
use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use sqlx::sqlite::SqliteRow;

use crate::{Error, Result, connection, sql::Bind};

/// A row that is read column by column.
pub(super) struct Cells<'r>(pub(super) &'r SqliteRow);

impl Cells<'_> {
    pub(super) fn text(&self, column: usize) -> String {
        self.optional_text(column).unwrap_or_default()
    }

    pub(super) fn optional_text(&self, column: usize) -> Option<String> {
        connection::text(self.0, column).map(str::to_owned)
    }

    pub(super) fn flag(&self, column: usize) -> bool {
        connection::integer(self.0, column) == Some(1)
    }

    pub(super) fn number(&self, column: usize) -> i64 {
        connection::integer(self.0, column).unwrap_or_default()
    }

    pub(super) fn time(&self, column: usize) -> Result<Timestamp> {
        connection::text(self.0, column).unwrap_or_default().parse().map_err(Error::database("reading a time"))
    }

    pub(super) fn optional_time(&self, column: usize) -> Result<Option<Timestamp>> {
        connection::text(self.0, column).map(|_| self.time(column)).transpose()
    }

    pub(super) fn json<T: serde::de::DeserializeOwned>(&self, column: usize) -> Result<T> {
        let text = connection::text(self.0, column).unwrap_or("null");
        serde_json::from_str(text).map_err(Error::database("reading JSON"))
    }
}

pub(super) fn text(text: impl Into<String>) -> Bind {
    Bind::from(Value::Text(text.into()))
}

pub(super) fn optional(value: Option<impl Into<String>>) -> Bind {
    value.map_or(Bind::Null, text)
}

pub(super) fn time(time: Timestamp) -> Bind {
    text(format_timestamp(time))
}

pub(super) fn flag(flag: bool) -> Bind {
    Bind::Integer(flag.into())
}

pub(super) fn object(object: &Map<String, Json>) -> Bind {
    text(serde_json::to_string(object).unwrap_or_else(|_| "{}".to_owned()))
}

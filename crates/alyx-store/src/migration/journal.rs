//! What the database remembers of its past: the schema that its tables fit, and every migration.

use alyx_schema::{Schema, clock::Clock, clock::format_timestamp, parse_stored_schema};
use sha2::{Digest, Sha256};

use super::{
    Error, Result,
    session::{Session, bound},
};
use crate::{SystemClock, sql::Bind};

/// The schema that the tables fit.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) text: String,
    pub(crate) schema: Schema,
}

/// What an entry of the history is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The tables of a new database.
    Initial,
    /// Changes that applied by themselves.
    Automatic,
    /// A migration file.
    File,
    /// A migration file that a new database did not need, its schema being newer.
    Baseline,
}

impl Kind {
    const ALL: [(Self, &str); 4] = [
        (Self::Initial, "initial"),
        (Self::Automatic, "automatic"),
        (Self::File, "file"),
        (Self::Baseline, "baseline"),
    ];

    pub(super) fn word(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("automatic", |(_, word)| word)
    }

    pub(super) fn of(word: &str) -> Self {
        Self::ALL.iter().find(|(_, each)| *each == word).map_or(Self::Automatic, |(kind, _)| *kind)
    }
}

/// One entry of the history.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) id: i64,
    pub(crate) kind: Kind,
    pub(crate) version: Option<u32>,
    pub(crate) name: String,
    pub(crate) applied_at: String,
    pub(crate) checksum: String,
    pub(crate) run: i64,
    pub(crate) file: Option<String>,
    pub(crate) schema_before: String,
    pub(crate) changes: Vec<String>,
}

impl Entry {
    /// How the entry is called in messages: `002_rename_user_name`.
    pub(crate) fn title(&self) -> String {
        match self.version {
            Some(version) => format!("{version:03}_{}", self.name),
            None => self.name.clone(),
        }
    }
}

/// A text's checksum; line ends do not count.
pub(crate) fn checksum(text: &str) -> String {
    let digest = Sha256::digest(text.replace("\r\n", "\n").as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads a schema that was kept in the database.
pub(crate) fn parse_stored(text: &str) -> Result<Schema> {
    if text.is_empty() {
        return Ok(Schema::default());
    }
    parse_stored_schema("schema.yaml", text).map_err(Error::StoredSchema)
}

const SCHEMA: &str = r#"SELECT "text" FROM "_alyx_schema" WHERE "id" = 1"#;
const KEEP_SCHEMA: &str = r#"INSERT INTO "_alyx_schema" ("id", "text", "hash", "applied_at") VALUES (1, ?, ?, ?)
    ON CONFLICT ("id") DO UPDATE SET "text" = excluded."text", "hash" = excluded."hash", "applied_at" = excluded."applied_at""#;
const ENTRIES: &str = r#"SELECT "id", "kind", "version", "name", "applied_at", "checksum", "run", "file", "schema_before", "changes"
    FROM "_alyx_migrations" ORDER BY "id""#;
const ADD: &str = r#"INSERT INTO "_alyx_migrations"
    ("id", "version", "name", "applied_at", "checksum", "kind", "run", "file", "schema_before", "changes")
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"#;
const REMOVE: &str = r#"DELETE FROM "_alyx_migrations" WHERE "id" = ?"#;
const HEAD: &str = r#"SELECT coalesce(max("id"), 0) FROM "_alyx_migrations""#;

impl Session<'_> {
    /// The schema that the tables fit; none in a new database.
    pub(crate) async fn stored(&mut self) -> Result<Option<Stored>> {
        let rows = self.rows(SCHEMA, Vec::new()).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let text: String = self.column(row, 0)?;
        Ok(Some(Stored { schema: parse_stored(&text)?, text }))
    }

    /// Keeps the schema that the tables fit from now on.
    pub(crate) async fn keep_schema(&mut self, text: &str) -> Result<()> {
        let binds = vec![bound(text.to_owned()), bound(checksum(text)), bound(now())];
        self.run(KEEP_SCHEMA, binds).await.map(drop)
    }

    /// The history, oldest first.
    pub(crate) async fn entries(&mut self) -> Result<Vec<Entry>> {
        let rows = self.rows(ENTRIES, Vec::new()).await?;
        let mut entries = Vec::with_capacity(rows.len());
        for row in &rows {
            let kind: String = self.column(row, 1)?;
            let version: Option<i64> = self.column(row, 2)?;
            let changes: String = self.column(row, 9)?;
            entries.push(Entry {
                id: self.column(row, 0)?,
                kind: Kind::of(&kind),
                version: version.and_then(|version| u32::try_from(version).ok()),
                name: self.column(row, 3)?,
                applied_at: self.column(row, 4)?,
                checksum: self.column(row, 5)?,
                run: self.column(row, 6)?,
                file: self.column(row, 7)?,
                schema_before: self.column(row, 8)?,
                changes: serde_json::from_str(&changes).unwrap_or_default(),
            });
        }
        Ok(entries)
    }

    pub(crate) async fn add_entry(&mut self, entry: &Entry) -> Result<()> {
        let changes = serde_json::Value::from(entry.changes.clone()).to_string();
        let binds = vec![
            Bind::Integer(entry.id),
            entry.version.map_or(Bind::Null, |version| Bind::Integer(version.into())),
            bound(entry.name.clone()),
            bound(entry.applied_at.clone()),
            bound(entry.checksum.clone()),
            bound(entry.kind.word().to_owned()),
            Bind::Integer(entry.run),
            entry.file.clone().map_or(Bind::Null, bound),
            bound(entry.schema_before.clone()),
            bound(changes),
        ];
        self.run(ADD, binds).await.map(drop)
    }

    pub(crate) async fn remove_entry(&mut self, id: i64) -> Result<()> {
        self.run(REMOVE, vec![Bind::Integer(id)]).await.map(drop)
    }

    /// The newest entry's id: two processes that plan see by it whether the other was first.
    pub(crate) async fn head(&mut self) -> Result<i64> {
        self.number(HEAD, Vec::new()).await
    }
}

/// The time, as it is stored.
pub(crate) fn now() -> String {
    format_timestamp(SystemClock.now())
}

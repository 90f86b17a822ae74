//! Documents into a database: each with defaults and checked like one of a client, all of them or none.

use std::{collections::HashMap, fmt::Write, io::Read};

use alyx_schema::{Collection, Schema, Writer};
use serde_json::Value as Json;
use sqlx::Row;
use tokio::sync::mpsc;

use super::{Error, Event, Format, Progress, Result, json, yaml};
use crate::{
    Database, SystemClock, SystemIds,
    migration::{Session, begin, cell, end, shown},
    sql::{insert, quote},
};

/// Documents that wait between the reader and the database.
const WAITING: usize = 256;
/// Failures that are named.
const NAMED: usize = 100;
/// Documents between two reports.
const REPORT_EVERY: u64 = 100;

/// How many documents were stored, by collection.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Seeded {
    /// Collections in the order of the file.
    pub documents: Vec<(String, u64)>,
}

/// A document that cannot be stored.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Failure {
    /// Its collection, as written.
    pub collection: String,
    /// Its place in the list of that collection, from 0; none where only its key is known.
    pub index: Option<u64>,
    /// The field, or its key.
    pub field: Option<String>,
    /// What is wrong.
    pub message: String,
}

/// What the error says.
pub(super) fn describe(failures: &[Failure], count: u64) -> String {
    let mut text = format!("nothing was stored: {count} {} wrong", if count == 1 { "thing is" } else { "things are" });
    for failure in failures {
        let index = failure.index.map(|index| format!("[{index}]")).unwrap_or_default();
        let field = failure.field.as_ref().map(|field| format!(".{field}")).unwrap_or_default();
        let _ = write!(text, "\n  {}{index}{field}: {}", failure.collection, failure.message);
    }
    if count > failures.len() as u64 {
        let _ = write!(text, "\n  and {} more", count - failures.len() as u64);
    }
    text
}

/// Stores the documents of a file in one transaction; their order in the file does not matter.
///
/// # Errors
/// Everything that is wrong with the documents, or with the text.
pub async fn seed(
    database: &mut Database,
    schema: &Schema,
    reader: impl Read + Send + 'static,
    format: Format,
    progress: &mut Progress<'_>,
) -> Result<Seeded> {
    let (sender, receiver) = mpsc::channel(WAITING);
    let reading = tokio::task::spawn_blocking(move || {
        let mut sink =
            |collection: &str, document: Json| sender.blocking_send((collection.to_owned(), document)).is_ok();
        match format {
            Format::Json => json::read(reader, &mut sink),
            Format::Yaml => yaml::read(reader, &mut sink),
        }
    });
    let connection = database.writer();
    begin(connection, "ON").await?;
    let mut seeding = Seeding { schema, counts: Vec::new(), places: HashMap::new(), failures: Vec::new(), count: 0 };
    let outcome = store(&mut seeding, &mut Session::new(connection), receiver, progress).await;
    let read = reading.await.unwrap_or_else(|error| Err(Error::Syntax(error.to_string())));
    let outcome = match (read, outcome) {
        (Err(error), _) => Err(error),
        (Ok(()), outcome) => outcome,
    };
    match outcome {
        Ok(()) => {
            end(connection, Ok(())).await?;
            Ok(Seeded { documents: seeding.counts })
        }
        Err(error) => {
            let _ = end::<()>(connection, Err(crate::migration::Error::Locked)).await;
            Err(error)
        }
    }
}

struct Seeding<'a> {
    schema: &'a Schema,
    counts: Vec<(String, u64)>,
    /// Where each collection is in `counts`.
    places: HashMap<String, usize>,
    failures: Vec<Failure>,
    count: u64,
}

async fn store(
    seeding: &mut Seeding<'_>,
    session: &mut Session<'_>,
    mut documents: mpsc::Receiver<(String, Json)>,
    progress: &mut Progress<'_>,
) -> Result<()> {
    session.doing("storing the documents");
    session.run("PRAGMA defer_foreign_keys = ON", Vec::new()).await?;
    while let Some((collection, document)) = documents.recv().await {
        let index = seeding.next_index(&collection);
        seeding.document(session, (&collection, index), document).await?;
        if (index + 1).is_multiple_of(REPORT_EVERY) {
            progress(Event { collection: &collection, done: index + 1, total: None });
        }
    }
    for (collection, done) in &seeding.counts {
        progress(Event { collection, done: *done, total: Some(*done) });
    }
    if seeding.count == 0 {
        seeding.check_references(session).await?;
    }
    match seeding.count {
        0 => Ok(()),
        count => Err(Error::Refused { failures: std::mem::take(&mut seeding.failures), count }),
    }
}

impl Seeding<'_> {
    fn next_index(&mut self, collection: &str) -> u64 {
        let place = *self.places.entry(collection.to_owned()).or_insert_with(|| {
            self.counts.push((collection.to_owned(), 0));
            self.counts.len() - 1
        });
        let count = &mut self.counts[place].1;
        *count += 1;
        *count - 1
    }

    fn fail(&mut self, (collection, index): (&str, u64), field: Option<&str>, message: impl Into<String>) {
        self.count += 1;
        if self.failures.len() < NAMED {
            let (collection, field, message) = (collection.to_owned(), field.map(str::to_owned), message.into());
            self.failures.push(Failure { collection, index: Some(index), field, message });
        }
    }

    async fn document(&mut self, session: &mut Session<'_>, place: (&str, u64), document: Json) -> Result<()> {
        let Some(collection) = self.schema.collection(place.0) else {
            if place.1 == 0 {
                let names = self.schema.collections.keys().map(|name| name.as_str());
                let hint = alyx_yaml::did_you_mean(place.0, names).map(|hint| format!(" ({hint})")).unwrap_or_default();
                self.fail(place, None, format!("there is no such collection{hint}"));
            }
            return Ok(());
        };
        let Json::Object(body) = document else {
            self.fail(place, None, "a document is a mapping of fields to values");
            return Ok(());
        };
        let draft = match collection.draft(&body, Writer::Server, &SystemClock, &SystemIds) {
            Ok(draft) => draft,
            Err(faults) => {
                for fault in faults {
                    self.fail(place, Some(&fault.field), fault.message);
                }
                return Ok(());
            }
        };
        let sql = insert(collection, draft);
        match session.repeat(sql.text, sql.binds).await {
            Ok(_) => Ok(()),
            Err(error) => self.refused(place, collection, error),
        }
    }

    /// Notes a violated constraint; anything else ends the seed.
    fn refused(&mut self, place: (&str, u64), collection: &Collection, error: crate::migration::Error) -> Result<()> {
        let text = error.to_string();
        let Some((_, columns)) = text.split_once("UNIQUE constraint failed: ") else { return Err(error.into()) };
        let columns = columns.split(", ").map(|column| column.rsplit('.').next().unwrap_or(column).trim());
        let names: Vec<_> = columns.filter(|name| collection.field(name).is_some()).collect();
        self.fail(place, Some(&names.join(", ")), "must be unique and this value is taken");
        Ok(())
    }

    /// Names the documents that refer to one that is neither stored nor in the file.
    async fn check_references(&mut self, session: &mut Session<'_>) -> Result<()> {
        session.doing("checking foreign keys");
        for row in session.rows("PRAGMA foreign_key_check", Vec::new()).await? {
            let (table, rowid): (String, Option<i64>) = (session.column(&row, 0)?, session.column(&row, 1)?);
            let Some(collection) = self.schema.collection(&table) else { continue };
            let key = quote(collection.primary_field().name.as_str());
            let sql = format!("SELECT {key} FROM {} WHERE rowid = ?", quote(&table));
            let found = session.rows(sql, vec![crate::sql::Bind::Integer(rowid.unwrap_or(0))]).await?;
            let id = found.first().filter(|row| !row.is_empty()).map(|row| shown(&cell(row, 0)));
            let other: String = session.column(&row, 2)?;
            self.count += 1;
            if self.failures.len() < NAMED {
                let message = format!("refers to a document that does not exist in {other}");
                self.failures.push(Failure { collection: table, index: None, field: id, message });
            }
        }
        Ok(())
    }
}

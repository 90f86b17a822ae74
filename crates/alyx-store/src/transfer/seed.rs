//! Documents into a database: each with defaults and checked like one of a client, all of them or none.

use std::{collections::HashMap, fmt::Write, io::Read, sync::Arc};

use alyx_schema::{Collection, Document, Schema, Writer};
use serde_json::Value as Json;
use sqlx::Row;
use tokio::sync::mpsc;

use super::{
    Error, Event, Format, Progress, Result, json,
    seed_account::{Draft, PasswordHasher, Passwords},
    yaml,
};
use crate::{
    Database, SystemClock, SystemIds,
    account::{NewAccount, insertion},
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

/// A file of documents.
pub struct Seed<R> {
    /// Its text.
    pub reader: R,
    /// What the text is written in.
    pub format: Format,
    /// What makes passwords of accounts into hashes; without it no password is taken.
    pub hasher: Option<Arc<PasswordHasher>>,
}

/// A document on its way from the reader to the database.
struct Arrival {
    collection: String,
    document: Json,
    /// The hash of its account's password, or what is wrong with it.
    password: Option<Result<String, String>>,
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
    seed_from(database, schema, Seed { reader, format, hasher: None }, progress).await
}

/// The same, with passwords: a profile that has an `email` gets an account, with its `password` if it has one.
///
/// # Errors
/// Everything that is wrong with the documents, or with the text.
pub async fn seed_from<R: Read + Send + 'static>(
    database: &mut Database,
    schema: &Schema,
    seed: Seed<R>,
    progress: &mut Progress<'_>,
) -> Result<Seeded> {
    let (sender, receiver) = mpsc::channel(WAITING);
    let passwords = Passwords::new(schema, seed.hasher);
    let (reader, format) = (seed.reader, seed.format);
    let reading = tokio::task::spawn_blocking(move || {
        let mut sink = |collection: &str, mut document: Json| {
            let password = passwords.take(collection, &mut document);
            sender.blocking_send(Arrival { collection: collection.to_owned(), document, password }).is_ok()
        };
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
    mut documents: mpsc::Receiver<Arrival>,
    progress: &mut Progress<'_>,
) -> Result<()> {
    session.doing("storing the documents");
    session.run("PRAGMA defer_foreign_keys = ON", Vec::new()).await?;
    while let Some(arrival) = documents.recv().await {
        let collection = arrival.collection.clone();
        let index = seeding.next_index(&collection);
        seeding.document(session, (&collection, index), arrival).await?;
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

    async fn document(&mut self, session: &mut Session<'_>, place: (&str, u64), arrival: Arrival) -> Result<()> {
        let Some(collection) = self.schema.collection(place.0) else {
            self.unknown_collection(place);
            return Ok(());
        };
        let Some((document, account)) = self.accepted(collection, place, arrival) else { return Ok(()) };
        let sql = insert(collection, document);
        match session.repeat(sql.text, sql.binds).await {
            Ok(_) => self.account(session, place, account).await,
            Err(error) => self.refused(place, collection, error),
        }
    }

    /// The document and its account, if it has one; else what is wrong is noted.
    fn accepted(
        &mut self,
        collection: &Collection,
        place: (&str, u64),
        arrival: Arrival,
    ) -> Option<(Document, Option<NewAccount>)> {
        let Json::Object(mut body) = arrival.document else {
            self.fail(place, None, "a document is a mapping of fields to values");
            return None;
        };
        let mut fail = |(field, wrong): (&str, String)| self.fail(place, Some(field), wrong);
        let account = collection.is_auth.then(|| Draft::take(collection, &mut body, arrival.password));
        let account = account.transpose().map_err(&mut fail).ok()?;
        let drafted = collection.draft(&body, Writer::Server, &SystemClock, &SystemIds);
        let document =
            drafted.map_err(|faults| faults.into_iter().for_each(|fault| fail((&fault.field, fault.message)))).ok()?;
        let account =
            account.map(|account| account.finish(collection, &document)).transpose().map_err(&mut fail).ok()?;
        Some((document, account.flatten()))
    }

    fn unknown_collection(&mut self, place: (&str, u64)) {
        if place.1 == 0 {
            let names = self.schema.collections.keys().map(|name| name.as_str());
            let hint = alyx_yaml::did_you_mean(place.0, names).map(|hint| format!(" ({hint})")).unwrap_or_default();
            self.fail(place, None, format!("there is no such collection{hint}"));
        }
    }

    /// Stores the account of a profile that is stored.
    async fn account(
        &mut self,
        session: &mut Session<'_>,
        place: (&str, u64),
        account: Option<NewAccount>,
    ) -> Result<()> {
        let Some(account) = account else { return Ok(()) };
        let (statement, binds) = insertion(&account);
        match session.repeat(statement.to_owned(), binds).await {
            Ok(_) => Ok(()),
            Err(error) if error.to_string().contains("UNIQUE constraint failed: _alyx_users.email") => {
                self.fail(place, Some("email"), "an account has this address already");
                Ok(())
            }
            Err(error) => Err(error.into()),
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

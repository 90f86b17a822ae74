//! Every document to a writer, row by row, as the database is at one moment.

use std::io::Write;

use alyx_schema::{Collection, Schema};
use futures_util::TryStreamExt;
use sqlx::{Connection, SqliteConnection, sqlite::SqliteRow};

use super::{Error, Event, Format, Progress, Result};
use crate::{
    StoreOptions,
    connection::{open_reader, statement},
    migration::{self, Session, cell, json},
    sql::quote,
};

/// Documents between two reports.
const REPORT_EVERY: u64 = 500;

/// How many documents were written, by collection.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Dumped {
    /// Collections in the order of the dump.
    pub documents: Vec<(String, u64)>,
}

/// Writes every document of the schema's collections, internal fields too, and what others refer to first.
///
/// # Errors
/// Where the database cannot be read, or the writer fails.
pub async fn dump<W: Write + Send>(
    options: &StoreOptions,
    schema: &Schema,
    writer: &mut W,
    format: Format,
    progress: &mut Progress<'_>,
) -> Result<Dumped> {
    let mut reader = open_reader(options).await.map_err(migration::Error::from)?;
    let mut session = Session::new(&mut reader);
    session.doing("starting to read");
    session.run("BEGIN", Vec::new()).await?;
    let mut documents = Vec::new();
    if format == Format::Json {
        writer.write_all(b"{")?;
    }
    for (index, collection) in referred_first(schema).into_iter().enumerate() {
        open(writer, format, (collection.name.as_str(), index))?;
        let count = rows(&mut reader, collection, (writer, format), progress).await?;
        close(writer, format, count)?;
        documents.push((collection.name.as_str().to_owned(), count));
    }
    if format == Format::Json {
        writer.write_all(b"\n}\n")?;
    }
    writer.flush()?;
    let _ = reader.close().await;
    Ok(Dumped { documents })
}

/// Collections so that each comes after those that it refers to, as far as there is such an order.
fn referred_first(schema: &Schema) -> Vec<&Collection> {
    let mut ordered: Vec<&Collection> = Vec::new();
    let mut left: Vec<&Collection> = schema.collections.values().map(AsRef::as_ref).collect();
    while !left.is_empty() {
        let free = left.iter().position(|collection| {
            let mut targets = collection.fields.iter().filter_map(|field| field.references.as_ref());
            targets.all(|to| to.collection == collection.name || ordered.iter().any(|done| done.name == to.collection))
        });
        ordered.push(left.remove(free.unwrap_or(0)));
    }
    ordered
}

fn open(writer: &mut impl Write, format: Format, (name, index): (&str, usize)) -> Result<()> {
    match format {
        Format::Json if index == 0 => write!(writer, "\n\"{name}\":[")?,
        Format::Json => write!(writer, ",\n\"{name}\":[")?,
        Format::Yaml => write!(writer, "{name}:")?,
    }
    Ok(())
}

fn close(writer: &mut impl Write, format: Format, count: u64) -> Result<()> {
    match (format, count) {
        (Format::Json, 0) => writer.write_all(b"]")?,
        (Format::Json, _) => writer.write_all(b"\n]")?,
        (Format::Yaml, 0) => writer.write_all(b" []\n")?,
        (Format::Yaml, _) => writer.write_all(b"\n")?,
    }
    Ok(())
}

async fn rows<W: Write + Send>(
    reader: &mut SqliteConnection,
    collection: &Collection,
    (writer, format): (&mut W, Format),
    progress: &mut Progress<'_>,
) -> Result<u64> {
    let (table, name) = (quote(collection.name.as_str()), collection.name.as_str());
    let mut session = Session::new(reader);
    session.doing(format!("reading {name}"));
    let total = session.number(format!("SELECT count(*) FROM {table}"), Vec::new()).await?;
    let total = u64::try_from(total).ok();
    let columns: Vec<_> = collection.fields.iter().map(|field| quote(field.name.as_str())).collect();
    let key = quote(collection.primary_field().name.as_str());
    let select = format!("SELECT {} FROM {table} ORDER BY {key}", columns.join(", "));
    let mut stream = statement(select, Vec::new()).persistent(false).fetch(reader);
    let mut done = 0u64;
    let failed = |error: sqlx::Error| {
        Error::Database(migration::Error::Database { doing: format!("reading {name}"), source: Box::new(error) })
    };
    while let Some(row) = stream.try_next().await.map_err(failed)? {
        write_row(writer, format, (collection, &row), done == 0)?;
        done += 1;
        if done.is_multiple_of(REPORT_EVERY) {
            progress(Event { collection: name, done, total });
        }
    }
    progress(Event { collection: name, done, total: Some(done) });
    Ok(done)
}

fn write_row(
    writer: &mut impl Write,
    format: Format,
    (collection, row): (&Collection, &SqliteRow),
    first: bool,
) -> Result<()> {
    if format == Format::Json && !first {
        writer.write_all(b",")?;
    }
    writer.write_all(b"\n")?;
    for (index, field) in collection.fields.iter().enumerate() {
        let value = json(field, &cell(row, index));
        let lead = match (format, index) {
            (Format::Json, 0) => "{",
            (Format::Json, _) => ",",
            (Format::Yaml, 0) => "  - ",
            (Format::Yaml, _) => "\n    ",
        };
        match format {
            Format::Json => write!(writer, "{lead}\"{}\":", field.name)?,
            Format::Yaml => write!(writer, "{lead}{}: ", super::yaml::key(field.name.as_str()))?,
        }
        serde_json::to_writer(&mut *writer, &value).map_err(std::io::Error::from)?;
    }
    if format == Format::Json {
        writer.write_all(b"}")?;
    }
    Ok(())
}

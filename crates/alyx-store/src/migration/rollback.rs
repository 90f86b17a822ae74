//! The way back: migrations undone from the newest on, with what they dropped put back.

use alyx_schema::{
    Collection, Field, FieldName, Schema,
    migration::{MigrationFile, Operation, Outcome, parse_migration},
};
use sqlx::SqliteConnection;

use super::{
    Error, Progress, Result,
    apply::{begin, end, verify},
    convert::{self, Change},
    default_value,
    journal::{Entry, Kind, parse_stored},
    session::{Session, bound},
    step::{Pair, Run, columns, fields, pair},
    table::{Values, aside_name, from_aside},
};
use crate::sql::{ddl, quote};

/// A migration that was rolled back.
#[derive(Clone, Debug, serde::Serialize)]
pub struct RolledBack {
    /// `002_rename_user_name`, or `automatic`.
    pub title: String,
    /// What it had done.
    pub lines: Vec<String>,
}

/// The entries to undo for the last `count` files, newest first: with them what applied by itself since, or
/// together with them.
pub(super) fn entries_to_undo(entries: &[Entry], count: usize) -> Result<Vec<Entry>> {
    let applied = entries.iter().filter(|entry| matches!(entry.kind, Kind::File | Kind::Baseline)).count();
    if applied < count {
        return Err(Error::TooFew { asked: count, applied });
    }
    let mut undo: Vec<Entry> = Vec::new();
    let mut left = count;
    for entry in entries.iter().rev() {
        let of_the_same_run = undo.last().is_some_and(|last| last.run == entry.run && entry.kind == Kind::Automatic);
        if left == 0 && !of_the_same_run {
            break;
        }
        match entry.kind {
            Kind::File if left == 0 => break,
            Kind::Initial | Kind::Baseline => {
                let reason = "the database was made after it, so there is nothing that it changed".to_owned();
                return Err(Error::NoWayBack { migration: entry.title(), reason });
            }
            Kind::File => left -= 1,
            Kind::Automatic => {}
        }
        undo.push(entry.clone());
    }
    Ok(undo)
}

/// Undoes one entry in a transaction of its own; `after` is the schema that the tables fit now.
pub(super) async fn undo(
    connection: &mut SqliteConnection,
    entry: &Entry,
    after: &Schema,
    progress: &mut Progress<'_>,
) -> Result<RolledBack> {
    let title = entry.title();
    progress(super::Event { title: &title, done: 0, total: 1 });
    begin(connection, "OFF").await?;
    let outcome = inside(connection, entry, after).await;
    end(connection, outcome).await?;
    progress(super::Event { title: &title, done: 1, total: 1 });
    Ok(RolledBack { title, lines: entry.changes.clone() })
}

async fn inside(connection: &mut SqliteConnection, entry: &Entry, after: &Schema) -> Result<()> {
    let mut session = Session::new(connection);
    let title = entry.title();
    if session.head().await? != entry.id {
        return Err(Error::Locked);
    }
    let before = parse_stored(&entry.schema_before)?;
    let mut run = Run { session: &mut session, title: title.clone(), entry: entry.id, step: 0, rows_changed: 0 };
    match (&entry.kind, &entry.file) {
        (Kind::File, Some(text)) => {
            let name = format!("{title}.yaml");
            let file = parse_migration(&name, text).map_err(Error::StoredSchema)?;
            run.undo_file(&file, &before).await?;
        }
        _ => run.undo_automatic(after, &before).await?,
    }
    verify(&mut session, &title, &before).await?;
    session.remove_entry(entry.id).await?;
    session.keep_schema(&entry.schema_before).await
}

impl Run<'_, '_> {
    fn no_way(&self, reason: impl Into<String>) -> Error {
        Error::NoWayBack { migration: self.title.clone(), reason: reason.into() }
    }

    /// Undoes the operations of a file, last one first.
    async fn undo_file(&mut self, file: &MigrationFile, before: &Schema) -> Result<()> {
        let mut schemas = vec![before.clone()];
        for step in &file.operations {
            let last = schemas.last().expect("there is always one");
            let next = match step.operation.transform(last).map_err(|reason| self.no_way(reason))? {
                Outcome::Changed(after) => after,
                Outcome::Data | Outcome::Absent(_) => last.clone(),
            };
            schemas.push(next);
        }
        for (index, step) in file.operations.iter().enumerate().rev() {
            self.step = index + 1;
            let absent = matches!(step.operation.transform(&schemas[index]), Ok(Outcome::Absent(_)));
            if !absent {
                self.undo_operation(&step.operation, &schemas[index], &schemas[index + 1]).await?;
            }
        }
        Ok(())
    }

    async fn undo_operation(&mut self, operation: &Operation, before: &Schema, after: &Schema) -> Result<()> {
        match operation {
            Operation::RenameField { collection, from, to } => {
                let (old, new) = pair(before, after, collection, collection);
                self.session.rename_column(&new, &old, (to, from)).await
            }
            Operation::RenameCollection { from, to } => {
                let (old, new) = pair(before, after, from, to);
                self.session.rename_table(&new, &old).await
            }
            Operation::DropField { collection, field } => {
                let (old, new) = pair(before, after, collection, collection);
                self.restore_field(&(new, old), field).await
            }
            Operation::DropCollection { collection } => {
                let collection = before.collection(collection.as_str()).expect("the operation was tried");
                self.restore_collection(collection).await
            }
            Operation::ChangeType { collection, field, using, .. } => {
                let (old, new) = pair(before, after, collection, collection);
                self.convert_back(&(new, old), field, using.as_ref()).await
            }
            Operation::AddField { collection, field, .. } => {
                let (old, new) = pair(before, after, collection, collection);
                self.drop_aside(&format!("{collection}_{field}")).await?;
                self.step += RETURN;
                self.drop_field(&(new, old), field).await
            }
            Operation::Tighten { collection, field, .. } => {
                let (old, new) = pair(before, after, collection, collection);
                self.session.reshape(&new, &old, &Values::new()).await?;
                self.empty_again(&old, field).await
            }
            Operation::TightenIndex { collection, .. } | Operation::ChangePrimary { collection, .. } => {
                let (old, new) = pair(before, after, collection, collection);
                self.check_all(&new, &old).await?;
                self.session.reshape(&new, &old, &Values::new()).await
            }
            Operation::Sql { down: Some(down), .. } => self.sql(down).await,
            Operation::Sql { down: None, .. } => Err(self.no_way("its `sql` has no `down`")),
        }
    }

    async fn has_aside(&mut self, aside: &str) -> Result<bool> {
        let sql = r#"SELECT count(*) FROM "sqlite_schema" WHERE "type" = 'table' AND "name" = ?"#;
        Ok(self.session.number(sql, vec![bound(aside.to_owned())]).await? > 0)
    }

    async fn drop_aside(&mut self, label: &str) -> Result<()> {
        let aside = self.aside(label);
        self.session.run(format!("DROP TABLE IF EXISTS {}", quote(&aside)), Vec::new()).await.map(drop)
    }

    async fn need_aside(&mut self, label: &str) -> Result<String> {
        let aside = self.aside(label);
        if self.has_aside(&aside).await? {
            return Ok(aside);
        }
        Err(self.no_way("what it dropped was pruned"))
    }

    /// Puts a dropped field back; `pair` is the collection without it and with it.
    async fn restore_field(&mut self, pair: &Pair, field: &FieldName) -> Result<()> {
        let (without, with) = pair;
        let label = format!("{}_{field}", without.name);
        let aside = self.need_aside(&label).await?;
        let restored = with.field(field.as_str()).expect("it was there before");
        self.check_values_for_new(without, restored, &aside).await?;
        let known = from_aside(&aside, "old", without);
        let is_known = from_aside(&aside, "key", without);
        let other = default_value::expression(restored).unwrap_or_else(|| "NULL".to_owned());
        let value = format!("CASE WHEN EXISTS ({is_known}) THEN ({known}) ELSE {other} END");
        let values = Values::from([(field.clone(), value)]);
        self.session.reshape(without, with, &values).await?;
        self.drop_aside(&label).await
    }

    /// Documents written since the drop have no value; a field that needs one cannot come back for them.
    async fn check_values_for_new(&mut self, without: &Collection, restored: &Field, aside: &str) -> Result<()> {
        if restored.nullable || default_value::expression(restored).is_some() {
            return Ok(());
        }
        let (key, _, table) = columns(without, &restored.name);
        let sql = format!(
            "SELECT {key}, NULL FROM {table} WHERE {key} NOT IN (SELECT \"key\" FROM {}) ORDER BY {key}",
            quote(aside)
        );
        let mut failures = self.failures(without, restored.name.as_str());
        self.session.failing(sql, "was never its value; it was written since the drop", &mut failures).await?;
        failures.finish()
    }

    async fn restore_collection(&mut self, collection: &Collection) -> Result<()> {
        let aside = self.need_aside(collection.name.as_str()).await?;
        self.session.doing(format!("{}: putting {} back", self.title, collection.name));
        let names: Vec<_> = collection.fields.iter().map(|field| quote(field.name.as_str())).collect();
        let (table, list) = (quote(collection.name.as_str()), names.join(", "));
        self.run_each(&[ddl::table_statement(collection, collection.name.as_str())]).await?;
        let copy = format!("INSERT INTO {table} ({list}) SELECT {list} FROM {}", quote(&aside));
        self.session.run(copy, Vec::new()).await?;
        self.run_each(&ddl::index_statements(collection)).await?;
        self.run_each(&ddl::trigger_statements(collection)).await?;
        self.drop_aside(collection.name.as_str()).await
    }

    /// The old value where the new one was not touched since, else converted the other way.
    async fn convert_back(
        &mut self,
        pair: &Pair,
        field: &FieldName,
        using: Option<&alyx_schema::migration::Conversion>,
    ) -> Result<()> {
        let label = format!("{}_{field}", pair.0.name);
        let aside = self.need_aside(&label).await?;
        let (new, old) = fields(pair, field);
        let using = using.filter(|using| !matches!(using, alyx_schema::migration::Conversion::Sql(_)));
        let back = convert::expression(using, &new, &old).unwrap_or_else(|| "NULL".to_owned());
        let kept = quote(&aside);
        let (key, column, table) = columns(&pair.0, field);
        let untouched = format!(
            "SELECT kept.\"old\" FROM {kept} AS kept WHERE kept.\"key\" = {table}.{key} AND kept.\"new\" IS {table}.{column}"
        );
        let expression = format!("CASE WHEN EXISTS ({untouched}) THEN ({untouched}) ELSE ({back}) END");
        // Another name for what is computed now, so that what was kept stays readable.
        self.step += RETURN;
        let known =
            format!("SELECT 1 FROM {kept} AS kept WHERE kept.\"key\" = now.\"key\" AND kept.\"new\" IS now.\"old\"");
        let failing = format!(
            "\"old\" IS NOT NULL AND \"new\" IS NULL AND \"key\" NOT IN (SELECT now.\"key\" FROM {} AS now WHERE EXISTS ({known}))",
            quote(&self.aside(&label))
        );
        let (old_field, new_field) = (Some(&new), &old);
        let change =
            Change { pair, field, old: old_field, new: new_field, expression, fill: None, failing: Some(failing) };
        self.change(&change).await?;
        self.drop_aside(&label).await?;
        self.step -= RETURN;
        self.drop_aside(&label).await
    }

    /// Values that only a fill had put in are null again.
    async fn empty_again(&mut self, old: &Collection, field: &FieldName) -> Result<()> {
        let label = format!("{}_{field}", old.name);
        let aside = self.aside(&label);
        if !self.has_aside(&aside).await? {
            return Ok(());
        }
        let (_, column, table) = columns(old, field);
        let filled = from_aside(&aside, "new", old);
        let known = from_aside(&aside, "key", old);
        let update = format!("UPDATE {table} SET {column} = NULL WHERE EXISTS ({known}) AND {column} IS ({filled})");
        self.rows_changed += self.session.run(update, Vec::new()).await?;
        self.drop_aside(&label).await
    }

    /// Undoes what applied by itself: what it added is kept aside, as with a drop.
    async fn undo_automatic(&mut self, after: &Schema, before: &Schema) -> Result<()> {
        for new in after.collections.values() {
            let Some(old) = before.collection(new.name.as_str()) else { continue };
            self.step += RETURN;
            for field in new.fields.iter().filter(|field| old.field(field.name.as_str()).is_none()) {
                self.keep(new, &field.name).await?;
            }
            self.check_all(new, old).await?;
        }
        self.step += RETURN;
        self.transition(after, before).await
    }

    async fn keep(&mut self, collection: &Collection, field: &FieldName) -> Result<()> {
        let aside = aside_name(self.entry, self.step, &format!("{}_{field}", collection.name));
        let (key, column, table) = columns(collection, field);
        self.make_aside(&aside).await?;
        let copy = format!("INSERT INTO {} SELECT {key}, {column}, NULL FROM {table}", quote(&aside));
        self.session.run(copy, Vec::new()).await.map(drop)
    }
}

/// Added to a step's number for what is kept aside on the way back.
const RETURN: usize = 100_000;

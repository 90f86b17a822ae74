//! One operation carried out on tables that fit the schema before it.

use std::sync::Arc;

use alyx_schema::{
    Collection, CollectionName, Field, FieldName, Schema,
    migration::{Conversion, Fill, Operation},
};

use super::{
    Result,
    check::{Failures, Source},
    convert::{self, Change},
    default_value,
    session::{Session, bound},
    table::{ASIDE, Values, aside_name, aside_statement, from_aside},
};
use crate::sql::{Bind, quote};

/// A migration that is being carried out.
pub(super) struct Run<'r, 'c> {
    pub(super) session: &'r mut Session<'c>,
    /// What it is called in messages.
    pub(super) title: String,
    /// Its id in the history, which names what is kept aside.
    pub(super) entry: i64,
    /// The operation's place in it.
    pub(super) step: usize,
    /// Documents changed so far.
    pub(super) rows_changed: u64,
}

/// A collection before and after an operation.
pub(super) type Pair = (Arc<Collection>, Arc<Collection>);

/// The collection that an operation changes, by its names before and after.
pub(super) fn pair(before: &Schema, after: &Schema, from: &CollectionName, to: &CollectionName) -> Pair {
    let find = |schema: &Schema, name: &CollectionName| {
        Arc::clone(schema.collection(name.as_str()).expect("the operation was tried on the schema"))
    };
    (find(before, from), find(after, to))
}

impl Run<'_, '_> {
    /// Carries one operation out.
    pub(super) async fn operation(&mut self, operation: &Operation, before: &Schema, after: &Schema) -> Result<()> {
        match operation {
            Operation::RenameField { collection, from, to } => {
                let (old, new) = pair(before, after, collection, collection);
                self.session.rename_column(&old, &new, (from, to)).await
            }
            Operation::RenameCollection { from, to } => {
                let (old, new) = pair(before, after, from, to);
                self.session.rename_table(&old, &new).await
            }
            Operation::DropField { collection, field } => {
                let pair = pair(before, after, collection, collection);
                self.drop_field(&pair, field).await
            }
            Operation::DropCollection { collection } => {
                let collection = before.collection(collection.as_str()).expect("the operation was tried");
                self.drop_collection(collection).await
            }
            Operation::ChangeType { collection, field, using, fill, .. } => {
                let pair = pair(before, after, collection, collection);
                self.change_type(&pair, field, (using.as_ref(), fill.as_ref())).await
            }
            Operation::AddField { collection, field, fill, .. } => {
                let pair = pair(before, after, collection, collection);
                self.add_field(&pair, field, fill.as_ref()).await
            }
            Operation::Tighten { collection, field, fill, .. } => {
                let pair = pair(before, after, collection, collection);
                self.tighten(&pair, field, fill.as_ref()).await
            }
            Operation::TightenIndex { collection, .. } | Operation::ChangePrimary { collection, .. } => {
                let (old, new) = pair(before, after, collection, collection);
                self.check_all(&old, &new).await?;
                self.session.reshape(&old, &new, &Values::new()).await
            }
            Operation::Sql { up, .. } => self.sql(up).await,
        }
    }

    pub(super) fn aside(&self, label: &str) -> String {
        aside_name(self.entry, self.step, label)
    }

    /// Makes the table that keeps values aside; one of a migration that was rolled back makes room.
    pub(super) async fn make_aside(&mut self, name: &str) -> Result<()> {
        self.session.run(format!("DROP TABLE IF EXISTS {}", quote(name)), Vec::new()).await?;
        self.session.run(aside_statement(name), Vec::new()).await.map(drop)
    }

    pub(super) fn failures(&self, collection: &Collection, field: &str) -> Failures {
        Failures::new(&self.title, collection, field)
    }

    /// SQL as written; a savepoint around it notices if it ends the transaction.
    pub(super) async fn sql(&mut self, script: &str) -> Result<()> {
        if is_empty(script) {
            return Ok(());
        }
        self.session.doing(format!("{}: running its SQL", self.title));
        self.session.run("SAVEPOINT alyx_sql", Vec::new()).await?;
        self.rows_changed += self.session.script(script).await?;
        self.session.doing(format!("{}: its SQL must not end the transaction", self.title));
        self.session.run("RELEASE alyx_sql", Vec::new()).await.map(drop)
    }

    pub(super) async fn drop_field(&mut self, (old, new): &Pair, field: &FieldName) -> Result<()> {
        self.session.doing(format!("{}: keeping the values of {}.{field} aside", self.title, old.name));
        let aside = self.aside(&format!("{}_{field}", old.name));
        let (key, column, table) = columns(old, field);
        self.make_aside(&aside).await?;
        let copy = format!("INSERT INTO {} SELECT {key}, {column}, NULL FROM {table}", quote(&aside));
        self.session.run(copy, Vec::new()).await?;
        // The values make no difference here, but the table must be made anew.
        let primary = &new.primary_field().name;
        let values = Values::from([(primary.clone(), quote(primary.as_str()))]);
        self.session.reshape(old, new, &values).await
    }

    pub(super) async fn drop_collection(&mut self, collection: &Collection) -> Result<()> {
        self.session.doing(format!("{}: keeping {} aside", self.title, collection.name));
        let (aside, table) = (quote(&self.aside(collection.name.as_str())), quote(collection.name.as_str()));
        self.session.run(format!("DROP TABLE IF EXISTS {aside}"), Vec::new()).await?;
        self.session.run(format!("CREATE TABLE {aside} AS SELECT * FROM {table}"), Vec::new()).await?;
        self.session.drop_triggers(collection).await?;
        self.session.run(format!("DROP TABLE {table}"), Vec::new()).await.map(drop)
    }

    async fn change_type(
        &mut self,
        pair: &Pair,
        field: &FieldName,
        (using, fill): (Option<&Conversion>, Option<&Fill>),
    ) -> Result<()> {
        let (old, new) = fields(pair, field);
        let expression = convert::expression(using, &old, &new).expect("the operation was tried on the schema");
        let nulls_fail =
            using.is_none() || matches!(using, Some(Conversion::UnixSeconds | Conversion::UnixMilliseconds));
        let change = Change {
            pair,
            field,
            old: Some(&old),
            new: &new,
            expression,
            fill,
            failing: nulls_fail.then(|| "\"old\" IS NOT NULL AND \"new\" IS NULL".to_owned()),
        };
        self.change(&change).await
    }

    async fn add_field(&mut self, pair: &Pair, field: &FieldName, fill: Option<&Fill>) -> Result<()> {
        let new = pair.1.field(field.as_str()).expect("the operation added it").clone();
        let expression = default_value::expression(&new).unwrap_or_else(|| "NULL".to_owned());
        let expression = if fill.is_some() { "NULL".to_owned() } else { expression };
        self.change(&Change { pair, field, old: None, new: &new, expression, fill, failing: None }).await
    }

    async fn tighten(&mut self, pair: &Pair, field: &FieldName, fill: Option<&Fill>) -> Result<()> {
        let (old, new) = pair;
        let (_, wanted) = fields(pair, field);
        if let Some(fill) = fill {
            self.fill_nulls(old, &wanted, fill).await?;
        }
        let mut failures = self.failures(new, field.as_str());
        let (table, key) = (old.name.as_str(), old.primary_field().name.as_str());
        let source = Source { table, key, value: field.as_str() };
        self.session.doing(format!("{}: checking {table}.{field}", self.title));
        self.rows_changed += self.session.check_values(&source, &wanted, &mut failures).await?;
        failures.finish()?;
        self.check_all(old, new).await?;
        self.session.reshape(old, new, &Values::new()).await
    }

    /// Gives documents without a value one, by an update that the feed sees, and remembers which.
    async fn fill_nulls(&mut self, old: &Collection, wanted: &Field, fill: &Fill) -> Result<()> {
        let aside = self.aside(&format!("{}_{}", old.name, wanted.name));
        let (key, column, table) = columns(old, &wanted.name);
        let kept = quote(&aside);
        self.session.doing(format!("{}: filling {}.{}", self.title, old.name, wanted.name));
        self.make_aside(&aside).await?;
        let (value, binds) = convert::filling(fill, wanted);
        let insert = format!("INSERT INTO {kept} SELECT {key}, NULL, {value} FROM {table} WHERE {column} IS NULL");
        self.session.run(insert, binds).await?;
        let mut failures = self.failures(old, wanted.name.as_str());
        let source = Source { table: &aside, key: "key", value: "new" };
        self.session.check_values(&source, wanted, &mut failures).await?;
        failures.finish()?;
        let lookup = from_aside(&aside, "new", old);
        let update = format!("UPDATE {table} SET {column} = ({lookup}) WHERE {column} IS NULL");
        self.rows_changed += self.session.run(update, Vec::new()).await?;
        Ok(())
    }

    /// Checks what the table alone will enforce: unique values, foreign keys, a new primary key.
    pub(super) async fn check_all(&mut self, old: &Collection, new: &Collection) -> Result<()> {
        self.session.doing(format!("{}: checking {}", self.title, new.name));
        let unchanged = |field: &&Field| {
            old.field(field.name.as_str())
                .is_some_and(|was| (was.unique || was.primary) && was.references == field.references)
        };
        for field in new.fields.iter().filter(|field| !unchanged(field) && old.field(field.name.as_str()).is_some()) {
            let mut failures = self.failures(new, field.name.as_str());
            if field.unique || field.primary {
                self.session.check_unique(old, std::slice::from_ref(&field.name), &mut failures).await?;
            }
            if field.primary {
                let (key, column, table) = columns(old, &field.name);
                let sql = format!("SELECT {key}, {column} FROM {table} WHERE {column} IS NULL ORDER BY {key}");
                self.session.failing(sql, "cannot be a primary key", &mut failures).await?;
            }
            self.session.check_reference(old, field, &mut failures).await?;
            failures.finish()?;
        }
        for index in new.indexes.iter().filter(|index| index.unique && !old.indexes.contains(index)) {
            let names: Vec<_> = index.fields.iter().map(FieldName::as_str).collect();
            let mut failures = self.failures(new, &names.join(", "));
            self.session.check_unique(old, &index.fields, &mut failures).await?;
            failures.finish()?;
        }
        Ok(())
    }

    /// Everything between two schemas that applies by itself, and the way back from it.
    pub(super) async fn transition(&mut self, before: &Schema, after: &Schema) -> Result<()> {
        for new in after.collections.values() {
            self.step += 1;
            match before.collection(new.name.as_str()) {
                None => self.session.create_table(new).await?,
                Some(old) => self.reshape_with_defaults(&(Arc::clone(old), Arc::clone(new))).await?,
            }
        }
        for old in before.collections.values().filter(|old| after.collection(old.name.as_str()).is_none()) {
            self.step += 1;
            self.drop_collection(old).await?;
        }
        Ok(())
    }

    async fn reshape_with_defaults(&mut self, pair: &Pair) -> Result<()> {
        let (old, new) = pair;
        let added = new.fields.iter().filter(|field| old.field(field.name.as_str()).is_none());
        let values: Values =
            added.filter_map(|field| Some((field.name.clone(), default_value::expression(field)?))).collect();
        self.session.reshape(old, new, &values).await
    }

    /// Values for a bound parameter list that is not needed.
    pub(super) async fn run_each(&mut self, statements: &[String]) -> Result<()> {
        for statement in statements {
            self.session.run(statement.clone(), Vec::<Bind>::new()).await?;
        }
        Ok(())
    }
}

/// Key, column and table of a field, quoted.
pub(super) fn columns(collection: &Collection, field: &FieldName) -> (String, String, String) {
    let key = quote(collection.primary_field().name.as_str());
    (key, quote(field.as_str()), quote(collection.name.as_str()))
}

/// A field's definition before and after.
pub(super) fn fields((old, new): &Pair, field: &FieldName) -> (Field, Field) {
    let find = |collection: &Collection| collection.field(field.as_str()).expect("the operation found it").clone();
    (find(old), find(new))
}

/// Whether the SQL is nothing but comments.
fn is_empty(script: &str) -> bool {
    script.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with("--"))
}

/// Drops every table that holds what migrations dropped; gives their names.
pub(super) async fn prune(session: &mut Session<'_>) -> Result<Vec<String>> {
    session.doing("dropping what was kept aside");
    let pattern = ASIDE.replace('_', "\\_") + "%";
    let tables = r#"SELECT "name" FROM "sqlite_schema" WHERE "type" = 'table' AND "name" LIKE ? ESCAPE '\'"#;
    let names = session.texts(tables, vec![bound(pattern)]).await?;
    for name in &names {
        session.run(format!("DROP TABLE {}", quote(name)), Vec::new()).await?;
    }
    Ok(names)
}

//! One table brought from one definition to another, by SQLite's own recipe for what `ALTER TABLE` cannot do:
//! a new table beside it, the rows copied, the old one dropped, the new one renamed, indexes and triggers made again.
//!
//! Foreign keys must be off; they are checked before the transaction ends.

use std::collections::HashMap;

use alyx_schema::{Collection, Field, FieldName};

use super::{
    Result,
    session::{Session, bound},
};
use crate::sql::{
    ddl::{
        column_definition, create_statements, drop_trigger_statements, index_statements, indexes, row_number,
        table_statement, trigger_names, trigger_statements,
    },
    literal, quote,
};

/// Where the values of a rebuilt table's fields come from: SQL over a row of the old table. A field that is not
/// here keeps its values.
pub(super) type Values = HashMap<FieldName, String>;

/// Indexes and triggers of a table that a person made with SQL.
const OTHERS: &str = r#"SELECT "sql" FROM "sqlite_schema"
    WHERE "tbl_name" = ? AND "type" IN ('index', 'trigger') AND "sql" IS NOT NULL
    AND "name" NOT IN (SELECT "value" FROM json_each(?))"#;

const TRIGGERS: &str = r#"SELECT "sql" FROM "sqlite_schema"
    WHERE "type" = 'trigger' AND "name" IN (SELECT "value" FROM json_each(?))"#;

impl Session<'_> {
    /// Makes a collection's table.
    pub(super) async fn create_table(&mut self, collection: &Collection) -> Result<()> {
        self.doing(format!("creating {}", collection.name));
        for statement in create_statements(collection) {
            self.run(statement, Vec::new()).await?;
        }
        Ok(())
    }

    /// Brings the table of `before` to the definition of `after`; both have the same name.
    pub(super) async fn reshape(&mut self, before: &Collection, after: &Collection, values: &Values) -> Result<()> {
        self.doing(format!("changing the table of {}", after.name));
        if values.is_empty() && same_columns(before, after) {
            return self.refresh(before, after).await;
        }
        if values.is_empty()
            && let Some(added) = appended(before, after)
        {
            for field in added {
                let table = quote(after.name.as_str());
                self.run(format!("ALTER TABLE {table} ADD COLUMN {}", column_definition(field)), Vec::new()).await?;
            }
            return self.refresh(before, after).await;
        }
        self.rebuild(before, after, values).await
    }

    /// Drops and makes again the indexes and triggers that differ.
    pub(super) async fn refresh(&mut self, before: &Collection, after: &Collection) -> Result<()> {
        let (old, new) = (index_statements(before), index_statements(after));
        for (index, statement) in indexes(before).iter().zip(&old) {
            if !new.contains(statement) {
                self.run(format!("DROP INDEX IF EXISTS {}", quote(&index.name)), Vec::new()).await?;
            }
        }
        for statement in new.iter().filter(|statement| !old.contains(statement)) {
            self.run(statement.clone(), Vec::new()).await?;
        }
        if trigger_statements(before) != trigger_statements(after) {
            self.drop_triggers(before).await?;
            self.create_triggers(after).await?;
        }
        Ok(())
    }

    pub(super) async fn drop_triggers(&mut self, collection: &Collection) -> Result<()> {
        for statement in drop_trigger_statements(collection) {
            self.run(statement, Vec::new()).await?;
        }
        Ok(())
    }

    pub(super) async fn create_triggers(&mut self, collection: &Collection) -> Result<()> {
        for statement in trigger_statements(collection) {
            self.run(statement, Vec::new()).await?;
        }
        Ok(())
    }

    /// Whether the triggers in the database are those that this version makes.
    pub(super) async fn has_triggers(&mut self, collection: &Collection) -> Result<bool> {
        let names = serde_json::Value::from_iter(trigger_names(collection)).to_string();
        let mut found = self.texts(TRIGGERS, vec![bound(names)]).await?;
        let mut wanted = trigger_statements(collection);
        wanted.retain(|statement| statement.starts_with("CREATE TRIGGER"));
        found.sort();
        wanted.sort();
        Ok(found == wanted)
    }

    async fn rebuild(&mut self, before: &Collection, after: &Collection, values: &Values) -> Result<()> {
        let others = self.others(before).await?;
        // Those on the table of accounts would not go with this one.
        self.drop_triggers(before).await?;
        let temporary = format!("_alyx_new_{}", after.name);
        self.run(table_statement(after, &temporary), Vec::new()).await?;
        self.run(copy_statement(before, after, &temporary, values), Vec::new()).await?;
        self.run(format!("DROP TABLE {}", quote(before.name.as_str())), Vec::new()).await?;
        self.legacy_rename(&temporary, after.name.as_str()).await?;
        for statement in index_statements(after).into_iter().chain(others) {
            self.run(statement, Vec::new()).await?;
        }
        self.create_triggers(after).await
    }

    /// Renames without a look at views and triggers, which may name a table that is about to come back.
    async fn legacy_rename(&mut self, from: &str, to: &str) -> Result<()> {
        self.run("PRAGMA legacy_alter_table = ON", Vec::new()).await?;
        let renamed = self.run(format!("ALTER TABLE {} RENAME TO {}", quote(from), quote(to)), Vec::new()).await;
        self.run("PRAGMA legacy_alter_table = OFF", Vec::new()).await?;
        renamed.map(drop)
    }

    async fn others(&mut self, collection: &Collection) -> Result<Vec<String>> {
        let mut ours: Vec<_> = indexes(collection).iter().map(|index| index.name.to_string()).collect();
        ours.extend(trigger_names(collection));
        let ours = serde_json::Value::from(ours).to_string();
        self.texts(OTHERS, vec![bound(collection.name.as_str()), bound(ours)]).await
    }

    /// The collection's table under another name; foreign keys of other tables follow.
    pub(super) async fn rename_table(&mut self, before: &Collection, after: &Collection) -> Result<()> {
        self.doing(format!("renaming {} to {}", before.name, after.name));
        self.drop_triggers(before).await?;
        let (from, to) = (quote(before.name.as_str()), quote(after.name.as_str()));
        if before.name.as_str().eq_ignore_ascii_case(after.name.as_str()) {
            let between = quote(&format!("_alyx_new_{}", after.name));
            self.run(format!("ALTER TABLE {from} RENAME TO {between}"), Vec::new()).await?;
            self.run(format!("ALTER TABLE {between} RENAME TO {to}"), Vec::new()).await?;
        } else {
            self.run(format!("ALTER TABLE {from} RENAME TO {to}"), Vec::new()).await?;
        }
        self.refresh(before, after).await
    }

    /// A column under another name; foreign keys and indexes follow.
    pub(super) async fn rename_column(
        &mut self,
        before: &Collection,
        after: &Collection,
        (from, to): (&FieldName, &FieldName),
    ) -> Result<()> {
        self.doing(format!("renaming {}.{from} to {to}", after.name));
        self.drop_triggers(before).await?;
        let (table, from, to) = (quote(after.name.as_str()), quote(from.as_str()), quote(to.as_str()));
        self.run(format!("ALTER TABLE {table} RENAME COLUMN {from} TO {to}"), Vec::new()).await?;
        self.refresh(before, after).await?;
        self.drop_triggers(after).await?;
        self.create_triggers(after).await
    }
}

/// The columns by name, in any order: their order in the table means nothing.
fn same_columns(before: &Collection, after: &Collection) -> bool {
    columns(before) == columns(after)
}

fn columns(collection: &Collection) -> Vec<String> {
    let mut columns: Vec<_> = collection.fields.iter().map(column_definition).collect();
    columns.sort();
    columns
}

/// The new fields, if they are all that differs and each may be null.
fn appended<'a>(before: &Collection, after: &'a Collection) -> Option<Vec<&'a Field>> {
    let old = columns(before);
    let (kept, added): (Vec<_>, Vec<_>) =
        after.fields.iter().partition(|field| old.contains(&column_definition(field)));
    (kept.len() == old.len() && added.iter().all(|field| field.nullable && !field.primary)).then_some(added)
}

fn copy_statement(before: &Collection, after: &Collection, temporary: &str, values: &Values) -> String {
    let mut targets = Vec::new();
    let mut sources = Vec::new();
    if let Some(rowid) = row_number(&[before, after]) {
        targets.push(rowid.to_owned());
        sources.push(format!("{}.{rowid}", quote(before.name.as_str())));
    }
    for field in &after.fields {
        let column = quote(field.name.as_str());
        let source = match values.get(&field.name) {
            Some(expression) => format!("({expression})"),
            None if before.field(field.name.as_str()).is_some() => column.clone(),
            None => continue,
        };
        targets.push(column);
        sources.push(source);
    }
    let (into, from) = (quote(temporary), quote(before.name.as_str()));
    format!("INSERT INTO {into} ({}) SELECT {} FROM {from}", targets.join(", "), sources.join(", "))
}

/// A table that holds what a step replaced: the document's key, the old value and the new one.
pub(super) fn aside_name(entry: i64, step: usize, label: &str) -> String {
    format!("{ASIDE}{entry}_{step}_{label}")
}

/// What every table begins with that holds what migrations dropped.
pub(super) const ASIDE: &str = "_alyx_dropped_";

/// The statement that makes such a table.
pub(super) fn aside_statement(name: &str) -> String {
    let table = quote(name);
    format!("CREATE TABLE {table} (\"key\" ANY NOT NULL PRIMARY KEY, \"old\" ANY, \"new\" ANY) STRICT, WITHOUT ROWID")
}

/// One column of such a table, looked up from a row of the collection.
pub(super) fn from_aside(aside: &str, column: &str, collection: &Collection) -> String {
    let key = format!("{}.{}", quote(collection.name.as_str()), quote(collection.primary_field().name.as_str()));
    format!("SELECT {} FROM {} WHERE \"key\" = {key}", quote(column), quote(aside))
}

/// Text for a literal in SQL.
pub(super) fn text(value: &str) -> String {
    literal(value)
}

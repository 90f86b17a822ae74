//! Values of a field computed anew, beside the table: converted, checked, kept for the way back, then put in.

use alyx_schema::{
    Field, FieldName, Storage,
    migration::{Conversion, Fill, conversion},
};

use super::{
    Result,
    check::Source,
    step::{Pair, Run, columns},
    table::{Values, from_aside, text},
};
use crate::sql::{Bind, quote};

/// New values for one field of every document.
pub(super) struct Change<'a> {
    pub(super) pair: &'a Pair,
    pub(super) field: &'a FieldName,
    /// The field before; none where it is new.
    pub(super) old: Option<&'a Field>,
    pub(super) new: &'a Field,
    /// SQL over a document, for the new value.
    pub(super) expression: String,
    /// What replaces null.
    pub(super) fill: Option<&'a Fill>,
    /// Which rows (`key`, `old`, `new`) could not be converted.
    pub(super) failing: Option<String>,
}

impl Run<'_, '_> {
    /// Computes and checks the new values, puts them in, and tells the feed.
    pub(super) async fn change(&mut self, change: &Change<'_>) -> Result<()> {
        let aside = self.compute(change).await?;
        let (old, new) = change.pair;
        let lookup = from_aside(&aside, "new", old);
        self.session.reshape(old, new, &Values::from([(change.field.clone(), lookup)])).await?;
        self.check_all_but_new(change).await?;
        self.session.doing(format!("{}: telling the feed", self.title));
        let told = self.session.run(feed_statement(change, &aside), Vec::new()).await?;
        self.rows_changed += told;
        Ok(())
    }

    /// Fills the table aside with keys, old and new values, and checks the new ones.
    async fn compute(&mut self, change: &Change<'_>) -> Result<String> {
        let (old, new) = change.pair;
        let aside = self.aside(&format!("{}_{}", new.name, change.field));
        let kept = quote(&aside);
        let (key, column, table) = columns(old, change.field);
        let before = if change.old.is_some() { column } else { "NULL".to_owned() };
        self.session.doing(format!("{}: converting {}.{}", self.title, new.name, change.field));
        self.make_aside(&aside).await?;
        let insert = format!("INSERT INTO {kept} SELECT {key}, {before}, ({}) FROM {table}", change.expression);
        self.session.run(insert, Vec::new()).await?;
        let mut failures = self.failures(new, change.field.as_str());
        if let Some(failing) = &change.failing {
            let sql = format!("SELECT \"key\", \"old\" FROM {kept} WHERE {failing} ORDER BY \"key\"");
            self.session.failing(sql, &format!("is no {}", change.new.field_type.name()), &mut failures).await?;
        }
        failures.finish()?;
        if let Some(fill) = change.fill {
            let (value, binds) = filling(fill, change.new);
            let update = format!(
                "UPDATE {kept} SET \"new\" = (SELECT {value} FROM {table} WHERE {key} = \"key\") WHERE \"new\" IS NULL"
            );
            self.session.run(update, binds).await?;
        }
        let mut failures = self.failures(new, change.field.as_str());
        let source = Source { table: &aside, key: "key", value: "new" };
        self.session.check_values(&source, change.new, &mut failures).await?;
        if change.new.unique || change.new.primary {
            let sql = format!(
                "SELECT \"key\", \"new\" FROM {kept} WHERE \"new\" IN \
                 (SELECT \"new\" FROM {kept} WHERE \"new\" IS NOT NULL GROUP BY \"new\" HAVING count(*) > 1) ORDER BY \"key\""
            );
            self.session.failing(sql, "is not the only one", &mut failures).await?;
        }
        failures.finish()?;
        Ok(aside)
    }

    async fn check_all_but_new(&mut self, change: &Change<'_>) -> Result<()> {
        let mut failures = self.failures(&change.pair.1, change.field.as_str());
        self.session.check_reference(&change.pair.1, change.new, &mut failures).await?;
        failures.finish()
    }
}

/// The SQL that converts a stored value of `old` to one of `new`, if there is a way.
pub(super) fn expression(using: Option<&Conversion>, old: &Field, new: &Field) -> Option<String> {
    let template = conversion(using, old.value_type, new.value_type).ok()?;
    let by_hand = matches!(using, Some(Conversion::Sql(_)));
    Some(if by_hand { template } else { template.replace("{}", &quote(old.name.as_str())) })
}

/// The SQL of a fill and what it binds.
pub(super) fn filling(fill: &Fill, field: &Field) -> (String, Vec<Bind>) {
    match fill {
        Fill::Sql(expression) => (format!("({expression})"), Vec::new()),
        Fill::Value(json) => {
            let value = alyx_schema::migration::accept(field, json).expect("the operation was tried on the schema");
            ("?".to_owned(), vec![Bind::from(value)])
        }
    }
}

/// One row of the feed for each document whose value is another now.
fn feed_statement(change: &Change<'_>, aside: &str) -> String {
    let name = change.field.as_str();
    let primary = change.pair.0.primary_field();
    let id = match primary.value_type.storage() {
        Storage::Text => "\"key\"",
        Storage::Blob => "hex(\"key\")",
        Storage::Integer | Storage::Real => "CAST(\"key\" AS TEXT)",
    };
    let before = format!("{} || {} || '}}'", text(&format!("{{\"{name}\":")), old_value(change.old));
    format!(
        "INSERT INTO \"_alyx_changes\" (\"collection\", \"operation\", \"doc_id\", \"changed_fields\", \"before\", \"timestamp\") \
         SELECT {}, 'UPDATE', {id}, {}, {before}, strftime('%Y-%m-%dT%H:%M:%fZ', 'now') FROM {} \
         WHERE \"old\" IS NOT \"new\" OR typeof(\"old\") <> typeof(\"new\") ORDER BY \"key\"",
        text(change.pair.1.name.as_str()),
        text(&format!("[\"{name}\"]")),
        quote(aside)
    )
}

/// An old value as the feed's triggers write it.
fn old_value(field: Option<&Field>) -> &'static str {
    let Some(field) = field else { return "'null'" };
    match field.value_type.storage() {
        Storage::Text => "json_quote(\"old\")",
        Storage::Integer => "coalesce(\"old\", 'null')",
        Storage::Real => "CASE WHEN \"old\" IS NULL THEN 'null' ELSE format('%!.17g', \"old\") END",
        Storage::Blob => "CASE WHEN \"old\" IS NULL THEN 'null' ELSE json_quote(hex(\"old\")) END",
    }
}

//! A document as JSON text, put together by the database itself as one column.
//!
//! Reading one text a document is cheaper than reading its columns one by one and writing JSON
//! from them, and embedded relations come out of the same statement and moment.

use std::borrow::Cow;

use alyx_query::{Expand, FieldRef, Predicate, Relation, Visible};
use alyx_schema::{Collection, Field, FieldType, Storage};

use super::{Scope, Search, Sql, conjunction, holds};

/// Most documents that a back-relation embeds.
const EMBEDDED_AT_MOST: u32 = 1000;

/// Arguments of one `concat`; SQLite takes 1000.
const PARTS_AT_ONCE: usize = 400;

/// What of a document is shown, and to whom.
#[derive(Clone, Copy)]
pub(crate) struct DocumentView<'a> {
    pub(crate) fields: Option<&'a [FieldRef]>,
    pub(crate) expand: &'a [Expand],
    pub(crate) visible: &'a dyn Visible,
}

impl<'a> DocumentView<'a> {
    /// Every field that is not internal, and no relation.
    pub(crate) fn whole(visible: &'a dyn Visible) -> Self {
        Self { fields: None, expand: &[], visible }
    }

    /// Whether it is the whole document, the same for all who may read it, and nothing more.
    pub(crate) fn is_plain(&self, collection: &Collection) -> bool {
        self.fields.is_none()
            && self.expand.is_empty()
            && collection.fields.iter().all(|field| self.condition(collection, field).is_none())
    }

    /// What must hold for the caller to see the field, unless it always does.
    pub(crate) fn condition(&self, collection: &Collection, field: &Field) -> Option<Cow<'a, Predicate>> {
        field.rules.read.as_ref()?;
        let index = collection.field_index(field.name.as_str())?;
        let condition = self.visible.shown(collection, index);
        (*condition != Predicate::TRUE && !field.primary).then_some(condition)
    }

    /// The fields shown, in the schema's order; the primary key is always among them.
    pub(crate) fn shown<'c>(&self, collection: &'c Collection) -> impl Iterator<Item = &'c Field> {
        let fields = self.fields;
        collection.fields.iter().enumerate().filter_map(move |(index, field)| {
            let asked = fields.is_none_or(|fields| fields.iter().any(|shown| shown.index == index));
            (!field.internal && asked || index == collection.primary).then_some(field)
        })
    }
}

/// Whether the text needs [`crate::render::unmark`] before it is JSON.
pub(crate) fn has_markers(collection: &Collection, view: &DocumentView<'_>) -> bool {
    view.shown(collection).any(|field| matches!(field.value_type.storage(), Storage::Blob | Storage::Real))
        || view.expand.iter().any(|expand| {
            let nested = DocumentView { fields: None, expand: &expand.nested, visible: view.visible };
            has_markers(&expand.target, &nested)
        })
}

/// Writes an expression whose value is the document's JSON text.
pub(crate) fn write_document(sql: &mut Sql, scope: Scope<'_>, view: &DocumentView<'_>) {
    let mut parts = Parts { count: 0, open: "{" };
    for field in view.shown(scope.collection) {
        match view.condition(scope.collection, field) {
            Some(condition) => parts.hidden(sql, scope, field, &condition),
            None => parts.plain(sql, scope, field),
        }
    }
    for expand in view.expand {
        parts.separate(sql);
        write_relation(sql, scope, expand, view.visible);
    }
    sql.push(",'}')");
}

/// The parts of a document that were written so far.
struct Parts {
    count: usize,
    /// What stands before the next field that is always there. The primary key is such a field, so a
    /// document is never left without an opening brace.
    open: &'static str,
}

impl Parts {
    fn separate(&mut self, sql: &mut Sql) {
        sql.push(match self.count {
            0 => "concat(",
            count if count % PARTS_AT_ONCE == 0 => ") || concat(",
            _ => ",",
        });
        self.count += 1;
    }

    fn plain(&mut self, sql: &mut Sql, scope: Scope<'_>, field: &Field) {
        self.separate(sql);
        sql.literal(&format!("{}\"{}\":", self.open, field.name)).push(",");
        write_value(sql, scope, field);
        self.open = ",";
    }

    /// A field that is there in some documents: with its comma behind it as long as none stands before.
    fn hidden(&mut self, sql: &mut Sql, scope: Scope<'_>, field: &Field, condition: &Predicate) {
        if self.open == "{" {
            self.separate(sql);
            sql.literal("{");
            self.open = "";
        }
        self.separate(sql);
        let (before, after) = if self.open == "," { (",", "") } else { ("", "||','") };
        sql.push("CASE WHEN ");
        holds(sql, scope, condition);
        sql.push(" THEN ").literal(&format!("{before}\"{}\":", field.name)).push("||(");
        write_value(sql, scope, field);
        sql.push(")").push(after).push(" ELSE '' END");
    }
}

fn write_value(sql: &mut Sql, scope: Scope<'_>, field: &Field) {
    // `||` in a part that may be missing makes text of a number as `concat` does.
    let plain =
        !field.nullable && field.value_type.storage() == Storage::Integer && field.value_type != FieldType::Bool;
    if plain {
        sql.column(scope, field);
    } else {
        sql.dialect().json_value(sql, scope, field);
    }
}

/// Writes `,"name":…`, or an empty text for a document that is absent or may not be read.
fn write_relation(sql: &mut Sql, scope: Scope<'_>, expand: &Expand, visible: &dyn Visible) {
    let view = DocumentView { fields: None, expand: &expand.nested, visible };
    let readable = visible.readable(&expand.target);
    let target = sql.scope(&expand.target);
    let (lead, here, there) = match &expand.relation {
        Relation::ToOne { field, target_field } => (format!(",\"{}\":", expand.name), field, target_field),
        Relation::Back { field, target_field } => (format!(",\"{}\":[", expand.name), field, target_field),
    };
    let to_one = matches!(expand.relation, Relation::ToOne { .. });
    sql.push(if to_one { "coalesce(" } else { "concat(" }).literal(&lead);
    sql.push(if to_one { " || (SELECT " } else { ",(SELECT group_concat(doc, ',') FROM (SELECT " });
    write_document(sql, target, &view);
    sql.push(if to_one { " FROM " } else { " AS doc FROM " });
    target.write_source(sql);
    let search = std::mem::replace(&mut sql.search, Search::One);
    let filtered = conjunction(sql, target, &[&readable]);
    sql.search = search;
    sql.push(if filtered { " AND " } else { " WHERE " });
    sql.column(target, there.field(&expand.target)).push(" = ").column(scope, here.field(scope.collection));
    if to_one {
        sql.push("),'')");
    } else {
        sql.push(" ORDER BY ").column(target, expand.target.primary_field());
        sql.push(&format!(" LIMIT {EMBEDDED_AT_MOST})),']')"));
    }
}

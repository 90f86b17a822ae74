//! A document as JSON text, put together by the database itself as one column.
//!
//! Reading one text a document is cheaper than reading its columns one by one and writing JSON
//! from them, and embedded relations come out of the same statement and moment.

use alyx_query::{Expand, FieldRef, Relation, Visible};
use alyx_schema::{Collection, Field, FieldType, Storage};

use super::{Aliases, Scope, Sql, conjunction};

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

    /// Whether it is the whole document and nothing more.
    pub(crate) fn is_plain(&self) -> bool {
        self.fields.is_none() && self.expand.is_empty()
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
pub(crate) fn write_document(sql: &mut Sql, scope: Scope<'_>, view: &DocumentView<'_>, aliases: &mut Aliases) {
    let mut open = "{";
    for (index, field) in view.shown(scope.collection).enumerate() {
        sql.push(match index {
            0 => "concat(",
            index if index % PARTS_AT_ONCE == 0 => ") || concat(",
            _ => ",",
        });
        sql.literal(&format!("{open}\"{}\":", field.name)).push(",");
        write_value(sql, scope, field);
        open = ",";
    }
    for expand in view.expand {
        sql.push(",");
        write_relation(sql, scope, expand, (view.visible, aliases));
    }
    sql.push(",'}')");
}

fn write_value(sql: &mut Sql, scope: Scope<'_>, field: &Field) {
    let plain =
        !field.nullable && field.value_type.storage() == Storage::Integer && field.value_type != FieldType::Bool;
    if plain {
        sql.column(scope, field);
    } else {
        sql.dialect().json_value(sql, scope, field);
    }
}

/// Writes `,"name":…`, or an empty text for a document that is absent or may not be read.
fn write_relation(sql: &mut Sql, scope: Scope<'_>, expand: &Expand, (visible, aliases): (&dyn Visible, &mut Aliases)) {
    let view = DocumentView { fields: None, expand: &expand.nested, visible };
    let readable = visible.readable(&expand.target);
    let target = aliases.scope(&expand.target);
    let (lead, here, there) = match &expand.relation {
        Relation::ToOne { field, target_field } => (format!(",\"{}\":", expand.name), field, target_field),
        Relation::Back { field, target_field } => (format!(",\"{}\":[", expand.name), field, target_field),
    };
    let to_one = matches!(expand.relation, Relation::ToOne { .. });
    sql.push(if to_one { "coalesce(" } else { "concat(" }).literal(&lead);
    sql.push(if to_one { " || (SELECT " } else { ",(SELECT group_concat(doc, ',') FROM (SELECT " });
    write_document(sql, target, &view, aliases);
    sql.push(if to_one { " FROM " } else { " AS doc FROM " });
    target.write_source(sql);
    conjunction(sql, target, &[&readable]);
    sql.push(if sql_ends_with_condition(&readable) { " AND " } else { " WHERE " });
    sql.column(target, there.field(&expand.target)).push(" = ").column(scope, here.field(scope.collection));
    if to_one {
        sql.push("),'')");
    } else {
        sql.push(" ORDER BY ").column(target, expand.target.primary_field());
        sql.push(&format!(" LIMIT {EMBEDDED_AT_MOST})),']')"));
    }
}

fn sql_ends_with_condition(readable: &alyx_query::Predicate) -> bool {
    *readable != alyx_query::Predicate::TRUE
}

//! SQLite's way of saying things.

use alyx_schema::{Field, FieldType, Storage};
use serde_json::Value as Json;

use super::{Dialect, Scope, Sql};

/// SQLite 3.45 or later.
#[derive(Debug)]
pub(crate) struct Sqlite;

/// A name, quoted.
pub(crate) fn quote(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 2);
    Sqlite.quote(&mut text, name);
    text
}

/// A text literal, quoted.
pub(crate) fn literal(value: &str) -> String {
    let mut text = String::with_capacity(value.len() + 2);
    Sqlite.literal(&mut text, value);
    text
}

impl Dialect for Sqlite {
    fn quote(&self, text: &mut String, name: &str) {
        enclose(text, name, '"');
    }

    fn literal(&self, text: &mut String, value: &str) {
        enclose(text, value, '\'');
    }

    fn placeholder(&self, text: &mut String, _: usize) {
        text.push('?');
    }

    fn same(&self) -> &'static str {
        " IS "
    }

    fn different(&self) -> &'static str {
        " IS NOT "
    }

    fn like(&self, sql: &mut Sql, scope: Scope<'_>, field: &Field, pattern: &str) {
        sql.column(scope, field).push(" LIKE ").bind(pattern);
    }

    fn contains_text(&self, sql: &mut Sql, scope: Scope<'_>, field: &Field, needle: &str) {
        sql.push("instr(").column(scope, field).push(",").bind(needle).push(") > 0");
    }

    fn contains_item(&self, sql: &mut Sql, scope: Scope<'_>, field: &Field, item: &Json) {
        // A null column makes json_type null, and null AND false would be false: so null is asked first.
        sql.push("CASE WHEN ").column(scope, field).push(" IS NULL THEN NULL WHEN json_type(").column(scope, field);
        sql.push(") <> 'array' THEN 0 ELSE EXISTS (SELECT 1 FROM json_each(").column(scope, field).push(") AS j WHERE ");
        write_item(sql, scope, field, item);
        sql.push(") END");
    }

    fn json_value(&self, sql: &mut Sql, scope: Scope<'_>, field: &Field) {
        match (field.value_type, field.value_type.storage()) {
            (FieldType::Bool, _) => {
                sql.push("CASE ").column(scope, field).push(" WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END");
            }
            (FieldType::Json, _) | (_, Storage::Integer) => {
                sql.push("coalesce(").column(scope, field).push(",'null')");
            }
            (_, Storage::Text) => {
                sql.push("json_quote(").column(scope, field).push(")");
            }
            (_, Storage::Real) => marked(sql, scope, field, ("f'||format('%!.17g',", "||'")),
            (_, Storage::Blob) => marked(sql, scope, field, ("b'||hex(", "||'")),
        }
    }
}

/// Bytes and floats travel as hex and as 17 digits between two 0x01, which occur nowhere else in
/// JSON text, and become base64 and the shortest digits in Rust: SQLite can make neither.
fn marked(sql: &mut Sql, scope: Scope<'_>, field: &Field, (open, close): (&str, &str)) {
    sql.push("CASE WHEN ").column(scope, field).push(" IS NULL THEN 'null' ELSE '\u{1}");
    sql.push(open).column(scope, field).push(")").push(close).push("\u{1}' END");
}

/// JSON equality of an element with a scalar: type and value. Numbers that are no 64-bit integer
/// are compared by their text, which is canonical.
fn write_item(sql: &mut Sql, scope: Scope<'_>, field: &Field, item: &Json) {
    match item {
        Json::Null => sql.push("j.type = 'null'"),
        Json::Bool(true) => sql.push("j.type = 'true'"),
        Json::Bool(false) => sql.push("j.type = 'false'"),
        Json::String(text) => sql.push("j.type = 'text' AND j.value = ").bind(text.as_str()),
        Json::Number(number) => match number.as_i64() {
            Some(integer) => sql.push("j.type = 'integer' AND j.value = ").bind(integer),
            None => {
                sql.push("j.type IN ('integer','real') AND (").column(scope, field);
                sql.push(" -> ('$['||j.key||']')) = ").bind(number.to_string().as_str())
            }
        },
        Json::Array(_) | Json::Object(_) => sql.push("0"),
    };
}

fn enclose(text: &mut String, inner: &str, mark: char) {
    text.push(mark);
    for character in inner.chars() {
        if character == mark {
            text.push(mark);
        }
        text.push(character);
    }
    text.push(mark);
}

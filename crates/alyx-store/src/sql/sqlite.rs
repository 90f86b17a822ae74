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
        // The empty text keeps the pattern from being a bare parameter, for which SQLite plans anew
        // with every pattern in the hope of a prefix that an index could serve.
        sql.column(scope, field).push(" LIKE ").bind(pattern).push("||''");
    }

    fn contains_text(&self, sql: &mut Sql, scope: Scope<'_>, field: &Field, needle: &str) {
        sql.push("instr(").column(scope, field).push(",").bind(needle).push(") > 0");
    }

    fn contains_item(&self, sql: &mut Sql, scope: Scope<'_>, field: &Field, item: &Json) {
        // A null column makes json_type null, and null AND false would be false: so null is asked first.
        sql.push("CASE WHEN ").column(scope, field).push(" IS NULL THEN NULL WHEN json_type(").column(scope, field);
        sql.push(") <> 'array' THEN 0 ELSE EXISTS (SELECT 1 FROM json_each(")
            .column(scope, field)
            .push(") AS j WHERE ");
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
            (_, Storage::Real) => marked(sql, scope, field, float_digits),
            (_, Storage::Blob) => marked(sql, scope, field, |column| format!("'b'||hex({column})")),
        }
    }
}

/// 17 digits, which tell every float apart, behind a letter that says how far it was moved.
///
/// SQLite's decimal digits are wrong in the last place beyond about 1e-70 and 1e115. Such numbers
/// are moved near 1 by powers of two, which is exact, and back in [`crate::render::read_float`].
pub(super) fn float_digits(column: &str) -> String {
    const TWO_TO_100: &str = "1267650600228229401496703205376.0";
    let moved = |letter: char, operator: char, times: usize| {
        let steps = format!("{operator}{TWO_TO_100}").repeat(times);
        format!("'{letter}'||format('%!.17g',{column}{steps})")
    };
    format!(
        "CASE WHEN {column}=0.0 OR abs({column}) BETWEEN 1e-60 AND 1e100 THEN {} WHEN abs({column})>=1e250 THEN {} \
         WHEN abs({column})>1e100 THEN {} WHEN abs({column})<1e-200 THEN {} ELSE {} END",
        moved('f', '*', 0),
        moved('h', '/', 8),
        moved('g', '/', 5),
        moved('j', '*', 9),
        moved('i', '*', 5),
    )
}

/// Bytes and floats travel as hex and digits between two 0x01, which occur nowhere else in JSON
/// text, and become base64 and the shortest digits in Rust: SQLite can make neither.
fn marked(sql: &mut Sql, scope: Scope<'_>, field: &Field, inner: impl FnOnce(&str) -> String) {
    let mut column = Sql::new();
    let column = &column.column(scope, field).text;
    sql.push("CASE WHEN ").push(column).push(" IS NULL THEN 'null' ELSE '\u{1}'||(");
    sql.push(&inner(column)).push(")||'\u{1}' END");
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

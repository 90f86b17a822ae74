//! What one database says differently from another.

use alyx_schema::Field;

use super::{Scope, Sql};

/// The parts of SQL that PostgreSQL would say another way.
pub(crate) trait Dialect: std::fmt::Debug + Send + Sync {
    /// Writes a name so that it is nothing but a name.
    fn quote(&self, text: &mut String, name: &str);

    /// Writes a text literal.
    fn literal(&self, text: &mut String, value: &str);

    /// Writes the placeholder of the value at this place, counted from 1.
    fn placeholder(&self, text: &mut String, position: usize);

    /// Equality under which null equals null.
    fn same(&self) -> &'static str;

    /// The opposite of [`Dialect::same`].
    fn different(&self) -> &'static str;

    /// Whether the text column matches the pattern, ASCII case aside.
    fn like(&self, sql: &mut Sql, scope: Scope<'_>, field: &Field, pattern: &str);

    /// Whether the text column contains the text.
    fn contains_text(&self, sql: &mut Sql, scope: Scope<'_>, field: &Field, needle: &str);

    /// Whether the JSON column is an array with this scalar in it.
    fn contains_item(&self, sql: &mut Sql, scope: Scope<'_>, field: &Field, item: &serde_json::Value);

    /// The column's value as JSON text; never null, `null` being JSON too.
    fn json_value(&self, sql: &mut Sql, scope: Scope<'_>, field: &Field);
}

//! The predicate as SQL: one of its two readers (the other is `Predicate::matches`).

use alyx_query::{Comparison, FieldRef, Predicate, Truth};
use alyx_schema::{FieldType, Value};

use super::{Bind, Scope, Sql};

/// Writes `WHERE` and what must hold, or nothing where everything does.
pub(crate) fn conjunction(sql: &mut Sql, scope: Scope<'_>, predicates: &[&Predicate]) {
    let mut lead = " WHERE ";
    for predicate in predicates.iter().filter(|predicate| ***predicate != Predicate::TRUE) {
        sql.push(lead);
        condition(sql, scope, predicate);
        lead = " AND ";
    }
}

/// Writes one predicate as a closed expression.
pub(crate) fn condition(sql: &mut Sql, scope: Scope<'_>, predicate: &Predicate) {
    match predicate {
        Predicate::Constant(Truth::True) => {
            sql.push("1");
        }
        Predicate::Constant(Truth::False) => {
            sql.push("0");
        }
        Predicate::Constant(Truth::Unknown) => {
            sql.push("NULL");
        }
        Predicate::Compare { field, comparison, value } => compare(sql, scope, (field, *comparison), value),
        Predicate::In { field, values } => one_of(sql, scope, field, values),
        Predicate::Like { field, pattern } => {
            sql.dialect().like(sql, scope, field.field(scope.collection), pattern);
        }
        Predicate::ContainsText { field, text } => {
            sql.dialect().contains_text(sql, scope, field.field(scope.collection), text);
        }
        Predicate::ContainsItem { field, item } => {
            sql.dialect().contains_item(sql, scope, field.field(scope.collection), item);
        }
        Predicate::IsNull(field) => {
            sql.column(scope, field.field(scope.collection)).push(" IS NULL");
        }
        Predicate::And(parts) => joined(sql, scope, parts, (" AND ", "1")),
        Predicate::Or(parts) => joined(sql, scope, parts, (" OR ", "0")),
        Predicate::Not(inner) => {
            sql.push("NOT (");
            condition(sql, scope, inner);
            sql.push(")");
        }
    }
}

fn joined(sql: &mut Sql, scope: Scope<'_>, parts: &[Predicate], (between, empty): (&str, &str)) {
    if parts.is_empty() {
        sql.push(empty);
        return;
    }
    sql.push("(");
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            sql.push(between);
        }
        condition(sql, scope, part);
    }
    sql.push(")");
}

fn compare(sql: &mut Sql, scope: Scope<'_>, (field, comparison): (&FieldRef, Comparison), value: &Value) {
    let field = field.field(scope.collection);
    let (same, different) = (sql.dialect().same(), sql.dialect().different());
    // Plain `=` where null cannot occur: every planner knows what to do with it.
    let plain = !field.nullable && !value.is_null();
    let operator = match comparison {
        Comparison::Eq if plain => " = ",
        Comparison::Eq => same,
        Comparison::Ne if plain => " <> ",
        Comparison::Ne => different,
        _ if value.is_null() => {
            sql.push("NULL");
            return;
        }
        Comparison::Gt => " > ",
        Comparison::Gte => " >= ",
        Comparison::Lt => " < ",
        Comparison::Lte => " <= ",
    };
    if field.value_type == FieldType::Bool && sql.flags_hidden() {
        sql.push("+");
    }
    sql.column(scope, field).push(operator).bind(value);
}

/// Lists are filled up to a power of two with their last value, so that few texts serve all lengths.
fn one_of(sql: &mut Sql, scope: Scope<'_>, field: &FieldRef, values: &[Value]) {
    let field = field.field(scope.collection);
    let present: Vec<&Value> = values.iter().filter(|value| !value.is_null()).collect();
    let with_null = present.len() < values.len();
    let Some(last) = present.last() else {
        if with_null {
            sql.column(scope, field).push(" IS NULL");
        } else {
            sql.push("0");
        }
        return;
    };
    sql.push("(");
    if field.nullable || with_null {
        sql.column(scope, field).push(if with_null { " IS NULL OR " } else { " IS NOT NULL AND " });
    }
    sql.column(scope, field).push(" IN (");
    for index in 0..present.len().next_power_of_two() {
        if index > 0 {
            sql.push(",");
        }
        sql.bind(Bind::from(*present.get(index).unwrap_or(last)));
    }
    sql.push("))");
}

//! The predicate as SQL: one of its two readers (the other is `Predicate::matches`).

use alyx_query::{Comparison, FieldAt, FieldRef, Predicate, Truth};
use alyx_schema::{FieldType, Value};

use super::{Bind, Reach, Scope, Sql, related, scan};

/// What the reader of an expression makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sense {
    /// Only whether it is true: false and unknown are one.
    Truth,
    /// All three.
    Exact,
}

/// Writes `WHERE` and what must hold, or nothing where everything does; whether it wrote something.
pub(crate) fn conjunction(sql: &mut Sql, scope: Scope<'_>, predicates: &[&Predicate]) -> bool {
    let mut lead = " WHERE ";
    for predicate in predicates.iter().filter(|predicate| ***predicate != Predicate::TRUE) {
        sql.push(lead);
        holds(sql, scope, predicate);
        lead = " AND ";
    }
    lead == " AND "
}

/// Writes whether the predicate is true of a collection's row, as a closed expression.
pub(crate) fn holds(sql: &mut Sql, scope: Scope<'_>, predicate: &Predicate) {
    condition(sql, &Reach::alone(scope), predicate, Sense::Truth);
}

/// Writes one predicate as a closed expression.
pub(crate) fn condition(sql: &mut Sql, reach: &Reach<'_>, predicate: &Predicate, sense: Sense) {
    let scope = reach.scope;
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
        Predicate::And(parts) => joined(sql, reach, parts, ((" AND ", "1"), sense)),
        Predicate::Or(parts) => joined(sql, reach, parts, ((" OR ", "0"), sense)),
        Predicate::Not(inner) => {
            sql.push("NOT (");
            condition(sql, reach, inner, Sense::Exact);
            sql.push(")");
        }
        Predicate::CompareFields { left, comparison, right } => compare_fields(sql, reach, (left, right), *comparison),
        Predicate::Related { key, target, target_field, predicate } => {
            related::related(sql, reach, (key, target, target_field), (predicate, sense));
        }
        Predicate::Exists { collection, predicate } => related::exists(sql, reach, collection, (predicate, sense)),
        Predicate::Outer { level, predicate } => condition(sql, reach.outward(*level), predicate, sense),
        Predicate::Scan(test) => scan::scan(sql, reach, test),
    }
}

fn joined(sql: &mut Sql, reach: &Reach<'_>, parts: &[Predicate], ((between, empty), sense): ((&str, &str), Sense)) {
    if parts.is_empty() {
        sql.push(empty);
        return;
    }
    sql.push("(");
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            sql.push(between);
        }
        condition(sql, reach, part, sense);
    }
    sql.push(")");
}

/// Null equals null here as in a comparison with a value.
fn compare_fields(sql: &mut Sql, reach: &Reach<'_>, (left, right): (&FieldAt, &FieldAt), comparison: Comparison) {
    let nullable = |place: &FieldAt| place.field.field(reach.outward(place.level).scope.collection).nullable;
    let plain = !nullable(left) && !nullable(right);
    let operator = match comparison {
        Comparison::Eq if plain => " = ",
        Comparison::Eq => sql.dialect().same(),
        Comparison::Ne if plain => " <> ",
        Comparison::Ne => sql.dialect().different(),
        Comparison::Gt => " > ",
        Comparison::Gte => " >= ",
        Comparison::Lt => " < ",
        Comparison::Lte => " <= ",
    };
    reach.column(sql, left);
    sql.push(operator);
    reach.column(sql, right);
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

//! Tests that SQL cannot make: a function of ours is called with what they look at.

use std::sync::Arc;

use alyx_query::{Hop, Operand, Scan, ScanTest, Truth};
use alyx_schema::{FieldType, Storage, Value};
use alyx_sqlite::{FUNCTION, RowTest, SqlValue, keep};

use super::{Bind, Reach, Scope, Sql};

/// Writes a call of the function with the test and its operands.
pub(super) fn scan(sql: &mut Sql, reach: &Reach<'_>, scan: &Scan) {
    let kinds = scan.operands.iter().map(|operand| Kind::of(reach, operand)).collect();
    let kept = keep(Arc::new(Test { test: Arc::clone(&scan.test), kinds }));
    sql.push(FUNCTION).push("(").bind(Bind::Test(Arc::new(kept)));
    for operand in &scan.operands {
        sql.push(",");
        write_operand(sql, reach, operand);
    }
    sql.push(")");
}

/// Writes the operand's value. Through a foreign key, a document that is not there gives null, and a
/// field that is null gives what no value of its type can be.
fn write_operand(sql: &mut Sql, reach: &Reach<'_>, operand: &Operand) {
    let first = reach.outward(operand.level).scope;
    let Some(last) = operand.hops.last() else {
        sql.column(first, operand.field.field(first.collection));
        return;
    };
    let scope = sql.scope(&last.target);
    let field = operand.field.field(&last.target);
    sql.push("(SELECT coalesce(").column(scope, field).push(match field.value_type.storage() {
        Storage::Blob => ",0)",
        _ => ",x'')",
    });
    write_source(sql, (scope, last), first, &operand.hops);
}

/// Writes ` FROM target WHERE its key = …)`, the key being found along the hops before the last.
fn write_source(sql: &mut Sql, (scope, last): (Scope<'_>, &Hop), first: Scope<'_>, hops: &[Hop]) {
    sql.push(" FROM ");
    scope.write_source(sql);
    sql.push(" WHERE ").column(scope, last.target_field.field(&last.target)).push(" = ");
    let before = &hops[..hops.len() - 1];
    match before.last() {
        None => {
            sql.column(first, last.field.field(first.collection));
        }
        Some(previous) => {
            let scope = sql.scope(&previous.target);
            sql.push("(SELECT ").column(scope, last.field.field(&previous.target));
            write_source(sql, (scope, previous), first, before);
        }
    }
    sql.push(")");
}

/// A test with what it takes to read its values.
struct Test {
    test: Arc<dyn ScanTest>,
    kinds: Vec<Kind>,
}

/// What an operand's values are.
struct Kind {
    value_type: FieldType,
    /// Whether it is reached through a foreign key.
    is_related: bool,
}

impl Kind {
    fn of(reach: &Reach<'_>, operand: &Operand) -> Self {
        let own = reach.outward(operand.level).scope.collection;
        let collection = operand.hops.last().map_or(own, |hop| &hop.target);
        Self { value_type: operand.field.field(collection).value_type, is_related: !operand.hops.is_empty() }
    }

    /// The value as the model has it; `None` where the document is not there.
    fn read(&self, value: SqlValue<'_>) -> Option<Value> {
        Some(match (value, self.value_type) {
            (SqlValue::Null, _) if self.is_related => return None,
            (SqlValue::Null, _) => Value::Null,
            (SqlValue::Integer(flag), FieldType::Bool) => Value::Bool(flag != 0),
            (SqlValue::Integer(_), FieldType::Blob) => Value::Null,
            (SqlValue::Integer(number), FieldType::Float) => Value::Float(number as f64),
            (SqlValue::Integer(number), _) => Value::Int(number),
            (SqlValue::Real(number), _) => Value::Float(number),
            (SqlValue::Text(text), FieldType::Json) => Value::Json(serde_json::from_str(text).unwrap_or_default()),
            (SqlValue::Text(text), _) => Value::Text(text.to_owned()),
            (SqlValue::Blob(bytes), FieldType::Blob) => Value::Blob(bytes.to_vec()),
            (SqlValue::Blob(_), _) => Value::Null,
        })
    }
}

impl RowTest for Test {
    fn test(&self, values: &[SqlValue<'_>]) -> Option<bool> {
        let values: Vec<Option<Value>> = self.kinds.iter().zip(values).map(|(kind, value)| kind.read(*value)).collect();
        match self.test.evaluate(&values) {
            Truth::True => Some(true),
            Truth::False => Some(false),
            Truth::Unknown => None,
        }
    }
}

//! An update whose new values depend on stored ones: read, computed and written as one request of the queue.

use std::sync::Arc;

use alyx_query::{FieldRef, Predicate, Visible};
use alyx_schema::{Change, Collection, Field, FieldFault, FieldType, Operator, Storage, Value};
use sqlx::sqlite::SqliteRow;

use super::{Store, Written, read::is_never, write::references};
use crate::{
    Error, Result, connection,
    fault::Fault,
    sql::{self, Bind, Sql},
    write_queue::{Transaction, WriteFault},
};

/// Longest stored list, as JSON text, that operators change: all of it is read and written while others wait.
const LONGEST_LIST: usize = 1 << 20;

impl Store {
    /// Changes fields of the document that meets `guard`; `None` where there is none.
    ///
    /// Operators are applied to what is stored at that moment, and no other write comes in between.
    pub async fn change(
        &self,
        collection: &Arc<Collection>,
        id: &Value,
        changes: Vec<(FieldRef, Change)>,
        guard: &Predicate,
        visible: &dyn Visible,
    ) -> Result<Option<Written>> {
        let (values, operators) = parted(changes);
        if operators.is_empty() {
            return self.update(collection, id, values, guard, visible).await;
        }
        if is_never(guard) {
            return Ok(None);
        }
        let references = references(collection, values.iter().map(|(field, value)| (field.index, value)));
        let operators: Vec<Applied> = operators
            .into_iter()
            .map(|(place, operator)| Applied { field: values[place].0.index, place, operator })
            .collect();
        let fields: Vec<&Field> = operators.iter().map(|applied| &collection.fields[applied.field]).collect();
        let read = sql::stored(collection, (id, guard), &fields);
        let write = sql::update(collection, (id, &Predicate::TRUE), values, visible);
        let amendment = Amendment { collection: Arc::clone(collection), read, operators, write };
        let done = self
            .write_or_refuse(move |transaction| Box::pin(async move { Ok(amendment.run(transaction).await) }))
            .await?;
        match done {
            Ok(row) => {
                let position = *self.commits().borrow();
                Ok(Some(Written { json: self.finished(collection, row), position }))
            }
            Err(Refusal::Absent) => Ok(None),
            Err(Refusal::Invalid(faults)) => Err(Error::Invalid { faults }),
            Err(Refusal::Statement(fault)) => {
                Err(self.explain(WriteFault::Statement(fault), collection, Some(id), references).await)
            }
        }
    }
}

/// The values, null where an operator makes them, and the operators by their place among the values.
type Parted = (Vec<(FieldRef, Value)>, Vec<(usize, Operator)>);

fn parted(changes: Vec<(FieldRef, Change)>) -> Parted {
    let mut operators = Vec::new();
    let values = changes.into_iter().enumerate().map(|(place, (field, change))| match change {
        Change::Set(value) => (field, value),
        Change::Apply(operator) => {
            operators.push((place, operator));
            (field, Value::Null)
        }
    });
    (values.collect(), operators)
}

/// Statements around the operators of one update.
struct Amendment {
    collection: Arc<Collection>,
    /// Reads the fields of the operators, where the guard holds.
    read: Sql,
    /// In the order of the columns that `read` has.
    operators: Vec<Applied>,
    /// Writes and reads back. It binds the values of the changes first, in their order.
    write: Sql,
}

/// An operator on a field.
struct Applied {
    field: usize,
    /// Its place among the values that are written.
    place: usize,
    operator: Operator,
}

/// Why nothing was written.
enum Refusal {
    /// There is no such document, or the guard does not hold.
    Absent,
    Invalid(Vec<FieldFault>),
    Statement(Fault),
}

impl Amendment {
    async fn run(mut self, transaction: &mut Transaction<'_>) -> Result<Vec<u8>, Refusal> {
        let row = transaction.first_row(self.read).await.map_err(Refusal::Statement)?.ok_or(Refusal::Absent)?;
        let mut faults = Vec::new();
        for (column, Applied { field, place, operator }) in self.operators.iter().enumerate() {
            let field = &self.collection.fields[*field];
            match stored(&row, column, field).and_then(|stored| operator.apply(field, stored)) {
                Ok(value) => self.write.binds[*place] = Bind::from(value),
                Err(more) => faults.extend(more),
            }
        }
        drop(row);
        if !faults.is_empty() {
            return Err(Refusal::Invalid(faults));
        }
        let written = transaction.first_row(self.write).await.map_err(Refusal::Statement)?;
        written.map(|row| connection::bytes(&row, 0)).ok_or(Refusal::Absent)
    }
}

/// The value of a column, of a field that takes operators.
fn stored(row: &SqliteRow, column: usize, field: &Field) -> Result<Value, Vec<FieldFault>> {
    Ok(match (field.value_type, field.value_type.storage()) {
        (FieldType::Json, _) => return stored_json(connection::text(row, column), field),
        (_, Storage::Integer) => connection::integer(row, column).map_or(Value::Null, Value::Int),
        (_, Storage::Real) => connection::float(row, column).map_or(Value::Null, Value::Float),
        _ => connection::text(row, column).map_or(Value::Null, |text| Value::Text(text.to_owned())),
    })
}

fn stored_json(text: Option<&str>, field: &Field) -> Result<Value, Vec<FieldFault>> {
    let Some(text) = text else { return Ok(Value::Null) };
    let fault = |code, message: String| vec![FieldFault { field: field.name.as_str().to_owned(), code, message }];
    if text.len() > LONGEST_LIST {
        return Err(fault("TOO_LARGE", "holds a list of more than 1 MiB, which no operator changes".to_owned()));
    }
    let json = serde_json::from_str(text).map_err(|_| fault("TYPE", "holds no JSON".to_owned()))?;
    Value::from_json(field, &json).map_err(|fault| vec![fault])
}

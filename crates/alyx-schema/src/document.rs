//! Bodies of writes to documents: every value is checked against its field, all faults in one answer.
//!
//! Foreign keys and uniqueness are the store's to check.

use std::cell::OnceCell;

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Map, Value as Json};

use crate::{
    Collection, DefaultValue, Document, Field, FieldType, Value,
    clock::{Clock, IdGenerator, format_timestamp},
};

mod limits;
mod operator;
mod unknown;

pub(crate) use limits::accept;
pub use operator::{Change, Operator, is_operator, operators};

/// What is wrong with one field of a body.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, thiserror::Error)]
#[error("{field} {message}")]
pub struct FieldFault {
    /// The field as the client wrote it.
    pub field: String,
    /// Stable word for the broken rule, such as `max_length`.
    pub code: &'static str,
    /// What it must be, to be read after the field's name.
    pub message: String,
}

impl FieldFault {
    pub(crate) fn new(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { field: field.into(), code, message: message.into() }
    }
}

/// On whose behalf a body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// A client: internal fields do not exist.
    Client,
    /// The server and its tools: internal fields are fields.
    Server,
}

impl Writer {
    pub(crate) fn sees(self, field: &Field) -> bool {
        self == Self::Server || !field.internal
    }
}

impl Collection {
    /// The document that a create with this body stores: values checked, defaults and ids filled in.
    ///
    /// # Errors
    /// Every fault of the body.
    pub fn draft(
        &self,
        body: &Map<String, Json>,
        writer: Writer,
        clock: &dyn Clock,
        ids: &dyn IdGenerator,
    ) -> Result<Document, Vec<FieldFault>> {
        let mut faults = Vec::new();
        let mut known = 0;
        let filling = Filling { clock, ids, now: OnceCell::new(), writer };
        let mut values = Vec::with_capacity(self.fields.len());
        for field in &self.fields {
            let given = body.get(field.name.as_str()).filter(|_| writer.sees(field));
            known += usize::from(given.is_some());
            let value = match given {
                // What the server restores was valid when it was stored.
                Some(json) if writer == Writer::Client && operator::written_as_operator(json).is_some() => {
                    faults.push(operator::refused(field));
                    None
                }
                Some(json) => accept(field, json, &mut faults),
                None => filling.fill(field, &mut faults),
            };
            values.push(value.unwrap_or(Value::Null));
        }
        if known < body.len() {
            unknown::report(self, body, writer, &mut faults);
        }
        if faults.is_empty() { Ok(Document { values }) } else { Err(faults) }
    }

    /// What an update with this body does, by field index in the fields' order.
    ///
    /// A value that is an object with a key that begins with `$` is an [`Operator`], or a fault.
    /// Fields with `onUpdate: now` are set to the time of the update, whatever the body says. An empty
    /// body changes nothing.
    ///
    /// # Errors
    /// Every fault of the body.
    pub fn changes(
        &self,
        body: &Map<String, Json>,
        writer: Writer,
        clock: &dyn Clock,
    ) -> Result<Vec<(usize, Change)>, Vec<FieldFault>> {
        let mut faults = Vec::new();
        let mut known = 0;
        let mut changes = Vec::with_capacity(body.len() + 1);
        for (index, field) in self.fields.iter().enumerate() {
            let given = body.get(field.name.as_str()).filter(|_| writer.sees(field));
            known += usize::from(given.is_some());
            if writer == Writer::Client && given.is_some() && self.mirrors_account(field) {
                faults.push(FieldFault::new(
                    field.name.as_str(),
                    "READ_ONLY",
                    "follows the account and is not written",
                ));
            } else if let Some(change) = changed(field, given, !body.is_empty(), clock, &mut faults) {
                changes.push((index, change));
            }
        }
        if known < body.len() {
            unknown::report(self, body, writer, &mut faults);
        }
        if faults.is_empty() { Ok(changes) } else { Err(faults) }
    }
}

fn changed(
    field: &Field,
    given: Option<&Json>,
    any: bool,
    clock: &dyn Clock,
    faults: &mut Vec<FieldFault>,
) -> Option<Change> {
    let change = given.and_then(|json| {
        if field.primary {
            faults.push(FieldFault::new(field.name.as_str(), "READ_ONLY", "is the primary key and never changes"));
            return None;
        }
        operator::change(field, json, faults)
    });
    if field.on_update_now && any { Some(Change::Set(moment(field, clock.now()))) } else { change }
}

/// Fills in what a body does not give.
struct Filling<'a> {
    clock: &'a dyn Clock,
    ids: &'a dyn IdGenerator,
    /// One time for the whole document.
    now: OnceCell<Timestamp>,
    writer: Writer,
}

impl Filling<'_> {
    fn fill(&self, field: &Field, faults: &mut Vec<FieldFault>) -> Option<Value> {
        match &field.default {
            Some(DefaultValue::Auto) if field.value_type == FieldType::Id => Some(Value::Text(self.ids.short_id())),
            Some(DefaultValue::Auto) => Some(Value::Text(self.ids.uuid())),
            Some(DefaultValue::Now) => Some(self.now(field)),
            Some(DefaultValue::Literal(value)) => Some(value.clone()),
            None if field.nullable => Some(Value::Null),
            None if field.on_update_now => Some(self.now(field)),
            None => {
                faults.push(missing(field, self.writer));
                None
            }
        }
    }

    fn now(&self, field: &Field) -> Value {
        moment(field, *self.now.get_or_init(|| self.clock.now()))
    }
}

fn moment(field: &Field, now: Timestamp) -> Value {
    Value::Text(match field.value_type {
        FieldType::Date => now.to_zoned(TimeZone::UTC).date().to_string(),
        _ => format_timestamp(now),
    })
}

/// The name of an internal field stays inside.
fn missing(field: &Field, writer: Writer) -> FieldFault {
    if writer.sees(field) {
        return FieldFault::new(field.name.as_str(), "REQUIRED", "is required");
    }
    FieldFault::new("", "SERVER_ONLY", "this collection has a required value that only the server may set")
}

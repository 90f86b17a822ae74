//! The question behind a subscription, as this caller may ask it.

use std::sync::Arc;

use alyx_query::Query;
use alyx_realtime::Question;
use alyx_rules::Operation;
use alyx_schema::Schema;
use serde_json::Value as Json;

use super::sight::Sight;
use crate::{
    access::{Access, Caller, RequestFacts},
    collections::{invalid_query, no_collection, unreadable},
    error::{ApiError, Code, Result},
    served::Served,
};

/// One subscription of a connection.
pub(super) struct Subscription {
    /// What its client calls it.
    pub(super) id: String,
    /// The query as it was sent: it is read again when the schema or the caller's rights change.
    pub(super) sent: Sent,
    pub(super) question: Question,
}

/// A query as it was sent.
pub(super) enum Sent {
    /// In a message; as JSON text, which takes a fraction of the room that it takes once it is read.
    Message(Box<str>),
    /// In an address, as for a list.
    Parameters { collection: String, parameters: Vec<(String, String)> },
}

impl Sent {
    fn read(&self, schema: &Schema) -> Result<Query> {
        match self {
            Self::Message(text) => {
                let json: Json = serde_json::from_str(text).map_err(ApiError::internal)?;
                Query::from_json(schema, &json).map_err(invalid_query)
            }
            Self::Parameters { collection, parameters } => {
                let found = schema.collection(collection).cloned();
                let found = found.ok_or_else(|| no_collection(Code::InvalidQuery, collection))?;
                let query = Query::from_parameters(schema, found, parameters).map_err(invalid_query)?;
                if query.offset > 0 || query.cursor.is_some() {
                    let message = "a live query begins with the first document: it has neither offset nor cursor";
                    return Err(ApiError::new(Code::InvalidQuery, message));
                }
                Ok(query)
            }
        }
    }
}

/// The question that a query asks, if this caller may ask it.
pub(super) fn question(served: &Served, (caller, facts): (&Caller, RequestFacts), sent: &Sent) -> Result<Question> {
    let query = sent.read(served.schema())?;
    let access = Access::new(served, caller, facts);
    access.may(Operation::Read, &query.collection)?;
    query.check_readable(&access).map_err(|faults| unreadable(caller, faults))?;
    let sight = Sight::of(served.schema(), &access);
    Ok(Question::new(query, Arc::new(sight)))
}

/// The same question by somebody who may see nothing: its documents leave.
pub(super) fn blind(question: &Question) -> Question {
    Question::new(question.query().clone(), Arc::new(Sight::nothing()))
}

//! The question behind a subscription, as this caller may ask it.

use std::sync::Arc;

use alyx_query::Query;
use alyx_realtime::Question;
use alyx_rules::Operation;
use serde_json::Value as Json;

use super::sight::Sight;
use crate::{
    access::{Access, Caller, RequestFacts},
    collections::{invalid_query, unreadable},
    error::Result,
    served::Served,
};

/// One subscription of a connection.
pub(super) struct Subscription {
    /// What its client calls it.
    pub(super) id: String,
    /// The query as it was sent: it is read again when the schema or the caller's rights change.
    pub(super) sent: Json,
    pub(super) question: Question,
}

/// The question that a query asks, if this caller may ask it.
pub(super) fn question(served: &Served, (caller, facts): (&Caller, RequestFacts), sent: &Json) -> Result<Question> {
    let query = Query::from_json(served.schema(), sent).map_err(invalid_query)?;
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

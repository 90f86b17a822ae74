//! What becomes of one document, whoever asks and however: a call of its own, a batch, a function.

use std::sync::Arc;

use alyx_query::Visible;
use alyx_rules::Operation;
use alyx_schema::{Collection, Value};
use alyx_store::Store;
use serde_json::{Map, Value as Json};

use super::no_document;
pub(crate) use super::{
    create::create_document as create,
    delete::delete_document as delete,
    get::get_document as get,
    list::encode as list_json,
    update::update_document as update,
    upsert::{upsert_document as upsert, with_key},
};
use crate::{
    AppState,
    access::{Access, Caller, Guard, RequestFacts, denied},
    error::{ApiError, Result},
    served::Served,
};

/// Where an operation happens, and on whose behalf.
pub(crate) struct Scope<'a> {
    pub(crate) state: &'a AppState,
    pub(crate) served: &'a Served,
    /// What is served, or that inside of a transaction.
    pub(crate) store: &'a Store,
    pub(crate) caller: &'a Caller,
    pub(crate) facts: RequestFacts,
}

impl<'a> Scope<'a> {
    /// What the rules leave for the caller who reads.
    pub(crate) fn access(&self) -> Access<'a> {
        Access::new(self.served, self.caller, self.facts.clone())
    }

    /// The same for who writes this: rules see it as the call of its own that it could be.
    pub(crate) fn writing(&self, operation: Operation, body: Map<String, Json>) -> Access<'a> {
        Access::new(self.served, self.caller, self.facts.clone().writing(operation, body))
    }

    /// Why a guarded write to a document found nothing to write: it is not there or not readable, or the
    /// guard does not let it through.
    pub(super) async fn refused(
        &self,
        (collection, id): (&Arc<Collection>, &Value),
        guard: &Guard,
        access: &Access<'_>,
    ) -> Result<ApiError> {
        let readable = access.readable(collection);
        let predicates = [vec![&*readable], guard.parts()].concat();
        let Some(holds) = self.store.judge(collection, id, &predicates).await? else { return Ok(no_document()) };
        match holds.as_slice() {
            [true, true, fields @ ..] => {
                let mut fields = fields.iter();
                let fault = guard.refuse(self.caller, |_| fields.next() == Some(&false));
                Ok(fault.err().unwrap_or_else(no_document))
            }
            [true, ..] => Ok(denied(self.caller)),
            _ => Ok(no_document()),
        }
    }
}

//! What the rules leave for one caller and request.

use std::{borrow::Cow, sync::OnceLock};

use alyx_query::{FieldRef, Predicate, Truth, Visible};
use alyx_rules::{CompiledRule, Context, FieldOperation, Operation, Residual};
use alyx_schema::{Collection, Document, Value};
use serde_json::{Map, Value as Json};

use super::{Caller, denied};
use crate::{
    error::{ApiError, Detail, Result},
    state::Served,
};

/// A caller's view of the project: each rule is decided for them when it is first needed.
pub(crate) struct Access<'a> {
    served: &'a Served,
    caller: &'a Caller,
    context: Context,
    /// By the collection's place in the schema.
    decided: OnceLock<Box<[OnceLock<Decided>]>>,
}

/// What of a collection the caller may read.
struct Decided {
    readable: Predicate,
    /// By the field's place; `None` for fields without a rule.
    shown: Vec<Option<Predicate>>,
}

const ALL: Predicate = Predicate::TRUE;
const NONE: Predicate = Predicate::FALSE;

impl<'a> Access<'a> {
    pub(crate) fn new(served: &'a Served, caller: &'a Caller, context: Context) -> Self {
        Self { served, caller, context, decided: OnceLock::new() }
    }

    /// Passes where the operation has a rule that may let this caller through.
    pub(crate) fn may(&self, operation: Operation, collection: &Collection) -> Result<()> {
        if self.caller.is_admin() {
            return Ok(());
        }
        let rule = self.served.rules().collection_rule(collection, operation);
        if self.caller.has_documents() && rule.is_some() { Ok(()) } else { Err(denied(self.caller)) }
    }

    /// What must hold for a document to be changed or deleted.
    pub(crate) fn guard(&self, operation: Operation, collection: &Collection) -> Predicate {
        if self.caller.is_admin() {
            return ALL;
        }
        let rule = self.served.rules().collection_rule(collection, operation);
        rule.map_or(NONE, |rule| rule.decide(&self.context).predicate())
    }
}

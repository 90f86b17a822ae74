//! What the rules leave for one caller and request.

use std::{borrow::Cow, sync::OnceLock};

use alyx_query::{Predicate, Truth, Visible};
use alyx_rules::{CompiledRule, Context, FieldOperation, Operation};
use alyx_schema::{Change, Collection, Document};
use serde_json::{Map, Value as Json};

use super::{Caller, RequestFacts, denied, not_readable, not_writable};
use crate::{
    error::{Detail, Result},
    served::Served,
};

const ALL: Predicate = Predicate::TRUE;
const NONE: Predicate = Predicate::FALSE;

/// A caller's view of the project: each rule is decided for them when it is first needed.
pub(crate) struct Access<'a> {
    served: &'a Served,
    caller: &'a Caller,
    facts: RequestFacts,
    /// By the collection's place in the schema.
    decided: OnceLock<Box<[OnceLock<Decided>]>>,
}

/// What of a collection the caller may read.
struct Decided {
    readable: Predicate,
    /// By the field's place; `None` for fields without a rule of their own.
    shown: Vec<Option<Predicate>>,
}

/// What must hold for a document to be written, in parts that a refusal can name.
pub(crate) struct Guard {
    /// What the collection's rule asks.
    pub(crate) rule: Predicate,
    /// What the rules of the fields ask that are set, by field.
    pub(crate) fields: Vec<(String, Predicate)>,
    /// What the rules of the fields ask whose stored value the answer tells of, by field.
    pub(crate) told: Vec<(String, Predicate)>,
}

impl Guard {
    /// A guard that lets everything through.
    fn none() -> Self {
        Self { rule: ALL, fields: Vec::new(), told: Vec::new() }
    }

    /// All of it as one predicate.
    pub(crate) fn whole(&self) -> Predicate {
        Predicate::all(self.parts().into_iter().filter(|part| **part != ALL).cloned().collect())
    }

    /// Its parts, the collection's rule first.
    pub(crate) fn parts(&self) -> Vec<&Predicate> {
        let of_fields = self.fields.iter().chain(&self.told).map(|(_, predicate)| predicate);
        std::iter::once(&self.rule).chain(of_fields).collect()
    }

    /// Passes where nothing is refused whatever is stored: who asks for it is told at once.
    pub(crate) fn check(&self, caller: &Caller) -> Result<()> {
        if is_never(&self.rule) {
            return Err(denied(caller));
        }
        self.refuse(caller, is_never)
    }

    /// Refuses with the fields whose predicate is so.
    pub(crate) fn refuse(&self, caller: &Caller, mut is_refused: impl FnMut(&Predicate) -> bool) -> Result<()> {
        let mut refused = |parts: &[(String, Predicate)], what: fn(&str) -> Detail| -> Vec<Detail> {
            parts.iter().filter(|(_, predicate)| is_refused(predicate)).map(|(name, _)| what(name)).collect()
        };
        let details = [refused(&self.fields, not_writable), refused(&self.told, not_readable)].concat();
        if details.is_empty() { Ok(()) } else { Err(denied(caller).with_details(details)) }
    }
}

fn is_never(predicate: &Predicate) -> bool {
    matches!(predicate, Predicate::Constant(Truth::False | Truth::Unknown))
}

impl<'a> Access<'a> {
    pub(crate) fn new(served: &'a Served, caller: &'a Caller, facts: RequestFacts) -> Self {
        Self { served, caller, facts, decided: OnceLock::new() }
    }

    /// The same caller with a request that has this body.
    pub(crate) fn with_body(self, body: Map<String, Json>) -> Self {
        Self::new(self.served, self.caller, self.facts.with_body(body))
    }

    /// The body, where there is one.
    pub(crate) fn body(&self) -> &Map<String, Json> {
        self.facts.body()
    }

    /// Passes where the operation has a rule that may let this caller through.
    pub(crate) fn may(&self, operation: Operation, collection: &Collection) -> Result<()> {
        if self.caller.is_admin() || self.caller.is_client() && self.rule(operation, collection).is_some() {
            return Ok(());
        }
        Err(denied(self.caller))
    }

    /// Whether the rule refuses this caller whatever the document is.
    pub(crate) fn is_shut(&self, operation: Operation, collection: &Collection) -> bool {
        let decide = |rule: &CompiledRule| is_never(&rule.decide(&self.context()).predicate());
        !self.caller.is_admin() && self.rule(operation, collection).is_none_or(decide)
    }

    /// What must hold for a stored document to be changed by these changes, or deleted.
    pub(crate) fn guard(&self, operation: Operation, collection: &Collection) -> Guard {
        if self.caller.is_admin() {
            return Guard::none();
        }
        let context = self.context();
        let rule = self.rule(operation, collection).map_or(NONE, |rule| rule.decide(&context).predicate());
        let set = self.set_fields(operation, collection);
        let fields = set.map(|(name, rule)| (name, rule.decide(&context).predicate())).collect();
        Guard { rule, fields, told: Vec::new() }
    }

    /// What must hold elsewhere for this document to be created.
    pub(crate) fn create_guard(&self, collection: &Collection, document: &Document) -> Guard {
        if self.caller.is_admin() {
            return Guard::none();
        }
        let context = self.context();
        let decide = |rule: &CompiledRule| rule.decide_for(&context, document).predicate();
        let rule = self.rule(Operation::Create, collection).map_or(NONE, decide);
        let set = self.set_fields(Operation::Create, collection);
        Guard { rule, fields: set.map(|(name, rule)| (name, decide(rule))).collect(), told: Vec::new() }
    }

    /// The same guard, for who may read what operators are applied to: what comes of an operator, or whether it is
    /// refused, tells of the stored value.
    pub(crate) fn with_operators(&self, guard: Guard, collection: &Collection, changes: &[(usize, Change)]) -> Guard {
        let applied = changes.iter().filter(|(_, change)| matches!(change, Change::Apply(_)));
        let told: Vec<(String, Predicate)> = applied
            .map(|(index, _)| (collection.fields[*index].name.to_string(), self.shown(collection, *index).into_owned()))
            .collect();
        if told.is_empty() {
            return guard;
        }
        let rule = Predicate::all(vec![guard.rule, self.readable(collection).into_owned()]);
        Guard { rule, told, ..guard }
    }

    /// The fields that the body sets and that have a rule for it.
    fn set_fields(
        &self,
        operation: Operation,
        collection: &Collection,
    ) -> impl Iterator<Item = (String, &'a CompiledRule)> {
        let writes = operation != Operation::Delete;
        let fields = collection.fields.iter().enumerate().filter(move |_| writes);
        fields.filter_map(|(index, field)| {
            field.rules.write.as_ref().filter(|_| self.facts.body().contains_key(field.name.as_str()))?;
            let rule = self.served.rules().field_rule(collection, index, FieldOperation::Write)?;
            Some((field.name.as_str().to_owned(), rule))
        })
    }

    fn rule(&self, operation: Operation, collection: &Collection) -> Option<&'a CompiledRule> {
        self.served.rules().collection_rule(collection, operation)
    }

    fn context(&self) -> Context<'_> {
        Context { auth: self.caller.identity(), request: &self.facts }
    }

    fn decided(&self, collection: &Collection) -> Option<&Decided> {
        let collections = &self.served.schema().collections;
        let decided = self.decided.get_or_init(|| collections.iter().map(|_| OnceLock::new()).collect());
        let index = collections.get_index_of(&collection.name)?;
        Some(decided[index].get_or_init(|| self.decide(collection)))
    }

    fn decide(&self, collection: &Collection) -> Decided {
        let context = self.context();
        let rule = self.rule(Operation::Read, collection).filter(|_| self.caller.is_client());
        let readable = rule.map_or(NONE, |rule| rule.decide(&context).predicate());
        let shown = |(index, field): (usize, &alyx_schema::Field)| {
            field.rules.read.as_ref()?;
            let rule = self.served.rules().field_rule(collection, index, FieldOperation::Read);
            Some(rule.map_or(NONE, |rule| rule.decide(&context).predicate()))
        };
        Decided { readable, shown: collection.fields.iter().enumerate().map(shown).collect() }
    }
}

impl Visible for Access<'_> {
    fn readable(&self, collection: &Collection) -> Cow<'_, Predicate> {
        if self.caller.is_admin() {
            return Cow::Borrowed(&ALL);
        }
        self.decided(collection).map_or(Cow::Borrowed(&NONE), |decided| Cow::Borrowed(&decided.readable))
    }

    fn shown(&self, collection: &Collection, field: usize) -> Cow<'_, Predicate> {
        if self.caller.is_admin() {
            return Cow::Borrowed(&ALL);
        }
        let shown = self.decided(collection).and_then(|decided| decided.shown.get(field));
        match shown {
            Some(None) => Cow::Borrowed(&ALL),
            Some(Some(predicate)) => Cow::Borrowed(predicate),
            None => Cow::Borrowed(&NONE),
        }
    }
}

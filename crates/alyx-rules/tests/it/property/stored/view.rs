//! What the rules leave for one caller, as a server hands it to the store.

use std::{borrow::Cow, collections::HashMap};

use alyx_query::{Predicate, Visible};
use alyx_rules::{CompiledRule, Context, FieldOperation, Identity, Operation, PlainRequest};
use alyx_schema::{Collection, Document};

use super::{sheet::Sheet, tally::Tally};

/// A caller with a request, and what they may read by collection.
pub(super) struct View<'a> {
    sheet: &'a Sheet,
    context: (Option<&'a Identity>, &'a PlainRequest),
    decided: HashMap<String, Decided>,
}

struct Decided {
    readable: Predicate,
    shown: Vec<Option<Predicate>>,
}

impl<'a> View<'a> {
    pub(super) fn new(
        sheet: &'a Sheet,
        caller: Option<&'a Identity>,
        request: &'a PlainRequest,
        tally: &mut Tally,
    ) -> Self {
        let mut view = Self { sheet, context: (caller, request), decided: HashMap::new() };
        for (name, collection) in &sheet.schema.collections {
            let decided = view.decide(collection);
            tally.note_predicate(&decided.readable);
            decided.shown.iter().flatten().for_each(|predicate| tally.note_predicate(predicate));
            view.decided.insert(name.as_str().to_owned(), decided);
        }
        view
    }

    fn decide(&self, collection: &Collection) -> Decided {
        let rule = self.sheet.compiled.collection_rule(collection, Operation::Read).expect("each has one");
        let shown = |index| {
            let rule = self.sheet.compiled.field_rule(collection, index, FieldOperation::Read)?;
            Some(rule.decide(&self.context()).predicate())
        };
        let readable = rule.decide(&self.context()).predicate();
        Decided { readable, shown: (0..collection.fields.len()).map(shown).collect() }
    }

    fn context(&self) -> Context<'_> {
        Context { auth: self.context.0, request: self.context.1 }
    }

    /// What must hold elsewhere for this document to be made, were the collection's rule about making documents.
    pub(super) fn guard_of(&self, collection: &Collection, document: &Document) -> Predicate {
        let decide = |rule: &CompiledRule| rule.decide_for(&self.context(), document).predicate();
        self.sheet.compiled.collection_rule(collection, Operation::Read).map_or(Predicate::FALSE, decide)
    }
}

impl Visible for View<'_> {
    fn readable(&self, collection: &Collection) -> Cow<'_, Predicate> {
        Cow::Borrowed(&self.decided[collection.name.as_str()].readable)
    }

    fn shown(&self, collection: &Collection, field: usize) -> Cow<'_, Predicate> {
        let shown = self.decided[collection.name.as_str()].shown[field].as_ref();
        shown.map_or(Cow::Owned(Predicate::TRUE), Cow::Borrowed)
    }
}

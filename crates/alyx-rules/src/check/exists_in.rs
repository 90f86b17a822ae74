//! `exists_in("collection", x, condition)`: where it may stand, and what it names.

use std::sync::Arc;

use alyx_schema::Collection;
use cel_parser::{
    IdedExpr,
    common::ast::{Expr, LiteralValue},
};

use super::{Checker, DocumentAt, Local, LocalMeaning, Place, Typed, fit, macros::usage};
use crate::{
    fault::Fault,
    limits::{MAX_EXISTS_IN, MAX_EXISTS_IN_DEPTH},
    tree::{ExistsIn, Kind, Node},
    types::Type,
};

impl Checker<'_> {
    /// `exists_in("collection", x, condition)`.
    pub(super) fn exists_in(&mut self, part: &IdedExpr, arguments: &[IdedExpr], place: Place) -> Typed {
        let at = self.source.name(part);
        let [collection, name, body] = arguments else { return self.macro_fault(part, usage("exists_in")) };
        if self.macros > 0 {
            let fault = Fault::new(at, "rule_exists_in", "exists_in() cannot stand within a list macro");
            return self.fault(fault.hinted("it cannot use the macro's variable; write it outside"));
        }
        if place != Place::Condition {
            let fault = Fault::new(at, "rule_exists_in", "exists_in() is a condition and no value");
            return self.fault(fault.hinted("join it to others with &&, ||, ! or c ? a : b"));
        }
        let depth = self.documents().max().unwrap_or(0) + 1;
        self.exists_in += 1;
        if let Some(fault) = too_many(at, self.exists_in, depth) {
            return self.fault(fault);
        }
        let found = self.named_collection(collection);
        let name = self.new_name(name).filter(|found| self.is_free(self.source.start(name), found));
        let (Some(collection), Some(name)) = (found, name) else { return Typed::unknown() };
        let outer = self.locals.len();
        let document = DocumentAt::new(depth, &name, Arc::clone(&collection));
        self.locals.push(Local { name: name.clone(), meaning: LocalMeaning::Document(document) });
        let condition = self.value(body, Place::Condition);
        self.forget(outer);
        if !matches!(condition.kind, Type::Bool | Type::Dyn) {
            let message = format!("a condition is true or false; this is {}", fit::a(&condition.kind));
            self.type_fault(Fault::new(self.source.start(body), "rule_wrong_type", message));
        }
        let inner = ExistsIn { collection, variable: name.into(), depth, body: condition.node };
        Typed::new(Node::new(Kind::ExistsIn(inner)), Type::Bool)
    }

    /// The depths of the documents that `exists_in` has named here.
    fn documents(&self) -> impl Iterator<Item = usize> {
        self.locals.iter().filter_map(|local| match &local.meaning {
            LocalMeaning::Document(document) => Some(document.depth),
            _ => None,
        })
    }

    fn is_free(&mut self, at: usize, name: &str) -> bool {
        let is_free = !self.is_local(name);
        if !is_free {
            let fault = Fault::new(at, "rule_macro", format!("\"{name}\" has a meaning already"));
            self.fault(fault.hinted("choose another name"));
        }
        is_free
    }

    fn named_collection(&mut self, argument: &IdedExpr) -> Option<Arc<Collection>> {
        let at = self.source.start(argument);
        let Expr::Literal(LiteralValue::String(name)) = &argument.expr else {
            let fault = Fault::new(at, "rule_exists_in", "here stands the name of a collection in quotes");
            self.fault(fault);
            return None;
        };
        match self.names.collection(name.inner()) {
            Ok(collection) => Some(collection),
            Err(hint) => {
                let message = format!("there is no collection \"{}\"", name.inner());
                self.fault(Fault::new(at, "rule_unknown_collection", message).with_hint(hint));
                None
            }
        }
    }
}

fn too_many(at: usize, count: usize, depth: usize) -> Option<Fault> {
    if count > MAX_EXISTS_IN {
        return Some(Fault::new(at, "rule_too_large", format!("the rule has more than {MAX_EXISTS_IN} exists_in()")));
    }
    let message = format!("exists_in() is nested more than {MAX_EXISTS_IN_DEPTH} deep");
    (depth > MAX_EXISTS_IN_DEPTH).then(|| Fault::new(at, "rule_too_deep", message))
}

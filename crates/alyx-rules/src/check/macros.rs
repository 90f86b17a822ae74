//! Macros: `has`, those of lists and optionals, and `cel.bind`.

use std::sync::Arc;

use cel_parser::{
    IdedExpr,
    common::ast::{CallExpr, Expr},
};

use super::{Checked, Checker, Local, LocalMeaning, Place, Typed, fit};
use crate::{
    fault::Fault,
    limits::MAX_VARIABLES,
    tree::{Kind, Macro, MacroKind, Variable},
    types::Type,
};

/// Names of macros that are written behind what they go over.
pub(super) const NAMES: [&str; 12] = [
    "all",
    "exists",
    "exists_one",
    "existsOne",
    "filter",
    "map",
    "transformList",
    "transformMap",
    "transformMapEntry",
    "optMap",
    "optFlatMap",
    "bind",
];

/// A macro, and how many of its arguments are variables.
fn shape(name: &str, arguments: usize) -> Option<(MacroKind, usize)> {
    Some(match (name, arguments) {
        ("all", 2) => (MacroKind::All, 1),
        ("all", 3) => (MacroKind::All, 2),
        ("exists", 2) => (MacroKind::Exists, 1),
        ("exists", 3) => (MacroKind::Exists, 2),
        ("exists_one" | "existsOne", 2) => (MacroKind::ExistsOne, 1),
        ("exists_one" | "existsOne", 3) => (MacroKind::ExistsOne, 2),
        ("filter", 2) => (MacroKind::Filter, 1),
        ("map", 2 | 3) => (MacroKind::Map, 1),
        ("transformList", 3 | 4) => (MacroKind::TransformList, 2),
        ("transformMap", 3 | 4) => (MacroKind::TransformMap, 2),
        ("transformMapEntry", 3 | 4) => (MacroKind::TransformMapEntry, 2),
        ("optMap", 2) => (MacroKind::OptMap, 1),
        ("optFlatMap", 2) => (MacroKind::OptFlatMap, 1),
        _ => return None,
    })
}

impl Checker<'_> {
    /// The call as a macro, if it is one.
    pub(super) fn macro_call(&mut self, part: &IdedExpr, call: &CallExpr, place: Place) -> Option<Checked> {
        let typed = match (&call.target, call.func_name.as_str(), call.args.as_slice()) {
            (None, "has", [argument]) => self.has(part, argument),
            (None, "has", _) => self.macro_fault(part, "has() takes one field: has(x.y)"),
            (None, "exists_in", arguments) => self.exists_in(part, arguments, place),
            (Some(target), "bind", arguments) if self.is_cel(target) => return Some(self.bind(part, arguments, place)),
            (Some(target), name, arguments) => match shape(name, arguments.len()) {
                Some(shape) => self.list_macro(part, target, shape, arguments),
                None if NAMES.contains(&name) => self.macro_fault(part, usage(name)),
                None => return None,
            },
            _ => return None,
        };
        Some(Checked::Value(typed))
    }

    fn is_cel(&self, target: &IdedExpr) -> bool {
        matches!(&target.expr, Expr::Ident(name) if name == "cel") && !self.is_local("cel")
    }

    pub(super) fn macro_fault(&mut self, part: &IdedExpr, message: &str) -> Typed {
        self.fault(Fault::new(self.source.name(part), "rule_macro", message))
    }

    /// The name that an argument gives to something.
    pub(super) fn new_name(&mut self, argument: &IdedExpr) -> Option<String> {
        let at = self.source.start(argument);
        let Expr::Ident(name) = &argument.expr else {
            self.fault(Fault::new(at, "rule_macro", "here stands a new name, such as x"));
            return None;
        };
        if name.starts_with('.') || (self.names.is_strict() && self.names.find(name).is_some()) {
            self.fault(
                Fault::new(at, "rule_macro", format!("\"{name}\" has a meaning already")).hinted("choose another name"),
            );
            return None;
        }
        Some(name.clone())
    }

    /// A variable under a name; one that hides another is printed under a name of its own.
    fn declare(&mut self, argument: &IdedExpr, kind: Type) -> Option<Variable> {
        let name = self.new_name(argument)?;
        if self.slots == MAX_VARIABLES {
            let message = format!("the rule has more than {MAX_VARIABLES} variables");
            self.fault(Fault::new(self.source.start(argument), "rule_too_large", message));
            return None;
        }
        let printed = if self.is_local(&name) { format!("{name}_{}", self.slots) } else { name.clone() };
        let variable = Variable { slot: self.slots, name: printed.into() };
        self.slots += 1;
        self.locals.push(Local { name, meaning: LocalMeaning::Variable(variable.clone(), kind) });
        Some(variable)
    }

    /// Forgets names until so many are left.
    pub(super) fn forget(&mut self, left: usize) {
        self.past.extend(self.locals.drain(left..).map(|local| local.name));
    }

    fn list_macro(
        &mut self,
        part: &IdedExpr,
        target: &IdedExpr,
        (kind, count): (MacroKind, usize),
        arguments: &[IdedExpr],
    ) -> Typed {
        let range = self.value(target, Place::Value);
        let kinds = self.item_kinds(part, kind, &range, count);
        let outer = self.locals.len();
        let (names, bodies) = arguments.split_at(count);
        let mut variables = Vec::with_capacity(count);
        for (name, item) in names.iter().zip(kinds) {
            variables.extend(self.declare(name, item));
        }
        self.macros += 1;
        let mut bodies: Vec<Typed> = bodies.iter().map(|body| self.value(body, Place::Value)).collect();
        self.macros -= 1;
        let first = self.locals.get(outer).and_then(|local| match &local.meaning {
            LocalMeaning::Variable(_, item) => Some(item.clone()),
            _ => None,
        });
        self.forget(outer);
        let Some(body) = bodies.pop().filter(|_| variables.len() == count) else { return Typed::unknown() };
        let filter = bodies.pop();
        self.check_bodies(part, kind, filter.as_ref(), &body);
        let result = result_type(kind, &range.kind, first, &body.kind);
        let (filter, body) = (filter.map(|filter| filter.node), body.node);
        let inner = Macro { kind, range: range.node, variables, filter, body };
        Typed::new(self.build(self.source.name(part), Kind::Macro(Arc::new(inner))), result)
    }

    /// The types of the variables.
    fn item_kinds(&mut self, part: &IdedExpr, kind: MacroKind, range: &Typed, count: usize) -> Vec<Type> {
        let is_optional = matches!(kind, MacroKind::OptMap | MacroKind::OptFlatMap);
        match (&range.kind, count) {
            (Type::Optional(inner), _) if is_optional => vec![(**inner).clone()],
            (Type::List(item), 1) if !is_optional => vec![(**item).clone()],
            (Type::List(item), _) if !is_optional => vec![Type::Int, (**item).clone()],
            (Type::Map(key, _), 1) if !is_optional => vec![(**key).clone()],
            (Type::Map(key, value), _) if !is_optional => vec![(**key).clone(), (**value).clone()],
            (Type::Dyn, _) => vec![Type::Dyn; count],
            _ => {
                let wanted = if is_optional { "an optional" } else { "a list or a map" };
                let message = format!("this goes over {wanted}, not {}", fit::described(range));
                self.type_fault(Fault::new(self.source.name(part), "rule_wrong_type", message));
                vec![Type::Dyn; count]
            }
        }
    }

    /// What decides which items count is a condition.
    fn check_bodies(&mut self, part: &IdedExpr, kind: MacroKind, filter: Option<&Typed>, body: &Typed) {
        let asks = matches!(kind, MacroKind::All | MacroKind::Exists | MacroKind::ExistsOne | MacroKind::Filter);
        for condition in filter.into_iter().chain(asks.then_some(body)) {
            if !matches!(condition.kind, Type::Bool | Type::Dyn) {
                let message = format!("a condition is true or false; this is {}", fit::a(&condition.kind));
                self.type_fault(Fault::new(self.source.name(part), "rule_wrong_type", message));
            }
        }
        if kind == MacroKind::OptFlatMap && !matches!(body.kind, Type::Optional(_) | Type::Dyn) {
            let message = format!("optFlatMap() makes an optional, not {}", fit::a(&body.kind));
            self.type_fault(Fault::new(self.source.name(part), "rule_wrong_type", message));
        }
    }

    /// `cel.bind(x, value, body)`: the value stands wherever the name does.
    fn bind(&mut self, part: &IdedExpr, arguments: &[IdedExpr], place: Place) -> Checked {
        let [name, value, body] = arguments else { return Checked::Value(self.macro_fault(part, usage("bind"))) };
        let value = self.value(value, Place::Value);
        let Some(name) = self.new_name(name) else { return Checked::Value(Typed::unknown()) };
        let outer = self.locals.len();
        self.locals.push(Local { name, meaning: LocalMeaning::Bound(value) });
        let body = self.check(body, place);
        self.forget(outer);
        body
    }
}

fn result_type(kind: MacroKind, range: &Type, first: Option<Type>, body: &Type) -> Type {
    match kind {
        MacroKind::All | MacroKind::Exists | MacroKind::ExistsOne => Type::Bool,
        MacroKind::Filter => Type::list(first.unwrap_or(Type::Dyn)),
        MacroKind::Map | MacroKind::TransformList => Type::list(body.clone()),
        MacroKind::TransformMap => {
            let key = if let Type::Map(key, _) = range { (**key).clone() } else { first.unwrap_or(Type::Dyn) };
            Type::map(key, body.clone())
        }
        MacroKind::OptMap => Type::optional(body.clone()),
        MacroKind::TransformMapEntry | MacroKind::OptFlatMap => body.clone(),
    }
}

/// How a macro is written.
pub(super) fn usage(name: &str) -> &'static str {
    match name {
        "all" => "all() takes a name and a condition: list.all(x, x > 0)",
        "exists" => "exists() takes a name and a condition: list.exists(x, x > 0)",
        "exists_one" | "existsOne" => "exists_one() takes a name and a condition: list.exists_one(x, x > 0)",
        "filter" => "filter() takes a name and a condition: list.filter(x, x > 0)",
        "map" => "map() takes a name and what becomes of it: list.map(x, x + 1)",
        "transformList" => "transformList() takes two names and what becomes of them: list.transformList(i, x, x + i)",
        "transformMap" => "transformMap() takes two names and what becomes of them: map.transformMap(k, v, v + 1)",
        "transformMapEntry" => "transformMapEntry() takes two names and a map: map.transformMapEntry(k, v, {v: k})",
        "optMap" => "optMap() takes a name and what becomes of it: optional.optMap(x, x + 1)",
        "optFlatMap" => "optFlatMap() takes a name and what becomes of it: optional.optFlatMap(x, x.?y)",
        "exists_in" => {
            "exists_in() takes a collection, a name and a condition: exists_in(\"members\", m, m.user_id == auth.id)"
        }
        _ => "bind() takes a name, a value and where it stands: cel.bind(x, doc.a + doc.b, x > 1 && x < 5)",
    }
}

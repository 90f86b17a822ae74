//! Calls: operators, macros, functions and methods.

use std::sync::Arc;

use alyx_yaml::nearest;
use cel_parser::{
    IdedExpr,
    common::ast::{CallExpr, Expr, LiteralValue, operators},
};

use super::{Checked, Checker, Place, Typed, macros, operator};
use crate::{
    error::Error,
    fault::Fault,
    functions::{self, Function},
    time::{Part, Timestamp, part},
    tree::{Call, Kind, Node, Pattern},
    types::Type,
    value::Value,
};

impl Checker<'_> {
    pub(super) fn call(&mut self, part: &IdedExpr, call: &CallExpr, place: Place) -> Checked {
        if let Some(known) = operator::named(&call.func_name) {
            return Checked::Value(self.operator(part, call, known));
        }
        if let (operators::OPT_SELECT, [operand, name]) = (call.func_name.as_str(), call.args.as_slice()) {
            let Expr::Literal(LiteralValue::String(name)) = &name.expr else { return Checked::Value(Typed::unknown()) };
            return Checked::Value(self.optional_select(operand, name.inner(), self.source.token(part)));
        }
        if let Some(found) = self.macro_call(part, call, place) {
            return found;
        }
        Checked::Value(match &call.target {
            None => self.function(part, call, None),
            Some(target) => match namespace(target).filter(|name| !self.is_local(name)) {
                Some(namespace) => self.function(part, call, Some(namespace)),
                None => self.method(part, call, target),
            },
        })
    }

    pub(super) fn is_local(&self, name: &str) -> bool {
        self.locals.iter().any(|local| local.name == name)
    }

    /// `f(x)` or `space.f(x)`.
    fn function(&mut self, part: &IdedExpr, call: &CallExpr, namespace: Option<&str>) -> Typed {
        let name = namespace.map_or_else(|| call.func_name.clone(), |space| format!("{space}.{}", call.func_name));
        let arguments: Vec<Typed> = call.args.iter().map(|argument| self.value(argument, Place::Value)).collect();
        match functions::find(name.trim_start_matches('.')).filter(|function| function.has_style(false)) {
            Some(function) => self.apply(part, function, false, arguments),
            None => self.unknown_function(part, &name, false),
        }
    }

    /// `x.f(y)`.
    fn method(&mut self, part: &IdedExpr, call: &CallExpr, target: &IdedExpr) -> Typed {
        let mut arguments = vec![self.value(target, Place::Value)];
        arguments.extend(call.args.iter().map(|argument| self.value(argument, Place::Value)));
        match functions::find(&call.func_name).filter(|function| function.has_style(true)) {
            Some(function) => self.apply(part, function, true, arguments),
            None => self.unknown_function(part, &call.func_name, true),
        }
    }

    fn unknown_function(&mut self, part: &IdedExpr, name: &str, is_method: bool) -> Typed {
        if !self.names.is_strict() {
            return Typed::unknown();
        }
        let what = if is_method { "method" } else { "function" };
        let fault =
            Fault::new(self.source.name(part), "rule_unknown_function", format!("there is no {what} \"{name}\""));
        let other_style = functions::find(name).map(|_| match is_method {
            true => format!("it is a function: {name}(…)"),
            false => format!("it is a method: x.{name}(…)"),
        });
        let known = functions::all().filter(|function| function.has_style(is_method)).map(|function| function.name);
        let candidates = known.chain(macros::NAMES.iter().copied().filter(|_| is_method));
        let near = nearest(name, sorted(candidates)).map(|near| format!("did you mean \"{near}\"?"));
        let habit = super::habit::function(name).map(str::to_owned);
        self.fault(fault.with_hint(other_style.or(habit).or(near)))
    }

    /// A call of a function that is there.
    fn apply(&mut self, part: &IdedExpr, function: &'static Function, is_method: bool, arguments: Vec<Typed>) -> Typed {
        let kinds: Vec<Type> = arguments.iter().map(|argument| argument.kind.clone()).collect();
        let mut fitting = function.signatures.iter().filter(|signature| signature.is_method == is_method);
        let results: Vec<Type> = fitting.clone().filter_map(|signature| signature.result_for(&kinds)).collect();
        let at = self.source.name(part);
        if results.is_empty() {
            let given: Vec<String> = kinds.iter().skip(usize::from(is_method)).map(Type::to_string).collect();
            let of = if is_method { format!(" of {}", super::fit::described(&arguments[0])) } else { String::new() };
            let message = format!("{}(){of} does not take ({})", function.name, given.join(", "));
            let known: Vec<&str> = fitting.by_ref().map(|signature| signature.text).collect();
            let fault = Fault::new(at, "rule_wrong_argument", message);
            let hint =
                kinds.first().and_then(|receiver| super::habit::method(function.name, receiver)).map(str::to_owned);
            self.type_fault(fault.hinted(hint.unwrap_or_else(|| format!("it is {}", known.join("; ")))));
            if self.names.is_strict() {
                return Typed::unknown();
            }
        }
        let nodes: Vec<Arc<Node>> = arguments.into_iter().map(|argument| argument.node).collect();
        self.check_zone(part, function, &nodes);
        let kind = if results.iter().all(|result| *result == results[0]) { results.first().cloned() } else { None };
        let kind = kind.unwrap_or(Type::Dyn);
        match self.pattern(part, function, &nodes) {
            Some(node) => Typed::new(node, kind),
            None => Typed::new(self.build(at, Kind::Call(Call { function, is_method, arguments: nodes })), kind),
        }
    }

    /// `matches` with a pattern that is known: it is compiled here.
    fn pattern(&mut self, part: &IdedExpr, function: &Function, nodes: &[Arc<Node>]) -> Option<Arc<Node>> {
        let ("matches", [text, pattern]) = (function.name, nodes) else { return None };
        let Some(Value::String(pattern)) = pattern.value() else { return None };
        let at = self.source.name(part);
        Some(match Pattern::new(pattern) {
            Ok(pattern) => self.build(at, Kind::Matches(Arc::clone(text), pattern)),
            Err(error) => {
                self.type_fault(Fault::new(at, "rule_literal", error.to_string()));
                Node::unknown()
            }
        })
    }

    /// A time zone that is written out is one.
    fn check_zone(&mut self, part: &IdedExpr, function: &Function, nodes: &[Arc<Node>]) {
        let takes_zone = function.name.starts_with("get") && nodes.len() == 2;
        let Some(Value::String(zone)) = nodes.get(1).filter(|_| takes_zone).and_then(|zone| zone.value()) else {
            return;
        };
        if part_of_zone(zone).is_none() {
            let message = format!("there is no time zone \"{zone}\"");
            let fault = Fault::new(self.source.name(part), "rule_literal", message);
            self.type_fault(fault.hinted("write such as \"Europe/Berlin\" or \"+02:00\""));
        }
    }
}

fn part_of_zone(zone: &str) -> Option<i64> {
    part(Timestamp::EPOCH, Part::Hours, Some(zone))
}

/// The first word of names such as `math.abs`.
fn namespace(target: &IdedExpr) -> Option<&str> {
    match &target.expr {
        Expr::Ident(name) if functions::is_namespace(name) => Some(name),
        _ => None,
    }
}

fn sorted<'n>(names: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names
}

impl Pattern {
    /// The regular expression of a text.
    pub(crate) fn new(text: &Arc<str>) -> Result<Self, Error> {
        Ok(Self { text: Arc::clone(text), regex: Arc::new(functions::compile_pattern(text)?) })
    }
}

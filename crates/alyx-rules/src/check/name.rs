//! Names and selections: variables, fields, parts of `auth` and `request`, entries of maps.

use std::sync::Arc;

use alyx_yaml::did_you_mean;
use cel_parser::{
    IdedExpr,
    common::ast::{Expr, SelectExpr},
};

use super::{Checked, Checker, LocalMeaning, Meaning, Place, Typed, fit};
use crate::{
    fault::Fault,
    tree::{AuthPart, Kind, Node, Operator, RequestPart},
    types::Type,
    value::{TypeName, Value},
};

impl Checker<'_> {
    /// A name, or something behind a dot.
    pub(super) fn name(&mut self, part: &IdedExpr) -> Checked {
        if let Some(known) = dotted(part).and_then(|name| self.known(&name)) {
            return known;
        }
        match &part.expr {
            Expr::Select(select) => self.select(part, select),
            Expr::Ident(name) => Checked::Value(self.unknown_name(self.source.token(part), name)),
            _ => Checked::Value(Typed::unknown()),
        }
    }

    /// The meaning of a whole name; one that a macro gives its first word hides all others.
    fn known(&self, name: &str) -> Option<Checked> {
        let first = name.split('.').next().unwrap_or(name);
        if let Some(local) = self.locals.iter().rev().find(|local| local.name == first) {
            if first != name {
                return None;
            }
            return Some(match &local.meaning {
                LocalMeaning::Variable(variable, kind) => {
                    Checked::Value(Typed::new(Node::new(Kind::Variable(variable.clone())), kind.clone()))
                }
                LocalMeaning::Bound(typed) => Checked::Value(typed.clone()),
                LocalMeaning::Document(document) => Checked::Document(document.clone()),
            });
        }
        if let Some(value) = self.names.constant(name) {
            return Some(Checked::Value(Typed::new(Node::constant(value), Type::Dyn)));
        }
        match self.names.find(name) {
            Some(Meaning::Document(document)) => return Some(Checked::Document(document)),
            Some(Meaning::Auth) => return Some(Checked::Auth),
            Some(Meaning::Request) => return Some(Checked::Request),
            None => {}
        }
        let named = TypeName::ALL.into_iter().find(|type_name| type_name.name() == name)?;
        Some(Checked::Value(Typed::new(Node::constant(Value::Type(named)), Type::Meta)))
    }

    fn unknown_name(&mut self, at: usize, name: &str) -> Typed {
        if !self.names.is_strict() {
            return Typed::unknown();
        }
        let fault = Fault::new(at, "rule_unknown_variable", format!("there is no variable \"{name}\" here"));
        if self.past.iter().any(|past| past == name) {
            return self.fault(fault.hinted(format!("\"{name}\" is known only within the brackets that name it")));
        }
        let mut known = self.names.known();
        known.extend(self.locals.iter().map(|local| local.name.clone()));
        let field = ["doc", "channel"].into_iter().find(|root| self.is_field(root, name));
        let field = field.map(|root| format!("fields are written {root}.{name}"));
        let habit = super::habit::variable(name).map(str::to_owned);
        // Every other letter is one slip away from a letter.
        let near = did_you_mean(name, known.iter().map(String::as_str)).filter(|_| name.len() > 1);
        self.fault(fault.with_hint(field.or(near).or(habit)))
    }

    /// Whether the document has such a field, so that it was probably meant.
    fn is_field(&self, root: &str, name: &str) -> bool {
        match self.names.find(root) {
            Some(Meaning::Document(document)) => document.collection.field_index(name).is_some(),
            _ => false,
        }
    }

    fn select(&mut self, part: &IdedExpr, select: &SelectExpr) -> Checked {
        let (at, name) = (self.source.name(part), select.field.as_str());
        let typed = match self.check(&select.operand, Place::Value) {
            Checked::Document(document) => return self.of_document(document, name, at),
            Checked::Auth => self.auth(name, at),
            Checked::Request => self.request(name, at),
            Checked::Value(operand) => self.entry(operand, name, at),
        };
        Checked::Value(typed)
    }

    pub(super) fn auth(&mut self, name: &str, at: usize) -> Typed {
        let Some(part) = AuthPart::ALL.into_iter().find(|part| part.name() == name) else {
            return self.unknown_part("auth", name, at, &AuthPart::ALL.map(AuthPart::name));
        };
        let kind = match part {
            AuthPart::Id | AuthPart::Email | AuthPart::Role => Type::String,
            AuthPart::Verified => Type::Bool,
            AuthPart::Metadata => Type::map(Type::String, Type::Dyn),
        };
        Typed::new(Node::new(Kind::Auth(part)), kind)
    }

    pub(super) fn request(&mut self, name: &str, at: usize) -> Typed {
        let Some(part) = RequestPart::ALL.into_iter().find(|part| part.name() == name) else {
            return self.unknown_part("request", name, at, &RequestPart::ALL.map(RequestPart::name));
        };
        let kind = match part {
            RequestPart::Method | RequestPart::Ip => Type::String,
            RequestPart::Time => Type::Timestamp,
            RequestPart::Body => Type::map(Type::String, Type::Dyn),
            RequestPart::Headers | RequestPart::Query => Type::map(Type::String, Type::String),
        };
        Typed::new(Node::new(Kind::Request(part)), kind)
    }

    fn unknown_part(&mut self, of: &str, name: &str, at: usize, known: &[&str]) -> Typed {
        let fault = Fault::new(at, "rule_unknown_field", format!("{of} has no \"{name}\""));
        let hint = did_you_mean(name, known.iter().copied());
        self.fault(fault.with_hint(hint.or_else(|| Some(format!("it has {}", known.join(", "))))))
    }

    /// The entry of a map.
    fn entry(&mut self, operand: Typed, name: &str, at: usize) -> Typed {
        let kind = self.entry_type(&operand, name, at);
        Typed::new(self.build(at, Kind::Select(operand.node, name.into())), kind)
    }

    /// The type of what stands behind the dot of a value.
    fn entry_type(&mut self, operand: &Typed, name: &str, at: usize) -> Type {
        match &operand.kind {
            Type::Dyn => Type::Dyn,
            Type::Map(key, value) if matches!(**key, Type::String | Type::Dyn) => (**value).clone(),
            Type::Optional(inner) => {
                let inner = Typed::new(Arc::clone(&operand.node), (**inner).clone());
                Type::optional(self.entry_type(&inner, name, at))
            }
            _ => {
                let fault = Fault::new(at, "rule_wrong_type", format!("{} has no fields", fit::described(operand)));
                let fault = fault.with_hint(relation_hint(operand, name));
                self.type_fault(fault);
                Type::Dyn
            }
        }
    }

    /// `has(x.y)`.
    pub(super) fn has(&mut self, call: &IdedExpr, argument: &IdedExpr) -> Typed {
        let Expr::Select(select) = &argument.expr else { return self.has_optional(call, argument) };
        let (at, name) = (self.source.name(argument), select.field.as_str());
        let node = match self.check(&select.operand, Place::Value) {
            Checked::Document(document) => {
                let relation = document.relation(name).map(|index| document.field(index));
                let found = relation.or_else(|| match self.of_document(document, name, at) {
                    Checked::Value(typed) => Some(typed),
                    _ => None,
                });
                let field = found.map_or_else(Node::unknown, |typed| typed.node);
                Node::operator(Operator::NotEqual, vec![field, Node::constant(Value::Null)])
            }
            Checked::Auth => {
                self.auth(name, at);
                Node::new(Kind::Not(Node::new(Kind::Anonymous)))
            }
            Checked::Request => {
                self.request(name, at);
                Node::constant(Value::Bool(true))
            }
            Checked::Value(operand) => {
                self.entry_type(&operand, name, at);
                self.build(at, Kind::Has(operand.node, name.into()))
            }
        };
        Typed::new(node, Type::Bool)
    }

    fn has_optional(&mut self, call: &IdedExpr, _argument: &IdedExpr) -> Typed {
        let fault = Fault::new(self.source.start(call), "rule_macro", "has() takes a field: has(x.y)");
        self.fault(fault)
    }

    /// `x.?y`: what stands there, or nothing.
    pub(super) fn optional_select(&mut self, operand: &IdedExpr, name: &str, at: usize) -> Typed {
        let some = |typed: Typed, present: Arc<Node>| {
            let function = crate::functions::find("optional.of").expect("the table has it");
            let call = crate::tree::Call { function, is_method: false, arguments: vec![typed.node] };
            let parts = [present, Node::new(Kind::Call(call)), Node::constant(Value::NONE)];
            Typed::new(Node::new(Kind::Conditional(Arc::new(parts))), Type::optional(typed.kind))
        };
        match self.check(operand, Place::Value) {
            Checked::Document(document) => match self.of_document(document, name, at) {
                Checked::Value(typed) => {
                    let operands = vec![Arc::clone(&typed.node), Node::constant(Value::Null)];
                    some(typed, Node::operator(Operator::NotEqual, operands))
                }
                Checked::Document(document) => self.fault(document.no_value(at)),
                Checked::Auth | Checked::Request => Typed::unknown(),
            },
            Checked::Auth => {
                let typed = self.auth(name, at);
                some(typed, Node::new(Kind::Not(Node::new(Kind::Anonymous))))
            }
            Checked::Request => {
                let typed = self.request(name, at);
                some(typed, Node::constant(Value::Bool(true)))
            }
            Checked::Value(operand) => {
                let inner = match &operand.kind {
                    Type::Optional(inner) => Typed::new(Arc::clone(&operand.node), (**inner).clone()),
                    _ => operand.clone(),
                };
                let kind = Type::optional(self.entry_type(&inner, name, at));
                let operands = vec![operand.node, Node::constant(Value::string(name))];
                Typed::new(self.build(at, Kind::Operator(Operator::OptionalSelect, operands)), kind)
            }
        }
    }
}

/// A foreign key is followed under another name.
fn relation_hint(operand: &Typed, name: &str) -> Option<String> {
    let Kind::Field(path) = &operand.node.kind else { return None };
    let stem = path.field.name.as_str().strip_suffix("_id")?;
    Some(format!("the document that it points at is {}.{stem}.{name}", path.variable)).filter(|_| path.hops.is_empty())
}

/// The whole name that a row of selections spells, root first.
fn dotted(part: &IdedExpr) -> Option<String> {
    match &part.expr {
        Expr::Ident(name) => Some(name.clone()),
        Expr::Select(select) => Some(format!("{}.{}", dotted(&select.operand)?, select.field)),
        _ => None,
    }
}

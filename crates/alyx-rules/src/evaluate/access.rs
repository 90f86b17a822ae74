//! Parts of `auth` and `request`, selections, indexes and `has`. JSON is walked where it lies and only the
//! part that is asked for becomes a value.

use std::sync::Arc;

use alyx_schema::document::is_operator;
use serde_json::{Map as JsonMap, Value as Json};

use super::Evaluation;
use crate::{
    context::Identity,
    error::{Error, Result},
    time::Timestamp,
    tree::{AuthPart, Kind, Node, Operator, RequestPart},
    value::{Key, Map, Operators, Value, from_json},
};

/// A place in the JSON of `auth.metadata` or `request.body`.
#[derive(Clone, Copy)]
enum Place<'a> {
    Object(Option<&'a JsonMap<String, Json>>),
    /// The whole body, whose fields may be operators of an update.
    Body(Option<&'a JsonMap<String, Json>>),
    Inner(&'a Json),
    /// An operator, of which its operand can be looked at, and which nothing else is known of.
    Operator(&'a Json),
}

impl<'a> Place<'a> {
    fn entry(self, key: &str) -> Result<Option<&'a Json>> {
        match self {
            Self::Object(entries) | Self::Body(entries) => Ok(entries.and_then(|entries| entries.get(key))),
            Self::Operator(_) if !key.starts_with('$') => Err(Error::Unknown),
            Self::Inner(Json::Object(entries)) | Self::Operator(Json::Object(entries)) => Ok(entries.get(key)),
            Self::Inner(_) | Self::Operator(_) => Err(Error::NoOverload),
        }
    }

    /// The place of an entry.
    fn inner(self, found: &'a Json) -> Self {
        match self {
            Self::Body(_) if is_operator(found) => Self::Operator(found),
            _ => Self::Inner(found),
        }
    }

    fn value(self) -> Result<Value> {
        match self {
            Self::Inner(json) => Ok(from_json(json)),
            Self::Operator(json) => Ok(from_operator(json)),
            Self::Object(_) | Self::Body(_) => Err(Error::NoKey),
        }
    }
}

impl<'a> Evaluation<'a> {
    fn identity(&self) -> Result<&'a Identity> {
        self.context.ok_or(Error::Unknown)?.auth.ok_or(Error::Anonymous)
    }

    pub(super) fn auth(&mut self, part: AuthPart) -> Result<Value> {
        let identity = self.identity()?;
        Ok(match part {
            AuthPart::Id => Value::string(identity.id.as_str()),
            AuthPart::Email => Value::string(identity.email.as_str()),
            AuthPart::Role => Value::string(identity.role.as_str()),
            AuthPart::Verified => Value::Bool(identity.verified),
            AuthPart::Metadata => self.whole(Some(&identity.metadata))?,
        })
    }

    pub(super) fn request(&mut self, part: RequestPart) -> Result<Value> {
        let request = self.context.ok_or(Error::Unknown)?.request;
        Ok(match part {
            RequestPart::Method => Value::string(request.method()),
            RequestPart::Ip => Value::string(request.ip()),
            RequestPart::Time => Value::Timestamp(Timestamp::from(request.time())),
            RequestPart::Body => self.whole_body(request.body())?,
            RequestPart::Headers => texts(request.headers(), |value, more| value.push_str(&format!(", {more}"))),
            RequestPart::Query => texts(request.query(), |_, _| {}),
        })
    }

    /// A whole object of JSON, which may be large.
    fn whole(&mut self, entries: Option<&JsonMap<String, Json>>) -> Result<Value> {
        let mut map = Map::default();
        for (key, value) in entries.into_iter().flatten() {
            let value = from_json(value);
            self.work_on(64 + key.len() + value.weight())?;
            map.insert(Key::String(key.as_str().into()), value)?;
        }
        Ok(Value::map(map))
    }

    /// The same of the body, in which operators are marked.
    fn whole_body(&mut self, entries: Option<&JsonMap<String, Json>>) -> Result<Value> {
        let Some(entries) = entries.filter(|entries| entries.values().any(is_operator)) else {
            return self.whole(entries);
        };
        let mut map = Map::default();
        for (key, json) in entries {
            let value = Place::Body(None).inner(json).value()?;
            self.work_on(64 + key.len() + value.weight())?;
            map.insert(Key::String(key.as_str().into()), value)?;
        }
        Ok(Value::map(map.with(Operators::Within)))
    }

    /// Where the JSON of an expression lies, if it is a part of `auth.metadata` or `request.body`.
    fn place(&self, node: &Node) -> Option<Result<Place<'a>>> {
        match &node.kind {
            Kind::Auth(AuthPart::Metadata) => {
                Some(self.identity().map(|identity| Place::Object(Some(&identity.metadata))))
            }
            Kind::Request(RequestPart::Body) => {
                Some(self.context.ok_or(Error::Unknown).map(|context| Place::Body(context.request.body())))
            }
            Kind::Select(operand, key) => self.entry(operand, key),
            Kind::Operator(Operator::Index, operands) => match operands[1].value() {
                Some(Value::String(key)) => self.entry(&operands[0], key),
                _ => None,
            },
            _ => None,
        }
    }

    fn entry(&self, operand: &Node, key: &str) -> Option<Result<Place<'a>>> {
        let found = self.place(operand)?.and_then(|place| {
            let found = place.entry(key)?.ok_or(Error::NoKey)?;
            Ok(place.inner(found))
        });
        Some(found)
    }

    pub(super) fn select(&mut self, operand: &Node, key: &Arc<str>) -> Result<Value> {
        if let Some(found) = self.entry(operand, key) {
            let value = found?.value()?;
            self.work_on(value.weight())?;
            return Ok(value);
        }
        select(&self.evaluate(operand)?, key)
    }

    pub(super) fn has(&mut self, operand: &Node, key: &Arc<str>) -> Result<Value> {
        if let Some(place) = self.place(operand) {
            return place?.entry(key).map(|found| Value::Bool(found.is_some()));
        }
        match self.evaluate(operand)? {
            operand if operand.hides(&Value::String(key.clone())) => Err(Error::Unknown),
            Value::Map(map) => Ok(Value::Bool(map.field(key).is_some())),
            Value::Optional(None) => Ok(Value::Bool(false)),
            optional @ Value::Optional(_) => match select(&optional, key)? {
                Value::Optional(found) => Ok(Value::Bool(found.is_some())),
                _ => Err(Error::NoOverload),
            },
            _ => Err(Error::NoOverload),
        }
    }

    pub(super) fn operator(&mut self, operator: Operator, operands: &[Arc<Node>]) -> Result<Value> {
        if operator == Operator::Index
            && let [container, key] = operands
            && let Some(Value::String(name)) = key.value()
            && let Some(found) = self.entry(container, name)
        {
            let value = found?.value()?;
            self.work_on(value.weight())?;
            return Ok(value);
        }
        let left = self.evaluate(&operands[0])?;
        let right = operands.get(1).map(|right| self.evaluate(right)).transpose()?;
        self.work_on(left.weight().saturating_add(right.as_ref().map_or(0, Value::weight)))?;
        super::apply(operator, &left, right.as_ref().unwrap_or(&Value::Null))
    }
}

/// An operator with its operand.
fn from_operator(json: &Json) -> Value {
    match from_json(json) {
        Value::Map(map) => Value::map(Map::clone(&map).with(Operators::Itself)),
        other => other,
    }
}

/// A map of texts; `again` says what becomes of a name that stands twice.
fn texts(pairs: Vec<(String, String)>, again: fn(&mut String, &str)) -> Value {
    let mut joined: indexmap::IndexMap<String, String> = indexmap::IndexMap::new();
    for (name, value) in pairs {
        match joined.get_mut(&name) {
            Some(known) => again(known, &value),
            None => drop(joined.insert(name, value)),
        }
    }
    let mut map = Map::default();
    for (name, value) in joined {
        // The names of an index map are all different.
        let _ = map.insert(Key::String(name.into()), Value::string(value));
    }
    Value::map(map)
}

/// The entry of a map; of an optional map an optional entry.
fn select(operand: &Value, key: &Arc<str>) -> Result<Value> {
    match operand {
        operand if operand.hides(&Value::String(key.clone())) => Err(Error::Unknown),
        Value::Map(map) => map.field(key).cloned().ok_or(Error::NoKey),
        Value::Optional(_) => super::apply(Operator::OptionalSelect, operand, &Value::String(key.clone())),
        _ => Err(Error::NoOverload),
    }
}

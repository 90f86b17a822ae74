//! The JSON form of a filter: `{"views":{"$gt":1},"$or":[{"title":"x"},{"title":null}]}`.

use alyx_schema::{Collection, Field, Value};
use serde_json::{Map, Value as Json};

use crate::{
    ErrorCode, FieldRef, Operator, Predicate, QueryError,
    condition::{Conditions, Operand, without_nul},
    error::quoted,
    limits::{MAX_DEPTH, MAX_IN_VALUES},
    value,
};

/// The words that combine conditions, for suggestions.
const COMBINERS: [&str; 3] = ["$and", "$or", "$not"];

/// Reads a JSON filter; the keys of an object must all hold, and null is null.
pub fn parse(collection: &Collection, json: &Json) -> Result<Predicate, Vec<QueryError>> {
    let mut conditions = Conditions::new(collection, "where");
    let predicate = read(&mut conditions, json);
    conditions.finish(predicate)
}

/// Reads a JSON filter; faults go to `conditions`.
pub(crate) fn read(conditions: &mut Conditions<'_>, json: &Json) -> Predicate {
    object(conditions, json, 1)
}

fn object(conditions: &mut Conditions<'_>, json: &Json, depth: usize) -> Predicate {
    let Json::Object(entries) = json else {
        refuse(conditions, ErrorCode::InvalidFilter, json, "a condition must be an object");
        return Predicate::FALSE;
    };
    if depth > MAX_DEPTH {
        let message = format!("conditions are nested deeper than {MAX_DEPTH} levels");
        refuse(conditions, ErrorCode::TooComplex, json, &message);
        return Predicate::FALSE;
    }
    count_if(conditions, entries.is_empty());
    let mut all = Vec::with_capacity(entries.len());
    for (key, inner) in entries {
        match key.as_str() {
            "$and" => all.push(Predicate::And(list(conditions, key, inner, depth))),
            "$or" => all.push(Predicate::Or(list(conditions, key, inner, depth))),
            "$not" => all.push(object(conditions, inner, depth + 1).negated()),
            name => about_field(conditions, name, inner, &mut all),
        }
    }
    Predicate::all(all)
}

/// Every leaf counts, an empty one too, so that the whole tree is bounded.
fn count_if(conditions: &mut Conditions<'_>, is_leaf: bool) {
    if is_leaf {
        conditions.count();
    }
}

fn list(conditions: &mut Conditions<'_>, combiner: &str, json: &Json, depth: usize) -> Vec<Predicate> {
    let Json::Array(parts) = json else {
        refuse(conditions, ErrorCode::InvalidFilter, json, &format!("{combiner} takes a list of conditions"));
        return Vec::new();
    };
    count_if(conditions, parts.is_empty());
    parts.iter().map(|part| object(conditions, part, depth + 1)).collect()
}

/// `"field": value` or `"field": {"$operator": value, …}`.
fn about_field(conditions: &mut Conditions<'_>, name: &str, json: &Json, all: &mut Vec<Predicate>) {
    let field = match conditions.field(name) {
        Ok(field) => field,
        Err(error) if name.starts_with('$') => return conditions.fault(unknown_combiner(error, name)),
        Err(error) => return conditions.fault(error),
    };
    match json {
        Json::Object(operators) if operators.is_empty() => {
            refuse(conditions, ErrorCode::InvalidFilter, json, &format!("{} has no operator", quoted(name)));
        }
        Json::Object(operators) => with_operators(conditions, &field, operators, all),
        Json::Array(_) => {
            let message = format!("{} is compared with a list; write $eq, $in or $contains", quoted(name));
            refuse(conditions, ErrorCode::InvalidFilter, json, &message);
        }
        scalar => condition(conditions, field, Operator::Eq, scalar, all),
    }
}

fn with_operators(
    conditions: &mut Conditions<'_>,
    field: &FieldRef,
    operators: &Map<String, Json>,
    all: &mut Vec<Predicate>,
) {
    for (name, json) in operators {
        let known = Operator::JSON.into_iter().find(|operator| name.strip_prefix('$') == Some(operator.name()));
        match known {
            Some(operator) => condition(conditions, field.clone(), operator, json, all),
            None => conditions.fault(unknown_operator(conditions, name)),
        }
    }
}

fn condition(
    conditions: &mut Conditions<'_>,
    field: FieldRef,
    operator: Operator,
    json: &Json,
    all: &mut Vec<Predicate>,
) {
    if !conditions.count() {
        return;
    }
    match conditions.condition(field, operator, &Written(json)) {
        Ok(predicate) => all.push(predicate),
        Err(error) => conditions.fault(error),
    }
}

fn unknown_combiner(mut error: QueryError, name: &str) -> QueryError {
    error.code = ErrorCode::UnknownOperator;
    error.message = format!("there is no operator {} here, only $and, $or and $not", quoted(name));
    error.suggesting(name, COMBINERS)
}

fn unknown_operator(conditions: &Conditions<'_>, name: &str) -> QueryError {
    let names: Vec<_> = Operator::JSON.iter().map(|operator| format!("${}", operator.name())).collect();
    let message = format!("there is no operator {}", quoted(name));
    let error = conditions.error(ErrorCode::UnknownOperator, name, message);
    error.suggesting(name, names.iter().map(String::as_str))
}

fn refuse(conditions: &mut Conditions<'_>, code: ErrorCode, json: &Json, message: &str) {
    let error = conditions.error(code, &Written(json).shown(), message);
    conditions.fault(error);
}

/// A value as JSON.
struct Written<'a>(&'a Json);

impl Operand for Written<'_> {
    fn value(&self, field: &Field) -> Result<Value, String> {
        value::from_json(field, self.0)
    }

    fn values(&self, field: &Field) -> Result<Vec<Value>, String> {
        let values = self.0.as_array().ok_or("takes a list of values")?;
        // One too many is enough to be refused.
        values.iter().take(MAX_IN_VALUES + 1).map(|json| value::from_json(field, json)).collect()
    }

    fn text(&self) -> Result<Option<&str>, String> {
        match self.0 {
            Json::Null => Ok(None),
            Json::String(text) => without_nul(text).map(Some),
            _ => Err("must be a text".to_owned()),
        }
    }

    fn item(&self, field: &Field) -> Result<Json, String> {
        value::item(field, self.0)
    }

    fn flag(&self) -> Result<bool, String> {
        self.0.as_bool().ok_or_else(|| "must be true or false".to_owned())
    }

    fn shown(&self) -> String {
        match self.0 {
            Json::Array(_) => "a list".to_owned(),
            Json::Object(_) => "an object".to_owned(),
            Json::String(text) => quoted(text),
            scalar => scalar.to_string(),
        }
    }
}

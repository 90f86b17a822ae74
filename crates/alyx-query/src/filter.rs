//! The text form of a filter: `field:operator:value`.

use alyx_schema::{Collection, Field, JsonShape, Value};
use serde_json::Value as Json;

use crate::{
    ErrorCode, Operator, Predicate, QueryError,
    condition::{Conditions, Operand, without_nul},
    error::quoted,
    value,
};

/// Reads one filter; the value may contain colons, and is read with the field's type.
///
/// Null is written only by `is_null` and `not_null`, which take no value, `true` or `false`:
/// `title:eq:null` asks for the text `null`. `in` takes a comma list.
pub fn parse(collection: &Collection, filter: &str) -> Result<Predicate, QueryError> {
    read(&Conditions::new(collection, "filter"), filter)
}

/// Reads filters that must all hold, and collects the faults of all.
pub(crate) fn read_all(conditions: &mut Conditions<'_>, filters: &[&str]) -> Vec<Predicate> {
    let mut predicates = Vec::with_capacity(filters.len());
    for filter in filters {
        if !conditions.count() {
            break;
        }
        match read(conditions, filter) {
            Ok(predicate) => predicates.push(predicate),
            Err(error) => conditions.fault(error),
        }
    }
    predicates
}

fn read(conditions: &Conditions<'_>, filter: &str) -> Result<Predicate, QueryError> {
    let mut parts = filter.splitn(3, ':');
    let name = parts.next().unwrap_or_default();
    let Some(operator_name) = parts.next() else { return Err(malformed(conditions, filter)) };
    let operand = Text(parts.next());
    let field = conditions.field(name)?;
    let operator = operator(conditions, operator_name)?;
    if operand.0.is_none() && !matches!(operator, Operator::IsNull | Operator::NotNull) {
        return Err(malformed(conditions, filter));
    }
    conditions.condition(field, operator, &operand)
}

fn malformed(conditions: &Conditions<'_>, filter: &str) -> QueryError {
    let message = format!("{} is not of the form field:operator:value", quoted(filter));
    conditions.error(ErrorCode::InvalidFilter, filter, message)
}

fn operator(conditions: &Conditions<'_>, name: &str) -> Result<Operator, QueryError> {
    Operator::TEXT.into_iter().find(|operator| operator.name() == name).ok_or_else(|| {
        let message = format!("there is no operator {}", quoted(name));
        let names = Operator::TEXT.map(Operator::name);
        conditions.error(ErrorCode::UnknownOperator, name, message).suggesting(name, names)
    })
}

/// A value as text; `None` where the filter has none.
struct Text<'a>(Option<&'a str>);

impl Text<'_> {
    fn written(&self) -> &str {
        self.0.unwrap_or_default()
    }
}

impl Operand for Text<'_> {
    fn value(&self, field: &Field) -> Result<Value, String> {
        value::from_text(field, self.written())
    }

    fn values(&self, field: &Field) -> Result<Vec<Value>, String> {
        self.written().split(',').map(|part| value::from_text(field, part)).collect()
    }

    fn text(&self) -> Result<Option<&str>, String> {
        without_nul(self.written()).map(Some)
    }

    fn item(&self, field: &Field) -> Result<Json, String> {
        let text = without_nul(self.written())?;
        let as_text = || Json::String(text.to_owned());
        match field.json_shape {
            Some(JsonShape::Items(items)) if items.is_textual() => Ok(as_text()),
            _ => value::item(field, &serde_json::from_str(text).ok().filter(is_scalar).unwrap_or_else(as_text)),
        }
    }

    fn flag(&self) -> Result<bool, String> {
        match self.0 {
            None | Some("true") => Ok(true),
            Some("false") => Ok(false),
            Some(_) => Err("must be true, false or left out".to_owned()),
        }
    }

    fn shown(&self) -> String {
        quoted(self.written())
    }
}

fn is_scalar(json: &Json) -> bool {
    !json.is_array() && !json.is_object()
}

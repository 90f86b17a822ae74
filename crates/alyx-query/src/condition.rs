//! One condition, `field operator value`, typed against its field: the part that the text form and
//! the JSON form of a filter share.

use alyx_schema::{Collection, Field, FieldType, Value};
use serde_json::Value as Json;

use crate::{
    Comparison, ErrorCode, FieldRef, Operator, Predicate, QueryError, Truth,
    error::quoted,
    limits::{MAX_CONDITIONS, MAX_FAULTS, MAX_IN_VALUES, MAX_PATTERN, MAX_WILDCARDS},
};

/// The right side of a condition as written, in one of the two forms.
pub(crate) trait Operand: Sized {
    /// A value of the field's type.
    fn value(&self, field: &Field) -> Result<Value, String>;
    /// The values of an `in`.
    fn values(&self, field: &Field) -> Result<Vec<Value>, String>;
    /// A pattern or substring; `None` is null.
    fn text(&self) -> Result<Option<&str>, String>;
    /// An item of a JSON array.
    fn item(&self, field: &Field) -> Result<Json, String>;
    /// Whether `is_null` is asked for, or its opposite.
    fn flag(&self) -> Result<bool, String>;
    /// As written, for messages.
    fn shown(&self) -> String;
}

/// Reads the conditions of one parameter, counts them and collects their faults.
pub(crate) struct Conditions<'a> {
    pub(crate) collection: &'a Collection,
    pub(crate) parameter: &'static str,
    pub(crate) errors: Vec<QueryError>,
    used: usize,
}

impl<'a> Conditions<'a> {
    pub(crate) fn new(collection: &'a Collection, parameter: &'static str) -> Self {
        Self { collection, parameter, errors: Vec::new(), used: 0 }
    }

    /// Continues with another parameter of the same query: conditions are counted on.
    pub(crate) fn go_on_with(&mut self, parameter: &'static str) {
        self.parameter = parameter;
    }

    /// Counts one condition; `false` once there are too many.
    pub(crate) fn count(&mut self) -> bool {
        self.used += 1;
        if self.used == MAX_CONDITIONS + 1 {
            let message = format!("a query has at most {MAX_CONDITIONS} conditions");
            self.fault(self.error(ErrorCode::TooComplex, "", message));
        }
        self.used <= MAX_CONDITIONS
    }

    /// Notes a fault, unless there are plenty.
    pub(crate) fn fault(&mut self, error: QueryError) {
        if self.errors.len() < MAX_FAULTS {
            self.errors.push(error);
        }
    }

    /// The predicate, unless there were faults.
    pub(crate) fn finish(self, predicate: Predicate) -> Result<Predicate, Vec<QueryError>> {
        if self.errors.is_empty() { Ok(predicate) } else { Err(self.errors) }
    }

    pub(crate) fn error(&self, code: ErrorCode, subject: &str, message: impl Into<String>) -> QueryError {
        QueryError::new(self.parameter, code, subject, message)
    }

    pub(crate) fn field(&self, name: &str) -> Result<FieldRef, QueryError> {
        visible_field(self.collection, name, self.parameter)
    }

    /// The condition as a predicate.
    pub(crate) fn condition(
        &self,
        field: FieldRef,
        operator: Operator,
        operand: &impl Operand,
    ) -> Result<Predicate, QueryError> {
        let definition = field.field(self.collection);
        if !operator.is_for(definition.value_type) {
            return Err(self.not_allowed(definition, operator));
        }
        predicate(field, definition, operator, operand).map_err(|fault| match fault {
            Fault::Value(expected) => {
                let message =
                    format!("{} of \"{}\" {expected}, not {}", operator.name(), definition.name, operand.shown());
                self.error(ErrorCode::InvalidValue, &operand.shown(), message)
            }
            Fault::TooMuch(message) => self.error(ErrorCode::TooComplex, operator.name(), message),
        })
    }

    fn not_allowed(&self, field: &Field, operator: Operator) -> QueryError {
        let allowed = Operator::TEXT.iter().filter(|operator| operator.is_for(field.value_type));
        let names: Vec<_> = allowed.map(|operator| operator.name()).collect();
        let (name, type_name) = (&field.name, field.value_type.name());
        let message = format!("\"{name}\" ({type_name}) takes no {}; it takes {}", operator.name(), names.join(", "));
        self.error(ErrorCode::OperatorNotAllowed, operator.name(), message)
    }
}

/// The named field; an internal one is as unknown as any other.
pub(crate) fn visible_field(
    collection: &Collection,
    name: &str,
    parameter: &'static str,
) -> Result<FieldRef, QueryError> {
    FieldRef::named(collection, name).filter(|field| !field.field(collection).internal).ok_or_else(|| {
        let message = format!("collection \"{}\" has no field {}", collection.name, quoted(name));
        let visible = collection.fields.iter().filter(|field| !field.internal).map(|field| field.name.as_str());
        QueryError::new(parameter, ErrorCode::UnknownField, name, message).suggesting(name, visible)
    })
}

enum Fault {
    Value(String),
    TooMuch(String),
}

impl From<String> for Fault {
    fn from(expected: String) -> Self {
        Self::Value(expected)
    }
}

fn predicate(
    field: FieldRef,
    definition: &Field,
    operator: Operator,
    operand: &impl Operand,
) -> Result<Predicate, Fault> {
    let comparison = match operator {
        Operator::Eq => Comparison::Eq,
        Operator::Ne => Comparison::Ne,
        Operator::Gt => Comparison::Gt,
        Operator::Gte => Comparison::Gte,
        Operator::Lt => Comparison::Lt,
        Operator::Lte => Comparison::Lte,
        Operator::In => return one_of(field, operand.values(definition)?),
        Operator::NotIn => return one_of(field, operand.values(definition)?).map(Predicate::negated),
        Operator::Like => return like(field, operand.text()?),
        Operator::Contains => return contains(field, definition, operand),
        Operator::IsNull => return Ok(is_null(field, operand.flag()?)),
        Operator::NotNull => return Ok(is_null(field, !operand.flag()?)),
    };
    Ok(Predicate::Compare { field, comparison, value: operand.value(definition)? })
}

fn one_of(field: FieldRef, values: Vec<Value>) -> Result<Predicate, Fault> {
    if values.len() > MAX_IN_VALUES {
        return Err(Fault::TooMuch(format!("in takes at most {MAX_IN_VALUES} values")));
    }
    Ok(Predicate::In { field, values })
}

fn like(field: FieldRef, pattern: Option<&str>) -> Result<Predicate, Fault> {
    let Some(pattern) = pattern else { return Ok(Predicate::Constant(Truth::Unknown)) };
    if pattern.chars().nth(MAX_PATTERN).is_some() {
        return Err(Fault::TooMuch(format!("a pattern has at most {MAX_PATTERN} characters")));
    }
    if pattern.bytes().filter(|byte| *byte == b'%').nth(MAX_WILDCARDS).is_some() {
        return Err(Fault::TooMuch(format!("a pattern has at most {MAX_WILDCARDS} %")));
    }
    Ok(Predicate::Like { field, pattern: pattern.to_owned() })
}

fn contains(field: FieldRef, definition: &Field, operand: &impl Operand) -> Result<Predicate, Fault> {
    if definition.value_type == FieldType::Json {
        return Ok(Predicate::ContainsItem { field, item: operand.item(definition)? });
    }
    Ok(match operand.text()? {
        Some(text) => Predicate::ContainsText { field, text: text.to_owned() },
        None => Predicate::Constant(Truth::Unknown),
    })
}

fn is_null(field: FieldRef, wanted: bool) -> Predicate {
    let predicate = Predicate::IsNull(field);
    if wanted { predicate } else { predicate.negated() }
}

/// Refuses what no stored text can hold.
pub(crate) fn without_nul(text: &str) -> Result<&str, String> {
    if text.contains('\0') { Err("must not contain the character U+0000".to_owned()) } else { Ok(text) }
}

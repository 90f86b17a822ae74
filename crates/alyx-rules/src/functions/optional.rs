//! Values that may be absent.

use super::{Definition, Function, no_overload};
use crate::{
    error::{Error, Result},
    value::Value,
};

pub(super) const FUNCTIONS: &[Definition] = &[
    Definition(&["optional.of(A): optional(A)"], |arguments| Ok(Value::some(arguments[0].clone()))),
    Definition(&["optional.none(): optional(dyn)"], |_| Ok(Value::NONE)),
    Definition(&["optional.ofNonZeroValue(A): optional(A)"], |arguments| {
        Ok(if arguments[0].is_zero() { Value::NONE } else { Value::some(arguments[0].clone()) })
    }),
    Definition(&["optional(A).hasValue(): bool"], |arguments| match arguments {
        [Value::Optional(inner)] => Ok(Value::Bool(inner.is_some())),
        _ => no_overload(),
    }),
    Definition(&["optional(A).value(): A"], |arguments| match arguments {
        [Value::Optional(Some(inner))] => Ok((**inner).clone()),
        [Value::Optional(None)] => Err(Error::Argument("the optional has no value")),
        _ => no_overload(),
    }),
    Definition(&["optional(A).or(optional(A)): optional(A)"], |arguments| match arguments {
        [Value::Optional(None), other @ Value::Optional(_)]
        | [other @ Value::Optional(Some(_)), Value::Optional(_)] => Ok(other.clone()),
        _ => no_overload(),
    }),
    Definition(&["optional(A).orValue(A): A"], |arguments| match arguments {
        [Value::Optional(None), other] => Ok(other.clone()),
        [Value::Optional(Some(inner)), _] => Ok((**inner).clone()),
        _ => no_overload(),
    }),
];

/// The result of `or` and `orValue` where the first argument has a value: the second is not looked at.
pub(crate) fn is_decided_by_first(function: &Function, first: &Value) -> Option<Result<Value>> {
    match (function.name, first) {
        ("or", Value::Optional(Some(_))) => Some(Ok(first.clone())),
        ("orValue", Value::Optional(Some(inner))) => Some(Ok((**inner).clone())),
        _ => None,
    }
}

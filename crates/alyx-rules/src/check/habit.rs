//! Names that people bring along from other languages, and what they are here.

use crate::types::Type;

/// What a variable of this name is called here.
pub(super) fn variable(name: &str) -> Option<&'static str> {
    Some(match name {
        "user" | "me" | "caller" | "account" | "session" => "who asks is auth",
        "record" | "document" | "data" | "resource" | "row" | "item" | "this" | "self" => "the document is doc",
        "req" | "ctx" | "context" => "what is asked for is request",
        "body" | "headers" | "query" | "method" | "ip" => "parts of the request are written request.…",
        "now" | "time" => "the time of the request is request.time",
        "undefined" | "nil" | "None" | "NULL" => "write null",
        "True" | "TRUE" => "write true",
        "False" | "FALSE" => "write false",
        _ => return None,
    })
}

/// What a function or method of this name is called here.
pub(super) fn function(name: &str) -> Option<&'static str> {
    Some(match name {
        "now" => "the time of the request is request.time",
        "length" | "len" | "count" => "write size(…)",
        "includes" | "include" | "has" => "write text.contains(part), or x in list",
        "toLowerCase" | "lower" | "toLower" => "write text.lowerAscii()",
        "toUpperCase" | "upper" | "toUpper" => "write text.upperAscii()",
        "any" | "some" => "write list.exists(x, …)",
        "every" => "write list.all(x, …)",
        "match" | "test" | "regex" => "write text.matches('…')",
        "date" => "dates are strings such as '2026-01-31'; moments are timestamp('…')",
        "exists" => "write exists_in(\"collection\", x, …), or list.exists(x, …)",
        "isEmpty" | "empty" => "write size(…) == 0",
        "isNull" | "is_null" => "write … == null",
        _ => return None,
    })
}

/// What to write in place of a method that the receiver's type does not have.
pub(super) fn method(name: &str, receiver: &Type) -> Option<&'static str> {
    match (name, receiver) {
        ("contains", Type::List(_)) => Some("write x in list"),
        ("contains", Type::Map(..)) => Some("write key in map"),
        _ => None,
    }
}

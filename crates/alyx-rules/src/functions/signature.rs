//! Signatures of functions: `string.indexOf(string, int): int`, `math.abs(int): int`, `size(list(A)): int`.
//!
//! A type in front of the dot makes a method; any other word there belongs to the name.

use crate::types::{Bindings, Type};

/// One way to call a function.
pub(crate) struct Signature {
    pub(crate) name: &'static str,
    pub(crate) is_method: bool,
    /// The receiver of a method first.
    pub(crate) parameters: Vec<Type>,
    /// The last parameter may be given once or more.
    repeats: bool,
    pub(crate) result: Type,
    /// As it is shown to people.
    pub(crate) text: &'static str,
}

impl Signature {
    /// Reads a line of a table; a line that cannot be read stops the tests.
    pub(super) fn parse(text: &'static str) -> Self {
        let (call, result) = text.rsplit_once("): ").expect("a signature has a result");
        let open = open_bracket(call);
        let (head, parameters) = (&call[..open], &call[open + 1..]);
        let receiver = head.rsplit_once('.').and_then(|(receiver, name)| Some((try_type(receiver)?, name)));
        let repeats = parameters.ends_with("...");
        let given = split(parameters.trim_end_matches("...")).into_iter().map(parse_type);
        let (receiver, name) = receiver.map_or((None, head), |(receiver, name)| (Some(receiver), name));
        let is_method = receiver.is_some();
        let parameters = receiver.into_iter().chain(given).collect();
        Self { name, is_method, parameters, repeats, result: parse_type(result), text }
    }

    /// The type of the result, if it can be called with such arguments.
    pub(crate) fn result_for(&self, arguments: &[Type]) -> Option<Type> {
        let count = self.parameters.len();
        let fits = arguments.len() == count || (self.repeats && arguments.len() > count);
        let mut bindings = Bindings::new();
        let mut wanted = self.parameters.iter().chain(std::iter::repeat(self.parameters.last().unwrap_or(&Type::Dyn)));
        let takes = fits
            && arguments.iter().all(|given| wanted.next().is_some_and(|wanted| wanted.takes(given, &mut bindings)));
        takes.then(|| self.result.bound(&bindings))
    }
}

/// The bracket that opens the parameters: the last one that is not within another.
fn open_bracket(call: &str) -> usize {
    let mut depth = 1;
    call.bytes()
        .rposition(|byte| {
            match byte {
                b')' => depth += 1,
                b'(' => depth -= 1,
                _ => {}
            }
            depth == 0
        })
        .expect("a signature has parameters")
}

/// Cuts at the commas that are not within brackets.
fn split(text: &str) -> Vec<&str> {
    let mut depth = 0;
    let cut = text.split(|letter| {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        letter == ',' && depth == 0
    });
    cut.map(str::trim).filter(|part| !part.is_empty()).collect()
}

fn parse_type(text: &str) -> Type {
    try_type(text).unwrap_or_else(|| panic!("{text} is no type"))
}

fn try_type(text: &str) -> Option<Type> {
    let text = text.trim();
    if let Some((outer, inner)) = text.strip_suffix(')').and_then(|text| text.split_once('(')) {
        let mut inner = split(inner).into_iter().map(try_type);
        let first = inner.next()??;
        return match outer {
            "list" => Some(Type::list(first)),
            "map" => Some(Type::map(first, inner.next()??)),
            "optional" => Some(Type::optional(first)),
            _ => None,
        };
    }
    Some(match text {
        "dyn" => Type::Dyn,
        "bool" => Type::Bool,
        "int" => Type::Int,
        "uint" => Type::Uint,
        "double" => Type::Double,
        "number" => Type::Number,
        "string" => Type::String,
        "bytes" => Type::Bytes,
        "timestamp" => Type::Timestamp,
        "duration" => Type::Duration,
        "type" => Type::Meta,
        "A" => Type::Parameter('A'),
        "B" => Type::Parameter('B'),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_and_namespaces_are_told_apart() {
        let method = Signature::parse("list(string).join(string): string");
        assert_eq!((method.name, method.is_method), ("join", true));
        assert_eq!(method.parameters, [Type::list(Type::String), Type::String]);
        let function = Signature::parse("math.greatest(number...): dyn");
        assert_eq!((function.name, function.is_method), ("math.greatest", false));
        assert_eq!(function.result_for(&[Type::Int, Type::Double, Type::Uint]), Some(Type::Dyn));
        assert_eq!(function.result_for(&[]), None);
    }

    #[test]
    fn letters_are_bound() {
        let or_value = Signature::parse("optional(A).orValue(A): A");
        assert_eq!(or_value.result_for(&[Type::optional(Type::Int), Type::Int]), Some(Type::Int));
        assert_eq!(or_value.result_for(&[Type::optional(Type::Int), Type::String]), None);
        let size = Signature::parse("map(A, B).size(): int");
        assert_eq!(size.result_for(&[Type::map(Type::String, Type::Dyn)]), Some(Type::Int));
    }
}

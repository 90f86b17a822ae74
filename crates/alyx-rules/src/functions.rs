//! The table of functions: one file an area, from which the checker and the evaluator read.

mod conversion;
mod encoding;
mod format;
mod list;
mod math;
mod optional;
mod pattern;
mod set;
mod signature;
mod string;
mod time;

use std::{collections::HashMap, fmt, sync::LazyLock};

use crate::{
    error::{Error, Result},
    types::Type,
    value::Value,
};

pub(crate) use optional::is_decided_by_first;
pub(crate) use pattern::compile as compile_pattern;
pub(crate) use signature::Signature;

/// How a function gives its value, all arguments known, a method's receiver first.
type Run = fn(&[Value]) -> Result<Value>;

/// One line of a table: the signatures of a function and what it does.
struct Definition(&'static [&'static str], Run);

/// A function, with all that it can be called with.
pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(crate) signatures: Vec<Signature>,
    run: Run,
}

const TABLES: [&[Definition]; 9] = [
    conversion::FUNCTIONS,
    encoding::FUNCTIONS,
    list::FUNCTIONS,
    math::FUNCTIONS,
    optional::FUNCTIONS,
    pattern::FUNCTIONS,
    set::FUNCTIONS,
    string::FUNCTIONS,
    time::FUNCTIONS,
];

static FUNCTIONS: LazyLock<HashMap<&'static str, Function>> = LazyLock::new(|| {
    let definitions = TABLES.into_iter().flatten();
    definitions.map(Function::new).map(|function| (function.name, function)).collect()
});

/// The function of this name, if there is one.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.get(name)
}

/// Every function, in no order.
pub(crate) fn all() -> impl Iterator<Item = &'static Function> {
    FUNCTIONS.values()
}

/// Whether functions have names such as `math.abs`.
pub(crate) fn is_namespace(name: &str) -> bool {
    matches!(name, "base64" | "lists" | "math" | "optional" | "sets" | "strings")
}

impl Function {
    fn new(Definition(signatures, run): &'static Definition) -> Self {
        let signatures: Vec<_> = signatures.iter().map(|text| Signature::parse(text)).collect();
        Self { name: signatures[0].name, signatures, run: *run }
    }

    pub(crate) fn call(&self, arguments: &[Value]) -> Result<Value> {
        (self.run)(arguments)
    }

    /// Whether it answers a bool, whatever it is called with.
    pub(crate) fn is_condition(&self) -> bool {
        self.signatures.iter().all(|signature| signature.result == Type::Bool)
    }

    /// Whether it can be called so.
    pub(crate) fn has_style(&self, is_method: bool) -> bool {
        self.signatures.iter().any(|signature| signature.is_method == is_method)
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Arguments that the function does not take.
fn no_overload() -> Result<Value> {
    Err(Error::NoOverload)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_stands_in_one_line() {
        let lines = TABLES.into_iter().flatten().count();
        assert_eq!(lines, FUNCTIONS.len());
    }

    #[test]
    fn all_signatures_of_a_function_have_its_name() {
        for function in all() {
            assert!(function.signatures.iter().all(|signature| signature.name == function.name), "{function:?}");
            let namespace = function.name.split_once('.').map(|(namespace, _)| namespace);
            assert!(namespace.is_none_or(is_namespace), "{function:?}");
        }
    }
}

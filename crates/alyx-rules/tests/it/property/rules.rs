//! Random rules whose types fit, each in our words and in those of the oracle.
//!
//! Where the two differ: relations are maps to the oracle, `exists_in` is `exists` over a list, comparisons of
//! `auth` with null are about the variable `anonymous`, `has` of a field is a comparison with null, and what
//! `cel.bind` names stands where it is used.

mod conditions;
mod scope;
mod terms;

use super::choices::Choices;

/// One expression in both languages.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) ours: String,
    pub(super) oracle: String,
}

/// A rule, and which features of the language are in it.
#[derive(Debug)]
pub(super) struct RandomRule {
    pub(super) text: Text,
    pub(super) features: Vec<&'static str>,
}

/// Features that must all be reached with all three truth values.
pub(super) const FEATURES: &[&str] = &[
    "&&",
    "||",
    "!",
    "?:",
    "==",
    "<",
    "in",
    "null test",
    "contains",
    "startsWith",
    "endsWith",
    "matches",
    "has",
    "exists",
    "all",
    "exists_one",
    "filter",
    "map",
    "exists_in",
    "relation",
    "two hops",
    "auth",
    "metadata",
    "anonymous test",
    "request",
    "body",
    "json",
    "time",
    "duration",
    "arithmetic",
    "text function",
    "size",
    "double",
    "bytes",
    "bool field",
    "list item",
    "optional",
    "bind",
    "uint",
    "conversion",
    "constant list",
    "outer document",
    "shifted moment",
    "order of fields",
];

impl Text {
    pub(super) fn same(text: impl Into<String>) -> Self {
        let ours = text.into();
        Self { oracle: ours.clone(), ours }
    }

    pub(super) fn new(ours: impl Into<String>, oracle: impl Into<String>) -> Self {
        Self { ours: ours.into(), oracle: oracle.into() }
    }

    /// A text with `{}` for each of the parts in turn, in both languages.
    pub(super) fn with(template: &str, parts: &[&Self]) -> Self {
        let fill = |text: fn(&Self) -> &str| {
            let mut pieces = template.split("{}");
            let mut filled = pieces.next().unwrap_or_default().to_owned();
            for (part, piece) in parts.iter().zip(pieces) {
                filled.push_str(text(part));
                filled.push_str(piece);
            }
            filled
        };
        Self::new(fill(|part| &part.ours), fill(|part| &part.oracle))
    }
}

impl RandomRule {
    /// A rule about documents of a collection.
    pub(super) fn new(choices: &mut Choices<'_>, collection: &'static str) -> Self {
        let mut scope = scope::Scope::new(choices, collection);
        let depth = 1 + scope.choices.below(4);
        let text = scope.condition(depth, true);
        let mut features = scope.features;
        features.sort_unstable();
        features.dedup();
        Self { text, features }
    }
}

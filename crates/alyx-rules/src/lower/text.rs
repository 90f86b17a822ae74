//! Tests of texts: `contains`, and `startsWith` as a range.

use alyx_query::{Comparison, Predicate};
use alyx_schema::Value as Stored;

use super::{Lowering, compare, group::negated_if, unless_null};
use crate::{
    shape::{Item, Shape},
    tree::{Call, Kind},
    value::Value,
};

impl Lowering<'_> {
    pub(super) fn text_test(&mut self, call: &Call, negate: bool) -> Option<Predicate> {
        let [operand, argument] = call.arguments.as_slice() else { return None };
        let (Kind::Field(path), Some(Value::String(text))) = (&operand.kind, argument.value()) else { return None };
        if path.shape != Shape::Item(Item::String) {
            return None;
        }
        match call.function.name {
            _ if text.is_empty() && matches!(call.function.name, "contains" | "startsWith" | "endsWith") => {
                Some(self.on(path, |field| unless_null(path, field, !negate)))
            }
            "contains" => Some(
                self.on(path, |field| negated_if(negate, Predicate::ContainsText { field, text: text.to_string() })),
            ),
            "startsWith" => Some(self.on(path, |field| {
                let from = Stored::Text(text.to_string());
                let to = after(text).map(Stored::Text);
                let (inside, outside) = match negate {
                    false => (Comparison::Gte, Comparison::Lt),
                    true => (Comparison::Lt, Comparison::Gte),
                };
                let mut bounds = vec![compare(field.clone(), inside, from)];
                bounds.extend(to.map(|to| compare(field, outside, to)));
                if negate { Predicate::any(bounds) } else { Predicate::all(bounds) }
            })),
            _ => None,
        }
    }
}

/// The first text after all that begin with this one; none where there is no such text.
pub(super) fn after(prefix: &str) -> Option<String> {
    let mut letters = prefix.chars();
    while let Some(last) = letters.next_back() {
        if let Some(next) = next(last) {
            return Some(format!("{}{next}", letters.as_str()));
        }
    }
    None
}

/// The next character; surrogates are none.
fn next(letter: char) -> Option<char> {
    match letter {
        '\u{d7ff}' => Some('\u{e000}'),
        other => char::from_u32(u32::from(other) + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::after;

    #[test]
    fn the_end_of_a_range_is_the_next_text_in_the_order_of_code_points() {
        assert_eq!(after("abc").as_deref(), Some("abd"));
        assert_eq!(after("a\u{d7ff}").as_deref(), Some("a\u{e000}"));
        assert_eq!(after("a\u{10ffff}\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(after("\u{10ffff}"), None);
        assert_eq!(after("z\u{7f}").as_deref(), Some("z\u{80}"));
    }
}

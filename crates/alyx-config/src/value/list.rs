//! Lists: a YAML list, or one text with commas (as in a variable).

use serde_json::Value as Json;

use super::{Value, Wrong};
use crate::Kind;

impl<T: Value> Value for Vec<T> {
    fn kind() -> Kind {
        Kind::List(Box::new(T::kind()))
    }

    fn parse(text: &str) -> Result<Self, Wrong> {
        let items = text.split(',').map(str::trim);
        if text.trim().is_empty() { Ok(Self::new()) } else { items.map(item).collect() }
    }

    fn parse_list(items: &[&str]) -> Result<Self, Option<Vec<(usize, Wrong)>>> {
        let mut values = Self::new();
        let mut wrong = Vec::new();
        for (index, text) in items.iter().enumerate() {
            match item(text) {
                Ok(value) => values.push(value),
                Err(why) => wrong.push((index, why)),
            }
        }
        if wrong.is_empty() { Ok(values) } else { Err(Some(wrong)) }
    }

    fn redacted(&self) -> Json {
        self.iter().map(Value::redacted).collect()
    }
}

fn item<T: Value>(text: &str) -> Result<T, Wrong> {
    if text.is_empty() { Err(Wrong::because("an item is empty")) } else { T::parse(text) }
}

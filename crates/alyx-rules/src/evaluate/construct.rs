//! Lists and maps that are written out.

use super::Evaluation;
use crate::{
    error::{Error, Result},
    tree::{Entry, Item},
    value::{Key, Map, Value},
};

impl Evaluation<'_> {
    pub(super) fn list(&mut self, items: &[Item]) -> Result<Value> {
        let mut list = Vec::with_capacity(items.len());
        for item in items {
            let value = self.evaluate(&item.value)?;
            list.extend(present(known(value)?, item.is_optional)?);
        }
        Ok(Value::list(list))
    }

    pub(super) fn map(&mut self, entries: &[Entry]) -> Result<Value> {
        let mut map = Map::default();
        for entry in entries {
            let key = Key::to_insert(&self.evaluate(&entry.key)?)?;
            let value = known(self.evaluate(&entry.value)?)?;
            if let Some(value) = present(value, entry.is_optional)? {
                map.insert(key, value)?;
            }
        }
        Ok(Value::map(map))
    }
}

/// A value that may be a part of another.
pub(super) fn known(value: Value) -> Result<Value> {
    if value.is_open() { Err(Error::Unknown) } else { Ok(value) }
}

/// The value to insert; an optional one may have none.
fn present(value: Value, is_optional: bool) -> Result<Option<Value>> {
    match (value, is_optional) {
        (value, false) => Ok(Some(value)),
        (Value::Optional(inner), true) => Ok(inner.map(|inner| (*inner).clone())),
        (_, true) => Err(Error::NoOverload),
    }
}

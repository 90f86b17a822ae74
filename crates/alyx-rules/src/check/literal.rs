//! Literals, lists and maps.

use cel_parser::common::ast::{EntryExpr, ListExpr, LiteralValue, MapExpr};

use super::{Checker, Place, Typed};
use crate::{
    fault::Fault,
    tree::{Entry, Item, Kind, Node},
    types::Type,
    value::Value,
};

/// A literal of one value.
pub(super) fn literal(literal: &LiteralValue) -> Typed {
    let value = match literal {
        LiteralValue::Boolean(flag) => Value::Bool(*flag.inner()),
        LiteralValue::Bytes(bytes) => Value::bytes(bytes.inner()),
        LiteralValue::Double(number) => Value::Double(*number.inner()),
        LiteralValue::Int(number) => Value::Int(*number.inner()),
        LiteralValue::Null => Value::Null,
        LiteralValue::String(text) => Value::string(text.inner()),
        LiteralValue::UInt(number) => Value::Uint(*number.inner()),
    };
    let kind = Type::of(&value);
    Typed::new(Node::constant(value), kind)
}

impl Checker<'_> {
    pub(super) fn list(&mut self, list: &ListExpr) -> Typed {
        let (mut items, mut kinds) = (Vec::with_capacity(list.elements.len()), Vec::new());
        for (index, element) in list.elements.iter().enumerate() {
            let is_optional = list.optional_indices.contains(&index);
            let typed = self.value(element, Place::Value);
            kinds.push(self.present(self.source.start(element), &typed.kind, is_optional));
            items.push(Item { value: typed.node, is_optional });
        }
        let at = list.elements.first().map_or(0, |first| self.source.start(first));
        Typed::new(self.build(at, Kind::List(items)), Type::list(Type::joined(kinds)))
    }

    pub(super) fn map(&mut self, map: &MapExpr) -> Typed {
        let mut entries = Vec::with_capacity(map.entries.len());
        let (mut keys, mut values, mut at) = (Vec::new(), Vec::new(), 0);
        for entry in &map.entries {
            let EntryExpr::MapEntry(entry) = &entry.expr else { continue };
            let key = self.value(&entry.key, Place::Value);
            let value = self.value(&entry.value, Place::Value);
            at = self.source.start(&entry.key);
            if !matches!(key.kind, Type::Dyn | Type::Bool | Type::Int | Type::Uint | Type::String) {
                let message = format!("a key is a text, a whole number or a bool, not {}", key.kind);
                self.type_fault(Fault::new(at, "rule_wrong_type", message));
            }
            values.push(self.present(self.source.start(&entry.value), &value.kind, entry.optional));
            keys.push(key.kind);
            entries.push(Entry { key: key.node, value: value.node, is_optional: entry.optional });
        }
        let kind = Type::map(Type::joined(keys), Type::joined(values));
        Typed::new(self.build(at, Kind::Map(entries)), kind)
    }

    /// The type of what is inserted; what is marked as optional must be so.
    fn present(&mut self, at: usize, kind: &Type, is_optional: bool) -> Type {
        match (kind, is_optional) {
            (kind, false) => kind.clone(),
            (Type::Optional(inner), true) => (**inner).clone(),
            (Type::Dyn, true) => Type::Dyn,
            (other, true) => {
                let message = format!("what stands behind ? is optional, not {other}");
                self.type_fault(Fault::new(at, "rule_wrong_type", message));
                Type::Dyn
            }
        }
    }
}

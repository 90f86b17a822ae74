//! Names that stand for values, in a container, and values as they are tagged in files.

use std::{collections::BTreeMap, sync::Arc};

use alyx_query::FieldRef;
use alyx_schema::{Collection, Field};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value as Json;

use crate::{
    check::{Meaning, Names},
    time::{Duration, Timestamp},
    value::{Key, Map, TypeName, Value},
};

/// Values by name, and the container in which shorter names are looked up.
#[derive(Default)]
pub(super) struct Bindings {
    pub(super) values: BTreeMap<String, Value>,
    pub(super) container: String,
}

impl Names for Bindings {
    fn find(&self, _name: &str) -> Option<Meaning> {
        None
    }

    fn constant(&self, name: &str) -> Option<Value> {
        if let Some(absolute) = name.strip_prefix('.') {
            return self.values.get(absolute).cloned();
        }
        let parts: Vec<&str> = self.container.split('.').filter(|part| !part.is_empty()).collect();
        let mut outward = (0..=parts.len()).rev().map(|count| parts[..count].iter().copied().chain([name]));
        let found = outward.find_map(|path| self.values.get(&path.collect::<Vec<_>>().join(".")));
        found.cloned()
    }

    fn known(&self) -> Vec<String> {
        Vec::new()
    }

    fn collection(&self, _name: &str) -> Result<Arc<Collection>, Option<String>> {
        Err(None)
    }

    fn target(&self, _field: &Field) -> Option<(Arc<Collection>, FieldRef)> {
        None
    }

    fn is_strict(&self) -> bool {
        false
    }
}

/// The value that a tagged JSON stands for.
pub(super) fn untagged(tagged: &Json) -> Value {
    let (tag, json) = tagged.as_object().and_then(|object| object.iter().next()).expect("a value has a tag");
    let text = json.as_str().unwrap_or_default();
    match tag.as_str() {
        "null" => Value::Null,
        "bool" => Value::Bool(json.as_bool().expect("a bool is one")),
        "int" => Value::Int(text.parse().expect("an int is one")),
        "uint" => Value::Uint(text.parse().expect("a uint is one")),
        "double" => Value::Double(text.parse().expect("a double is one")),
        "string" => Value::string(text),
        "bytes" => Value::bytes(STANDARD.decode(text).expect("bytes are base64")),
        "list" => Value::list(json.as_array().expect("a list is one").iter().map(untagged).collect()),
        "map" => {
            let mut map = Map::default();
            for entry in json.as_array().expect("a map is a list of entries") {
                let key = Key::to_insert(&untagged(&entry[0])).expect("a key is one");
                map.insert(key, untagged(&entry[1])).expect("keys are different");
            }
            Value::map(map)
        }
        "type" => {
            let named = TypeName::ALL.into_iter().find(|name| name.name() == text);
            Value::Type(named.unwrap_or_else(|| panic!("{text} is no type")))
        }
        "timestamp" => Value::Timestamp(Timestamp::parse(text).expect("a timestamp is one")),
        "duration" => Value::Duration(Duration::parse(text).expect("a duration is one")),
        other => panic!("the tag {other} is unknown"),
    }
}

//! The documents as the messages so far leave them, so that a change can be told with what was before.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use serde_json::{Map, Value};

type Document = Map<String, Value>;

/// What happened to one document, which is without its key here.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Change {
    Inserted {
        key: Value,
        document: Document,
    },
    /// Without the document of before where nobody told it.
    Updated {
        key: Value,
        before: Option<Document>,
        document: Document,
    },
    Deleted {
        key: Value,
        before: Option<Document>,
    },
}

/// The documents by their keys, which are in JSON.
#[derive(Default)]
pub(super) struct Held {
    /// The field that is the primary key.
    key: String,
    documents: BTreeMap<String, Document>,
    /// Whether everything that the query shows is here, as after a snapshot.
    is_whole: bool,
}

impl Held {
    /// Nothing yet.
    pub(super) fn new(key: String) -> Self {
        Self { key, ..Self::default() }
    }

    /// A snapshot: the difference to what was here, if that is known.
    pub(super) fn replace(&mut self, documents: &[Value]) -> anyhow::Result<Option<Vec<Change>>> {
        let mut before = std::mem::take(&mut self.documents);
        let was_whole = std::mem::replace(&mut self.is_whole, true);
        let mut changes = Vec::new();
        for document in documents {
            let (key, document) = self.entry(document)?;
            match before.remove(&key.to_string()) {
                None => changes.push(Change::Inserted { key: key.clone(), document: document.clone() }),
                Some(old) if old != document => {
                    changes.push(Change::Updated { key: key.clone(), before: Some(old), document: document.clone() });
                }
                Some(_) => {}
            }
            self.documents.insert(key.to_string(), document);
        }
        for (key, old) in before {
            changes.push(Change::Deleted { key: serde_json::from_str(&key)?, before: Some(old) });
        }
        Ok(was_whole.then_some(changes))
    }

    /// A delta.
    pub(super) fn change(&mut self, told: &Value) -> anyhow::Result<Vec<Change>> {
        let list = |name: &str| match told[name].as_array() {
            Some(list) => Ok(list),
            None => bail!("the server sent a delta without {name}"),
        };
        let mut changes = Vec::new();
        for key in list("deletes")? {
            changes.push(Change::Deleted { key: key.clone(), before: self.documents.remove(&key.to_string()) });
        }
        for document in list("inserts")? {
            let (key, document) = self.entry(document)?;
            self.documents.insert(key.to_string(), document.clone());
            changes.push(Change::Inserted { key, document });
        }
        for document in list("updates")? {
            let (key, document) = self.entry(document)?;
            let before = self.documents.insert(key.to_string(), document.clone());
            changes.push(Change::Updated { key, before, document });
        }
        Ok(changes)
    }

    fn entry(&self, document: &Value) -> anyhow::Result<(Value, Document)> {
        let mut document = document.as_object().context("the server sent a document that is none")?.clone();
        let key = document.remove(&self.key).with_context(|| format!("a document has no {}", self.key))?;
        Ok((key, document))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn held() -> Held {
        let mut held = Held::new("id".to_owned());
        assert_eq!(held.replace(&[json!({"id": 1, "a": 1}), json!({"id": 2, "a": 1})]).unwrap(), None);
        held
    }

    #[test]
    fn a_change_knows_what_was_before() {
        let told = json!({"inserts": [{"id": 3}], "updates": [{"id": 1, "a": 2}], "deletes": [2]});
        let object = |value: Value| value.as_object().unwrap().clone();
        assert_eq!(
            held().change(&told).unwrap(),
            [
                Change::Deleted { key: json!(2), before: Some(object(json!({"a": 1}))) },
                Change::Inserted { key: json!(3), document: object(json!({})) },
                Change::Updated {
                    key: json!(1),
                    before: Some(object(json!({"a": 1}))),
                    document: object(json!({"a": 2}))
                },
            ]
        );
    }

    #[test]
    fn a_later_snapshot_is_told_as_the_difference() {
        let mut held = held();
        let changes = held.replace(&[json!({"id": 1, "a": 1}), json!({"id": 3})]).unwrap().unwrap();
        assert!(
            matches!(&changes[..], [Change::Inserted { key, .. }, Change::Deleted { key: gone, .. }] if *key == 3 && *gone == 2)
        );
        assert_eq!(held.replace(&[json!({"id": 1, "a": 1}), json!({"id": 3})]).unwrap(), Some(vec![]));
    }

    #[test]
    fn resumed_from_a_cursor_nothing_is_known_of_before() {
        let mut held = Held::new("id".to_owned());
        let told = json!({"inserts": [], "updates": [{"id": 1}], "deletes": [2]});
        let changes = held.change(&told).unwrap();
        assert!(matches!(&changes[..], [Change::Deleted { before: None, .. }, Change::Updated { before: None, .. }]));
        assert_eq!(held.replace(&[json!({"id": 1})]).unwrap(), None);
    }

    #[test]
    fn a_document_without_its_key_is_refused() {
        let mut held = Held::new("slug".to_owned());
        assert_eq!(held.replace(&[json!({"id": 1})]).unwrap_err().to_string(), "a document has no slug");
        assert!(held.change(&json!({"inserts": [], "updates": []})).is_err());
    }
}

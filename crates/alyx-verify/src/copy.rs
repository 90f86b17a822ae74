//! What a client has if it applies what it is told, and what a message may not do to that.

use std::collections::BTreeMap;

use alyx_testing::Value;

use crate::fault::{Fault, Kind};

/// Documents by the text of their key, as a client keeps them.
pub(crate) type Documents = BTreeMap<String, Value>;

/// The copy of a query's answer that a client keeps.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Copy {
    pub(crate) documents: Documents,
    pub(crate) total: u64,
    pub(crate) cursor: Option<String>,
    /// The most documents that the query shows.
    limit: u64,
    /// The name of the primary key.
    key: String,
}

impl Copy {
    pub(crate) fn new(limit: u64, key: &str) -> Self {
        Self { limit, key: key.to_owned(), ..Self::default() }
    }

    /// Everything anew.
    pub(crate) fn replace(&mut self, payload: &Value) -> Result<(), Fault> {
        let documents = list(payload, "docs")?;
        self.documents = Documents::new();
        for document in documents {
            if self.documents.insert(self.key_of(document)?, document.clone()).is_some() {
                return Err(duplicated("a snapshot has a document twice", document));
            }
        }
        self.place(payload)
    }

    /// What changed; never what was so already. Whether anything did.
    pub(crate) fn change(&mut self, payload: &Value) -> Result<bool, Fault> {
        let (changes, before) = (&payload["changes"], (self.documents.len(), self.total));
        let (inserts, updates) = (list(changes, "inserts")?, list(changes, "updates")?);
        let deletes = list(changes, "deletes")?;
        for key in deletes {
            if self.documents.remove(&key.to_string()).is_none() {
                return Err(duplicated("a delete of what is not there", key));
            }
        }
        for document in updates {
            match self.documents.insert(self.key_of(document)?, document.clone()) {
                None => return Err(Fault::new(Kind::Lost, format!("an update of what is not there: {document}"))),
                Some(old) if old == *document => return Err(duplicated("an update that changes nothing", document)),
                Some(_) => {}
            }
        }
        for document in inserts {
            if self.documents.insert(self.key_of(document)?, document.clone()).is_some() {
                return Err(duplicated("an insert of what is there", document));
            }
        }
        self.place(payload)?;
        let said = inserts.len() + updates.len() + deletes.len();
        Ok(said > 0 || before.1 != self.total)
    }

    fn place(&mut self, payload: &Value) -> Result<(), Fault> {
        let protocol = |name: &str| Fault::new(Kind::Protocol, format!("no {name} in {payload}"));
        self.total = payload["total"].as_u64().ok_or_else(|| protocol("total"))?;
        self.cursor = Some(payload["cursor"].as_str().ok_or_else(|| protocol("cursor"))?.to_owned());
        let (here, wanted) = (self.documents.len() as u64, self.total.min(self.limit));
        if here == wanted {
            return Ok(());
        }
        let text = format!("{here} documents where {wanted} must be (total {}, limit {})", self.total, self.limit);
        Err(Fault::new(if here < wanted { Kind::Lost } else { Kind::Duplicated }, text))
    }

    fn key_of(&self, document: &Value) -> Result<String, Fault> {
        match document.get(&self.key) {
            Some(key) => Ok(key.to_string()),
            None => Err(Fault::new(Kind::Protocol, format!("a document without {}: {document}", self.key))),
        }
    }
}

fn list<'a>(value: &'a Value, name: &str) -> Result<&'a Vec<Value>, Fault> {
    value[name].as_array().ok_or_else(|| Fault::new(Kind::Protocol, format!("no list {name} in {value}")))
}

fn duplicated(what: &str, which: &Value) -> Fault {
    Fault::new(Kind::Duplicated, format!("{what}: {which}"))
}

#[cfg(test)]
mod tests {
    use alyx_testing::json;

    use super::*;

    fn delta([inserts, updates, deletes]: [Value; 3], total: u64) -> Value {
        let changes = json!({"inserts": inserts, "updates": updates, "deletes": deletes});
        json!({"changes": changes, "total": total, "cursor": "x"})
    }

    fn two() -> Copy {
        let mut copy = Copy::new(2, "id");
        let docs = json!([{"id": "a", "n": 1}, {"id": "b", "n": 1}]);
        copy.replace(&json!({"docs": docs, "total": 3, "cursor": "x"})).unwrap();
        copy
    }

    #[track_caller]
    fn check(delta: &Value, expected: Result<usize, Kind>) {
        let mut copy = two();
        let outcome = copy.change(delta);
        assert_eq!(outcome.map(|_| copy.documents.len()).map_err(|fault| fault.kind), expected);
    }

    #[test]
    fn a_right_delta_is_applied() {
        check(&delta([json!([{"id": "c"}]), json!([{"id": "b", "n": 2}]), json!(["a"])], 9), Ok(2));
        check(&delta([json!([]), json!([]), json!(["a"])], 1), Ok(1));
        assert!(!two().change(&delta([json!([]), json!([]), json!([])], 3)).unwrap());
    }

    #[test]
    fn a_lost_document_is_noticed() {
        // The window should have been filled up.
        check(&delta([json!([]), json!([]), json!(["a"])], 2), Err(Kind::Lost));
        check(&delta([json!([]), json!([{"id": "c"}]), json!([])], 3), Err(Kind::Lost));
    }

    #[test]
    fn a_duplicated_document_is_noticed() {
        check(&delta([json!([{"id": "a", "n": 2}]), json!([]), json!([])], 3), Err(Kind::Duplicated));
        check(&delta([json!([]), json!([{"id": "a", "n": 1}]), json!([])], 3), Err(Kind::Duplicated));
        check(&delta([json!([]), json!([]), json!(["c"])], 3), Err(Kind::Duplicated));
        check(&delta([json!([{"id": "c"}]), json!([]), json!([])], 3), Err(Kind::Duplicated));
        let twice = json!({"docs": [{"id": "a"}, {"id": "a"}], "total": 2, "cursor": "x"});
        assert_eq!(two().replace(&twice).unwrap_err().kind, Kind::Duplicated);
    }

    #[test]
    fn a_message_without_its_parts_is_noticed() {
        check(&json!({"changes": {}, "total": 1, "cursor": "x"}), Err(Kind::Protocol));
        check(&delta([json!([{"n": 1}]), json!([]), json!(["a"])], 3), Err(Kind::Protocol));
    }
}

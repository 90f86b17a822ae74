//! The fields of a small body: read by name, with every fault collected.

use alyx_config::Secret;
use alyx_schema::FieldFault;
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use crate::{
    collections::invalid_document,
    error::{ApiError, Result},
};

/// Longest text of a field that has no limit of its own.
const LONGEST: usize = 4096;

/// A body whose fields are taken out one by one.
pub(crate) struct Fields {
    left: Map<String, Json>,
    faults: Vec<FieldFault>,
}

impl Fields {
    pub(crate) fn new(body: Map<String, Json>) -> Self {
        Self { left: body, faults: Vec::new() }
    }

    /// The whole body, for calls that read it otherwise.
    pub(crate) fn into_map(self) -> Map<String, Json> {
        self.left
    }

    /// A text that must be there.
    pub(crate) fn text(&mut self, name: &'static str) -> String {
        let given = self.optional_text(name);
        if given.is_none() && self.faults.iter().all(|fault| fault.field != name) {
            self.fault(name, "REQUIRED", "is required");
        }
        given.unwrap_or_default()
    }

    /// A secret that must be there.
    pub(crate) fn secret(&mut self, name: &'static str) -> Secret {
        Secret::new(self.text(name))
    }

    /// A text, if it is there.
    pub(crate) fn optional_text(&mut self, name: &'static str) -> Option<String> {
        match self.left.remove(name)? {
            Json::String(text) if text.len() > LONGEST => self.fault(name, "MAX_LENGTH", "is too long"),
            Json::String(text) => return Some(text),
            _ => self.fault(name, "TYPE", "must be text"),
        }
        None
    }

    /// A flag, if it is there.
    pub(crate) fn optional_flag(&mut self, name: &'static str) -> Option<bool> {
        match self.left.remove(name)? {
            Json::Bool(flag) => return Some(flag),
            _ => self.fault(name, "TYPE", "must be true or false"),
        }
        None
    }

    /// An object, if it is there.
    pub(crate) fn optional_object(&mut self, name: &'static str) -> Option<Map<String, Json>> {
        match self.left.remove(name)? {
            Json::Object(object) => return Some(object),
            _ => self.fault(name, "TYPE", "must be an object"),
        }
        None
    }

    /// A moment, if it is there; null is none.
    pub(crate) fn optional_time(&mut self, name: &'static str) -> Option<Timestamp> {
        match self.left.remove(name)? {
            Json::Null => return None,
            Json::String(text) => match text.parse() {
                Ok(time) => return Some(time),
                Err(_) => self.fault(name, "FORMAT", "must be a time such as 2030-01-31T08:30:00Z"),
            },
            _ => self.fault(name, "TYPE", "must be a time such as 2030-01-31T08:30:00Z"),
        }
        None
    }

    /// Texts, of which there must be a list.
    pub(crate) fn texts(&mut self, name: &'static str) -> Vec<String> {
        let texts = match self.left.remove(name) {
            Some(Json::Array(items)) => items.into_iter().map(|item| item.as_str().map(str::to_owned)).collect(),
            Some(_) => None,
            None => {
                self.fault(name, "REQUIRED", "is required");
                return Vec::new();
            }
        };
        texts.unwrap_or_else(|| {
            self.fault(name, "TYPE", "must be a list of texts");
            Vec::new()
        })
    }

    /// Refuses with everything that was wrong, fields that nobody asked for included.
    pub(crate) fn finish(mut self) -> Result<()> {
        for name in std::mem::take(&mut self.left).keys().take(20) {
            self.faults.push(FieldFault {
                field: name.clone(),
                code: "UNKNOWN_FIELD",
                message: "is no field".to_owned(),
            });
        }
        if self.faults.is_empty() { Ok(()) } else { Err::<(), ApiError>(invalid_document(self.faults)) }
    }

    fn fault(&mut self, name: &'static str, code: &'static str, message: &str) {
        self.faults.push(FieldFault { field: name.to_owned(), code, message: message.to_owned() });
    }
}

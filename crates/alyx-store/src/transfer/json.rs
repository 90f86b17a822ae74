//! A seed in JSON, read a document at a time.

use std::{fmt, io::Read};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::{Error, Result};

/// Takes a document of a collection; false stops the reading.
pub(super) type Sink<'s> = dyn FnMut(&str, Value) -> bool + 's;

/// Reads `{"collection": [document, …], …}` and gives each document to the sink.
pub(super) fn read(reader: impl Read, sink: &mut Sink<'_>) -> Result<()> {
    let mut input = serde_json::Deserializer::from_reader(std::io::BufReader::new(reader));
    let mut stopped = false;
    let read = input.deserialize_map(Collections { sink, stopped: &mut stopped }).and_then(|()| input.end());
    match read {
        Err(error) if !stopped => Err(Error::Syntax(format!("this is not a seed in JSON: {error}"))),
        _ => Ok(()),
    }
}

struct Collections<'a, 's> {
    sink: &'a mut Sink<'s>,
    stopped: &'a mut bool,
}

impl<'de> Visitor<'de> for Collections<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of collections")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            map.next_value_seed(Documents { name: &name, sink: &mut *self.sink, stopped: &mut *self.stopped })?;
        }
        Ok(())
    }
}

struct Documents<'a, 's> {
    name: &'a str,
    sink: &'a mut Sink<'s>,
    stopped: &'a mut bool,
}

impl<'de> DeserializeSeed<'de> for Documents<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Documents<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of documents of {}", self.name)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut documents: A) -> Result<(), A::Error> {
        while let Some(document) = documents.next_element::<Value>()? {
            if !(self.sink)(self.name, document) {
                *self.stopped = true;
                return Err(serde::de::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}

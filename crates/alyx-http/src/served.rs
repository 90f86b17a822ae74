//! What a server serves at one moment: a store, its data model and the rules of that model.

use std::sync::Arc;

use alyx_query::Predicate;
use alyx_realtime::{Hub, Lookout};
use alyx_rules::RuleSet;
use alyx_schema::Schema;
use alyx_store::Store;

/// A store with the compiled rules of its schema. Cheap to clone.
#[derive(Clone)]
pub struct Served {
    store: Store,
    schema: Arc<Schema>,
    rules: Arc<RuleSet>,
    looks_at_headers: bool,
    looks_at_time: bool,
    channels_look_at_time: bool,
    live: Hub,
    lookout: Lookout,
}

impl Served {
    /// Joins a store and the rules that were compiled from its schema.
    #[must_use]
    pub fn new(store: Store, rules: Arc<RuleSet>) -> Self {
        let schema = store.schema();
        let looks_at_headers = rule_texts(&schema).any(|text| text.contains("headers"));
        let looks_at_time = read_rules(&schema).any(|text| text.contains("time"));
        let channels_look_at_time = channel_rules(&schema).any(|text| text.contains("time"));
        let (live, lookout) = (Hub::new(&store), Lookout::new(&store, rules.seen_from_channels()));
        Self { store, schema, rules, looks_at_headers, looks_at_time, channels_look_at_time, live, lookout }
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The data model.
    #[must_use]
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// The rules.
    #[must_use]
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// Whether it holds, where it speaks of other documents alone.
    pub(crate) async fn holds(&self, predicate: &Predicate) -> alyx_store::Result<bool> {
        // A question about documents is about those of some collection.
        let Some(any) = self.schema.collections.values().next() else { return Ok(false) };
        Ok(self.store.judge_alone(any, &[predicate]).await?.first() == Some(&true))
    }

    /// The live queries.
    pub(crate) fn live(&self) -> &Hub {
        &self.live
    }

    /// Changes of documents that rules of channels look at.
    pub(crate) fn lookout(&self) -> &Lookout {
        &self.lookout
    }

    /// Whether what may be read can change with time alone.
    pub(crate) fn looks_at_time(&self) -> bool {
        self.looks_at_time
    }

    /// Whether who may be in a channel can change with time alone.
    pub(crate) fn channels_look_at_time(&self) -> bool {
        self.channels_look_at_time
    }

    /// Whether a rule may ask for the request's headers.
    pub(crate) fn looks_at_headers(&self) -> bool {
        self.looks_at_headers
    }
}

fn rule_texts(schema: &Schema) -> impl Iterator<Item = &str> {
    let rules = schema.collections.values().flat_map(|collection| {
        let own =
            [&collection.rules.create, &collection.rules.read, &collection.rules.update, &collection.rules.delete];
        let fields = collection.fields.iter().flat_map(|field| [&field.rules.read, &field.rules.write]);
        own.into_iter().chain(fields)
    });
    rules.flatten().map(|rule| rule.text.as_str())
}

fn read_rules(schema: &Schema) -> impl Iterator<Item = &str> {
    let rules = schema.collections.values().flat_map(|collection| {
        let fields = collection.fields.iter().map(|field| &field.rules.read);
        std::iter::once(&collection.rules.read).chain(fields)
    });
    rules.flatten().map(|rule| rule.text.as_str())
}

/// The rules of channels that hold for longer than a moment.
fn channel_rules(schema: &Schema) -> impl Iterator<Item = &str> {
    let rules = schema.channels.iter().flat_map(|channel| [&channel.rules.join, &channel.rules.presence]);
    rules.flatten().map(|rule| rule.text.as_str())
}

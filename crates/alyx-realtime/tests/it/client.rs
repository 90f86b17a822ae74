//! A client that does nothing but apply what it is sent.

use std::collections::BTreeMap;

use alyx_realtime::{Deltas, Losses, Mailbox, Question, Start, Started};
use serde_json::Value as Json;

use crate::world::World;

/// What a subscription has, by the text of the key.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Held {
    pub(crate) documents: BTreeMap<String, Json>,
    pub(crate) total: u64,
    pub(crate) cursor: String,
}

/// A connection with its subscriptions.
pub(crate) struct Client {
    pub(crate) mailbox: Mailbox,
    deltas: Deltas,
    pub(crate) lost: Losses,
    pub(crate) held: BTreeMap<u64, Held>,
    /// Deltas that came.
    pub(crate) received: usize,
}

impl Client {
    pub(crate) fn new(capacity: usize) -> Self {
        let (mailbox, deltas, lost) = Mailbox::new(capacity);
        Self { mailbox, deltas, lost, held: BTreeMap::new(), received: 0 }
    }

    /// Subscribes; says whether what it had was enough to go on from.
    pub(crate) async fn subscribe(
        &mut self,
        world: &World,
        question: &Question,
        (number, since): (u64, Option<&str>),
    ) -> bool {
        let start = since.map_or(Start::Afresh, Start::Since);
        let started = world.hub.subscribe(question, (&self.mailbox, number), start).await.unwrap();
        let (bytes, resumed) = match &started {
            Started::Snapshot(bytes) | Started::Resync(bytes) => (bytes, false),
            Started::Resumed(bytes) => (bytes, true),
        };
        let inside = parse(bytes);
        if resumed {
            self.apply(number, &inside);
        } else {
            let documents = inside["docs"].as_array().unwrap().iter().map(|document| (key(document), document.clone()));
            let held = Held {
                documents: documents.collect(),
                total: inside["total"].as_u64().unwrap(),
                cursor: inside["cursor"].as_str().unwrap().to_owned(),
            };
            self.held.insert(number, held);
        }
        resumed
    }

    /// Applies all that has come; says for which subscriptions.
    pub(crate) async fn receive(&mut self) -> Vec<u64> {
        let mut order = Vec::new();
        while self.deltas.waiting() > 0 {
            let outgoing = self.deltas.recv().await;
            self.received += 1;
            let inside = parse(&outgoing.body);
            self.apply(outgoing.subscription, &inside);
            order.push(outgoing.subscription);
        }
        order
    }

    fn apply(&mut self, number: u64, inside: &Json) {
        let held = self.held.get_mut(&number).expect("it subscribed");
        let changes = &inside["changes"];
        for key in changes["deletes"].as_array().unwrap() {
            assert!(held.documents.remove(&key.to_string()).is_some(), "{key} was not there");
        }
        for document in changes["inserts"].as_array().unwrap() {
            assert!(held.documents.insert(key(document), document.clone()).is_none(), "{document} was there");
        }
        for document in changes["updates"].as_array().unwrap() {
            let old = held.documents.insert(key(document), document.clone());
            assert!(old.is_some_and(|old| old != *document), "{document} was not another before");
        }
        held.total = inside["total"].as_u64().unwrap();
        inside["cursor"].as_str().unwrap().clone_into(&mut held.cursor);
    }
}

fn parse(inside: &[u8]) -> Json {
    serde_json::from_slice(&[b"{", inside, b"}"].concat()).unwrap()
}

fn key(document: &Json) -> String {
    document["id"].to_string()
}

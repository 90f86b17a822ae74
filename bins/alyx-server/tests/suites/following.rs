//! Somebody who follows a query, over a WebSocket or server-sent events, held against what GET shows the same caller.

use std::collections::BTreeMap;

use alyx_testing::{Client, Socket, Subscribed, TestServer, Value, json};

use crate::realtime_events::Events;

/// A query, in the form that each way to ask it wants.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) collection: &'static str,
    pub(crate) condition: Value,
    /// Comma lists; empty ones are left out.
    pub(crate) sort: &'static str,
    pub(crate) expand: &'static str,
    pub(crate) fields: &'static str,
    pub(crate) limit: usize,
}

/// What GET shows at a moment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shown {
    documents: BTreeMap<String, Value>,
    total: u64,
}

/// Where changes come from.
enum Stream {
    Socket(Box<Socket>),
    Events(Box<Events>),
}

/// Somebody who follows a query.
pub(crate) struct Follower {
    stream: Stream,
    held: Subscribed,
}

impl Question {
    /// All of a collection.
    pub(crate) fn all(collection: &'static str) -> Self {
        Self { collection, condition: json!({}), sort: "", expand: "", fields: "", limit: 1000 }
    }

    /// As a list is asked.
    pub(crate) fn ask(&self, client: &Client) -> alyx_testing::Response {
        let parameters = self.parameters();
        let pairs: Vec<_> = parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
        client.query(&format!("/api/collections/{}", self.collection), &pairs)
    }

    /// As a subscription is asked.
    pub(crate) fn payload(&self) -> Value {
        let mut payload = json!({"collection": self.collection, "filter": self.condition, "limit": self.limit});
        for (name, list) in self.lists() {
            payload[name] = list.split(',').collect::<Vec<_>>().into();
        }
        payload
    }

    /// As a stream of events is asked.
    pub(crate) fn address(&self) -> String {
        let pairs =
            self.parameters().into_iter().map(|(name, value)| format!("{name}={}", alyx_testing::encode(&value)));
        [format!("collection={}", self.collection)].into_iter().chain(pairs).collect::<Vec<_>>().join("&")
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        let first = [("where", self.condition.to_string()), ("limit", self.limit.to_string())];
        first.into_iter().chain(self.lists().map(|(name, list)| (name, list.to_owned()))).collect()
    }

    fn lists(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        [("sort", self.sort), ("expand", self.expand), ("fields", self.fields)]
            .into_iter()
            .filter(|(_, list)| !list.is_empty())
    }
}

impl Shown {
    /// What a list has.
    #[track_caller]
    pub(crate) fn of(list: &Value) -> Self {
        let documents = list["docs"].as_array().expect("a list has documents");
        Self {
            documents: documents.iter().map(|document| (document["id"].to_string(), document.clone())).collect(),
            total: list["total"].as_u64().expect("a list has a total"),
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.documents.len()
    }
}

impl Follower {
    /// Follows over a WebSocket.
    #[track_caller]
    pub(crate) fn by_socket(server: &TestServer, token: Option<&str>, question: &Question) -> Self {
        let mut socket = Socket::open(server.address(), token);
        let held = socket.subscribe(&question.payload());
        Self { stream: Stream::Socket(Box::new(socket)), held }
    }

    /// Follows by server-sent events.
    #[track_caller]
    pub(crate) fn by_events(server: &TestServer, token: Option<&str>, question: &Question) -> Self {
        let header = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        let mut events = Events::open(server, &question.address(), &header);
        let mut held = Subscribed::default();
        held.apply(&events.next().2);
        Self { stream: Stream::Events(Box::new(events)), held }
    }

    /// Goes on over a new WebSocket where another follower of the same query ended.
    #[track_caller]
    pub(crate) fn resumed(server: &TestServer, question: &Question, ended: Self) -> Self {
        let mut socket = Socket::connect(server.address(), &[]).expect("it may connect");
        let mut held = ended.held;
        let mut payload = question.payload();
        payload["since"] = held.cursor.as_str().into();
        let id = socket.send("subscribe", &payload);
        let first = socket.receive();
        assert_eq!(first["id"], id, "{first}");
        first["payload"]["subscription_id"].as_str().expect("it has a name").clone_into(&mut held.id);
        held.apply(&first);
        Self { stream: Stream::Socket(Box::new(socket)), held }
    }

    /// What it has.
    pub(crate) fn has(&self) -> Shown {
        Shown { documents: self.held.documents.clone(), total: self.held.total }
    }

    /// Takes what comes until it has what is shown.
    #[track_caller]
    pub(crate) fn catch_up(&mut self, shown: &Shown) {
        while self.has() != *shown {
            let message = self.next();
            self.held.apply(&message);
        }
    }

    /// Fails where something more has come. Events cannot be asked for: they hear of it with the next change.
    #[track_caller]
    pub(crate) fn expect_nothing_more(&mut self, of: &str) {
        if let Stream::Socket(socket) = &mut self.stream {
            assert_eq!(socket.drain(), [] as [Value; 0], "{of}");
        }
    }

    #[track_caller]
    fn next(&mut self) -> Value {
        match &mut self.stream {
            Stream::Socket(socket) => socket.receive(),
            Stream::Events(events) => events.next().2,
        }
    }
}

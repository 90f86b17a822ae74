//! A WebSocket client that waits for what it expects.

use std::{
    collections::BTreeMap,
    io::ErrorKind,
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tungstenite::{
    Error, Message, WebSocket, client::IntoClientRequest, handshake::client::generate_key, protocol::CloseFrame,
};

const PATIENCE: Duration = Duration::from_secs(20);

/// An open connection to `/api/realtime`.
#[derive(Debug)]
pub struct Socket {
    socket: WebSocket<TcpStream>,
    next: u64,
    /// Messages that were not what somebody waited for.
    passed_over: Vec<Value>,
}

/// What a subscription has, if all that it was told is applied.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subscribed {
    /// What the server calls it.
    pub id: String,
    /// Its documents by the text of their `id`.
    pub documents: BTreeMap<String, Value>,
    /// How many there are in all.
    pub total: u64,
    /// Where it can be resumed.
    pub cursor: String,
}

impl Socket {
    /// Connects as the bearer of a token, or as nobody.
    #[track_caller]
    pub fn open(address: SocketAddr, token: Option<&str>) -> Self {
        let header = token.map(|token| format!("Bearer {token}"));
        let headers: Vec<_> = header.iter().map(|value| ("authorization", value.as_str())).collect();
        Self::connect(address, &headers).expect("it may connect")
    }

    /// Connects with these headers; the status of the answer where it is refused.
    ///
    /// # Errors
    /// The status with which the server refuses.
    pub fn connect(address: SocketAddr, headers: &[(&str, &str)]) -> Result<Self, u16> {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket takes a timeout");
        let url = format!("ws://{address}/api/realtime");
        let mut request = url.into_client_request().expect("it is a URL");
        for (name, value) in headers {
            let name: tungstenite::http::HeaderName = name.parse().expect("it is the name of a header");
            request.headers_mut().insert(name, value.parse().expect("it is the value of a header"));
        }
        request.headers_mut().insert("sec-websocket-key", generate_key().parse().expect("a key is Base64"));
        match tungstenite::client(request, stream) {
            Ok((socket, _)) => {
                let mut open = Self { socket, next: 0, passed_over: Vec::new() };
                open.wait("connected");
                Ok(open)
            }
            Err(tungstenite::HandshakeError::Failure(Error::Http(answer))) => Err(answer.status().as_u16()),
            Err(other) => panic!("no WebSocket: {other}"),
        }
    }

    /// Sends a message as it is.
    pub fn send_text(&mut self, text: &str) {
        self.socket.send(Message::text(text)).expect("the connection is open");
    }

    /// Sends a message with an `id` of its own, and gives that back.
    pub fn send(&mut self, kind: &str, payload: &Value) -> Value {
        self.next += 1;
        let id = json!(format!("m{}", self.next));
        self.send_text(&json!({"id": id, "type": kind, "payload": payload}).to_string());
        id
    }

    /// The next message.
    #[track_caller]
    pub fn receive(&mut self) -> Value {
        loop {
            match self.socket.read().unwrap_or_else(|fault| panic!("nothing came but {:?}: {fault}", self.passed_over))
            {
                Message::Text(text) => return serde_json::from_str(&text).expect("the server sends JSON"),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("an unexpected message: {other:?}"),
            }
        }
    }

    /// The next message of a type; others are kept for who waits for them.
    #[track_caller]
    pub fn wait(&mut self, kind: &str) -> Value {
        self.wait_for(kind, |_| true)
    }

    /// The next message of a type that is as wanted.
    #[track_caller]
    pub fn wait_for(&mut self, kind: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
        let fits = |message: &Value| message["type"] == kind && is_wanted(message);
        if let Some(place) = self.passed_over.iter().position(&fits) {
            return self.passed_over.remove(place);
        }
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let message = self.receive();
            if fits(&message) {
                return message;
            }
            self.passed_over.push(message);
        }
        panic!("no {kind} came, but {:?}", self.passed_over);
    }

    /// Everything that comes before the answer to a ping.
    #[track_caller]
    pub fn drain(&mut self) -> Vec<Value> {
        self.send_text(r#"{"type":"ping"}"#);
        let mut all = std::mem::take(&mut self.passed_over);
        loop {
            let message = self.receive();
            if message["type"] == "pong" {
                return all;
            }
            all.push(message);
        }
    }

    /// Answers so many pings of the server, and reads nothing else.
    #[track_caller]
    pub fn answer_pings(&mut self, count: usize) {
        for _ in 0..count {
            match self.socket.read() {
                Ok(Message::Ping(_)) => {}
                other => panic!("no ping: {other:?}"),
            }
        }
    }

    /// The answer to a message that is refused.
    #[track_caller]
    pub fn refused(&mut self, kind: &str, payload: &Value) -> Value {
        let id = self.send(kind, payload);
        self.wait_for("error", |message| message["id"] == id)["payload"].clone()
    }

    /// Subscribes, afresh or since a cursor, and waits for the beginning.
    #[track_caller]
    pub fn subscribe(&mut self, payload: &Value) -> Subscribed {
        let id = self.send("subscribe", payload);
        let message = self.wait_for("snapshot", |message| message["id"] == id);
        let mut subscribed = Subscribed::default();
        subscribed.apply(&message);
        subscribed
    }

    /// Waits for the close that the server sends, and gives back its code.
    pub fn closed(&mut self) -> Option<u16> {
        loop {
            match self.socket.read() {
                Ok(Message::Close(frame)) => return frame.map(|CloseFrame { code, .. }| code.into()),
                Ok(_) => {}
                Err(Error::Io(fault)) if fault.kind() == ErrorKind::WouldBlock => panic!("it is not closed"),
                Err(_) => return None,
            }
        }
    }

    /// The socket below, to be rude with.
    pub fn stream(&mut self) -> &mut TcpStream {
        self.socket.get_mut()
    }
}

impl Subscribed {
    /// Applies a snapshot or a delta; one of another subscription is none of its business.
    #[track_caller]
    pub fn apply(&mut self, message: &Value) {
        let payload = &message["payload"];
        let id = payload["subscription_id"].as_str().expect("it is for a subscription");
        match message["type"].as_str() {
            Some("snapshot") => {
                let documents = payload["docs"].as_array().expect("a snapshot has documents");
                self.documents = documents.iter().map(|document| (key(document), document.clone())).collect();
                id.clone_into(&mut self.id);
            }
            Some("delta") if id == self.id => self.change(&payload["changes"]),
            _ => return,
        }
        self.total = payload["total"].as_u64().expect("the total comes along");
        payload["cursor"].as_str().expect("the cursor comes along").clone_into(&mut self.cursor);
    }

    #[track_caller]
    fn change(&mut self, changes: &Value) {
        let list = |name: &str| changes[name].as_array().unwrap_or_else(|| panic!("no {name} in {changes}")).clone();
        for key in list("deletes") {
            assert!(self.documents.remove(&key.to_string()).is_some(), "{key} was not there");
        }
        for document in list("inserts") {
            assert!(self.documents.insert(key(&document), document.clone()).is_none(), "{document} was there");
        }
        for document in list("updates") {
            assert!(self.documents.insert(key(&document), document.clone()).is_some(), "{document} was not there");
        }
    }
}

fn key(document: &Value) -> String {
    document["id"].to_string()
}

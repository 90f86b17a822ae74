//! The DevTools protocol (JSON-RPC over a WebSocket): a call and its answer, with the page's complaints in between.

use std::{net::TcpStream, time::Duration};

use serde_json::{Value, json};
use tungstenite::{Message, WebSocket, client::IntoClientRequest};

const PATIENCE: Duration = Duration::from_secs(60);

/// The tools of one page.
#[derive(Debug)]
pub(super) struct DevTools {
    socket: WebSocket<TcpStream>,
    last: u64,
    /// What the page's console complained of.
    pub(super) complaints: Vec<String>,
}

impl DevTools {
    #[track_caller]
    pub(super) fn connect(url: &str) -> Self {
        let request = url.into_client_request().expect("the browser names a URL");
        let host = request.uri().authority().expect("with a host").as_str().to_owned();
        let stream = TcpStream::connect(host).expect("the browser listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket takes a timeout");
        let (socket, _) = tungstenite::client(request, stream).expect("the browser speaks WebSocket");
        Self { socket, last: 0, complaints: Vec::new() }
    }

    /// Calls a method and waits for its result.
    #[track_caller]
    pub(super) fn call(&mut self, method: &str, parameters: &Value) -> Value {
        let id = self.send(method, parameters).unwrap_or_else(|| panic!("{method} cannot be sent"));
        loop {
            let message = match self.socket.read() {
                Ok(Message::Text(text)) => serde_json::from_str::<Value>(&text).expect("the browser sends JSON"),
                Ok(_) => continue,
                Err(fault) => panic!("{method} has no answer: {fault}"),
            };
            if message["id"] == id {
                assert!(message.get("error").is_none(), "{method} failed: {message}");
                return message["result"].clone();
            }
            self.complaints.extend(complaint(&message));
        }
    }

    /// Calls a method without waiting; the id of the call, if the browser still listens.
    pub(super) fn send(&mut self, method: &str, parameters: &Value) -> Option<u64> {
        self.last += 1;
        let message = json!({"id": self.last, "method": method, "params": parameters});
        self.socket.send(Message::text(message.to_string())).ok()?;
        Some(self.last)
    }
}

/// The complaint in an event, if it is one.
fn complaint(event: &Value) -> Option<String> {
    let parameters = &event["params"];
    match event["method"].as_str()? {
        "Runtime.exceptionThrown" => Some(parameters["exceptionDetails"].to_string()),
        "Runtime.consoleAPICalled" if parameters["type"] == "error" => Some(parameters["args"].to_string()),
        "Log.entryAdded" if parameters["entry"]["level"] == "error" => {
            let text = |name: &str| parameters["entry"][name].as_str().unwrap_or_default();
            Some(format!("{} {}", text("text"), text("url")))
        }
        _ => None,
    }
}

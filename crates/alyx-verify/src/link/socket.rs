//! A WebSocket.

use std::{
    io::ErrorKind,
    net::{SocketAddr, TcpStream},
};

use alyx_testing::{Value, json};
use tungstenite::{
    Error, HandshakeError, Message, WebSocket, client::IntoClientRequest, handshake::client::generate_key,
};

use super::{Heard, Refusal, stream};

/// An open connection to `/api/realtime`.
pub(crate) struct Socket(WebSocket<TcpStream>);

impl Socket {
    pub(crate) fn open(address: SocketAddr, token: Option<&str>) -> Result<Self, Refusal> {
        let stream = stream(address).map_err(|_| Refusal::Gone)?;
        let url = format!("ws://{address}/api/realtime");
        let mut request = url.into_client_request().map_err(|_| Refusal::Gone)?;
        let mut set = |name: &'static str, value: String| {
            let value = value.parse().expect("keys and tokens are visible ASCII");
            request.headers_mut().insert(name, value);
        };
        set("sec-websocket-key", generate_key());
        if let Some(token) = token {
            set("authorization", format!("Bearer {token}"));
        }
        let socket = match tungstenite::client(request, stream) {
            Ok((socket, _)) => socket,
            Err(HandshakeError::Failure(Error::Http(answer))) => return Err(Refusal::Status(answer.status().as_u16())),
            Err(_) => return Err(Refusal::Gone),
        };
        socket.get_ref().set_nonblocking(true).map_err(|_| Refusal::Gone)?;
        Ok(Self(socket))
    }

    pub(super) fn hear(&mut self) -> Heard {
        match self.0.read() {
            Ok(Message::Text(text)) => match serde_json::from_str(&text) {
                Ok(message) => Heard::Message(message),
                Err(_) => Heard::Message(json!({"type": "no JSON", "payload": text.as_str()})),
            },
            Ok(Message::Ping(_) | Message::Pong(_)) => self.hear(),
            Ok(_) => Heard::Closed,
            Err(Error::Io(fault)) if fault.kind() == ErrorKind::WouldBlock => Heard::Nothing,
            Err(_) => Heard::Closed,
        }
    }

    /// Sends a message; whether the connection still stands.
    pub(crate) fn send(&mut self, message: &Value) -> bool {
        match self.0.send(Message::text(message.to_string())) {
            Ok(()) => true,
            Err(Error::Io(fault)) => fault.kind() == ErrorKind::WouldBlock,
            Err(_) => false,
        }
    }
}

//! Server-sent events over plain HTTP, with chunks undone as they come.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
};

use super::{Heard, Refusal, stream};

/// An open stream of events.
pub(crate) struct Events {
    stream: TcpStream,
    /// Bytes as they came, still in chunks.
    raw: Vec<u8>,
    /// Text of events that are not whole yet.
    text: Vec<u8>,
}

impl Events {
    /// Asks for the events of a query.
    pub(crate) fn open(
        address: SocketAddr,
        path: &str,
        token: Option<&str>,
        last: Option<&str>,
    ) -> Result<Self, Refusal> {
        let mut request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: text/event-stream\r\n");
        if let Some(token) = token {
            request.push_str(&format!("Authorization: Bearer {token}\r\n"));
        }
        if let Some(last) = last {
            request.push_str(&format!("Last-Event-ID: {last}\r\n"));
        }
        request.push_str("\r\n");
        let mut stream = stream(address).map_err(|_| Refusal::Gone)?;
        stream.write_all(request.as_bytes()).map_err(|_| Refusal::Gone)?;
        let mut events = Self { stream, raw: Vec::new(), text: Vec::new() };
        let status = events.read_head().ok_or(Refusal::Gone)?;
        if status != 200 {
            return Err(Refusal::Status(status));
        }
        events.stream.set_nonblocking(true).map_err(|_| Refusal::Gone)?;
        Ok(events)
    }

    fn read_head(&mut self) -> Option<u16> {
        let mut piece = [0; 4096];
        loop {
            if let Some(end) = find(&self.raw, b"\r\n\r\n") {
                let head: Vec<u8> = self.raw.drain(..end + 4).collect();
                return String::from_utf8_lossy(&head).split(' ').nth(1)?.parse().ok();
            }
            match self.stream.read(&mut piece) {
                Ok(0) | Err(_) => return None,
                Ok(read) => self.raw.extend_from_slice(&piece[..read]),
            }
        }
    }

    pub(super) fn hear(&mut self) -> Heard {
        let mut piece = [0; 65_536];
        loop {
            if let Some(message) = self.next_event() {
                return Heard::Message(message);
            }
            match self.stream.read(&mut piece) {
                Ok(0) => return Heard::Closed,
                Ok(read) => self.raw.extend_from_slice(&piece[..read]),
                Err(fault) if fault.kind() == ErrorKind::WouldBlock => return Heard::Nothing,
                Err(_) => return Heard::Closed,
            }
            self.undo_chunks();
        }
    }

    fn undo_chunks(&mut self) {
        while let Some(end) = find(&self.raw, b"\r\n") {
            let size = String::from_utf8_lossy(&self.raw[..end]).trim().to_owned();
            let Ok(size) = usize::from_str_radix(&size, 16) else { return };
            let whole = end + 2 + size + 2;
            if self.raw.len() < whole {
                return;
            }
            self.text.extend_from_slice(&self.raw[end + 2..end + 2 + size]);
            self.raw.drain(..whole);
        }
    }

    /// The data of the next whole event; a comment is none.
    fn next_event(&mut self) -> Option<alyx_testing::Value> {
        self.undo_chunks();
        while let Some(end) = find(&self.text, b"\n\n") {
            let event: Vec<u8> = self.text.drain(..end + 2).collect();
            let event = String::from_utf8_lossy(&event);
            let data = event.lines().find_map(|line| line.strip_prefix("data: "));
            if let Some(data) = data {
                return serde_json::from_str(data).ok();
            }
        }
        None
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use std::{net::TcpListener, thread};

    use super::*;

    #[test]
    fn events_are_read_from_chunks_that_split_them() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let body =
                "1\r\n:\r\n10\r\n\n\nevent: delta\nd\r\n16\r\nata: {\"type\":\"delta\"}\n\r\n1\r\n\n\r\n0\r\n\r\n";
            write!(stream, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}").unwrap();
        });
        let mut events = Events::open(address, "/", None, None).unwrap();
        server.join().unwrap();
        let heard = loop {
            match events.hear() {
                Heard::Nothing => thread::yield_now(),
                Heard::Message(message) => break message,
                Heard::Closed => panic!("an event is lost"),
            }
        };
        assert_eq!(heard["type"], "delta");
    }
}

//! Server-sent events (WHATWG HTML, section 9.2) out of bytes that come in any pieces.

/// Most bytes of one event: a thousand large documents fit.
const LONGEST: usize = 256 << 20;

/// One event.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Event {
    /// Its type.
    pub(super) name: String,
    /// Its data, JSON.
    pub(super) data: String,
}

/// An event is longer than any should be.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server sent an event of more than {LONGEST} bytes")]
pub(super) struct TooLong;

/// Events as far as their bytes have come.
#[derive(Default)]
pub(super) struct Events {
    bytes: Vec<u8>,
    /// So many bytes hold no end of a line.
    searched: usize,
    name: String,
    data: String,
}

impl Events {
    /// Takes further bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), TooLong> {
        if self.bytes.len() + self.data.len() + bytes.len() > LONGEST {
            return Err(TooLong);
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// The next whole event.
    pub(super) fn next(&mut self) -> Option<Event> {
        while let Some(line) = self.line() {
            if !line.is_empty() {
                self.field(&line);
            } else if self.data.is_empty() {
                self.name.clear();
            } else {
                self.data.truncate(self.data.len() - 1);
                return Some(Event { name: std::mem::take(&mut self.name), data: std::mem::take(&mut self.data) });
            }
        }
        None
    }

    fn field(&mut self, line: &str) {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => {
                self.data.push_str(value);
                self.data.push('\n');
            }
            _ => {}
        }
    }

    /// The next whole line. A carriage return alone ends none: no server of ours sends one.
    fn line(&mut self) -> Option<String> {
        let Some(end) = self.bytes[self.searched..].iter().position(|byte| *byte == b'\n') else {
            self.searched = self.bytes.len();
            return None;
        };
        let rest = self.bytes.split_off(self.searched + end + 1);
        let line = std::mem::replace(&mut self.bytes, rest);
        self.searched = 0;
        Some(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_whole_whatever_the_pieces() {
        let text = "event: snapshot\nid: x\ndata: {\"a\":\"ü\"}\n\n:\n\nevent: lost\n\ndata:1\r\ndata: 2\r\n\r\n";
        for size in 1..text.len() {
            let mut events = Events::default();
            let mut found = Vec::new();
            for piece in text.as_bytes().chunks(size) {
                events.push(piece).unwrap();
                found.extend(std::iter::from_fn(|| events.next()));
            }
            let event = |name: &str, data: &str| Event { name: name.to_owned(), data: data.to_owned() };
            assert_eq!(found, [event("snapshot", "{\"a\":\"ü\"}"), event("", "1\n2")], "{size}");
        }
    }

    #[test]
    fn no_event_fills_the_memory() {
        let mut events = Events::default();
        let piece = vec![b'x'; 64 << 20];
        let outcomes: Vec<_> = (0..5).map(|_| events.push(&piece)).collect();
        assert_eq!(outcomes, [Ok(()), Ok(()), Ok(()), Ok(()), Err(TooLong)]);
    }
}

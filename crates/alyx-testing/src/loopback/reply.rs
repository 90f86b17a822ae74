//! What a double answers: a whole answer, or one that never ends well.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::TcpStream,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::Duration,
};

use serde_json::Value;

/// How often an answer without an end looks whether it may stop.
const TICK: Duration = Duration::from_millis(50);

/// An endless answer stops here and is silent from then on, so that a client without a limit does not take
/// the machine down with it.
const ENOUGH: u64 = 64 << 20;

/// The head of answers without an end; blanks may stand before any JSON, so only a limit helps.
const OPEN_HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n";

/// One answer.
#[derive(Debug)]
pub(crate) enum Reply {
    /// Status, headers and body.
    Whole(u16, Vec<(&'static str, String)>, String),
    /// As many bytes as the client will take.
    Endless,
    /// A byte at a time, for ever.
    Trickle,
    /// Nothing at all, with the connection open.
    Hang,
}

impl Reply {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::text(status, "application/json", body.to_string())
    }

    pub(crate) fn html(status: u16, body: &str) -> Self {
        Self::text(status, "text/html; charset=utf-8", body.to_owned())
    }

    pub(crate) fn text(status: u16, kind: &str, body: String) -> Self {
        Self::Whole(status, vec![("Content-Type", kind.to_owned())], body)
    }

    pub(crate) fn redirect(status: u16, location: &str) -> Self {
        Self::Whole(status, vec![("Location", location.to_owned())], String::new())
    }

    pub(crate) fn not_found() -> Self {
        Self::html(404, "<h1>Not found</h1>")
    }

    /// Writes the answer; those without an end stop when the client leaves or the server is over.
    pub(super) fn send(&self, stream: &mut TcpStream, is_over: &AtomicBool, longest: &AtomicU64) -> io::Result<()> {
        match self {
            Self::Whole(status, headers, body) => {
                let message = whole(*status, headers, body);
                longest.fetch_max(message.len() as u64, Ordering::SeqCst);
                stream.write_all(message.as_bytes())
            }
            Self::Endless => pour(stream, is_over, longest),
            Self::Trickle => trickle(stream, is_over),
            Self::Hang => stay_silent(stream, is_over),
        }
    }
}

fn whole(status: u16, headers: &[(&'static str, String)], body: &str) -> String {
    let mut message = format!("HTTP/1.1 {status} Double\r\nContent-Length: {}\r\nConnection: close\r\n", body.len());
    for (name, value) in headers {
        message.push_str(&format!("{name}: {value}\r\n"));
    }
    message + "Cache-Control: no-store\r\n\r\n" + body
}

fn pour(stream: &mut TcpStream, is_over: &AtomicBool, longest: &AtomicU64) -> io::Result<()> {
    let blanks = [b' '; 64 << 10];
    let mut sent = 0;
    stream.set_write_timeout(Some(TICK))?;
    stream.write_all(OPEN_HEAD)?;
    while !is_over.load(Ordering::SeqCst) && sent < ENOUGH {
        match stream.write(&blanks) {
            Ok(written) => sent += written as u64,
            Err(fault) if is_pause(&fault) => {}
            Err(fault) => return Err(fault),
        }
        longest.fetch_max(sent, Ordering::SeqCst);
    }
    stay_silent(stream, is_over)
}

fn trickle(stream: &mut TcpStream, is_over: &AtomicBool) -> io::Result<()> {
    stream.write_all(OPEN_HEAD)?;
    while !is_over.load(Ordering::SeqCst) {
        stream.write_all(b" ")?;
        thread::sleep(TICK);
    }
    Ok(())
}

fn stay_silent(stream: &mut TcpStream, is_over: &AtomicBool) -> io::Result<()> {
    stream.set_read_timeout(Some(TICK))?;
    while !is_over.load(Ordering::SeqCst) {
        match stream.read(&mut [0; 64]) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(fault) if is_pause(&fault) => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(())
}

fn is_pause(fault: &io::Error) -> bool {
    matches!(fault.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

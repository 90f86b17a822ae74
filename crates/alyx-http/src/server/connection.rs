//! One connection's bytes. Where the HTTP layer answers by itself, with a status and no body, the error
//! shape is put in: a request that could not be read, came too slowly, or had too large a head.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use actix_web::http::StatusCode;

use crate::{AppState, layer::protocol_error};

/// The status lines that the HTTP layer sends by itself; our own answers with these have a body.
const BARE: [(&[u8], StatusCode); 4] = [
    (b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n", StatusCode::BAD_REQUEST),
    (b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n", StatusCode::REQUEST_TIMEOUT),
    (
        b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\n",
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
    ),
    (b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n", StatusCode::INTERNAL_SERVER_ERROR),
];

/// No bare answer is longer: status line, length, connection and date.
const LONGEST_BARE: usize = 256;

/// A stream whose bare error answers get a body.
pub(super) struct Connection<T> {
    stream: T,
    state: AppState,
    pending: Option<Replacement>,
}

/// Bytes that go out in place of the last ones of a write.
struct Replacement {
    bytes: Vec<u8>,
    sent: usize,
    /// How much of the caller's buffer they stand for.
    stands_for: usize,
}

impl<T> Connection<T> {
    /// Wraps a stream.
    pub(super) fn new(stream: T, state: AppState) -> Self {
        Self { stream, state, pending: None }
    }

    /// Where the bare answer at the end of `written` starts, and what to send for it.
    fn replacement(&self, written: &[u8]) -> Option<(usize, Vec<u8>)> {
        if !written.ends_with(b"\r\n\r\n") {
            return None;
        }
        let from = written.len().saturating_sub(LONGEST_BARE);
        let start = from + find_last(&written[from..], b"HTTP/1.1 ")?;
        let answer = &written[start..];
        let (_, status) = BARE.into_iter().find(|(head, _)| answer.starts_with(head))?;
        let (request_id, body) = protocol_error(&self.state, status);
        let request_id = request_id.to_str().unwrap_or_default();
        let line = answer.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let head = format!(
            "{}\ncontent-length: {}\r\ncontent-type: application/json\r\nconnection: close\r\nx-request-id: {request_id}\r\n\r\n",
            String::from_utf8_lossy(line),
            body.len()
        );
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(&body);
        Some((start, bytes))
    }
}

fn find_last(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).rposition(|window| window == needle)
}

impl<T: AsyncWrite + Unpin> Connection<T> {
    fn poll_pending(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let Some(replacement) = &mut self.pending else { return Poll::Ready(Ok(0)) };
        while replacement.sent < replacement.bytes.len() {
            let rest = &replacement.bytes[replacement.sent..];
            let sent = ready!(Pin::new(&mut self.stream).poll_write(cx, rest))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            replacement.sent += sent;
        }
        let stood_for = replacement.stands_for;
        self.pending = None;
        Poll::Ready(Ok(stood_for))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Connection<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Connection<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        if self.pending.is_some() {
            return self.poll_pending(cx);
        }
        match self.replacement(buffer) {
            None => Pin::new(&mut self.stream).poll_write(cx, buffer),
            // What stands before it goes out first; the caller comes back with the rest.
            Some((start, _)) if start > 0 => Pin::new(&mut self.stream).poll_write(cx, &buffer[..start]),
            Some((_, bytes)) => {
                self.pending = Some(Replacement { bytes, sent: 0, stands_for: buffer.len() });
                self.poll_pending(cx)
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

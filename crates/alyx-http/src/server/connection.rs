//! One connection's bytes. Where the HTTP layer answers by itself, with a status and no body, the error
//! shape is put in: a request that could not be read, came too slowly, or had too large a head.

mod patience;

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_web::http::StatusCode;
use patience::{Patience, Reading};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

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

const SWITCHING: &[u8] = b"HTTP/1.1 101 ";

/// No bare answer is longer: status line, length, connection and date.
const LONGEST_BARE: usize = 256;

/// A stream whose bare error answers get a body.
pub(super) struct Connection<T> {
    stream: T,
    state: AppState,
    peer: Option<SocketAddr>,
    patience: Patience,
    reading: Reading,
    /// Something else than HTTP is spoken by now.
    upgraded: bool,
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
    pub(super) fn new(stream: T, state: AppState, peer: Option<SocketAddr>) -> Self {
        let options = state.options();
        let limit = options.listen.head_timeout.zip(options.request_timeout).map(|(head, request)| head + request);
        let (patience, reading) = (Patience::new(limit), Reading::new(options.request_timeout));
        Self { stream, state, peer, patience, reading, upgraded: false, pending: None }
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
        Some((start, whole_answer(&self.state, status)))
    }
}

/// An answer in the error shape, from its status line on.
fn whole_answer(state: &AppState, status: StatusCode) -> Vec<u8> {
    let (request_id, body) = protocol_error(state, status);
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\ncontent-type: application/json\r\nconnection: close\r\n\
         x-content-type-options: nosniff\r\nx-request-id: {}\r\n\r\n",
        body.len(),
        request_id.to_str().unwrap_or_default()
    );
    [head.into_bytes(), body].concat()
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

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncRead for Connection<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(cx, buffer) {
            Poll::Ready(done) => {
                if buffer.filled().len() > before {
                    self.patience.received();
                }
                Poll::Ready(done)
            }
            Poll::Pending if self.is_patience_over(cx) => self.poll_give_up(cx),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<T> Connection<T> {
    /// Whether the client has used up its time; one that waits for a function has more.
    fn is_patience_over(&mut self, cx: &mut Context<'_>) -> bool {
        if !self.patience.is_over(cx) {
            return false;
        }
        let waits = self.peer.is_some_and(|peer| self.state.invocations().awaited_by(peer));
        if waits {
            self.patience.begin_again(cx);
        }
        !waits
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> Connection<T> {
    /// Says so, and ends the input; the HTTP layer then closes.
    fn poll_give_up(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.pending.is_none() {
            let bytes = whole_answer(&self.state, StatusCode::REQUEST_TIMEOUT);
            self.pending = Some(Replacement { bytes, sent: 0, stands_for: 0 });
        }
        ready!(self.poll_pending(cx))?;
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Connection<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        self.patience.answered();
        let written = self.poll_answer(cx, buffer);
        self.reading.watch(cx, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl<T: AsyncWrite + Unpin> Connection<T> {
    fn poll_answer(&mut self, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        if self.pending.is_some() {
            return self.poll_pending(cx);
        }
        if !self.upgraded && buffer.starts_with(SWITCHING) {
            self.upgraded = true;
            self.patience.end();
            self.reading.allow(self.state.options().realtime.silence());
        }
        if self.upgraded {
            return Pin::new(&mut self.stream).poll_write(cx, buffer);
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
}

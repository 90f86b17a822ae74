//! The smallest WebSocket client (RFC 6455) that can listen: whole text frames, pings answered.

use anyhow::{Result, bail, ensure};
use bytes::{Buf, Bytes, BytesMut};
use memchr::memmem;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// The key and its answer that the RFC has as an example: they are no secret.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &[u8] = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

const WHOLE: u8 = 0x80;
const TEXT: u8 = WHOLE | 1;
const CLOSE: u8 = WHOLE | 8;
const PING: u8 = WHOLE | 9;
const PONG: u8 = WHOLE | 10;
/// What is read at once: a message of these workloads.
const READ: usize = 4096;

/// An open WebSocket.
pub(crate) struct Socket {
    stream: TcpStream,
    buffer: BytesMut,
}

impl Socket {
    /// Connects as the bearer of a token.
    pub(crate) async fn connect(address: &str, path: &str, token: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let mut socket = Self { stream, buffer: BytesMut::new() };
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\nAuthorization: Bearer {token}\r\n\r\n"
        );
        socket.stream.write_all(request.as_bytes()).await?;
        let head = socket.head().await?;
        let is_open = head.starts_with(b"HTTP/1.1 101 ") && memmem::find(&head, ACCEPT).is_some();
        ensure!(is_open, "no WebSocket: {}", String::from_utf8_lossy(&head).lines().next().unwrap_or_default());
        Ok(socket)
    }

    /// Sends a text.
    pub(crate) async fn send(&mut self, text: &str) -> Result<()> {
        self.send_frame(TEXT, text.as_bytes()).await
    }

    /// The next text.
    pub(crate) async fn next(&mut self) -> Result<Bytes> {
        loop {
            match take_frame(&mut self.buffer) {
                Some((TEXT, text)) => return Ok(text),
                Some((PING, body)) => self.send_frame(PONG, &body).await?,
                Some((CLOSE, _)) => bail!("the server closed the connection"),
                Some((first, _)) => bail!("a frame that begins with {first:#x}"),
                None => self.read().await?,
            }
        }
    }

    /// Forgets a large buffer, which ten thousand connections would keep.
    pub(crate) fn shrink(&mut self) {
        self.buffer = BytesMut::from(&self.buffer[..]);
    }

    async fn head(&mut self) -> Result<BytesMut> {
        loop {
            if let Some(end) = memmem::find(&self.buffer, b"\r\n\r\n") {
                return Ok(self.buffer.split_to(end + 4));
            }
            self.read().await?;
        }
    }

    async fn read(&mut self) -> Result<()> {
        self.buffer.reserve(READ);
        ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the connection ended");
        Ok(())
    }

    async fn send_frame(&mut self, first: u8, body: &[u8]) -> Result<()> {
        let mut frame = vec![first];
        match body.len() {
            short @ 0..126 => frame.push(WHOLE | u8::try_from(short)?),
            long => {
                frame.push(WHOLE | 126);
                frame.extend_from_slice(&u16::try_from(long)?.to_be_bytes());
            }
        }
        // A client must mask; masked with zeros a text stays what it is.
        frame.extend_from_slice(&[0; 4]);
        frame.extend_from_slice(body);
        Ok(self.stream.write_all(&frame).await?)
    }
}

/// The first byte and the body of a frame that is there as a whole.
fn take_frame(buffer: &mut BytesMut) -> Option<(u8, Bytes)> {
    let first = *buffer.first()?;
    let (head, length) = match buffer.get(1)? & 0x7f {
        126 => (4, usize::from(u16::from_be_bytes(*buffer.get(2..)?.first_chunk()?))),
        127 => (10, usize::try_from(u64::from_be_bytes(*buffer.get(2..)?.first_chunk()?)).ok()?),
        short => (2, usize::from(short)),
    };
    if buffer.len() - head.min(buffer.len()) < length {
        return None;
    }
    buffer.advance(head);
    Some((first, buffer.split_to(length).freeze()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_every_length_are_taken_once_they_are_whole() {
        for length in [0_usize, 125, 126, 65_535, 65_536] {
            let mut frame = vec![TEXT];
            match length {
                0..126 => frame.push(length as u8),
                126..65_536 => frame.extend([&[126], &(length as u16).to_be_bytes()[..]].concat()),
                _ => frame.extend([&[127], &(length as u64).to_be_bytes()[..]].concat()),
            }
            frame.extend(vec![b'x'; length]);
            for cut in (0..frame.len()).step_by(frame.len().div_ceil(40)) {
                assert_eq!(take_frame(&mut BytesMut::from(&frame[..cut])), None, "{cut} of {length}");
            }
            frame.push(PING);
            let mut buffer = BytesMut::from(&frame[..]);
            assert_eq!(take_frame(&mut buffer).unwrap().1.len(), length);
            assert_eq!(buffer, [PING][..]);
        }
    }
}

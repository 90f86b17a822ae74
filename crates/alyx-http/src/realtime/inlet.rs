//! What a client sends, as far as its frames are not too long (RFC 6455, section 5.2). What reads them keeps a frame
//! until all of it is there, so one that is too long is refused by its head.

use actix_web::{
    FromRequest, HttpRequest, Result, dev,
    error::PayloadError,
    web::{Bytes, Payload},
};
use futures_util::StreamExt;

/// Follows frames by their heads.
struct Frames {
    /// Longest frame.
    limit: u64,
    head: Vec<u8>,
    /// What is to come of a frame whose head is known.
    rest: u64,
}

/// The same bytes up to the first frame that is too long, and a fault in its place.
pub(super) async fn limited(request: &HttpRequest, payload: Payload, limit: u64) -> Result<Payload> {
    let mut frames = Frames::new(limit);
    let checked = payload.map(move |part: Result<Bytes, PayloadError>| match part {
        Ok(bytes) if !frames.allow(&bytes) => Err(PayloadError::Overflow),
        part => part,
    });
    Payload::from_request(request, &mut dev::Payload::Stream { payload: Box::pin(checked) }).await
}

impl Frames {
    fn new(limit: u64) -> Self {
        Self { limit, head: Vec::new(), rest: 0 }
    }

    /// Whether no frame that begins in these bytes is too long.
    fn allow(&mut self, mut bytes: &[u8]) -> bool {
        while let Some((first, others)) = bytes.split_first() {
            if self.rest > 0 {
                let skipped = usize::try_from(self.rest).unwrap_or(usize::MAX).min(bytes.len());
                self.rest -= skipped as u64;
                bytes = &bytes[skipped..];
                continue;
            }
            self.head.push(*first);
            bytes = others;
            if let Some(length) = length(&self.head) {
                if length > self.limit {
                    return false;
                }
                self.head.clear();
                self.rest = length;
            }
        }
        true
    }
}

/// The length that a head tells, once it is whole.
fn length(head: &[u8]) -> Option<u64> {
    let second = *head.get(1)?;
    let extended = match second & 0x7f {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    if head.len() < 2 + extended + mask {
        return None;
    }
    let tell = |bytes: &[u8]| bytes.iter().fold(0, |length, byte| length << 8 | u64::from(*byte));
    Some(if extended == 0 { u64::from(second & 0x7f) } else { tell(&head[2..2 + extended]) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(length: usize) -> Vec<u8> {
        let mut frame = match length {
            0..126 => vec![0x81, 0x80 | length as u8],
            126..65_536 => [&[0x81, 0xfe][..], &(length as u16).to_be_bytes()].concat(),
            _ => [&[0x81, 0xff][..], &(length as u64).to_be_bytes()].concat(),
        };
        frame.extend(vec![0xff; 4 + length]);
        frame
    }

    #[test]
    fn frames_are_followed_however_they_are_cut() {
        let bytes: Vec<u8> = [0, 1, 125, 126, 300, 65_535, 65_536, 70_000, 0, 5].into_iter().flat_map(frame).collect();
        for part in [1, 2, 3, 7, 1000, bytes.len()] {
            let mut frames = Frames::new(70_000);
            assert!(bytes.chunks(part).all(|part| frames.allow(part)), "{part}");
            assert!(frames.rest == 0 && frames.head.is_empty(), "{part}");
            let mut frames = Frames::new(69_999);
            assert!(!bytes.chunks(part).all(|part| frames.allow(part)), "{part}");
        }
    }

    #[test]
    fn a_length_that_is_only_claimed_is_enough() {
        let mut frames = Frames::new(512);
        assert!(frames.allow(&frame(512)));
        assert!(!frames.allow(&[0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]));
    }
}

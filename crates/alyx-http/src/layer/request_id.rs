//! The name of a request: the client's, where it is usable, or a new one.

use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::{dev::ServiceRequest, http::header::HeaderValue};
use alyx_schema::clock::IdGenerator;

use super::X_REQUEST_ID;

const LONGEST: usize = 128;

/// Makes request ids: a random part per process and a count, which costs far less than randomness each time.
pub(crate) struct RequestIds {
    process: String,
    next: AtomicU64,
}

impl RequestIds {
    /// Ids that differ from those of any other process.
    pub(crate) fn new(ids: &dyn IdGenerator) -> Self {
        let uuid = ids.uuid();
        let process = uuid.rsplit('-').next().unwrap_or_default().to_owned();
        Self { process, next: AtomicU64::new(1) }
    }

    /// The id of this request.
    pub(crate) fn of(&self, request: &ServiceRequest) -> HeaderValue {
        match request.headers().get(X_REQUEST_ID) {
            Some(value) if is_usable(value.as_bytes()) => value.clone(),
            _ => self.make(),
        }
    }

    /// A new id.
    pub(crate) fn make(&self) -> HeaderValue {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        let text = format!("{}-{count:08x}", self.process);
        HeaderValue::try_from(text).expect("hexadecimal digits and a dash are valid in a header")
    }
}

fn is_usable(value: &[u8]) -> bool {
    (1..=LONGEST).contains(&value.len()) && value.iter().all(u8::is_ascii_graphic)
}

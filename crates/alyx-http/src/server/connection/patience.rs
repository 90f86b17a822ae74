//! How long a client may send without having been answered.
//!
//! The HTTP layer watches the first head of a connection only; a later one could drip in for ever.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use tokio::time::{Sleep, sleep};

/// Watches one connection. The clock is looked at once a request, the timer moves only when it fires.
pub(super) struct Patience {
    limit: Option<Duration>,
    waiting_since: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    /// No limit where it is `None`.
    pub(super) fn new(limit: Option<Duration>) -> Self {
        Self { limit, waiting_since: None, timer: None }
    }

    /// Bytes came in: an answer is due.
    pub(super) fn received(&mut self) {
        if self.limit.is_some() && self.waiting_since.is_none() {
            self.waiting_since = Some(Instant::now());
        }
    }

    /// Bytes went out.
    pub(super) fn answered(&mut self) {
        self.waiting_since = None;
    }

    /// From now on there is no limit.
    pub(super) fn end(&mut self) {
        (self.limit, self.timer) = (None, None);
    }

    /// Whether the client has used up its time; wakes the task when it has.
    pub(super) fn is_over(&mut self, cx: &mut Context<'_>) -> bool {
        let (Some(limit), Some(since)) = (self.limit, self.waiting_since) else { return false };
        loop {
            let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(limit)));
            if timer.as_mut().poll(cx) == Poll::Pending {
                return false;
            }
            let left = limit.saturating_sub(since.elapsed());
            if left.is_zero() {
                return true;
            }
            self.timer = Some(Box::pin(sleep(left)));
        }
    }
}

//! How long a client may send without having been answered, and leave its answer unread.
//!
//! The HTTP layer watches the first head of a connection only; a later one could drip in for ever.

use std::{
    future::Future,
    io,
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

    /// Gives the client its whole time again.
    pub(super) fn begin_again(&mut self, cx: &mut Context<'_>) {
        self.waiting_since = Some(Instant::now());
        self.is_over(cx);
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

/// Watches how an answer goes out: whoever reads none of it holds its memory.
pub(super) struct Reading {
    limit: Option<Duration>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Reading {
    /// No limit where it is `None`.
    pub(super) fn new(limit: Option<Duration>) -> Self {
        Self { limit, timer: None }
    }

    /// The outcome of a write, or an error where the client has taken nothing for too long.
    pub(super) fn watch(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        let Some(limit) = self.limit else { return written };
        if written.is_ready() {
            self.timer = None;
            return written;
        }
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(limit)));
        timer.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }

    /// From now on this is the limit.
    pub(super) fn allow(&mut self, limit: Duration) {
        (self.limit, self.timer) = (Some(limit), None);
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use futures_util::FutureExt;

    use super::*;

    const STUCK: Poll<io::Result<usize>> = Poll::Pending;

    #[tokio::test]
    async fn an_answer_that_nobody_reads_is_given_up() {
        let mut reading = Reading::new(Some(Duration::from_millis(5)));
        let fault = poll_fn(|cx| reading.watch(cx, STUCK)).await.unwrap_err();
        assert_eq!(fault.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn progress_starts_the_time_anew() {
        let mut reading = Reading::new(Some(Duration::from_secs(3600)));
        assert!(poll_fn(|cx| reading.watch(cx, STUCK)).now_or_never().is_none());
        assert!(reading.timer.is_some());
        assert_eq!(poll_fn(|cx| reading.watch(cx, Poll::Ready(Ok(7)))).await.unwrap(), 7);
        assert!(reading.timer.is_none());
    }
}

//! Something of a provider's that is fetched now and then: by one caller for all, and not again at once where it
//! failed. What was fetched before serves on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::Fault;

/// When something is fetched again, in seconds.
#[derive(Clone, Copy)]
pub(super) struct Pace {
    /// The age from which on it is.
    pub(super) oldest: i64,
    /// How long after a try, however it ended.
    pub(super) pause: i64,
}

/// What is fetched now and then.
pub(super) struct Refreshed<T> {
    kept: Mutex<Kept<T>>,
    flight: tokio::sync::Mutex<()>,
}

struct Kept<T> {
    value: Option<(Arc<T>, Timestamp)>,
    tried_at: Option<Timestamp>,
}

impl<T> Refreshed<T> {
    pub(super) fn new() -> Self {
        Self { kept: Mutex::new(Kept { value: None, tried_at: None }), flight: tokio::sync::Mutex::new(()) }
    }

    /// The value, fetched anew where it is too old.
    pub(super) async fn get(
        &self,
        now: Timestamp,
        pace: Pace,
        fetch: impl Future<Output = Result<T, Fault>>,
    ) -> Result<Arc<T>, Fault> {
        if let Some(fresh) = self.fresh(now, pace) {
            return Ok(fresh);
        }
        let _flight = self.flight.lock().await;
        if let Some(fresh) = self.fresh(now, pace) {
            return Ok(fresh);
        }
        let is_pausing = self.kept().tried_at.is_some_and(|tried| is_within(pace.pause, tried, now));
        if is_pausing {
            return self.before(Fault::because("it could not be reached a moment ago"));
        }
        let fetched = fetch.await;
        // Only now: a caller that goes away in the middle leaves no trace.
        self.kept().tried_at = Some(now);
        match fetched {
            Ok(value) => {
                let value = Arc::new(value);
                self.kept().value = Some((Arc::clone(&value), now));
                Ok(value)
            }
            Err(fault) => self.before(fault),
        }
    }

    fn fresh(&self, now: Timestamp, pace: Pace) -> Option<Arc<T>> {
        let kept = self.kept();
        let (value, at) = kept.value.as_ref()?;
        is_within(pace.oldest, *at, now).then(|| Arc::clone(value))
    }

    /// What was fetched before, however old it is.
    fn before(&self, fault: Fault) -> Result<Arc<T>, Fault> {
        self.kept().value.as_ref().map(|(value, _)| Arc::clone(value)).ok_or(fault)
    }

    fn kept(&self) -> MutexGuard<'_, Kept<T>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_within(seconds: i64, at: Timestamp, now: Timestamp) -> bool {
    (0..seconds).contains(&(now.as_second() - at.as_second()))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    const HOURLY: Pace = Pace { oldest: 3600, pause: 10 };
    const MINUTELY: Pace = Pace { oldest: 60, pause: 60 };

    struct Source {
        kept: Refreshed<u32>,
        asked: AtomicU32,
        is_down: bool,
    }

    impl Source {
        fn new() -> Self {
            Self { kept: Refreshed::new(), asked: AtomicU32::new(0), is_down: false }
        }

        async fn get(&self, second: i64, pace: Pace) -> Option<u32> {
            let fetch = async {
                tokio::task::yield_now().await;
                let asked = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
                if self.is_down { Err(Fault::because("down")) } else { Ok(asked) }
            };
            self.kept.get(Timestamp::from_second(second).unwrap(), pace, fetch).await.ok().map(|value| *value)
        }
    }

    #[tokio::test]
    async fn it_is_fetched_once_for_all_who_ask() {
        let source = Source::new();
        let all = futures_util::future::join_all((0..50).map(|_| source.get(0, HOURLY))).await;
        assert!(all.iter().all(|value| *value == Some(1)));
        assert_eq!((source.get(3599, HOURLY).await, source.get(3600, HOURLY).await), (Some(1), Some(2)));
        assert_eq!(source.get(0, HOURLY).await, Some(3), "a clock that was set back keeps nothing for ever");
    }

    #[tokio::test]
    async fn what_failed_is_not_tried_again_at_once() {
        let mut source = Source::new();
        source.is_down = true;
        let all = futures_util::future::join_all((0..50).map(|_| source.get(0, HOURLY))).await;
        assert!(all.iter().all(Option::is_none) && source.asked.load(Ordering::SeqCst) == 1);
        source.is_down = false;
        assert_eq!((source.get(9, HOURLY).await, source.get(10, HOURLY).await), (None, Some(2)));
    }

    #[tokio::test]
    async fn what_was_fetched_before_serves_on() {
        let mut source = Source::new();
        assert_eq!(source.get(0, HOURLY).await, Some(1));
        source.is_down = true;
        assert_eq!(source.get(4000, HOURLY).await, Some(1));
        source.is_down = false;
        assert_eq!(source.get(4010, HOURLY).await, Some(3));
    }

    #[tokio::test]
    async fn a_caller_that_goes_away_keeps_nobody_from_trying() {
        let source = Source::new();
        tokio::select! {
            biased;
            _ = source.get(0, HOURLY) => panic!("it takes a turn"),
            () = std::future::ready(()) => {}
        }
        assert_eq!(source.get(0, HOURLY).await, Some(1));
    }

    #[tokio::test]
    async fn an_early_refresh_comes_once_a_minute() {
        let source = Source::new();
        source.get(0, HOURLY).await;
        for second in 0..60 {
            assert_eq!(source.get(second, MINUTELY).await, Some(1));
        }
        assert_eq!(source.get(60, MINUTELY).await, Some(2));
        assert_eq!(source.get(61, HOURLY).await, Some(2));
    }
}

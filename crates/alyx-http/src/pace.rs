//! Refusals that leave at a fixed time after the request came, so that the time does not tell why.
//!
//! To judge a hidden document takes microseconds longer than to miss one that is not there, and who asks often can
//! measure that. A thread keeps the time: the runtime's timer counts whole milliseconds from when it is asked, and
//! would pass on what came before.

use std::{
    collections::BTreeMap,
    sync::{
        OnceLock,
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

/// What is ready sooner leaves only now, and what takes longer at a later multiple.
const STEP: Duration = Duration::from_millis(5);

/// Lets refusals leave at their time. The thread behind it begins with the first of them and ends with this value.
#[derive(Default)]
pub(crate) struct Pace(OnceLock<Option<Sender<Waiting>>>);

struct Waiting {
    until: Instant,
    leave: oneshot::Sender<()>,
}

/// Those that wait, the next to leave first; a number tells apart those of one moment.
type Queue = BTreeMap<(Instant, u64), oneshot::Sender<()>>;

impl Pace {
    /// Waits until a request that came then may be refused.
    pub(crate) async fn wait(&self, came: Instant) {
        let until = came + next(came.elapsed());
        let (leave, left) = oneshot::channel();
        let keeper = self.0.get_or_init(start).as_ref();
        let is_kept = keeper.is_some_and(|keeper| keeper.send(Waiting { until, leave }).is_ok());
        if !(is_kept && left.await.is_ok()) {
            // Without the thread, roughly is better than at once.
            tokio::time::sleep_until(until.into()).await;
        }
    }
}

/// The first multiple of the step after so much time.
fn next(elapsed: Duration) -> Duration {
    let steps = elapsed.as_nanos() / STEP.as_nanos() + 1;
    STEP.saturating_mul(u32::try_from(steps).unwrap_or(u32::MAX))
}

fn start() -> Option<Sender<Waiting>> {
    let (sender, arrivals) = mpsc::channel();
    let keeper = thread::Builder::new().name("alyx-pace".to_owned()).spawn(move || keep(&arrivals));
    keeper
        .map(|_| sender)
        .inspect_err(|fault| tracing::warn!(%fault, "the thread that paces refusals cannot start"))
        .ok()
}

/// Lets each leave at its time, until nobody can come any more.
fn keep(arrivals: &Receiver<Waiting>) {
    let (mut queue, mut count) = (Queue::new(), 0);
    loop {
        let arrived = match queue.first_key_value() {
            Some(((until, _), _)) => arrivals.recv_timeout(until.saturating_duration_since(Instant::now())),
            None => arrivals.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match arrived {
            Ok(Waiting { until, leave }) => {
                count += 1;
                queue.insert((until, count), leave);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        release(&mut queue, Instant::now());
    }
}

fn release(queue: &mut Queue, now: Instant) {
    while let Some(first) = queue.first_entry().filter(|first| first.key().0 <= now) {
        // Who went away meanwhile is not told.
        let _ = first.remove().send(());
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;

    #[test]
    fn what_took_a_little_more_or_less_leaves_at_the_same_time() {
        for (micros, step) in [(0, 1), (60, 1), (4_999, 1), (5_000, 2), (5_100, 2), (12_345, 3)] {
            assert_eq!(next(Duration::from_micros(micros)), STEP * step, "{micros}");
        }
    }

    #[tokio::test]
    async fn nobody_leaves_early_and_everybody_leaves() {
        let (pace, came) = (Pace::default(), Instant::now());
        let late = came.checked_sub(STEP / 2).unwrap();
        let waits = [came, late, came, late].map(|came| {
            let pace = &pace;
            async move {
                pace.wait(came).await;
                assert!(came.elapsed() >= STEP);
            }
        });
        join_all(waits).await;
    }

    #[tokio::test]
    async fn without_its_thread_it_waits_as_well() {
        let (sender, arrivals) = mpsc::channel();
        drop(arrivals);
        for keeper in [None, Some(sender)] {
            let came = Instant::now();
            Pace(OnceLock::from(keeper)).wait(came).await;
            assert!(came.elapsed() >= STEP);
        }
    }

    #[test]
    fn the_thread_ends_when_nobody_can_come() {
        let (sender, arrivals) = mpsc::channel();
        let keeper = thread::spawn(move || keep(&arrivals));
        let (leave, mut left) = oneshot::channel();
        sender.send(Waiting { until: Instant::now() + Duration::from_secs(3600), leave }).unwrap();
        drop(sender);
        keeper.join().unwrap();
        assert!(left.try_recv().is_err());
    }
}

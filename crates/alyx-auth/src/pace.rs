//! Going on at a fixed time after something began, so that the time does not tell what was found.
//!
//! To find an account, or to judge a hidden document, takes microseconds longer than to miss one that is not there, and
//! who asks often can measure that. A thread keeps the time: the runtime's timer counts whole milliseconds from when it
//! is asked, and would pass on what came before.

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

/// The usual step: what is ready sooner goes on only then, and what takes longer at a later multiple.
pub(crate) const STEP: Duration = Duration::from_millis(5);

/// Lets each go on at its time. The thread behind it begins with the first of them and ends with this value.
#[derive(Default)]
pub(crate) struct Pace(OnceLock<Option<Sender<Waiting>>>);

struct Waiting {
    until: Instant,
    go: oneshot::Sender<()>,
}

/// Those that wait, the next to go first; a number tells apart those of one moment.
type Queue = BTreeMap<(Instant, u64), oneshot::Sender<()>>;

impl Pace {
    /// Waits for the first multiple of the step since it began.
    pub(crate) async fn wait(&self, began: Instant, step: Duration) {
        let until = began + next(began.elapsed(), step);
        let (go, gone) = oneshot::channel();
        let keeper = self.0.get_or_init(start).as_ref();
        let is_kept = keeper.is_some_and(|keeper| keeper.send(Waiting { until, go }).is_ok());
        if !(is_kept && gone.await.is_ok()) {
            // Without the thread, roughly is better than at once.
            tokio::time::sleep_until(until.into()).await;
        }
    }
}

/// The first multiple of the step after so much time.
fn next(elapsed: Duration, step: Duration) -> Duration {
    let steps = elapsed.as_nanos() / step.as_nanos() + 1;
    step.saturating_mul(u32::try_from(steps).unwrap_or(u32::MAX))
}

fn start() -> Option<Sender<Waiting>> {
    let (sender, arrivals) = mpsc::channel();
    let keeper = thread::Builder::new().name("alyx-pace".to_owned()).spawn(move || keep(&arrivals));
    keeper
        .map(|_| sender)
        .inspect_err(|fault| tracing::warn!(%fault, "the thread that paces answers cannot start"))
        .ok()
}

/// Lets each go at its time, until nobody can come any more.
fn keep(arrivals: &Receiver<Waiting>) {
    let (mut queue, mut count) = (Queue::new(), 0);
    loop {
        let arrived = match queue.first_key_value() {
            Some(((until, _), _)) => arrivals.recv_timeout(until.saturating_duration_since(Instant::now())),
            None => arrivals.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match arrived {
            Ok(Waiting { until, go }) => {
                count += 1;
                queue.insert((until, count), go);
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
    use super::*;

    #[test]
    fn what_took_a_little_more_or_less_goes_on_at_the_same_time() {
        for (micros, step) in [(0, 1), (60, 1), (4_999, 1), (5_000, 2), (5_100, 2), (12_345, 3)] {
            assert_eq!(next(Duration::from_micros(micros), STEP), STEP * step, "{micros}");
        }
    }

    #[tokio::test]
    async fn nobody_goes_early_and_everybody_goes() {
        let (pace, came) = (Pace::default(), Instant::now());
        let late = came.checked_sub(STEP / 2).unwrap();
        let wait = async |began: Instant| {
            pace.wait(began, STEP).await;
            assert!(began.elapsed() >= STEP);
        };
        tokio::join!(wait(came), wait(late), wait(came), wait(late));
    }

    #[tokio::test]
    async fn without_its_thread_it_waits_as_well() {
        let (sender, arrivals) = mpsc::channel();
        drop(arrivals);
        for keeper in [None, Some(sender)] {
            let came = Instant::now();
            Pace(OnceLock::from(keeper)).wait(came, STEP).await;
            assert!(came.elapsed() >= STEP);
        }
    }

    #[test]
    fn the_thread_ends_when_nobody_can_come() {
        let (sender, arrivals) = mpsc::channel();
        let keeper = thread::spawn(move || keep(&arrivals));
        let (go, mut gone) = oneshot::channel();
        sender.send(Waiting { until: Instant::now() + Duration::from_secs(3600), go }).unwrap();
        drop(sender);
        keeper.join().unwrap();
        assert!(gone.try_recv().is_err());
    }
}

//! Threads of their own for passwords, and a bound on what waits for them: a storm of sign-ins slows nothing but
//! sign-ins.

use std::sync::{
    Arc, Mutex, PoisonError,
    mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
};

use tokio::sync::oneshot;

use super::hash::{self, Work};
use crate::{Error, Result};

/// Passwords that may wait for each thread; at the usual cost the last of them waits some three seconds.
const WAITING_FOR_EACH: usize = 64;

type Job = Box<dyn FnOnce() + Send>;

/// The threads.
pub(crate) struct Pool {
    sender: SyncSender<Job>,
    cost: u32,
    work: Arc<Work>,
}

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Whether the password is right.
    pub(crate) matches: bool,
    /// Whether its hash is cheaper to guess than it should be.
    pub(crate) outdated: bool,
}

impl Pool {
    /// Starts so many threads; half of the cores where nothing is said.
    pub(crate) fn start(cost: u32, threads: Option<usize>) -> Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let threads = threads.unwrap_or(cores / 2).max(1);
        let (sender, receiver) = sync_channel::<Job>(threads * WAITING_FOR_EACH);
        let receiver = Arc::new(Mutex::new(receiver));
        for number in 0..threads {
            let receiver = Arc::clone(&receiver);
            let thread = std::thread::Builder::new().name(format!("alyx-password-{number}"));
            thread.spawn(move || serve(&receiver)).map_err(Error::NoWorkers)?;
        }
        Ok(Self { sender, cost, work: Arc::default() })
    }

    /// The hash of a password.
    pub(crate) async fn hash(&self, password: String) -> Result<String> {
        let (cost, work) = (self.cost, Arc::clone(&self.work));
        let hashed = self.run(move || hash::hash(&password, cost, &work));
        hashed.await?.map_err(|_| Error::NoRandomness)
    }

    /// Whether the password has the hash. No hash, a hash of any lower cost and a wrong password all take the
    /// same work.
    pub(crate) async fn verify(&self, password: String, stored: Option<String>) -> Result<Verdict> {
        let (wanted, work) = (self.cost, Arc::clone(&self.work));
        self.run(move || {
            let Some((stored, cost)) = stored.and_then(|stored| hash::cost(&stored).map(|cost| (stored, cost))) else {
                hash::pretend(&password, wanted, &work);
                return Verdict { matches: false, outdated: false };
            };
            let matches = hash::matches(&password, &stored, &work);
            // Each step doubles the work: the lower ones together make up for what is missing.
            for cost in cost..wanted {
                hash::pretend(&password, cost, &work);
            }
            Verdict { matches, outdated: cost < wanted }
        })
        .await
    }

    /// Rounds of bcrypt so far; a hash at cost 10 has 1024.
    pub(crate) fn work(&self) -> u64 {
        self.work.rounds()
    }

    async fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move || {
            // Whoever has gone away need not be waited for by others.
            if !answer.is_closed() {
                let _ = answer.send(job());
            }
        });
        self.sender.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => Error::Busy,
            TrySendError::Disconnected(_) => Error::NoWorkers(std::io::ErrorKind::BrokenPipe.into()),
        })?;
        answered.await.map_err(|_| Error::NoWorkers(std::io::ErrorKind::BrokenPipe.into()))
    }
}

fn serve(receiver: &Mutex<Receiver<Job>>) {
    loop {
        let job = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        // A panic drops the answer, which its caller hears; the thread goes on.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job));
    }
}

#[cfg(test)]
mod tests {
    use std::{future::Future, sync::mpsc};

    use super::*;

    async fn work_of(pool: &Pool, stored: Option<&str>) -> u64 {
        let before = pool.work();
        pool.verify("a password".to_owned(), stored.map(str::to_owned)).await.unwrap();
        pool.work() - before
    }

    #[tokio::test]
    async fn ac16_every_check_takes_the_same_work() {
        let pool = Pool::start(6, Some(1)).unwrap();
        let (right, cheap) =
            (hash::hash("a password", 6, &Work::default()).unwrap(), hash::hash("other", 4, &Work::default()).unwrap());
        for stored in [None, Some("no hash"), Some(right.as_str()), Some(cheap.as_str())] {
            assert_eq!(work_of(&pool, stored).await, 64, "{stored:?}");
        }
        let cheap = hash::hash("a password", 4, &Work::default()).unwrap();
        let verdict = pool.verify("a password".to_owned(), Some(cheap)).await.unwrap();
        assert_eq!(verdict, Verdict { matches: true, outdated: true });
        let verdict = pool.verify("a password".to_owned(), Some(right)).await.unwrap();
        assert_eq!(verdict, Verdict { matches: true, outdated: false });
    }

    #[tokio::test]
    async fn what_is_too_much_is_refused_at_once_and_what_waits_is_done() {
        let pool = Pool::start(4, Some(1)).unwrap();
        let (go, gone) = mpsc::channel::<()>();
        let (started, starting) = oneshot::channel();
        pool.sender
            .try_send(Box::new(move || {
                let _ = started.send(());
                let _ = gone.recv();
            }))
            .unwrap_or_else(|_| panic!("there is room"));
        starting.await.unwrap();
        let mut waiting: Vec<_> = (0..WAITING_FOR_EACH).map(|_| Box::pin(pool.hash("x".to_owned()))).collect();
        for each in &mut waiting {
            let once = std::future::poll_fn(|context| std::task::Poll::Ready(each.as_mut().poll(context).is_pending()));
            assert!(once.await);
        }
        assert!(matches!(pool.hash("x".to_owned()).await, Err(Error::Busy)));
        waiting.truncate(3);
        drop(go);
        for each in waiting {
            each.await.unwrap();
        }
        assert_eq!(pool.work(), 3 * 16, "those who went away were not waited for");
    }

    #[tokio::test]
    async fn a_panic_ends_no_thread() {
        let pool = Pool::start(4, Some(1)).unwrap();
        assert!(pool.run(|| panic!("a job may be wrong")).await.is_err());
        assert!(pool.hash("x".to_owned()).await.is_ok());
    }
}

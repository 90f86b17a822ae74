//! One connection of a workload and what it noted.

use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use anyhow::{Result, bail};
use tokio::time::{Instant, sleep};

use super::{Limit, Shared, Step, StepCaller, Turn, Window, check::verify};
use crate::{data::Random, http::Connection};

/// Every so many answers of a connection are looked at closely.
const CHECK_EVERY: usize = 200;
const AFTER_AN_ERROR: Duration = Duration::from_millis(10);

/// What one or all workers saw.
#[derive(Default)]
pub(super) struct Log {
    /// Class of request and latency in microseconds, inside the window.
    pub(super) samples: Vec<(&'static str, u32)>,
    pub(super) errors: u64,
    pub(super) reasons: Vec<String>,
    /// Successes inside the window, and from its start to the very last.
    pub(super) in_window: u64,
    pub(super) charged: u64,
    pub(super) last: Option<Instant>,
}

impl Log {
    pub(super) fn merged(mut self, other: Self) -> Self {
        self.samples.extend(other.samples);
        self.errors += other.errors;
        self.reasons.extend(other.reasons);
        self.in_window += other.in_window;
        self.charged += other.charged;
        self.last = self.last.max(other.last);
        self
    }

    fn success(&mut self, class: &'static str, sent: Instant, done: Instant, window: Window) {
        if done < window.start {
            return;
        }
        self.charged += 1;
        self.last = Some(done);
        if window.end.is_none_or(|end| done <= end) {
            self.in_window += 1;
            let micros = done.duration_since(sent).as_micros();
            self.samples.push((class, u32::try_from(micros).unwrap_or(u32::MAX)));
        }
    }

    fn failure(&mut self, class: &str, reason: &anyhow::Error) {
        self.errors += 1;
        if self.reasons.len() < 2 {
            self.reasons.push(format!("{class}: {reason:#}").chars().take(300).collect());
        }
    }
}

/// One connection.
pub(super) struct Worker {
    shared: Arc<Shared>,
    number: usize,
    connection: Connection,
    random: Random,
    log: Log,
}

impl Worker {
    pub(super) fn new(shared: &Arc<Shared>, number: usize) -> Self {
        let connection = Connection::new(&shared.world.address);
        let random = Random(0xBEEF + number as u64);
        Self { shared: Arc::clone(shared), number, connection, random, log: Log::default() }
    }

    /// Connects, waits for the others, and sends until the limit.
    pub(super) async fn run(mut self) -> Log {
        let health = self.shared.world.product.health();
        let connected = self.connection.send(&health, None).await;
        self.shared.gate.wait().await;
        self.shared.gate.wait().await;
        if let Err(reason) = connected {
            self.log.failure("connect", &reason);
        }
        let window = *self.shared.window.get().expect("the driver sets the window before it opens the gate");
        let mut round = 0;
        while let Some(step) = self.next_step(window) {
            let (class, sent) = (step.class, Instant::now());
            match self.exchange(step, round).await {
                Ok(done) => self.log.success(class, sent, done, window),
                Err(reason) => {
                    self.log.failure(class, &reason);
                    sleep(AFTER_AN_ERROR).await;
                }
            }
            round += 1;
        }
        self.log
    }

    fn next_step(&mut self, window: Window) -> Option<Step> {
        let sequence = self.shared.sequence.fetch_add(1, Relaxed);
        let over = match self.shared.limit {
            Limit::Count(count) => sequence >= count,
            Limit::Time(_) => window.end.is_some_and(|end| Instant::now() >= end),
        };
        let world = &self.shared.world;
        let mut turn = Turn { world, worker: self.number, sequence, random: &mut self.random };
        (!over).then(|| (self.shared.choose)(&mut turn))
    }

    /// Sends one request; when its answer was complete. Looking at the answer is not timed.
    async fn exchange(&mut self, step: Step, round: usize) -> Result<Instant> {
        let world = &self.shared.world;
        let token = match step.caller {
            StepCaller::User => Some(world.tokens[self.number].as_str()),
            StepCaller::Administrator => world.product.administrator(),
            StepCaller::Nobody => None,
        };
        let (status, body) = self.connection.send(&step.request, token).await?;
        let done = Instant::now();
        if !(200..300).contains(&status) {
            bail!("{status} {}", String::from_utf8_lossy(&body));
        }
        if round.is_multiple_of(CHECK_EVERY) {
            verify(&*world.product, &mut self.connection, token, &step.check, &body).await?;
        }
        Ok(done)
    }
}

//! Writes at a fixed pace, whatever the server does with them; up to a time, since a slow server would take hours.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

use crate::{
    drive::percentiles,
    http::{Connection, Request},
    world::World,
};

const WRITERS: usize = 32;
/// No write begins later than this.
const LONGEST: Duration = Duration::from_secs(30);

/// So many writes, so many a second.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) writes: usize,
    pub(crate) rate: f64,
}

impl Pace {
    /// Half as many at the same rate.
    pub(super) fn half(self) -> Self {
        Self { writes: self.writes.div_ceil(2), ..self }
    }
}

/// When each write was sent, in nanoseconds from the beginning.
pub(crate) struct Sent {
    begun: Instant,
    at: Box<[AtomicU64]>,
}

impl Sent {
    pub(crate) fn new(writes: usize) -> Self {
        Self { begun: Instant::now(), at: (0..writes).map(|_| AtomicU64::new(0)).collect() }
    }

    pub(super) fn writes(&self) -> usize {
        self.at.len()
    }

    /// Microseconds since a write was sent; none where it was not.
    pub(super) fn micros_since(&self, write: usize) -> Option<u32> {
        let sent = self.at.get(write)?.load(Relaxed);
        (sent > 0).then(|| u32::try_from((self.nanos().saturating_sub(sent)) / 1000).unwrap_or(u32::MAX))
    }

    fn mark(&self, write: usize) {
        self.at[write].store(self.nanos().max(1), Relaxed);
    }

    fn nanos(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

/// What the writers saw.
#[derive(Default)]
pub(crate) struct Written {
    pub(crate) tried: usize,
    pub(crate) micros: Vec<u32>,
    pub(crate) reasons: Vec<String>,
    /// How late the latest began.
    pub(crate) slip: Duration,
    pub(crate) lasted: Duration,
}

impl Written {
    pub(crate) fn a_second(&self) -> f64 {
        self.tried as f64 / self.lasted.as_secs_f64().max(1e-9)
    }

    /// Latency of the writes themselves.
    pub(crate) fn report(&self) -> Value {
        let mut report = percentiles(self.micros.clone());
        report["max_slip_ms"] = json!(self.slip.as_millis());
        report["errors"] = json!(self.reasons.len());
        report
    }

    fn merged(mut self, other: Self) -> Self {
        self.tried += other.tried;
        self.micros.extend(other.micros);
        self.reasons.extend(other.reasons);
        self.slip = self.slip.max(other.slip);
        self.lasted = self.lasted.max(other.lasted);
        self
    }
}

/// Sends the writes, each when it is due and one of the writers is free.
pub(crate) async fn write<F>(world: &Arc<World>, pace: Pace, sent: &Arc<Sent>, request: F) -> Written
where
    F: Fn(usize) -> Request + Send + Sync + 'static,
{
    let request = Arc::new(request);
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now() + Duration::from_millis(50);
    let writers: JoinSet<Written> = (0..WRITERS.min(pace.writes))
        .map(|number| {
            let (world, sent) = (Arc::clone(world), Arc::clone(sent));
            let writer = Writer { world, sent, number, pace, begun, next: Arc::clone(&next) };
            writer.run(Arc::clone(&request))
        })
        .collect();
    writers.join_all().await.into_iter().fold(Written::default(), Written::merged)
}

struct Writer {
    world: Arc<World>,
    sent: Arc<Sent>,
    number: usize,
    pace: Pace,
    begun: Instant,
    next: Arc<AtomicUsize>,
}

impl Writer {
    async fn run<F: Fn(usize) -> Request>(self, request: Arc<F>) -> Written {
        let mut connection = Connection::new(&self.world.address);
        let token = &self.world.tokens[self.number % self.world.tokens.len()];
        let mut written = Written::default();
        // So that no write waits for a connection.
        let _ = connection.send(&self.world.product.health(), None).await;
        while self.begun.elapsed() < LONGEST {
            let number = self.next.fetch_add(1, Relaxed);
            if number >= self.pace.writes {
                break;
            }
            let request = request(number);
            let due = self.begun + Duration::from_secs_f64(number as f64 / self.pace.rate);
            sleep_until(due).await;
            written.slip = written.slip.max(due.elapsed());
            written.tried += 1;
            self.sent.mark(number);
            let start = Instant::now();
            match connection.call(&request, Some(token)).await {
                Ok(_) => written.micros.push(u32::try_from(start.elapsed().as_micros()).unwrap_or(u32::MAX)),
                Err(reason) => written.reasons.push(format!("write {number}: {reason:#}")),
            }
        }
        written.lasted = self.begun.elapsed();
        written
    }
}

//! The closed-loop driver: every connection sends, waits for the answer, and sends again.

mod check;
mod latency;
mod memory;
mod worker;

use std::{
    sync::{Arc, OnceLock, atomic::AtomicUsize},
    time::Duration,
};

use anyhow::Result;
use serde_json::{Value, json};
use tokio::{
    sync::Barrier,
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};

use self::worker::{Log, Worker};
pub(crate) use self::{check::Check, latency::percentiles, memory::MemoryPeak};
use crate::{
    data::Random,
    http::Request,
    procfs::{Snapshot, load_average, resident_mib, rounded},
    world::World,
};

const WARM_UP: Duration = Duration::from_secs(1);
/// Work that a server puts off (log flushes, checkpoints) is still its cost.
const SETTLE: Duration = Duration::from_secs(1);

/// How long and how wide a workload is.
pub(crate) struct Plan {
    pub(crate) name: String,
    pub(crate) connections: usize,
    pub(crate) limit: Limit,
}

/// When a workload ends.
#[derive(Clone, Copy)]
pub(crate) enum Limit {
    /// Warm up, then measure for so long.
    Time(Duration),
    /// After so many requests.
    Count(usize),
}

/// What a workload may look at to choose the next request.
pub(crate) struct Turn<'a> {
    pub(crate) world: &'a World,
    pub(crate) worker: usize,
    pub(crate) sequence: usize,
    pub(crate) random: &'a mut Random,
}

/// One request and what its answer must look like.
pub(crate) struct Step {
    pub(crate) class: &'static str,
    pub(crate) caller: StepCaller,
    pub(crate) request: Request,
    pub(crate) check: Check,
}

/// Whose token a request carries.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum StepCaller {
    /// The connection's own user.
    User,
    /// Somebody whom no rule binds.
    Administrator,
    Nobody,
}

type Choose = dyn Fn(&mut Turn<'_>) -> Step + Send + Sync;

/// What the workers of one run share.
struct Shared {
    world: Arc<World>,
    choose: Box<Choose>,
    limit: Limit,
    gate: Barrier,
    window: OnceLock<Window>,
    sequence: AtomicUsize,
}

/// The measured time; open-ended where requests are counted.
#[derive(Clone, Copy)]
struct Window {
    start: Instant,
    end: Option<Instant>,
}

impl Window {
    fn from_now(limit: Limit) -> Self {
        match limit {
            Limit::Time(length) => {
                let start = Instant::now() + WARM_UP;
                Self { start, end: Some(start + length) }
            }
            Limit::Count(_) => Self { start: Instant::now(), end: None },
        }
    }
}

/// Runs one workload and reports every figure of it.
pub(crate) async fn drive<F>(world: &Arc<World>, plan: Plan, choose: F) -> Result<Value>
where
    F: Fn(&mut Turn<'_>) -> Step + Send + Sync + 'static,
{
    let shared = Arc::new(Shared {
        world: Arc::clone(world),
        choose: Box::new(choose),
        limit: plan.limit,
        gate: Barrier::new(plan.connections + 1),
        window: OnceLock::new(),
        sequence: AtomicUsize::new(0),
    });
    let workers: JoinSet<Log> = (0..plan.connections).map(|number| Worker::new(&shared, number).run()).collect();
    shared.gate.wait().await;
    let load = load_average();
    let window = *shared.window.get_or_init(|| Window::from_now(plan.limit));
    let memory = MemoryPeak::watch(world.pid);
    shared.gate.wait().await;
    sleep_until(window.start).await;
    let before = Snapshot::take(world.pid);
    let log = workers.join_all().await.into_iter().fold(Log::default(), Log::merged);
    sleep(SETTLE).await;
    let after = Snapshot::take(world.pid);

    let mut report = after.report_since(&before);
    let server = after.server_seconds_since(&before);
    extend(&mut report, figures(&plan, window, &log, server));
    extend(
        &mut report,
        json!({
            "rss_max_mib": memory.stop(), "rss_end_mib": world.pid.and_then(resident_mib).map(rounded),
            "load1_at_start": load,
        }),
    );
    extend(&mut report, latency::report(&log.samples));
    Ok(report)
}

fn figures(plan: &Plan, window: Window, log: &Log, server: Option<f64>) -> Value {
    let end = window.end.or(log.last).unwrap_or(window.start);
    let seconds = end.duration_since(window.start).as_secs_f64().max(1e-9);
    let cpu_us = |seconds: f64| rounded(seconds * 1e6 / log.charged.max(1) as f64);
    json!({
        "workload": plan.name, "connections": plan.connections, "seconds": rounded(seconds),
        "ops": log.in_window, "ops_s": rounded(log.in_window as f64 / seconds), "cpu_us": server.map(cpu_us),
        "errors": log.errors, "error_samples": log.reasons.iter().take(3).collect::<Vec<_>>(),
    })
}

/// Adds figures to a report.
pub(crate) fn extend(report: &mut Value, more: Value) {
    if let (Value::Object(report), Value::Object(more)) = (report, more) {
        report.extend(more);
    }
}

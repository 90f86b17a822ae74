//! Realtime delivery: subscribers, writes at a fixed pace, and every receipt timed from just before its write was sent.

mod audience;
mod listen;
mod pace;

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use self::pace::write;
pub(crate) use self::{
    audience::Audience,
    listen::Listeners,
    pace::{Pace, Sent, Written},
};
use crate::{
    data::Post,
    drive::{MemoryPeak, extend, percentiles},
    http::{Connection, Request},
    procfs::{Snapshot, load_average, open_files, resident_mib, rounded},
    subscriber::{Live, Subscriber},
    world::{Job, World, spread},
};

/// Connections that are opened at the same time.
const JOINING: usize = 32;
const SETTLE: Duration = Duration::from_secs(1);
/// Files that a process has open besides its subscribers.
const OTHER_FILES: usize = 200;

/// How wide and how fast a workload is.
pub(crate) struct Plan {
    pub(crate) name: String,
    pub(crate) subscribers: usize,
    pub(crate) pace: Pace,
    pub(crate) audience: Audience,
}

/// Runs one workload and reports every figure of it.
pub(crate) async fn run(world: &Arc<World>, plan: Plan, tag: &str) -> Result<Value> {
    let (load, tokens) = (load_average(), plan.audience.tokens(world, plan.subscribers).await?);
    let (written_alone, alone) = alone(world, &plan, tag).await;
    let memory = MemoryPeak::watch(world.pid);
    let (before, started) = (world.pid.and_then(resident_mib), Instant::now());
    let audience = plan.audience;
    let ask = move |world: &World, number: usize| audience.live(world, number);
    let subscribers = subscribe(world, plan.subscribers, tokens, ask).await?;
    let connect_s = rounded(started.elapsed().as_secs_f64());
    sleep(SETTLE).await;
    let each_kib = kib_each(before, world.pid.and_then(resident_mib), plan.subscribers);

    let space = format!("heard-{}-{tag}", plan.name);
    let sent = Arc::new(Sent::new(plan.pace.writes));
    let listeners = Listeners::start(subscribers, &sent, &marker(&space), plan.audience);
    let (begun, snapshot) = (Instant::now(), Snapshot::take(world.pid));
    let written = write(world, plan.pace, &sent, posts(world, &plan, space)).await;
    let expected = (0..written.tried).map(|number| audience.size(number, plan.subscribers)).sum();
    listeners.wait_for(expected).await;
    sleep(SETTLE).await;
    let (seconds, after) = (rounded(begun.elapsed().as_secs_f64()), Snapshot::take(world.pid));
    let heard = listeners.stop().await;

    let cpu = after.server_seconds_since(&snapshot);
    let mut report = after.report_since(&snapshot);
    extend(&mut report, heard.report(expected, &written));
    extend(&mut report, figures(&plan, &written, heard.micros.len(), cpu));
    extend(
        &mut report,
        json!({
            "write_alone": written_alone.report(), "alone_cpu_us": alone, "connect_s": connect_s, "seconds": seconds,
            "kib_each": each_kib, "rss_max_mib": memory.stop(),
            "rss_end_mib": world.pid.and_then(resident_mib).map(rounded), "load1_at_start": load,
        }),
    );
    let mut all = percentiles(heard.micros);
    extend(&mut all, report);
    Ok(all)
}

fn figures(plan: &Plan, written: &Written, deliveries: usize, cpu: Option<f64>) -> Value {
    let cpu_us = |share: usize| cpu.map(|seconds| rounded(seconds * 1e6 / share.max(1) as f64));
    json!({
        "workload": plan.name, "subscribers": plan.subscribers, "rate": plan.pace.rate, "ops": written.tried,
        "ops_s": rounded(written.a_second()),
        "cpu_us": cpu_us(written.tried), "delivery_cpu_us": cpu_us(deliveries), "write": written.report(),
    })
}

/// The same writes while nobody listens; with the server's CPU for each.
async fn alone(world: &Arc<World>, plan: &Plan, tag: &str) -> (Written, Option<f64>) {
    let space = format!("alone-{}-{tag}", plan.name);
    timed(world, plan.pace.half(), posts(world, plan, space)).await
}

/// Writes at a pace, with the server's CPU for each.
pub(crate) async fn timed<F>(world: &Arc<World>, pace: Pace, request: F) -> (Written, Option<f64>)
where
    F: Fn(usize) -> Request + Send + Sync + 'static,
{
    let before = Snapshot::take(world.pid);
    let written = write(world, pace, &Arc::new(Sent::new(pace.writes)), request).await;
    sleep(SETTLE).await;
    let cpu = Snapshot::take(world.pid).server_seconds_since(&before);
    let each = cpu.map(|seconds| rounded(seconds * 1e6 / written.tried.max(1) as f64));
    (written, each)
}

/// The writes of a workload: their titles begin with the marker and the number.
fn posts(world: &Arc<World>, plan: &Plan, space: String) -> impl Fn(usize) -> Request + Send + Sync + use<> {
    let (world, audience, subscribers) = (Arc::clone(world), plan.audience, plan.subscribers);
    move |number| {
        let author = audience.author(&world, number, subscribers);
        let mut post = Post::new(&space, number, author, !audience.is_draft(number));
        post.title = format!("{}{number} {}", marker(&space), post.title);
        world.product.create(&post)
    }
}

/// What a receipt is known by. The slug of the post does not hold it.
fn marker(space: &str) -> String {
    format!("mark {space} ")
}

/// Opens so many subscribers, each with its own token as far as they go.
pub(crate) async fn subscribe<F>(
    world: &Arc<World>,
    count: usize,
    tokens: Vec<String>,
    ask: F,
) -> Result<Vec<Subscriber>>
where
    F: Fn(&World, usize) -> Live + Send + Sync + 'static,
{
    may_open(count, "self", "the harness")?;
    if let Some(pid) = world.pid {
        may_open(count, &pid.to_string(), "the server")?;
    }
    let job = Subscribe { world: Arc::clone(world), tokens, ask };
    spread(&world.address, JOINING.min(count), count, job).await
}

/// Opens one subscriber a part.
struct Subscribe<F> {
    world: Arc<World>,
    tokens: Vec<String>,
    ask: F,
}

#[async_trait]
impl<F: Fn(&World, usize) -> Live + Send + Sync + 'static> Job for Subscribe<F> {
    type Output = Subscriber;

    async fn run(&self, connection: &mut Connection, number: usize) -> Result<Subscriber> {
        let (world, token) = (&self.world, &self.tokens[number % self.tokens.len()]);
        let live = (self.ask)(world, number);
        let opened = world.product.subscribe(connection, &world.address, token, &live).await;
        opened.with_context(|| format!("subscriber {number}"))
    }
}

fn may_open(count: usize, process: &str, who: &str) -> Result<()> {
    let want = (count + OTHER_FILES) as u64;
    let may = open_files(process).unwrap_or(u64::MAX);
    ensure!(may >= want, "{who} may have {may} files open and wants {want}: raise the hard limit (ulimit -H -n)");
    Ok(())
}

/// Memory that each subscriber has added.
pub(crate) fn kib_each(before: Option<f64>, after: Option<f64>, count: usize) -> Option<f64> {
    Some(rounded((after? - before?) * 1024.0 / count as f64))
}

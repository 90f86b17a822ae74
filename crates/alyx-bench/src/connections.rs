//! The workload `connections`: many idle subscribers of distinct queries. What each costs, what all of them cost at
//! rest, and whether they slow writes to a collection that none of them follows.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::{
    data::Random,
    drive::{extend, percentiles},
    fanout::{Audience, Listeners, Pace, Sent, kib_each, subscribe, timed},
    http::Request,
    procfs::{cpu_seconds, load_average, resident_mib, rounded},
    subscriber::Live,
    world::World,
};

const REST: Duration = Duration::from_secs(3);
const WATCH: Duration = Duration::from_secs(10);
const RATE: f64 = 200.0;

/// Runs it with so many subscribers.
pub(crate) async fn run(world: &Arc<World>, count: usize, writes: usize) -> Result<Value> {
    let pace = Pace { writes, rate: RATE };
    let load = load_average();
    let (written_alone, alone_us) = timed(world, pace, comments(world)).await;
    let (before, started) = (world.pid.and_then(resident_mib), Instant::now());
    let subscribers = subscribe(world, count, world.tokens.clone(), distinct).await?;
    let connect_s = rounded(started.elapsed().as_secs_f64());
    // They answer pings; there is no post that they could hear of.
    let listeners = Listeners::start(subscribers, &Arc::new(Sent::new(0)), "\n", Audience::Everyone);
    sleep(REST).await;
    let each_kib = kib_each(before, world.pid.and_then(resident_mib), count);
    let idle_cpu = idle_cpu(world.pid).await;
    let (written, beside_us) = timed(world, pace, comments(world)).await;
    let rss = world.pid.and_then(resident_mib).map(rounded);
    let heard = listeners.stop().await;
    let mut report = percentiles(written.micros.clone());
    let figures = json!({
        "workload": "connections", "subscribers": count, "seconds": rounded(written.lasted.as_secs_f64()),
        "ops_s": rounded(written.a_second()), "cpu_us": beside_us, "alone_cpu_us": alone_us,
        "write": written.report(), "write_alone": written_alone.report(), "idle_cpu_s_per_min": idle_cpu,
        "kib_each": each_kib, "connect_s": connect_s, "rss_end_mib": rss, "load1_at_start": load,
        "errors": heard.messages + heard.ended.len() + written.reasons.len() + written_alone.reasons.len(),
        "error_samples": samples(&[&heard.ended, &written.reasons, &written_alone.reasons], heard.messages),
    });
    extend(&mut report, figures);
    Ok(report)
}

fn samples(reasons: &[&Vec<String>], unasked: usize) -> Vec<String> {
    let unasked = (unasked > 0).then(|| format!("{unasked} messages to idle subscribers"));
    reasons.iter().flat_map(|reasons| reasons.iter().cloned()).chain(unasked).take(3).collect()
}

/// A query that no other subscriber has: an author's posts from so many views.
fn distinct(world: &World, number: usize) -> Live {
    let authors = world.arguments.authors;
    Live::Viewed(world.users[number % authors].clone(), number / authors)
}

/// Comments on posts that nobody follows comments of.
pub(crate) fn comments(world: &Arc<World>) -> impl Fn(usize) -> Request + Send + Sync + use<> {
    let world = Arc::clone(world);
    move |number| {
        let mut random = Random(number as u64);
        let author = &world.users[random.below(world.users.len())];
        world.product.comment(world.any_published(&mut random), author, &format!("comment {number}"))
    }
}

async fn idle_cpu(pid: Option<u32>) -> Option<f64> {
    let process = pid?.to_string();
    let before = cpu_seconds(&process)?;
    sleep(WATCH).await;
    Some(rounded((cpu_seconds(&process)? - before) * 60.0 / WATCH.as_secs_f64()))
}

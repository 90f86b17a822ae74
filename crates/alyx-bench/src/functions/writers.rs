//! Writers at a fixed pace, alone and beside ten functions that each hold a transaction for a second, again and again.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tokio::{task::JoinSet, time::sleep};

use super::call;
use crate::{
    connections::comments,
    data::Random,
    fanout::{Pace, timed},
    http::Connection,
    procfs::load_average,
    world::World,
};

const RATE: f64 = 200.0;
const HOLDERS: usize = 10;
/// Until all of them hold one.
const BEGINNING: Duration = Duration::from_secs(2);

/// What the holders did.
#[derive(Default)]
struct Held {
    ended: AtomicBool,
    done: AtomicU64,
    /// Another had written before their own first write, again and again.
    refused: AtomicU64,
}

/// Runs the three rounds.
pub(super) async fn run(world: &Arc<World>, name: &str) -> Result<Value> {
    let load = load_average();
    let alone = round(world, None).await?;
    let reading = round(world, Some("hold-reading")).await?;
    let writing = round(world, Some("hold-writing")).await?;
    let errors = [&alone, &reading, &writing].map(|round| round["errors"].as_u64().unwrap_or_default());
    Ok(json!({
        "workload": name, "rate": RATE, "alone": alone, "reading": reading, "writing": writing,
        "errors": errors.iter().sum::<u64>(), "load1_at_start": load,
    }))
}

async fn round(world: &Arc<World>, function: Option<&'static str>) -> Result<Value> {
    let held = Arc::new(Held::default());
    let mut holders = JoinSet::new();
    for number in 0..function.map_or(0, |_| HOLDERS) {
        holders.spawn(hold(Arc::clone(world), function.unwrap_or_default(), number, Arc::clone(&held)));
    }
    sleep(BEGINNING).await;
    let pace = Pace { writes: world.arguments.seconds as usize * RATE as usize, rate: RATE };
    let (written, cpu) = timed(world, pace, comments(world)).await;
    held.ended.store(true, Relaxed);
    while let Some(ended) = holders.join_next().await {
        ended??;
    }
    let mut report = written.report();
    report["cpu_us"] = json!(cpu);
    report["transactions"] = json!(held.done.load(Relaxed));
    report["refused"] = json!(held.refused.load(Relaxed));
    Ok(report)
}

async fn hold(world: Arc<World>, function: &str, number: usize, held: Arc<Held>) -> Result<()> {
    let mut connection = Connection::new(&world.address);
    let mut random = Random(number as u64);
    let token = Some(world.tokens[number % world.tokens.len()].as_str());
    while !held.ended.load(Relaxed) {
        let request = call(function, &json!({"post": world.any_published(&mut random)}));
        let (status, body) = connection.send(&request, token).await?;
        let text = String::from_utf8_lossy(&body);
        match status {
            200 => {
                ensure!(text.contains(r#""same":true"#), "a transaction saw what others wrote meanwhile: {text}");
                held.done.fetch_add(1, Relaxed);
            }
            409 => drop(held.refused.fetch_add(1, Relaxed)),
            _ => ensure!(false, "{function} answered {status}: {text}"),
        }
    }
    Ok(())
}

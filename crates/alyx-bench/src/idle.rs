//! The workload `idle`: what the server costs while nobody asks anything.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    arguments::Arguments,
    http::Request,
    procfs::{cpu_seconds, program_mib, resident_mib, rounded, threads},
    server::Server,
};

const STARTS: usize = 5;
const REST: Duration = Duration::from_secs(3);
const WATCH: Duration = Duration::from_secs(10);

/// Five starts, of which the median counts, then ten idle seconds of the last one.
pub(crate) async fn run(arguments: &Arguments, health: &Request) -> Result<Value> {
    let command = arguments.start.as_deref().context("idle needs --start")?;
    let address = arguments.address()?;
    let mut times = Vec::new();
    for _ in 1..STARTS {
        let server = Server::start(command, address, health).await?;
        times.push(server.startup_ms);
        server.stop().await?;
    }
    let server = Server::start(command, address, health).await?;
    times.push(server.startup_ms);
    times.sort_by(f64::total_cmp);
    let report = watch(server.pid, times[STARTS / 2]).await;
    server.stop().await?;
    Ok(report)
}

async fn watch(pid: u32, startup_ms: f64) -> Value {
    let process = pid.to_string();
    sleep(REST).await;
    let before = cpu_seconds(&process);
    sleep(WATCH).await;
    let a_minute = 60.0 / WATCH.as_secs_f64();
    let used = cpu_seconds(&process).zip(before).map(|(after, before)| rounded((after - before) * a_minute));
    json!({
        "workload": "idle", "startup_ms": startup_ms, "idle_rss_mib": resident_mib(pid).map(rounded),
        "program_mib": program_mib(pid).map(rounded), "threads": threads(pid), "idle_cpu_s_per_min": used,
    })
}

//! From no worker at all to an answer.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{call, told};
use crate::{drive::percentiles, http::Connection, world::World};

/// Starts that are timed, and one before them that is not: it builds what all of them use.
const STARTS: usize = 15;
const LOOK: Duration = Duration::from_millis(100);
/// How long an idle worker may take to go.
const PATIENCE: Duration = Duration::from_secs(60);

/// The percentiles of so many cold calls.
pub(super) async fn starts(world: &World, function: &str) -> Result<Value> {
    let mut connection = Connection::new(&world.address);
    let token = Some(world.tokens[0].as_str());
    let mut micros = Vec::with_capacity(STARTS);
    for start in 0..=STARTS {
        until_nobody_works(world, &mut connection, function).await?;
        let request = call(function, &json!({"number": start}));
        let sent = Instant::now();
        let answer = connection.call(&request, token).await?;
        let taken = u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX);
        ensure!(answer["output"] == json!({"number": start}), "another output: {answer}");
        if start > 0 {
            micros.push(taken);
        }
    }
    Ok(percentiles(micros))
}

async fn until_nobody_works(world: &World, connection: &mut Connection, function: &str) -> Result<()> {
    let begun = Instant::now();
    loop {
        let workers = told(world, connection, function).await?["workers"].clone();
        if workers["workers"] == 0 && workers["starting"] == 0 {
            break;
        }
        ensure!(begun.elapsed() < PATIENCE, "workers of {function} stay: {workers}; serve with min_warm 0");
        sleep(LOOK).await;
    }
    // What ends a worker goes on for a moment after nobody counts it any more.
    sleep(LOOK).await;
    Ok(())
}

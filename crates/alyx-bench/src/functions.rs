//! Functions through the public endpoint: warm calls, cold starts, what an idle worker takes, and what transactions that
//! last a second cost those who write meanwhile.

mod cold;
mod writers;

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::{
    drive::{Check, Limit, Plan, Step, StepCaller, Turn, drive, extend},
    http::{Connection, Request},
    procfs::rounded,
    world::World,
};

/// Connections that call at the same time where calls a second are counted.
const MANY: usize = 16;

/// Whether a workload wants the folder `functions` of this crate served.
pub(crate) fn is_about_functions(name: &str) -> bool {
    name.starts_with("functions-")
}

/// Runs `functions-node`, `functions-python`, `functions-go` or `functions-writers`.
pub(crate) async fn run(world: &Arc<World>, name: &str) -> Result<Value> {
    match name.trim_start_matches("functions-") {
        "writers" => writers::run(world, name).await,
        language => one_language(world, name, language).await,
    }
}

async fn one_language(world: &Arc<World>, name: &str, language: &str) -> Result<Value> {
    let noop = format!("noop-{language}");
    let colds = cold::starts(world, &noop).await?;
    let plan = |connections| Plan {
        name: name.to_owned(),
        connections,
        limit: Limit::Time(Duration::from_secs(world.arguments.seconds.div_ceil(2))),
    };
    let mut report = drive(world, plan(1), steps(&noop, number)).await?;
    let memory = idle_memory(world, &noop).await?;
    let many = drive(world, plan(MANY), steps(&noop, number)).await?;
    let read = drive(world, plan(1), steps(&format!("read-{language}"), published)).await?;
    let mut errors = [&report, &many, &read].map(errors_of).iter().sum::<u64>();
    let more = json!({
        "calls_s": many["ops_s"], "calls_cpu_us": many["cpu_us"], "read_p50_ms": read["p50_ms"],
        "cold_p50_ms": colds["p50_ms"], "cold_max_ms": colds["max_ms"], "idle_mib": memory,
    });
    extend(&mut report, more);
    if language == "node" {
        let transact = drive(world, plan(1), steps("transact-node", post)).await?;
        errors += errors_of(&transact);
        extend(&mut report, json!({"transaction_p50_ms": transact["p50_ms"]}));
    }
    extend(&mut report, json!({"errors": errors}));
    Ok(report)
}

fn errors_of(report: &Value) -> u64 {
    report["errors"].as_u64().unwrap_or_default()
}

/// An input, and what the output must be where it is not the same.
type Input = fn(&mut Turn<'_>) -> Value;

fn number(turn: &mut Turn<'_>) -> Value {
    json!({"number": turn.sequence})
}

fn published(turn: &mut Turn<'_>) -> Value {
    json!({"id": turn.world.any_published(turn.random)})
}

fn post(turn: &mut Turn<'_>) -> Value {
    json!({"post": turn.world.any_published(turn.random)})
}

/// Calls whose output must be their input.
fn steps(function: &str, input: Input) -> impl Fn(&mut Turn<'_>) -> Step + Send + Sync + 'static {
    let function = function.to_owned();
    move |turn| {
        let input = input(turn);
        let request = call(&function, &input);
        Step { class: "call", caller: StepCaller::User, request, check: Check::Output(input) }
    }
}

/// A call of a function.
fn call(function: &str, input: &Value) -> Request {
    Request::json("POST", format!("/api/functions/{function}"), input)
}

/// What the server tells its administrator of a function.
async fn told(world: &World, connection: &mut Connection, function: &str) -> Result<Value> {
    let told = connection.call(&Request::get("/api/admin/functions"), world.product.administrator()).await?;
    let found = told["functions"].as_array().into_iter().flatten().find(|one| one["name"] == function).cloned();
    let found = found.with_context(|| format!("the server has no function {function:?}"))?;
    ensure!(found["state"] == "ready", "{function} is {}: {}", found["state"], found["faults"]);
    Ok(found)
}

/// Memory of one idle worker that has been at work, in MiB.
async fn idle_memory(world: &World, function: &str) -> Result<Option<f64>> {
    let mut connection = Connection::new(&world.address);
    let workers = told(world, &mut connection, function).await?["workers"].clone();
    let each = workers["memory"].as_f64().zip(workers["workers"].as_f64().filter(|workers| *workers > 0.0));
    Ok(each.map(|(bytes, workers)| rounded(bytes / workers / 1_048_576.0)))
}

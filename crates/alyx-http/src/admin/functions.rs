//! `GET /api/admin/functions` and `GET /api/admin/executions`

use actix_web::HttpResponse;
use alyx_auth::Permission;
use alyx_functions::{Entry, Functions};
use alyx_store::execution::ExecutionQuery;
use futures_util::future::join_all;
use serde_json::{Value as Json, json, value::RawValue};

use super::Parameters;
use crate::{auth::AuthCall, error::Result};

/// Every function, with its workers.
pub(super) async fn list(call: &AuthCall) -> Result<HttpResponse> {
    call.caller.require(Permission::ReadStats)?;
    Parameters::of(call)?.finish()?;
    let Some(functions) = call.state.functions() else {
        return Ok(HttpResponse::Ok().json(json!({"mode": "off", "reason": null, "functions": []})));
    };
    let (mode, reason) = match functions.mode() {
        Ok(mode) => (mode, None),
        Err(reason) => ("off", Some(reason)),
    };
    let entries = functions.entries();
    let list = join_all(entries.iter().map(|(name, entry)| describe(functions, name, entry))).await;
    Ok(HttpResponse::Ok().json(json!({"mode": mode, "reason": reason, "functions": list})))
}

async fn describe(functions: &Functions, name: &str, entry: &Entry) -> Json {
    match entry {
        Entry::Building => json!({"name": name, "state": "building"}),
        Entry::Broken(faults) => json!({"name": name, "state": "broken", "faults": **faults}),
        Entry::Ready(deployed) => {
            let function = &deployed.function;
            let (options, limits) = (functions.options(), functions.options().limits(function));
            let (input, output) = deployed.shapes().cloned().unwrap_or_default();
            let mut workers = json!(functions.figures(name));
            workers["memory"] = json!(functions.memory(name).await);
            json!({
                "name": name,
                "state": "ready",
                "runtime": function.runtime,
                "entry": function.entry,
                "version": deployed.version,
                "invoke": deployed.invoke.as_ref().map(alyx_rules::CompiledRule::text),
                "timeout_ms": options.timeout(function).map(|timeout| timeout.as_millis()),
                "memory": limits.memory,
                "cpu": limits.cpu,
                "concurrency": options.concurrency(function),
                "env": function.manifest.env.keys().collect::<Vec<_>>(),
                "input": input,
                "output": output,
                "workers": workers,
            })
        }
    }
}

/// Calls of functions, newest first.
pub(super) async fn executions(call: &AuthCall) -> Result<HttpResponse> {
    call.caller.require(Permission::ReadStats)?;
    let mut parameters = Parameters::of(call)?;
    let query = ExecutionQuery {
        before: parameters.number("before", (1, i64::MAX)),
        after: parameters.number("after", (0, i64::MAX)),
        function: parameters.text("function"),
        failed: parameters.flag("failed"),
        limit: parameters.limit(),
    };
    parameters.finish()?;
    // Those that have just ended are part of the answer.
    crate::functions::flush(&call.state).await;
    let found = call.served.store().executions(&query).await?;
    let is_full = found.len() >= usize::try_from(query.limit).unwrap_or(usize::MAX);
    let next_before = found.last().filter(|_| is_full).map(|(id, _)| *id);
    let executions: Vec<&RawValue> = found.iter().map(|(_, json)| &**json).collect();
    let answer = Page { executions, limit: query.limit, next_before };
    Ok(HttpResponse::Ok().json(answer))
}

#[derive(serde::Serialize)]
struct Page<'a> {
    executions: Vec<&'a RawValue>,
    limit: u32,
    next_before: Option<i64>,
}

//! Every call that has ended is written down: soon, many at a time, and none lost when the server stops.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use alyx_functions::{Deployed, Execution};
use alyx_schema::clock::format_timestamp;
use alyx_store::execution::ExecutionRecord;
use jiff::Timestamp;
use serde_json::value::RawValue;

use super::invocation::Invocation;
use crate::{AppState, access::Caller};

/// How long calls are gathered before they are written.
const GATHER: Duration = Duration::from_millis(200);
/// Calls written in one statement.
const AT_ONCE: usize = 256;
/// Calls that may wait; past it the oldest are given up, and the log says so.
const WAITING: usize = 20_000;
/// Time between two looks for what is older than it may be.
const TRIM: Duration = Duration::from_secs(60);

/// The calls that are still to be written.
#[derive(Default)]
pub(crate) struct Records {
    waiting: Mutex<Vec<ExecutionRecord>>,
    writing: AtomicBool,
    trimmed: Mutex<Option<tokio::time::Instant>>,
}

/// Writes a call down.
pub(super) fn record(
    state: &AppState,
    deployed: &Deployed,
    (invocation, input_size): (&Invocation, usize),
    execution: &Execution,
) {
    let records = state.records();
    let record = of(state.clock().now(), deployed, (invocation, input_size), execution);
    {
        let mut waiting = records.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= WAITING {
            tracing::error!(lost = AT_ONCE, "the database does not keep up: calls of functions are not written down");
            waiting.drain(..AT_ONCE);
        }
        waiting.push(record);
    }
    if !records.writing.swap(true, Ordering::AcqRel) {
        let state = state.clone();
        tokio::spawn(async move {
            tokio::time::sleep(GATHER).await;
            state.records().writing.store(false, Ordering::Release);
            flush(&state).await;
            trim(&state).await;
        });
    }
}

/// Writes what waits.
pub(crate) async fn flush(state: &AppState) {
    loop {
        let batch: Vec<ExecutionRecord> = {
            let mut waiting = state.records().waiting.lock().unwrap_or_else(PoisonError::into_inner);
            let count = waiting.len().min(AT_ONCE);
            waiting.drain(..count).collect()
        };
        if batch.is_empty() {
            return;
        }
        if let Err(error) = state.store().record_executions(&batch).await {
            tracing::error!(%error, lost = batch.len(), "calls of functions could not be written down");
        }
    }
}

async fn trim(state: &AppState) {
    let due = {
        let mut trimmed = state.records().trimmed.lock().unwrap_or_else(PoisonError::into_inner);
        let due = trimmed.is_none_or(|last| last.elapsed() >= TRIM);
        if due {
            *trimmed = Some(tokio::time::Instant::now());
        }
        due
    };
    if due {
        let options = &state.options().functions;
        let before = options.retention.and_then(|age| state.clock().now().checked_sub(age).ok());
        if let Err(error) = state.store().trim_executions(before, options.retention_rows).await {
            tracing::warn!(%error, "old calls of functions could not be deleted");
        }
    }
}

fn of(
    now: Timestamp,
    deployed: &Deployed,
    (invocation, input_size): (&Invocation, usize),
    execution: &Execution,
) -> ExecutionRecord {
    let failure = execution.result.as_ref().err();
    let error = failure.map(|failure| match &failure.stack {
        Some(stack) => format!("{}\n{stack}", failure.message),
        None => failure.message.clone(),
    });
    let output_size = execution.result.as_ref().map_or(0, |output| output.get().len());
    let (caller_kind, caller_id) = caller(&invocation.caller);
    ExecutionRecord {
        request_id: invocation.request_id.clone(),
        trace_id: invocation.trace_id.clone(),
        function: deployed.name().to_owned(),
        version: execution.version.clone(),
        started_at: format_timestamp(now.checked_sub(execution.duration).unwrap_or(now)),
        duration_ms: execution.duration.as_secs_f64() * 1000.0,
        status: failure.map_or(200, |failure| failure.kind.status()),
        code: failure.map(|failure| failure.code.clone()),
        error,
        caller_kind,
        caller_id,
        depth: invocation.depth,
        cold: execution.cold,
        input_size: u64::try_from(input_size).unwrap_or_default(),
        output_size: u64::try_from(output_size).unwrap_or_default(),
        logs: serde_json::value::to_raw_value(&execution.logs).unwrap_or_else(|_| empty()),
    }
}

fn empty() -> Box<RawValue> {
    RawValue::from_string("[]".to_owned()).expect("an empty list is JSON")
}

fn caller(caller: &Arc<Caller>) -> (&'static str, Option<String>) {
    match &**caller {
        Caller::Account(_) => ("account", caller.identity().map(|identity| identity.id.clone())),
        Caller::AdminToken => ("admin_token", None),
        Caller::DeployToken(_) => ("deploy_token", None),
        Caller::Anonymous => ("anonymous", None),
    }
}

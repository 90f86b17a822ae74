//! One call from its beginning to what is recorded of it.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use hyper::Method;
use serde_json::value::RawValue;
use tokio::time::Instant;

use crate::{
    client::{Answer, ClientError},
    deployed::Deployed,
    execution::{Execution, Failure, FailureKind, LogEntry, WorkerAnswer},
    options::FunctionOptions,
    pool::{Lease, Pool, crashed},
};

/// How long a worker that broke a connection may take to end.
const END: Duration = Duration::from_secs(1);

/// One call as it is sent to a worker. Texts are JSON.
#[derive(Clone, Debug)]
pub struct Call {
    /// The request's id.
    pub request_id: String,
    /// The input.
    pub input: String,
    /// Who calls, or `null`.
    pub auth: String,
    /// What is known of the request.
    pub request: String,
    /// What the function proves itself with when it calls back; good as long as the call runs.
    pub token: String,
    /// How much time whoever calls has left, where that is known.
    pub remaining: Option<Duration>,
}

impl Call {
    fn body(&self, function: &str, timeout: Option<Duration>) -> Bytes {
        let timeout = timeout.map_or_else(|| "null".to_owned(), |timeout| timeout.as_millis().to_string());
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        format!(
            r#"{{"request_id":{},"function":{},"input":{},"context":{{"auth":{},"request":{},"internal_token":{},"timeout_ms":{timeout}}}}}"#,
            quoted(&self.request_id),
            quoted(function),
            self.input,
            self.auth,
            self.request,
            quoted(&self.token),
        )
        .into()
    }
}

/// What came of a call before it is recorded.
struct Outcome {
    result: Result<Box<RawValue>, Failure>,
    logs: Vec<LogEntry>,
    cold: bool,
}

/// Calls the function in one of its workers.
pub(crate) async fn invoke(pool: &Pool, options: &FunctionOptions, deployed: &Arc<Deployed>, call: &Call) -> Execution {
    let began = Instant::now();
    let timeout = [options.timeout(&deployed.function), call.remaining].into_iter().flatten().min();
    // The wait for a worker and its start do not count against the function's own time.
    let patience = began + options.start_timeout + timeout.unwrap_or(options.start_timeout);
    let outcome = loop {
        match pool.lease(deployed, Some(patience)).await {
            Ok(lease) => match run(&lease, options, call, timeout).await {
                Some(outcome) => break outcome,
                // The worker had ended before it heard of the call: another one takes it.
                None => lease.retire(),
            },
            Err(failure) => break Outcome { result: Err(failure), logs: Vec::new(), cold: true },
        }
    };
    Execution {
        result: outcome.result,
        logs: outcome.logs,
        duration: began.elapsed(),
        cold: outcome.cold,
        version: Some(deployed.version.clone()),
    }
}

/// Runs the call in a worker; `None` where it was gone already.
async fn run(lease: &Lease, options: &FunctionOptions, call: &Call, timeout: Option<Duration>) -> Option<Outcome> {
    let name = lease.slot().name();
    let most = options.output_limit.unwrap_or(u64::MAX).saturating_add(crate::worker::LOG_LIMIT * 2);
    let asking = lease.client().request(Method::POST, "/invoke", call.body(name, timeout), most);
    let answered = match timeout {
        Some(timeout) => tokio::time::timeout(timeout, asking).await.ok(),
        None => Some(asking.await),
    };
    let (result, mut logs) = match answered {
        Some(Ok(answer)) => read(&answer),
        Some(Err(ClientError::Gone(_))) => return None,
        Some(Err(error)) => (Err(broken(lease, error).await), Vec::new()),
        None => (Err(too_late(lease, timeout.unwrap_or_default())), Vec::new()),
    };
    logs.extend(lease.printed());
    Some(Outcome { result, logs, cold: lease.waited() })
}

fn read(answer: &Answer) -> (Result<Box<RawValue>, Failure>, Vec<LogEntry>) {
    let read = serde_json::from_slice::<WorkerAnswer>(&answer.body);
    let Ok(read) = read else {
        let message = "the worker's answer is not what it should be";
        return (Err(Failure::new(FailureKind::Crashed, "FUNCTION_CRASHED", message)), Vec::new());
    };
    let result = match (read.success, read.output, read.error) {
        (true, output, _) => Ok(output.unwrap_or_else(|| RawValue::NULL.to_owned())),
        (false, _, Some(error)) => Err(error.into()),
        (false, _, None) => Err(Failure::new(FailureKind::Thrown(500), "FUNCTION_ERROR", "the function failed")),
    };
    (result, read.logs)
}

async fn broken(lease: &Lease, error: ClientError) -> Failure {
    // A worker that breaks off is most likely about to end: no other call should be given to it.
    lease.retire();
    match error {
        ClientError::TooLong(_) => {
            // What it holds in memory for that is nothing that other calls should wait for.
            lease.abandon();
            let message = "the function's output is longer than it may be (functions.output_limit)";
            Failure::new(FailureKind::Crashed, "OUTPUT_TOO_LARGE", message)
        }
        ClientError::Gone(error) => Failure::new(FailureKind::Crashed, "FUNCTION_CRASHED", error.to_string()),
        ClientError::Broken(error) => match tokio::time::timeout(END, lease.slot().exit()).await {
            Ok(exit) => crashed(&exit),
            Err(_) => {
                lease.kill();
                let failure = Failure::new(FailureKind::Crashed, "FUNCTION_CRASHED", "the worker broke off");
                Failure { stack: Some(error.to_string()), ..failure }
            }
        },
    }
}

/// What a worker does after a call was given up is nobody's business any more: it gets no other.
fn too_late(lease: &Lease, timeout: Duration) -> Failure {
    lease.abandon();
    let message = format!("the function took longer than {} s", timeout.as_secs_f64());
    Failure::new(FailureKind::TimedOut, "FUNCTION_TIMEOUT", message)
}

//! What came of one call: what it answered, and everything that was recorded of it.

use std::time::Duration;

use alyx_yaml::Diagnostic;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, value::RawValue};

/// One call of a function that has ended.
#[derive(Clone, Debug)]
pub struct Execution {
    /// What it returned, or why it did not.
    pub result: Result<Box<RawValue>, Failure>,
    /// What it logged.
    pub logs: Vec<LogEntry>,
    /// How long it took, its wait for a worker included.
    pub duration: Duration,
    /// Whether a worker had to be started for it.
    pub cold: bool,
    /// The version that ran, where one did.
    pub version: Option<String>,
}

impl Execution {
    /// One that ended before it began.
    #[must_use]
    pub fn failed(failure: Failure) -> Self {
        Self { result: Err(failure), logs: Vec::new(), duration: Duration::ZERO, cold: false, version: None }
    }
}

/// One line of a log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogEntry {
    /// `debug`, `info`, `warn` or `error`.
    pub level: String,
    /// What was said.
    pub message: String,
    /// What went with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Json>,
    /// When, as RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
}

impl LogEntry {
    /// A line that a worker printed outside of calls.
    #[must_use]
    pub fn printed(to_error: bool, line: &str) -> Self {
        let level = if to_error { "error" } else { "info" };
        Self { level: level.to_owned(), message: line.to_owned(), data: None, time: None }
    }
}

/// Why a call has no output.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// What kind of failure it is.
    pub kind: FailureKind,
    /// Its code: the function's own, or one of Alyx's.
    pub code: String,
    /// What went wrong, for the caller.
    pub message: String,
    /// More about it, for the caller.
    pub details: Option<Json>,
    /// Where it was thrown, for whoever reads the log.
    pub stack: Option<String>,
}

/// The kinds of failures, with the status that each is answered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// There is no such function.
    NotFound,
    /// The function answered with an error of this status.
    Thrown(u16),
    /// It took too long.
    TimedOut,
    /// Its worker ended in the middle of the call, or answered what it must not.
    Crashed,
    /// There is no free worker, or none can be started now: worth trying again.
    Busy,
    /// The function cannot be loaded.
    Broken,
    /// Workers are switched off, or there is no way to start one.
    Unavailable,
    /// Functions call each other too deeply.
    TooDeep,
}

impl FailureKind {
    /// The HTTP status of its answer.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::Thrown(status) => status,
            Self::TimedOut => 504,
            Self::Crashed => 502,
            Self::Busy | Self::Unavailable => 503,
            Self::Broken => 500,
            Self::TooDeep => 508,
        }
    }
}

impl Failure {
    pub(crate) fn new(kind: FailureKind, code: &str, message: impl Into<String>) -> Self {
        Self { kind, code: code.to_owned(), message: message.into(), details: None, stack: None }
    }

    /// A failure of Alyx's own.
    #[must_use]
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        let message = "something went wrong on the server";
        Self { stack: Some(cause.to_string()), ..Self::new(FailureKind::Thrown(500), "INTERNAL", message) }
    }

    /// No worker can be started at all.
    #[must_use]
    pub fn unavailable(reason: &str) -> Self {
        let message = "functions do not run on this server; its log says why";
        let failure = Self::new(FailureKind::Unavailable, "FUNCTIONS_UNAVAILABLE", message);
        Self { stack: Some(reason.to_owned()), ..failure }
    }

    /// A function that is being made ready.
    #[must_use]
    pub fn building(name: &str) -> Self {
        Self::new(FailureKind::Busy, "FUNCTION_BUILDING", format!("{name:?} is being made ready; try again"))
    }

    /// A call by a function that was called by a function, and so on.
    #[must_use]
    pub fn too_deep(most: u32) -> Self {
        let message = format!("functions call each other more than {most} deep (functions.call_depth)");
        Self::new(FailureKind::TooDeep, "RECURSION_LIMIT", message)
    }

    /// A function whose files have faults; what they are is for those who may read them.
    #[must_use]
    pub fn broken(name: &str, faults: &[Diagnostic]) -> Self {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        Self {
            stack: Some(faults.join("\n")),
            ..Self::new(FailureKind::Broken, "FUNCTION_BROKEN", format!("the function {name:?} cannot be loaded"))
        }
    }
}

/// A worker's answer to a call.
#[derive(Debug, Deserialize)]
pub(crate) struct WorkerAnswer {
    pub(crate) success: bool,
    pub(crate) output: Option<Box<RawValue>>,
    pub(crate) error: Option<WorkerError>,
    #[serde(default)]
    pub(crate) logs: Vec<LogEntry>,
}

/// The error in it.
#[derive(Debug, Deserialize)]
pub(crate) struct WorkerError {
    code: String,
    message: String,
    status: Option<u16>,
    details: Option<Json>,
    stack: Option<String>,
}

impl From<WorkerError> for Failure {
    fn from(error: WorkerError) -> Self {
        let status = error.status.filter(|status| (400..600).contains(status)).unwrap_or(500);
        let WorkerError { code, message, details, stack, .. } = error;
        // What the function says on purpose needs no place.
        let stack = stack.filter(|_| status >= 500);
        Self { kind: FailureKind::Thrown(status), code, message, details: details.filter(|d| !d.is_null()), stack }
    }
}

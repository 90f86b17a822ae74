//! `functions`: how workers are started and how many there are.

use std::{num::NonZeroU32, time::Duration};

use crate::{
    table::section,
    value::{ByteSize, Limit, choice},
};

section! {
    /// Functions. Variables: `ALYX_FUNCTIONS_` and the key in capitals.
    Functions {
        /// How workers run: in a container, in a child process, whichever the machine has, or not at all.
        mode: FunctionMode = "auto",
        /// Where the container engine answers, such as `unix:///run/podman/podman.sock`; without it the usual places.
        engine: Option<String>,
        /// What containers reach besides the server.
        network: FunctionNetwork = "none",
        /// Calls of one function that may wait for a worker; more are refused.
        queue: NonZeroU32 = "1000",
        /// Longest output of one call.
        output_limit: Limit<ByteSize> = "10MiB",
        /// How long a worker may take until it is ready.
        start_timeout: Duration = "30s",
        /// How deep functions may call each other.
        call_depth: NonZeroU32 = "8",
        /// How long what happened in calls is kept; see also `retention_rows`.
        retention: Limit<Duration> = "7d",
        /// How many calls are kept at most.
        retention_rows: Limit<NonZeroU32> = "100000",
        /// Workers of functions in JavaScript and TypeScript.
        node: Runtime,
        /// Workers of functions in Python.
        python: Runtime,
        /// Workers of functions in Go.
        go: Runtime,
    }
}

choice! {
    /// How workers run.
    FunctionMode {
        /// In containers where there is an engine, else in processes.
        Auto = "auto",
        /// In containers only.
        Container = "container",
        /// In child processes with a clean environment.
        Process = "process",
        /// Not at all.
        Off = "off",
    }
}

choice! {
    /// What containers reach besides the server.
    FunctionNetwork {
        /// Nothing.
        None = "none",
        /// Whatever the engine's default network reaches.
        Outbound = "outbound",
    }
}

section! {
    /// Workers of one language. Variables: `ALYX_FUNCTIONS_NODE_` and the like, and the key in capitals.
    Runtime {
        /// The image that containers are made from; without it the language's official one.
        image: Option<String>,
        /// Workers kept ready.
        min_warm: u32 = "1",
        /// Most workers at the same time.
        max_instances: NonZeroU32 = "10",
        /// How long a worker over `min_warm` may be idle.
        idle_timeout: Duration = "1m",
        /// Longest time for one call.
        exec_timeout: Limit<Duration> = "30s",
        /// Most memory of one worker.
        memory_limit: Limit<ByteSize> = "256MB",
        /// Most processor cores of one worker.
        cpu_limit: Limit<f64> = "1.0",
        /// Calls that one worker takes at the same time.
        concurrency: NonZeroU32 = "10",
    }
}

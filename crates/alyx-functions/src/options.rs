//! The settings that workers run by.

use std::time::Duration;

use alyx_config::{Config, section::Runtime as Section};

use crate::{Function, Runtime, worker::Limits};

/// Processes and threads that one worker may have: Node alone takes eleven.
const PROCESSES: u32 = 128;
/// Files that one worker may open.
const FILES: u32 = 1024;

/// What holds for all functions.
#[derive(Clone, Debug)]
pub struct FunctionOptions {
    /// By language, as in [`Runtime::ALL`].
    pub runtimes: [RuntimeOptions; 3],
    /// Calls of one function that may wait for a worker.
    pub queue: usize,
    /// Longest output in bytes.
    pub output_limit: Option<u64>,
    /// How long a worker may take until it is ready.
    pub start_timeout: Duration,
    /// How deep functions may call each other.
    pub call_depth: u32,
}

/// What holds for the functions of one language.
#[derive(Clone, Copy, Debug)]
pub struct RuntimeOptions {
    /// Workers kept ready.
    pub min_warm: usize,
    /// Most workers at the same time.
    pub max_instances: usize,
    /// How long a worker over `min_warm` may be idle.
    pub idle_timeout: Duration,
    /// Longest time for one call.
    pub exec_timeout: Option<Duration>,
    /// Most memory of one worker, in bytes.
    pub memory: Option<u64>,
    /// Most processor cores of one worker.
    pub cpu: Option<f64>,
    /// Calls that one worker takes at the same time.
    pub concurrency: usize,
}

impl FunctionOptions {
    /// What a project's settings ask for.
    #[must_use]
    pub fn from_config(config: &Config) -> Self {
        let functions = &config.functions;
        Self {
            runtimes: [&functions.node, &functions.python, &functions.go].map(RuntimeOptions::of),
            queue: size(functions.queue.get()),
            output_limit: functions.output_limit.value().map(|size| size.0),
            start_timeout: functions.start_timeout,
            call_depth: functions.call_depth.get(),
        }
    }

    /// What holds for functions of a language.
    #[must_use]
    pub fn of(&self, runtime: Runtime) -> &RuntimeOptions {
        &self.runtimes[runtime as usize]
    }

    /// The longest time for one call of a function.
    #[must_use]
    pub fn timeout(&self, function: &Function) -> Option<Duration> {
        function.manifest.timeout.or(self.of(function.runtime).exec_timeout)
    }

    /// How many calls one worker of a function takes at the same time.
    #[must_use]
    pub fn concurrency(&self, function: &Function) -> usize {
        function.manifest.concurrency.map_or(self.of(function.runtime).concurrency, |most| size(most.get())).max(1)
    }

    /// What a worker of a function may use.
    #[must_use]
    pub fn limits(&self, function: &Function) -> Limits {
        let options = self.of(function.runtime);
        Limits {
            memory: function.manifest.memory.or(options.memory),
            cpu: function.manifest.cpu.or(options.cpu),
            processes: PROCESSES,
            files: FILES,
        }
    }
}

impl RuntimeOptions {
    fn of(section: &Section) -> Self {
        Self {
            min_warm: size(section.min_warm),
            max_instances: size(section.max_instances.get()),
            idle_timeout: section.idle_timeout,
            exec_timeout: section.exec_timeout.value(),
            memory: section.memory_limit.value().map(|size| size.0),
            cpu: section.cpu_limit.value(),
            concurrency: size(section.concurrency.get()),
        }
    }
}

fn size(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

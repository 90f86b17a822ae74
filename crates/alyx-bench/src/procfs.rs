//! What the kernel says about the server, this client and the whole machine. Linux only; elsewhere all is unknown.

use std::fs;

use serde_json::{Value, json};

/// USER_HZ, fixed by the Linux ABI on common machines.
const TICKS_A_SECOND: f64 = 100.0;
const MIB: f64 = 1_048_576.0;

/// CPU seconds (user and system, all threads) of a process.
pub(crate) fn cpu_seconds(process: &str) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / TICKS_A_SECOND)
}

/// Resident memory of a process.
pub(crate) fn resident_mib(pid: u32) -> Option<f64> {
    status(pid, "VmRSS:").map(|kib| kib / 1024.0)
}

/// Threads of a process.
pub(crate) fn threads(pid: u32) -> Option<f64> {
    status(pid, "Threads:")
}

/// Size of the program that a process runs.
pub(crate) fn program_mib(pid: u32) -> Option<f64> {
    Some(fs::metadata(format!("/proc/{pid}/exe")).ok()?.len() as f64 / MIB)
}

/// How busy the machine was in the last minute.
pub(crate) fn load_average() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}

pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, Into::into)
}

/// Three decimals are enough for a table.
pub(crate) fn rounded(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}

/// How many files a process may have open.
pub(crate) fn open_files(process: &str) -> Option<u64> {
    let limits = fs::read_to_string(format!("/proc/{process}/limits")).ok()?;
    limits.lines().find_map(|line| line.strip_prefix("Max open files"))?.split_whitespace().next()?.parse().ok()
}

fn status(pid: u32, key: &str) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    text.lines().find(|line| line.starts_with(key))?.split_whitespace().nth(1)?.parse().ok()
}

/// Busy CPU seconds of the whole machine.
fn machine_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    let fields: Vec<f64> = stat.lines().next()?.split_whitespace().skip(1).flat_map(str::parse).collect();
    let busy = [0, 1, 2, 5, 6].iter().filter_map(|index| fields.get(*index)).sum::<f64>();
    Some(busy / TICKS_A_SECOND)
}

fn written_mib(pid: u32) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/io")).ok()?;
    let bytes: f64 = text.lines().find_map(|line| line.strip_prefix("write_bytes: "))?.trim().parse().ok()?;
    Some(bytes / MIB)
}

/// All CPU clocks at one moment.
#[derive(Clone, Copy)]
pub(crate) struct Snapshot {
    server: Option<f64>,
    client: Option<f64>,
    machine: Option<f64>,
    written: Option<f64>,
}

impl Snapshot {
    pub(crate) fn take(pid: Option<u32>) -> Self {
        Self {
            server: pid.and_then(|pid| cpu_seconds(&pid.to_string())),
            client: cpu_seconds("self"),
            machine: machine_seconds(),
            written: pid.and_then(written_mib),
        }
    }

    pub(crate) fn server_seconds_since(&self, before: &Self) -> Option<f64> {
        Some(self.server? - before.server?)
    }

    /// Everything but the figure per operation.
    pub(crate) fn report_since(&self, before: &Self) -> Value {
        let since = |now: Option<f64>, then: Option<f64>| Some(rounded(now? - then?));
        let server = self.server_seconds_since(before);
        let client = since(self.client, before.client);
        let others = since(self.machine, before.machine).zip(client).map(|(all, client)| all - client);
        json!({
            "server_cpu_s": server.map(rounded),
            "client_cpu_s": client,
            "others_cpu_s": others.map(|others| rounded((others - server.unwrap_or(0.0)).max(0.0))),
            "server_written_mib": since(self.written, before.written),
        })
    }
}

//! How busy other programs kept the machine, as the kernel tells it. Linux only; elsewhere it is unknown.

use std::{fs, time::Instant};

/// USER_HZ, fixed by the Linux ABI on common machines.
const TICKS_A_SECOND: f64 = 100.0;

/// The CPU clocks when something began.
pub(crate) struct Watch {
    start: Instant,
    server: u32,
    others: Option<f64>,
}

impl Watch {
    /// Begins to watch what is used by neither this program nor the server.
    pub(crate) fn start(server: u32) -> Self {
        Self { start: Instant::now(), server, others: others(server) }
    }

    /// Cores that others used since.
    pub(crate) fn others(&self) -> Option<f64> {
        let ticks = others(self.server)? - self.others?;
        Some((ticks / TICKS_A_SECOND / self.start.elapsed().as_secs_f64()).max(0.0))
    }
}

fn others(server: u32) -> Option<f64> {
    Some(machine()? - process("self")? - process(&server.to_string())?)
}

/// Busy ticks of the whole machine: user, nice, system, interrupts.
fn machine() -> Option<f64> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    let fields: Vec<f64> = stat.lines().next()?.split_whitespace().skip(1).flat_map(str::parse).collect();
    Some([0, 1, 2, 5, 6].iter().filter_map(|index| fields.get(*index)).sum())
}

fn process(id: &str) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
    Some(ticks(11)? + ticks(12)?)
}

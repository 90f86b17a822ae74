//! A worker's process with everything that it started: counted, measured and ended together.

use std::{
    fs,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rustix::process::{Pid, Signal, getpid, kill_process, kill_process_group};

use super::limits::Enforcement;
use crate::worker::Exit;

/// Times that what is left is looked for and ended; each time fewer can have started more.
const ROUNDS: usize = 50;

/// What one worker's process group holds. The group has the leader's number.
pub(super) struct Group {
    leader: Option<Pid>,
    enforcement: Enforcement,
    /// Once the leader was waited for, its number may be another's.
    gone: AtomicBool,
    verdict: Mutex<Exit>,
}

/// What is used by a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    pub(super) memory: u64,
    pub(super) processes: u32,
}

/// One process as `/proc/PID/stat` tells of it (proc(5)).
struct Process {
    id: i32,
    parent: i32,
    group: i32,
    threads: u32,
    pages: u64,
}

impl Group {
    pub(super) fn of(leader: Option<u32>, enforcement: Enforcement) -> Self {
        let leader = leader.and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        Self { leader, enforcement, gone: AtomicBool::new(false), verdict: Mutex::default() }
    }

    pub(super) fn enforcement(&self) -> &Enforcement {
        &self.enforcement
    }

    /// Why it was ended, as far as it is known.
    pub(super) fn verdict(&self) -> Exit {
        let mut verdict = self.verdict.lock().unwrap_or_else(PoisonError::into_inner).clone();
        verdict.out_of_memory |= self.enforcement.was_out_of_memory();
        verdict.too_many_processes |= self.enforcement.had_too_many_processes();
        verdict
    }

    pub(super) fn judge(&self, judge: impl FnOnce(&mut Exit)) {
        judge(&mut self.verdict.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Ends everything in it, again and again until nothing is left.
    pub(super) fn kill(&self) {
        let Some(leader) = self.leader.filter(|_| !self.gone.load(Ordering::Acquire)) else { return };
        self.enforcement.kill();
        for _ in 0..ROUNDS {
            // Those that left the group are found while their parents still live.
            let strays: Vec<i32> = members(leader).into_iter().map(|process| process.id).collect();
            let _ = kill_process_group(leader, Signal::KILL);
            let left = strays.into_iter().filter(|id| *id != leader.as_raw_nonzero().get());
            let killed = left.filter_map(Pid::from_raw).filter(|id| kill_process(*id, Signal::KILL).is_ok()).count();
            if killed == 0 {
                return;
            }
            std::thread::yield_now();
        }
    }

    /// Forgets the process, whose number is free now, and removes what was made for it.
    pub(super) async fn remove(&self) {
        self.gone.store(true, Ordering::Release);
        // A control group can be removed once the kernel has let go of its last process.
        for _ in 0..ROUNDS {
            if self.enforcement.remove() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        tracing::warn!("a control group of a function's worker could not be removed");
    }

    /// What it uses now.
    pub(super) fn usage(&self) -> Option<Usage> {
        let leader = self.leader.filter(|_| !self.gone.load(Ordering::Acquire))?;
        if let (Some(memory), Some(processes)) = (self.enforcement.memory(), self.enforcement.processes()) {
            return Some(Usage { memory, processes });
        }
        let members = members(leader);
        let page = u64::try_from(rustix::param::page_size()).unwrap_or(4096);
        Some(Usage {
            memory: members.iter().map(|process| process.pages * page).sum(),
            processes: members.iter().map(|process| process.threads).sum(),
        })
    }

    pub(super) fn memory(&self) -> Option<u64> {
        self.usage().map(|usage| usage.memory)
    }
}

/// The processes of a group, and those that a process of it started and that left it.
fn members(leader: Pid) -> Vec<Process> {
    let leader = leader.as_raw_nonzero().get();
    let own = getpid().as_raw_nonzero().get();
    let mut others: Vec<Process> = processes();
    let mut members: Vec<Process> = Vec::new();
    loop {
        let belongs = |process: &Process| {
            process.group == leader || members.iter().any(|member| member.id == process.parent && member.id != own)
        };
        let (found, rest): (Vec<_>, Vec<_>) = others.into_iter().partition(belongs);
        if found.is_empty() {
            return members;
        }
        members.extend(found);
        others = rest;
    }
}

fn processes() -> Vec<Process> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let ids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    ids.filter_map(|id| parse(id, &fs::read_to_string(format!("/proc/{id}/stat")).ok()?)).collect()
}

/// The program's name stands in brackets and may hold anything, brackets too.
fn parse(id: i32, stat: &str) -> Option<Process> {
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    let state = fields.next()?;
    let (parent, group) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    let threads = fields.nth(14)?.parse().ok()?;
    let pages = fields.nth(3)?.parse().ok()?;
    (state != "Z").then_some(Process { id, parent, group, threads, pages })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_name_with_brackets_does_not_confuse() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 3 0 99 1000 250 18446744073709551615";
        let process = parse(7, stat).unwrap();
        assert_eq!((process.parent, process.group, process.threads, process.pages), (1, 7, 3, 250));
    }
}

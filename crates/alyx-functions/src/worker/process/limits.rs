//! What a worker may use: by control groups where they can be made, and watched where not.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::sync::watch;

use super::group::Group;
use crate::worker::{Exit, Limits, WorkerSpec};

/// Time between two looks at what a worker uses, where no control group holds it.
const LOOK: Duration = Duration::from_millis(100);

/// Where one kind of resource is held: a folder in the tree of control groups, and what its files are called in
/// either version of them (Linux, Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst).
#[derive(Debug)]
struct Held {
    folder: PathBuf,
    version: u8,
}

/// The control groups that were made for one worker; none where that is not possible.
#[derive(Debug, Default)]
pub(super) struct Enforcement {
    memory: Option<Held>,
    processes: Option<Held>,
    cpu: Option<Held>,
}

impl Enforcement {
    /// Makes those that can be made.
    pub(super) fn of(spec: &WorkerSpec) -> Self {
        let Ok(own) = fs::read_to_string("/proc/self/cgroup") else { return Self::default() };
        let (limits, name) = (&spec.limits, &spec.id);
        let memory = limits.memory.and_then(|bytes| {
            held(
                &own,
                "memory",
                name,
                [("memory.max", bytes.to_string()), ("memory.limit_in_bytes", bytes.to_string())],
            )
        });
        if let Some(Held { folder, version: 2 }) = &memory {
            let _ = set(&folder.join("memory.swap.max"), "0");
        } else if let (Some(Held { folder, .. }), Some(bytes)) = (&memory, limits.memory) {
            let _ = set(&folder.join("memory.memsw.limit_in_bytes"), &bytes.to_string());
        }
        // One more for the wrapper's watch over the server.
        let most = (limits.processes + 1).to_string();
        let processes = held(&own, "pids", name, [("pids.max", most.clone()), ("pids.max", most)]);
        let cpu = limits.cpu.and_then(|cores| {
            let quota = (cores * 100_000.0).round().max(1_000.0);
            held(&own, "cpu", name, [("cpu.max", format!("{quota} 100000")), ("cpu.cfs_quota_us", quota.to_string())])
        });
        Self { memory, processes, cpu }
    }

    /// The files into which a process writes its number to be held.
    pub(super) fn places(&self) -> Vec<PathBuf> {
        let mut places: Vec<PathBuf> = self.all().map(|held| held.folder.join("cgroup.procs")).collect();
        places.dedup();
        places
    }

    pub(super) fn memory(&self) -> Option<u64> {
        let held = self.memory.as_ref()?;
        held.number(if held.version == 2 { "memory.current" } else { "memory.usage_in_bytes" })
    }

    pub(super) fn processes(&self) -> Option<u32> {
        self.processes.as_ref()?.number("pids.current").and_then(|count| u32::try_from(count).ok())
    }

    /// Whether the kernel ended something for its memory.
    pub(super) fn was_out_of_memory(&self) -> bool {
        let Some(held) = &self.memory else { return false };
        let file = if held.version == 2 { "memory.events" } else { "memory.oom_control" };
        held.count(file, "oom_kill") > 0
    }

    /// Whether the kernel refused to start a process.
    pub(super) fn had_too_many_processes(&self) -> bool {
        self.processes.as_ref().is_some_and(|held| held.count("pids.events", "max") > 0)
    }

    /// Ends everything at once, where the kernel offers that.
    pub(super) fn kill(&self) {
        if let Some(held) = self.all().find(|held| held.version == 2) {
            let _ = set(&held.folder.join("cgroup.kill"), "1");
        }
    }

    /// Removes them; `false` where something is still in one.
    pub(super) fn remove(&self) -> bool {
        self.all().all(|held| fs::remove_dir(&held.folder).is_ok() || !held.folder.exists())
    }

    fn all(&self) -> impl Iterator<Item = &Held> {
        [&self.memory, &self.processes, &self.cpu].into_iter().flatten()
    }

    fn holds_everything(&self, limits: &Limits) -> bool {
        self.processes.is_some() && (self.memory.is_some() || limits.memory.is_none())
    }
}

impl Held {
    fn number(&self, file: &str) -> Option<u64> {
        fs::read_to_string(self.folder.join(file)).ok()?.trim().parse().ok()
    }

    /// The number behind a name in a file of such lines.
    fn count(&self, file: &str, name: &str) -> u64 {
        let text = fs::read_to_string(self.folder.join(file)).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.and_then(|count| count.trim().parse().ok()).unwrap_or_default()
    }
}

/// Makes a group for one controller below this process's own, by the second version of control groups where that has
/// the controller, else by the first.
fn held(own: &str, controller: &str, name: &str, [second, first]: [(&str, String); 2]) -> Option<Held> {
    let folders = own.lines().filter_map(|line| {
        let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
        let path = path.trim_start_matches('/');
        match controllers {
            "" => Some(Held { folder: Path::new("/sys/fs/cgroup").join(path), version: 2 }),
            named if named.split(',').any(|named| named == controller) => {
                Some(Held { folder: Path::new("/sys/fs/cgroup").join(controllers).join(path), version: 1 })
            }
            _ => None,
        }
    });
    let mut folders: Vec<Held> = folders.collect();
    folders.sort_by_key(|held| std::cmp::Reverse(held.version));
    folders.into_iter().find_map(|parent| {
        let folder = parent.folder.join(format!("alyx-{name}"));
        let (file, value) = if parent.version == 2 { &second } else { &first };
        let _ = fs::create_dir(&folder);
        // The kernel fills a control group with its files; a folder elsewhere stays empty.
        if folder.join("cgroup.procs").exists() && set(&folder.join(file), value).is_ok() {
            return Some(Held { folder, ..parent });
        }
        let _ = fs::remove_dir(&folder);
        None
    })
}

/// Writes into a file of the kernel's, which is there or not.
fn set(path: &Path, value: &str) -> std::io::Result<()> {
    fs::OpenOptions::new().write(true).open(path)?.write_all(value.as_bytes())
}

/// Ends a worker that uses more than it may, until it has ended.
pub(super) async fn watch(group: Arc<Group>, limits: Limits, mut exit: watch::Receiver<Option<Exit>>) {
    if group.enforcement().holds_everything(&limits) {
        return;
    }
    loop {
        tokio::select! {
            _ = exit.wait_for(Option::is_some) => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        let Some(usage) = group.usage() else { return };
        let over_memory = limits.memory.is_some_and(|most| usage.memory > most);
        let over_processes = usage.processes > limits.processes + 1;
        if over_memory || over_processes {
            group.judge(|verdict| {
                verdict.out_of_memory |= over_memory;
                verdict.too_many_processes |= over_processes;
            });
            group.kill();
        }
    }
}

//! The functions of a project while it is served.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use alyx_yaml::Diagnostic;
use tokio::sync::Notify;

use crate::{Call, Deployed, Execution, Failure, Figures, FunctionOptions, invoke, pool::Pool, worker::Starter};

/// All functions with their workers. Cheap to clone.
#[derive(Clone)]
pub struct Functions(Arc<Inner>);

struct Inner {
    options: FunctionOptions,
    workers: Workers,
    /// The socket on which the server hears functions.
    socket: PathBuf,
    entries: RwLock<BTreeMap<String, Entry>>,
    changed: Notify,
    /// Whether it is known which functions there are.
    known: AtomicBool,
}

/// How workers are started.
enum Workers {
    Pool(Pool),
    /// Not at all, and what to do about it.
    None(String),
}

/// What a name stands for.
#[derive(Clone, Debug)]
pub enum Entry {
    /// It is being made ready.
    Building,
    /// It can be called.
    Ready(Arc<Deployed>),
    /// Its files have faults.
    Broken(Arc<Vec<Diagnostic>>),
}

impl Functions {
    /// No functions yet. `folder` is for sockets: it exists, nobody else can read it, and its path is short.
    /// Call it within a tokio runtime that outlives it.
    #[must_use]
    pub fn new(options: FunctionOptions, starter: Result<Arc<dyn Starter>, String>, folder: &Path) -> Self {
        let socket = folder.join("server.sock");
        let workers = match starter {
            Ok(starter) => Workers::Pool(Pool::new(starter, options.clone(), (folder.to_owned(), socket.clone()))),
            Err(reason) => Workers::None(reason),
        };
        Self(Arc::new(Inner {
            options,
            workers,
            socket,
            entries: RwLock::default(),
            changed: Notify::new(),
            known: AtomicBool::new(false),
        }))
    }

    /// The settings.
    #[must_use]
    pub fn options(&self) -> &FunctionOptions {
        &self.0.options
    }

    /// Where the server has to listen for functions that call back.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.0.socket
    }

    /// How workers are started, or why they are not.
    ///
    /// # Errors
    /// What to do to have workers.
    pub fn mode(&self) -> Result<&'static str, &str> {
        match &self.0.workers {
            Workers::Pool(pool) => Ok(pool.mode()),
            Workers::None(reason) => Err(reason),
        }
    }

    /// What a name stands for; `None` where there is no such function.
    #[must_use]
    pub fn entry(&self, name: &str) -> Option<Entry> {
        self.0.entries.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// The same; one that is being made ready is waited for, for as long as a worker may take to start. Just after the
    /// start it is not known yet which there are.
    pub async fn settled(&self, name: &str) -> Option<Entry> {
        let waiting = async {
            loop {
                let changed = self.0.changed.notified();
                match self.entry(name) {
                    Some(Entry::Building) => changed.await,
                    None if !self.0.known.load(Ordering::Acquire) => changed.await,
                    settled => return settled,
                }
            }
        };
        match tokio::time::timeout(self.0.options.start_timeout, waiting).await {
            Ok(settled) => settled,
            Err(_) => self.entry(name),
        }
    }

    /// Every function by name.
    #[must_use]
    pub fn entries(&self) -> BTreeMap<String, Entry> {
        self.0.entries.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What is known of a function's workers.
    #[must_use]
    pub fn figures(&self, name: &str) -> Figures {
        match &self.0.workers {
            Workers::Pool(pool) => pool.figures(name),
            Workers::None(_) => Figures::default(),
        }
    }

    /// The memory that a function's workers use together, in bytes; `None` where there are none or nothing tells.
    pub async fn memory(&self, name: &str) -> Option<u64> {
        match &self.0.workers {
            Workers::Pool(pool) => pool.memory(name).await,
            Workers::None(_) => None,
        }
    }

    /// Names that are there already stay as they are; those that are new can be waited for.
    pub(crate) fn announce(&self, entries: &BTreeMap<String, Entry>) {
        let mut known = self.0.entries.write().unwrap_or_else(PoisonError::into_inner);
        for (name, entry) in entries {
            known.entry(name.clone()).or_insert_with(|| entry.clone());
        }
        drop(known);
        self.0.known.store(true, Ordering::Release);
        self.0.changed.notify_waiters();
    }

    /// Serves these from now on. Calls that run finish in the version that they began in.
    pub fn serve(&self, entries: &BTreeMap<String, Entry>) {
        let old =
            std::mem::replace(&mut *self.0.entries.write().unwrap_or_else(PoisonError::into_inner), entries.clone());
        let Workers::Pool(pool) = &self.0.workers else { return self.0.changed.notify_waiters() };
        for (name, entry) in entries {
            // A rule may have changed where the version has not; workers go on then.
            let same = |deployed: &Arc<Deployed>| matches!(old.get(name), Some(Entry::Ready(old)) if old.version == deployed.version);
            if let Entry::Ready(deployed) = entry
                && !same(deployed)
            {
                pool.deploy(deployed);
            }
        }
        let is_ready = |name: &str| matches!(entries.get(name), Some(Entry::Ready(_)));
        for (name, _) in old.iter().filter(|(name, _)| !is_ready(name)) {
            pool.withdraw(name);
        }
        self.0.changed.notify_waiters();
        pool.warm_up();
    }

    /// Calls a function; the answer says everything that came of it.
    pub async fn invoke(&self, deployed: &Arc<Deployed>, call: &Call) -> Execution {
        match &self.0.workers {
            Workers::Pool(pool) => invoke::invoke(pool, &self.0.options, deployed, call).await,
            Workers::None(reason) => Execution::failed(Failure::unavailable(reason)),
        }
    }

    /// Ends every worker.
    pub async fn close(&self) {
        if let Workers::Pool(pool) = &self.0.workers {
            pool.close().await;
        }
    }
}

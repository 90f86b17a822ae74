//! Who has which worker: decided under one lock, carried out outside of it.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, atomic::Ordering},
};

use tokio::{sync::oneshot, time::Instant};

use super::{Given, Lease, Shared, Waiter, slot::Slot};
use crate::{Runtime, deployed::Deployed, execution::Failure, options::FunctionOptions};

/// What every decision is made from.
#[derive(Default)]
pub(super) struct State {
    functions: HashMap<String, Workers>,
    /// Workers that there are or that are being started, by language; those that are being retired not.
    totals: [usize; 3],
    closed: bool,
}

/// The workers of the version of a function that is served.
struct Workers {
    deployed: Arc<Deployed>,
    slots: Vec<Arc<Slot>>,
    starting: usize,
    waiting: VecDeque<Waiter>,
}

/// What is to be done once the lock is given back.
#[derive(Default)]
pub(super) struct Plan {
    /// Workers to start.
    pub(super) start: Vec<Arc<Deployed>>,
    /// Workers to end.
    pub(super) end: Vec<Arc<Slot>>,
    /// Calls that are answered.
    pub(super) give: Vec<(Waiter, Given)>,
}

/// What is known of a function's workers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Figures {
    /// Workers that are ready.
    pub workers: usize,
    /// Workers that are being started.
    pub starting: usize,
    /// Calls that run.
    pub running: usize,
    /// Calls that wait for a worker.
    pub waiting: usize,
}

impl State {
    /// A worker with room for one more call: of several the one with the fewest calls.
    pub(super) fn free(&mut self, shared: &Arc<Shared>, deployed: &Arc<Deployed>) -> Option<Lease> {
        let workers = self.functions.get(deployed.name())?;
        let most = shared.options.concurrency(&workers.deployed.function);
        let free = workers.slots.iter().filter(|slot| slot.active() < most);
        let slot = free.min_by_key(|slot| slot.active())?;
        Some(take(shared, slot, false))
    }

    /// A place in the queue; `None` where it is full.
    pub(super) fn wait(&mut self, deployed: &Arc<Deployed>, most: usize) -> Option<oneshot::Receiver<Given>> {
        let workers = self.functions.get_mut(deployed.name()).filter(|_| !self.closed)?;
        // Those whose callers have gone make room.
        workers.waiting.retain(|waiter| !waiter.0.is_closed());
        (workers.waiting.len() < most).then(|| {
            let (sender, receiver) = oneshot::channel();
            workers.waiting.push_back(Waiter(sender));
            receiver
        })
    }

    /// Starts as many workers as the calls that wait need and the limits leave.
    pub(super) fn grow(&mut self, options: &FunctionOptions, name: &str) -> Plan {
        let mut plan = Plan::default();
        let Some(workers) = self.functions.get(name).filter(|_| !self.closed) else { return plan };
        let (deployed, starting) = (workers.deployed.clone(), workers.starting);
        let needed = workers.waiting.len().div_ceil(options.concurrency(&deployed.function));
        for _ in starting..needed {
            let runtime = deployed.function.runtime;
            if self.totals[runtime as usize] >= options.of(runtime).max_instances {
                match self.dispensable(runtime, name) {
                    Some(slot) => plan.end.extend(self.retired(&slot)),
                    None => break,
                }
            }
            self.begin_start(&deployed, &mut plan);
        }
        plan
    }

    fn begin_start(&mut self, deployed: &Arc<Deployed>, plan: &mut Plan) {
        if let Some(workers) = self.functions.get_mut(deployed.name()) {
            workers.starting += 1;
            self.totals[deployed.function.runtime as usize] += 1;
            plan.start.push(deployed.clone());
        }
    }

    /// A worker that makes room for one of a function that has none: one that idles longest, else one of those that
    /// have several.
    fn dispensable(&self, runtime: Runtime, name: &str) -> Option<Arc<Slot>> {
        let others = self.functions.iter().filter(|(other, workers)| {
            *other != name && workers.deployed.function.runtime == runtime && workers.waiting.is_empty()
        });
        let idle = others.flat_map(|(_, workers)| &workers.slots).filter(|slot| slot.active() == 0);
        if let Some(slot) = idle.min_by_key(|slot| slot.used()) {
            return Some(slot.clone());
        }
        let has_none =
            self.functions.get(name).is_some_and(|workers| workers.slots.is_empty() && workers.starting == 0);
        let several = self.functions.iter().filter(|(other, workers)| {
            *other != name && workers.deployed.function.runtime == runtime && workers.slots.len() > 1
        });
        let most = several.max_by_key(|(_, workers)| workers.slots.len()).filter(|_| has_none)?;
        most.1.slots.iter().min_by_key(|slot| slot.active()).cloned()
    }

    /// A worker that was started is ready, or why it is not.
    pub(super) fn started(
        &mut self,
        shared: &Arc<Shared>,
        deployed: &Arc<Deployed>,
        started: Result<Arc<Slot>, Failure>,
    ) -> Plan {
        let mut plan = Plan::default();
        let runtime = deployed.function.runtime as usize;
        let workers = self.functions.get_mut(deployed.name());
        let current = workers.filter(|workers| Arc::ptr_eq(&workers.deployed, deployed) && !self.closed);
        match (current, started) {
            (Some(workers), Ok(slot)) => {
                workers.starting -= 1;
                workers.slots.push(slot);
                self.hand_out(shared, deployed.name(), &mut plan);
            }
            (Some(workers), Err(failure)) => {
                workers.starting -= 1;
                self.totals[runtime] -= 1;
                if workers.slots.is_empty() && workers.starting == 0 {
                    plan.give.extend(workers.waiting.drain(..).map(|waiter| (waiter, Err(failure.clone()))));
                }
            }
            (None, started) => {
                self.totals[runtime] -= 1;
                if let Ok(slot) = started {
                    slot.retired.store(true, Ordering::Release);
                    plan.end.push(slot);
                }
            }
        }
        plan
    }

    /// Gives the calls that wait what is free.
    fn hand_out(&mut self, shared: &Arc<Shared>, name: &str, plan: &mut Plan) {
        let Some(workers) = self.functions.get_mut(name) else { return };
        let most = shared.options.concurrency(&workers.deployed.function);
        while let Some(slot) = workers.slots.iter().filter(|slot| slot.active() < most).min_by_key(|slot| slot.active())
        {
            let Some(waiter) = workers.waiting.pop_front() else { return };
            if !waiter.0.is_closed() {
                plan.give.push((waiter, Ok(take(shared, slot, true))));
            }
        }
    }

    /// A call has ended.
    pub(super) fn release(&mut self, shared: &Arc<Shared>, slot: &Arc<Slot>) -> Plan {
        let mut plan = Plan::default();
        let left = slot.active.fetch_sub(1, Ordering::AcqRel) - 1;
        *slot.used.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Instant::now();
        if slot.is_retired() {
            plan.end.extend((left == 0).then(|| slot.clone()));
            return plan;
        }
        self.hand_out(shared, slot.deployed.name(), &mut plan);
        if slot.active() == 0 {
            // Another function may wait for the room that this worker takes.
            let runtime = slot.deployed.function.runtime;
            let hungry = self.functions.values().find(|workers| {
                workers.deployed.function.runtime == runtime
                    && workers.slots.is_empty()
                    && workers.starting == 0
                    && !workers.waiting.is_empty()
            });
            if let Some(name) = hungry.map(|workers| workers.deployed.name().to_owned()) {
                let grown = self.grow(&shared.options, &name);
                plan.start.extend(grown.start);
                plan.end.extend(grown.end);
            }
        }
        plan
    }

    /// Gives a worker no further calls.
    pub(super) fn retire(&mut self, slot: &Arc<Slot>) -> Plan {
        Plan { end: self.retired(slot).into_iter().collect(), ..Plan::default() }
    }

    /// The worker, where it has no calls and can be ended now.
    fn retired(&mut self, slot: &Arc<Slot>) -> Option<Arc<Slot>> {
        if slot.retired.swap(true, Ordering::AcqRel) {
            return None;
        }
        self.totals[slot.deployed.function.runtime as usize] -= 1;
        if let Some(workers) = self.functions.get_mut(slot.deployed.name()) {
            workers.slots.retain(|other| !Arc::ptr_eq(other, slot));
        }
        (slot.active() == 0).then(|| slot.clone())
    }

    /// A worker has ended, by itself or not.
    pub(super) fn gone(&mut self, options: &FunctionOptions, slot: &Arc<Slot>) -> Plan {
        self.retired(slot);
        self.grow(options, slot.deployed.name())
    }

    /// Serves this version from now on, as many workers ahead as there were.
    pub(super) fn deploy(&mut self, options: &FunctionOptions, deployed: &Arc<Deployed>) -> Plan {
        let mut plan = Plan::default();
        let fresh = Workers { deployed: deployed.clone(), slots: Vec::new(), starting: 0, waiting: VecDeque::new() };
        let Some(old) = self.functions.insert(deployed.name().to_owned(), fresh) else { return plan };
        for slot in &old.slots {
            plan.end.extend(self.retired(slot));
        }
        if let Some(workers) = self.functions.get_mut(deployed.name()) {
            workers.waiting = old.waiting;
        }
        let runtime = deployed.function.runtime;
        if !old.slots.is_empty() && self.totals[runtime as usize] < options.of(runtime).max_instances {
            self.begin_start(deployed, &mut plan);
        }
        let grown = self.grow(options, deployed.name());
        plan.start.extend(grown.start);
        plan.end.extend(grown.end);
        plan
    }

    pub(super) fn withdraw(&mut self, name: &str) -> Plan {
        let mut plan = Plan::default();
        if let Some(old) = self.functions.remove(name) {
            for slot in &old.slots {
                plan.end.extend(self.retired(slot));
            }
            plan.give.extend(old.waiting.into_iter().map(|waiter| (waiter, Err(super::closing()))));
        }
        plan
    }

    pub(super) fn warm_up(&mut self, options: &FunctionOptions) -> Plan {
        let mut plan = Plan::default();
        let mut all: Vec<Arc<Deployed>> = self.functions.values().map(|workers| workers.deployed.clone()).collect();
        all.sort_by(|a, b| a.name().cmp(b.name()));
        for deployed in all {
            let runtime = deployed.function.runtime;
            let wanted = options.of(runtime).min_warm.min(options.of(runtime).max_instances);
            let has_some = self.functions.get(deployed.name()).is_some_and(|w| w.starting + w.slots.len() > 0);
            if self.totals[runtime as usize] < wanted && !has_some {
                self.begin_start(&deployed, &mut plan);
            }
        }
        plan
    }

    /// The workers without calls that are older than they may be, beyond those that are kept ready.
    pub(super) fn spare(&mut self, options: &FunctionOptions) -> Plan {
        let mut plan = Plan::default();
        for runtime in Runtime::ALL {
            let options = options.of(runtime);
            let of_runtime = self.functions.values().filter(|w| w.deployed.function.runtime == runtime);
            let mut idle: Vec<_> =
                of_runtime.flat_map(|w| &w.slots).filter(|slot| slot.active() == 0).cloned().collect();
            idle.sort_by_key(|slot| slot.used());
            let over = self.totals[runtime as usize].saturating_sub(options.min_warm);
            let late = idle.into_iter().take(over).filter(|slot| slot.used().elapsed() >= options.idle_timeout);
            for slot in late {
                plan.end.extend(self.retired(&slot));
            }
        }
        plan
    }

    /// The workers that have nothing to do now.
    pub(super) fn idle(&self) -> Vec<Arc<Slot>> {
        self.functions.values().flat_map(|w| &w.slots).filter(|slot| slot.active() == 0).cloned().collect()
    }

    pub(super) fn slots(&self, name: &str) -> Vec<Arc<Slot>> {
        self.functions.get(name).map(|workers| workers.slots.clone()).unwrap_or_default()
    }

    pub(super) fn figures(&self, name: &str) -> Figures {
        let Some(workers) = self.functions.get(name) else { return Figures::default() };
        Figures {
            workers: workers.slots.len(),
            starting: workers.starting,
            running: workers.slots.iter().map(|slot| slot.active()).sum(),
            waiting: workers.waiting.len(),
        }
    }

    /// Takes no more calls, and gives up every worker.
    pub(super) fn close(&mut self) -> (Plan, Vec<Arc<Slot>>) {
        self.closed = true;
        let (mut plan, mut slots) = (Plan::default(), Vec::new());
        for (_, workers) in self.functions.drain() {
            plan.give.extend(workers.waiting.into_iter().map(|waiter| (waiter, Err(super::closing()))));
            slots.extend(workers.slots);
        }
        slots.iter().for_each(|slot| slot.retired.store(true, Ordering::Release));
        (plan, slots)
    }
}

/// One more call for a worker.
fn take(shared: &Arc<Shared>, slot: &Arc<Slot>, waited: bool) -> Lease {
    slot.active.fetch_add(1, Ordering::AcqRel);
    Lease { shared: shared.clone(), slot: slot.clone(), waited }
}

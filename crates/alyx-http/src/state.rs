//! What every request needs, shared by all workers.

use std::{
    sync::{Arc, OnceLock, PoisonError, RwLock},
    time::Duration,
};

use alyx_auth::Auth;
use alyx_functions::Functions;
use alyx_realtime::channels::Channels;
use alyx_schema::clock::{Clock, IdGenerator};
use alyx_store::{Store, SystemClock, SystemIds};

use crate::{
    Options, Served,
    functions::{Invocations, Records},
    layer::RequestIds,
    metrics::Metrics,
    openapi::OpenApiCache,
    realtime::{Sockets, Tickets},
    transactions::Transactions,
};

/// What is served, the accounts, the settings and the figures behind the routes. Cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

struct Shared {
    served: RwLock<Served>,
    auth: Auth,
    options: Options,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
    metrics: Metrics,
    request_ids: RequestIds,
    openapi: OpenApiCache,
    sockets: Sockets,
    channels: Channels,
    tickets: Tickets,
    transactions: Transactions,
    functions: OnceLock<Functions>,
    invocations: Invocations,
    records: Records,
    started: jiff::Timestamp,
}

impl AppState {
    /// State with the system's clock and random identifiers.
    #[must_use]
    pub fn new(served: Served, auth: Auth, options: Options) -> Self {
        Self::with_clock(served, auth, options, (Arc::new(SystemClock), Arc::new(SystemIds)))
    }

    /// State with a clock and identifiers of your own, for tests.
    #[must_use]
    pub fn with_clock(
        served: Served,
        auth: Auth,
        options: Options,
        (clock, ids): (Arc<dyn Clock>, Arc<dyn IdGenerator>),
    ) -> Self {
        let request_ids = RequestIds::new(&*ids);
        let served = RwLock::new(served);
        let started = clock.now();
        let shared = Shared {
            served,
            auth,
            options,
            clock,
            ids,
            request_ids,
            metrics: Metrics::default(),
            openapi: OpenApiCache::default(),
            sockets: Sockets::default(),
            channels: Channels::default(),
            tickets: Tickets::default(),
            transactions: Transactions::default(),
            functions: OnceLock::new(),
            invocations: Invocations::default(),
            records: Records::default(),
            started,
        };
        Self(Arc::new(shared))
    }

    /// What requests are served from now.
    #[must_use]
    pub fn served(&self) -> Served {
        self.0.served.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The store that serves requests now.
    #[must_use]
    pub fn store(&self) -> Store {
        self.served().store().clone()
    }

    /// Serves this from now on; requests under way finish with what they have.
    ///
    /// Returns what was served until now, whose store the caller closes.
    pub fn replace(&self, served: Served) -> Served {
        let old = std::mem::replace(&mut *self.0.served.write().unwrap_or_else(PoisonError::into_inner), served);
        self.0.sockets.tell_of_replacement();
        // What they have seen is of another data model.
        self.0.transactions.end_all();
        old
    }

    /// The same with the project's functions.
    #[must_use]
    pub fn with_functions(self, functions: Functions) -> Self {
        if self.0.functions.set(functions).is_err() {
            tracing::warn!("the functions of a server are given once");
        }
        self
    }

    /// The project's functions, where it has been given them.
    #[must_use]
    pub fn functions(&self) -> Option<&Functions> {
        self.0.functions.get()
    }

    /// The calls of functions that run now.
    pub(crate) fn invocations(&self) -> &Invocations {
        &self.0.invocations
    }

    /// The calls of functions that are still to be written down.
    pub(crate) fn records(&self) -> &Records {
        &self.0.records
    }

    /// The accounts.
    #[must_use]
    pub fn auth(&self) -> &Auth {
        &self.0.auth
    }

    /// The settings.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.0.options
    }

    /// How long this state has served.
    pub(crate) fn uptime(&self) -> Duration {
        Duration::try_from(self.clock().now().duration_since(self.0.started)).unwrap_or_default()
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.0.clock
    }

    pub(crate) fn ids(&self) -> &dyn IdGenerator {
        &*self.0.ids
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    pub(crate) fn request_ids(&self) -> &RequestIds {
        &self.0.request_ids
    }

    /// The open realtime connections.
    pub(crate) fn sockets(&self) -> &Sockets {
        &self.0.sockets
    }

    /// What is joined in realtime connections; it outlives what is served.
    pub(crate) fn channels(&self) -> &Channels {
        &self.0.channels
    }

    /// Tickets for realtime connections.
    pub(crate) fn tickets(&self) -> &Tickets {
        &self.0.tickets
    }

    /// The open transactions.
    pub(crate) fn transactions(&self) -> &Transactions {
        &self.0.transactions
    }

    pub(crate) fn openapi(&self) -> &OpenApiCache {
        &self.0.openapi
    }
}

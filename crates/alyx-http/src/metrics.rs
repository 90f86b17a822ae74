//! The figures of `/metrics`. Label values come from fixed tables, so their number is bounded.

mod store;

use std::{
    fmt,
    sync::{
        OnceLock,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use actix_web::http::{Method, StatusCode};
use alyx_store::StoreStats;
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

use crate::routes::Route;
use store::StoreMetrics;

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS", "other"];
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];
const SECONDS: [f64; 12] = [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: &'static str,
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: &'static str,
}

/// All figures of one server.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    /// One counter a method, route and status class, found by index; filled as they first occur.
    counters: Vec<OnceLock<Counter>>,
    by_route: Family<RouteLabels, Histogram, fn() -> Histogram>,
    /// One histogram a route, likewise.
    durations: Vec<OnceLock<Histogram>>,
    in_flight: Gauge<i64, AtomicI64>,
    store: StoreMetrics,
}

/// A request under way; it ends when this is dropped, also where the client has gone.
pub(crate) struct InFlight<'a>(&'a Gauge<i64, AtomicI64>);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("alyx");
        let requests = Family::default();
        registry.register("http_requests", "Requests answered", requests.clone());
        let by_route = Family::<RouteLabels, Histogram, _>::new_with_constructor(new_histogram as fn() -> Histogram);
        let help = "Time from a request's head to its answer";
        registry.register_with_unit("http_request_duration", help, Unit::Seconds, by_route.clone());
        let durations = Route::ALL.iter().map(|_| OnceLock::new()).collect();
        let in_flight = Gauge::default();
        registry.register("http_requests_in_flight", "Requests under way", in_flight.clone());
        let store = StoreMetrics::register(&mut registry);
        let counters = (0..METHODS.len() * Route::ALL.len() * CLASSES.len()).map(|_| OnceLock::new()).collect();
        Self { registry, requests, counters, by_route, durations, in_flight, store }
    }
}

impl Metrics {
    /// Counts a request as under way.
    pub(crate) fn request_starts(&self) -> InFlight<'_> {
        self.in_flight.inc();
        InFlight(&self.in_flight)
    }

    /// Counts an answer.
    pub(crate) fn request_ends(&self, method: &Method, route: Route, status: StatusCode, took: Duration) {
        let method = METHODS.iter().position(|known| *known == method.as_str()).unwrap_or(METHODS.len() - 1);
        let class = usize::from(status.as_u16() / 100).clamp(1, CLASSES.len()) - 1;
        let slot = (route as usize * METHODS.len() + method) * CLASSES.len() + class;
        let labels = || RequestLabels { method: METHODS[method], route: route.pattern(), status: CLASSES[class] };
        self.counters[slot].get_or_init(|| self.requests.get_or_create(&labels()).clone()).inc();
        let duration = || self.by_route.get_or_create(&RouteLabels { route: route.pattern() }).clone();
        self.durations[route as usize].get_or_init(duration).observe(took.as_secs_f64());
    }

    /// Requests under way.
    pub(crate) fn in_flight(&self) -> i64 {
        self.in_flight.inner().load(Ordering::Relaxed)
    }

    /// Everything as OpenMetrics text.
    pub(crate) fn encode(&self, store: StoreStats) -> Result<String, fmt::Error> {
        self.store.set(store);
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

fn new_histogram() -> Histogram {
    Histogram::new(SECONDS)
}

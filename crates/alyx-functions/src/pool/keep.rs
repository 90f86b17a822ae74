//! Once in a while: workers that idle too long go, and those that idle are asked whether they are well.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use bytes::Bytes;
use hyper::{Method, StatusCode};

use super::{Shared, slot::Slot};

/// Time between two looks at who idles.
const LOOK: Duration = Duration::from_secs(1);
/// Looks between two questions whether a worker is well.
const LOOKS_A_QUESTION: u32 = 10;
/// How long an idle worker may take to say that it is well.
const PATIENCE: Duration = Duration::from_secs(2);

/// Looks after the workers for as long as the pool is in use.
pub(super) async fn keep(shared: Weak<Shared>) {
    let mut looks = 0;
    loop {
        tokio::time::sleep(LOOK).await;
        let Some(shared) = shared.upgrade() else { return };
        let plan = shared.state().spare(&shared.options);
        shared.carry_out(plan);
        looks += 1;
        if looks % LOOKS_A_QUESTION == 0 {
            let idle = shared.state().idle();
            for slot in idle {
                shared.runtime.spawn(ask(shared.clone(), slot));
            }
        }
    }
}

/// Replaces a worker that has nothing to do and yet does not answer.
async fn ask(shared: Arc<Shared>, slot: Arc<Slot>) {
    if !is_well(&slot).await && slot.active() == 0 && !slot.is_retired() {
        tracing::warn!(function = slot.deployed.name(), "an idle worker does not answer; it is replaced");
        let plan = shared.state().retire(&slot);
        shared.carry_out(plan);
    }
}

/// Whether the worker answers.
pub(super) async fn is_well(slot: &Slot) -> bool {
    let asking = slot.client.request(Method::GET, "/health", Bytes::new(), 1024 * 1024);
    matches!(tokio::time::timeout(PATIENCE, asking).await, Ok(Ok(answer)) if answer.status == StatusCode::OK)
}

//! One call: whether it may be, and what becomes of it.

use std::{sync::Arc, time::Instant};

use alyx_functions::{Call, Deployed, Execution, Failure, Functions};
use alyx_query::{Predicate, Truth};
use alyx_rules::Context;

use super::{facts, invocation::Invocation, left, record};
use crate::{
    AppState,
    access::{Caller, RequestFacts, denied},
    error::Result,
    served::Served,
};

/// Refuses those who may not call it whatever they send, before anything is read.
pub(super) fn may_call(caller: &Caller, deployed: &Deployed) -> Result<()> {
    let may = caller.is_admin() || caller.is_client() && deployed.invoke.is_some();
    if may { Ok(()) } else { Err(denied(caller)) }
}

/// Refuses those whom the function's rule does not let through.
pub(super) async fn check(
    served: &Served,
    deployed: &Deployed,
    (caller, facts): (&Caller, &RequestFacts),
) -> Result<()> {
    may_call(caller, deployed)?;
    if caller.is_admin() {
        return Ok(());
    }
    let context = Context { auth: caller.identity(), request: facts };
    let rule = deployed.invoke.as_ref().map_or(Predicate::FALSE, |rule| rule.decide(&context).predicate());
    let holds = match &rule {
        Predicate::Constant(truth) => *truth == Truth::True,
        asks => served.holds(asks).await?,
    };
    if holds { Ok(()) } else { Err(denied(caller)) }
}

/// Runs the function, and makes what it is trusted with worthless when it has ended.
pub(super) async fn run(
    state: &AppState,
    functions: &Functions,
    deployed: &Arc<Deployed>,
    (invocation, input): (Invocation, String),
) -> Execution {
    let remaining = left(invocation.until);
    let timeout = [functions.options().timeout(&deployed.function), remaining].into_iter().flatten().min();
    let mut invocation = invocation;
    invocation.until =
        timeout.and_then(|timeout| Instant::now().checked_add(timeout + functions.options().start_timeout));
    let (auth, request) = (facts::auth(&invocation.caller), facts::request(&invocation));
    let request_id = invocation.request_id.clone();
    let input_size = input.len();
    let registered = match state.invocations().register(invocation) {
        Ok(registered) => registered,
        Err(error) => return Execution::failed(Failure::internal(&error)),
    };
    let token = registered.token().to_owned();
    let call = Call { request_id, input, auth, request, token, remaining };
    let execution = functions.invoke(deployed, &call).await;
    let invocation = registered.invocation();
    drop(registered);
    record::record(state, deployed, (&invocation, input_size), &execution);
    execution
}

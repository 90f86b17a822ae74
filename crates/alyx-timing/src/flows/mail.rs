//! Requests for a link by mail, and what is noticed of them right afterwards.

use std::time::Duration;

use alyx_testing::{Value, json};

use crate::{
    flow::{Flow, Side, Timed},
    message::Message,
    world::{Verification, World},
};

/// Enough to store a link and to hand a mail over on this machine.
pub(super) const PAUSE: Duration = Duration::from_millis(10);

pub(super) const FLOWS: &[Flow] = &[
    Flow { pause: PAUSE, ..Flow::new("reset", ["an account", "none"], reset) },
    Flow { pause: PAUSE, timed: Timed::Next, ..Flow::new("reset-next", ["after an account", "after none"], reset) },
    Flow {
        pause: PAUSE,
        verification: Verification::Required,
        ..Flow::new("verify", ["not confirmed", "none"], verify)
    },
    Flow {
        pause: PAUSE,
        verification: Verification::Required,
        timed: Timed::Next,
        ..Flow::new("verify-next", ["after one not confirmed", "after none"], verify)
    },
    Flow {
        pause: PAUSE,
        verification: Verification::Required,
        ..Flow::new("verify-confirmed", ["confirmed already", "none"], |world| {
            Ok(against_nobody(world, "verification", &json!({})))
        })
    },
];

fn reset(world: &mut World) -> anyhow::Result<[Side; 2]> {
    Ok(against_nobody(world, "password-reset", &json!({})))
}

fn verify(world: &mut World) -> anyhow::Result<[Side; 2]> {
    Ok(against_nobody(world, "verification", &json!({"verified": false})))
}

fn against_nobody(world: &mut World, what: &str, more: &Value) -> [Side; 2] {
    let known = world.accounts(more).iter().map(|account| request(what, &account.email)).collect::<Vec<_>>();
    let nobody = world.nobody().iter().map(|email| request(what, email)).collect();
    [known, nobody].map(|messages| -> Side { Box::new(World::any_of(messages)) })
}

pub(super) fn request(what: &str, email: &str) -> Message {
    Message::post(&format!("/api/auth/request-{what}"), &json!({"email": email}), None)
}

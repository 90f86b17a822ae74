//! Refresh tokens that are good no longer, or never were, against ones of no session at all.

use alyx_testing::json;
use anyhow::Result;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    flow::{Flow, Side},
    message::Message,
    world::{Tokens, World},
};

const PREFIX: &str = "alyx_rt_";
/// A token ends with its session, the count of its rotations in 8 bytes, and a MAC of 32.
const AFTER_SESSION: usize = 8 + 32;

pub(super) const FLOWS: &[Flow] = &[
    Flow::new("refresh", ["a revoked token", "one of no session"], |world| {
        let tokens = sign_in(world)?;
        tokens.iter().for_each(|tokens| world.sign_out(&tokens.refresh));
        sides(&tokens, |_| {})
    }),
    Flow::new("refresh-forged", ["a forged token of a session", "one of no session"], |world| {
        sides(&sign_in(world)?, |token| *token.last_mut().expect("a token has bytes") ^= 1)
    }),
];

fn sign_in(world: &mut World) -> Result<Vec<Tokens>> {
    world.accounts(&json!({})).iter().map(|account| world.sign_in(account)).collect()
}

/// These tokens, changed, and the same with other sessions in them.
fn sides(tokens: &[Tokens], change: fn(&mut [u8])) -> Result<[Side; 2]> {
    let mut sides = [Vec::new(), Vec::new()];
    for Tokens { refresh, .. } in tokens {
        let mut bytes = URL_SAFE_NO_PAD.decode(refresh.trim_start_matches(PREFIX))?;
        change(&mut bytes);
        sides[0].push(message(&bytes));
        let end = bytes.len() - AFTER_SESSION;
        bytes[end - 12..end].reverse();
        sides[1].push(message(&bytes));
    }
    Ok(sides.map(|messages| -> Side { Box::new(World::any_of(messages)) }))
}

fn message(token: &[u8]) -> Message {
    let token = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(token));
    Message::post("/api/auth/refresh", &json!({"refresh_token": token}), None)
}

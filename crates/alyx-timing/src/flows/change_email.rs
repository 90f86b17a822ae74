//! Asking for another address: whether it has an account is told to its owner alone.

use alyx_testing::json;

use crate::{
    flow::{Flow, Side},
    message::Message,
    world::{PASSWORD, World},
};

pub(super) const FLOWS: &[Flow] = &[Flow {
    pause: super::mail::PAUSE,
    ..Flow::new("change-email", ["to a taken address", "to a free one"], |world| {
        let accounts = world.accounts(&json!({}));
        let (caller, others) = accounts.split_first().expect("there is at least one account");
        let token = world.sign_in(caller)?.access;
        let taken: Vec<String> = others.iter().map(|account| account.email.clone()).collect();
        let sides = [if taken.is_empty() { vec![caller.email.clone()] } else { taken }, world.nobody()];
        Ok(sides.map(|emails| -> Side {
            Box::new(World::any_of(emails.iter().map(|email| change(email, &token)).collect()))
        }))
    })
}];

fn change(email: &str, token: &str) -> Message {
    Message::post("/api/auth/change-email", &json!({"email": email, "password": PASSWORD}), Some(token))
}

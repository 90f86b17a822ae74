//! Registering where addresses must be confirmed: an address that has an account gets the answer of a free one.
//! Where they need not be, the contract lets registering tell.

use alyx_testing::json;

use crate::{
    flow::Flow,
    message::Message,
    random::Random,
    world::{PASSWORD, Verification, World},
};

pub(super) const FLOWS: &[Flow] = &[Flow {
    verification: Verification::Required,
    pause: super::mail::PAUSE,
    ..Flow::new("register", ["a taken address", "a free one"], |world| {
        let taken = world.accounts(&json!({})).iter().map(|account| register(&account.email)).collect();
        let mut random = Random::new();
        // One that was free a moment ago is not free again.
        Ok([Box::new(World::any_of(taken)), Box::new(move || register(&random.email()))])
    })
}];

fn register(email: &str) -> Message {
    Message::post("/api/auth/register", &json!({"email": email, "password": PASSWORD}), None)
}

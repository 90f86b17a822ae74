//! Signing in with a wrong password: whose address it is must not show.

use alyx_testing::json;

use crate::{
    flow::{Flow, Side},
    message::Message,
    world::{Account, WRONG_PASSWORD, World},
};

pub(super) const FLOWS: &[Flow] = &[
    Flow::new("login", ["a wrong password", "no account"], |world| {
        let accounts = world.accounts(&json!({}));
        Ok(against_nobody(world, &accounts))
    }),
    Flow::new("login-banned", ["a banned account", "no account"], |world| {
        let accounts = world.accounts(&json!({}));
        accounts.iter().for_each(|account| world.ban(account));
        Ok(against_nobody(world, &accounts))
    }),
    Flow::new("login-no-password", ["an account without a password", "no account"], |world| {
        let accounts = world.accounts_without_password();
        Ok(against_nobody(world, &accounts))
    }),
];

fn against_nobody(world: &mut World, accounts: &[Account]) -> [Side; 2] {
    let emails: Vec<String> = accounts.iter().map(|account| account.email.clone()).collect();
    let sides = [logins(&emails), logins(&world.nobody())];
    sides.map(|messages| -> Side { Box::new(World::any_of(messages)) })
}

pub(super) fn logins(emails: &[String]) -> Vec<Message> {
    emails.iter().map(|email| login(email, WRONG_PASSWORD)).collect()
}

pub(super) fn login(email: &str, password: &str) -> Message {
    Message::post("/api/auth/login", &json!({"email": email, "password": password}), None)
}

//! Controls: what must be told apart, or the measurement is blind, and what cannot be, or it is mistaken.

use alyx_testing::json;

use super::login::{login, logins};
use crate::{
    flow::{Expected, Flow},
    message::Message,
    world::{PASSWORD, World},
};

pub(super) const FLOWS: &[Flow] = &[
    Flow {
        expected: Expected::Different,
        ..Flow::new("control-right-password", ["the right password", "no account"], |world| {
            let accounts = world.accounts(&json!({}));
            let right = accounts.iter().map(|account| login(&account.email, PASSWORD)).collect();
            Ok([Box::new(World::any_of(right)), Box::new(World::any_of(logins(&world.nobody())))])
        })
    },
    Flow {
        expected: Expected::Different,
        ..Flow::new("control-size", ["a document of 16 KB", "one of 1 KB"], |world| {
            let accounts = world.accounts(&json!({}));
            let token = world.sign_in(&accounts[0])?.access;
            let sides = [16, 1].map(|size| {
                let document = json!({"text": "x".repeat(size * 1024), "owner_id": accounts[0].id});
                let path = format!("/api/collections/notes/{}", world.document("notes", &document));
                Message::get(&path, Some(&token))
            });
            Ok(sides.map(|message| -> crate::flow::Side { Box::new(move || message.clone()) }))
        })
    },
    Flow::new("control-same", ["no account", "no other account"], |world| {
        let mut side = || -> crate::flow::Side {
            let messages = world.nobody().iter().map(|email| super::mail::request("password-reset", email)).collect();
            Box::new(World::any_of(messages))
        };
        Ok([side(), side()])
    }),
];

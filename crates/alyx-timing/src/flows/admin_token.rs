//! A wrong token for the administrator: how much of it is right must not show.

use crate::{
    flow::{Flow, Side},
    message::Message,
};

pub(super) const FLOWS: &[Flow] =
    &[Flow::new("admin-token", ["all but the last letter right", "the first letter wrong"], |world| {
        let right = world.admin_token();
        let last = format!("{}?", &right[..right.len() - 1]);
        let first = format!("?{}", &right[1..]);
        Ok([last, first].map(|token| -> Side {
            let message = Message::get("/api/admin/stats", Some(&token));
            Box::new(move || message.clone())
        }))
    })];

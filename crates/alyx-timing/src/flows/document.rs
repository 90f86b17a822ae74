//! Reading and writing a document that the caller may not read, against one that is not there.

use alyx_testing::{Value, json};
use anyhow::Result;

use crate::{
    flow::{Flow, Side},
    message::Message,
    world::World,
};

pub(super) const FLOWS: &[Flow] = &[
    Flow::new("document", SIDES, |world| hidden(world, (1024, read))),
    Flow::new("document-large", SIDES, |world| hidden(world, (64 * 1024, read))),
    Flow::new("document-update", SIDES, |world| hidden(world, (1024, update))),
    Flow::new("document-two-hops", SIDES, |world| {
        let owner = world.accounts(&json!({})).swap_remove(0);
        let page = world.document("pages", &json!({"team": "theirs"}));
        world.document("memberships", &json!({"team": "theirs", "user_id": owner.id}));
        against_absent(world, ("remarks", &json!({"page_id": page, "text": "hidden"})), read)
    }),
];

const SIDES: [&str; 2] = ["one that is hidden", "none"];

/// What is asked of the document at a path, with a token.
type Ask = fn(&str, &str) -> Message;

fn read(path: &str, token: &str) -> Message {
    Message::get(path, Some(token))
}

fn update(path: &str, token: &str) -> Message {
    Message::patch(path, &json!({"text": "mine now"}), token)
}

/// Documents of somebody else with so much text.
fn hidden(world: &mut World, (length, ask): (usize, Ask)) -> Result<[Side; 2]> {
    let owner = world.accounts(&json!({})).swap_remove(0);
    against_absent(world, ("notes", &json!({"text": "x".repeat(length), "owner_id": owner.id})), ask)
}

fn against_absent(world: &mut World, (collection, document): (&str, &Value), ask: Ask) -> Result<[Side; 2]> {
    let caller = world.accounts(&json!({})).swap_remove(0);
    let token = world.sign_in(&caller)?.access;
    let ids: Vec<String> = (0..50).map(|_| world.document(collection, document)).collect();
    let absent = ids.iter().map(|id| beside(id)).collect();
    Ok([ids, absent].map(|ids| -> Side {
        let ask = |id: &String| ask(&format!("/api/collections/{collection}/{id}"), &token);
        Box::new(World::any_of(ids.iter().map(ask).collect()))
    }))
}

/// An id of the same time that nothing has.
fn beside(id: &str) -> String {
    let (time, random) = id.split_at(id.len() - 12);
    format!("{time}{}", random.chars().rev().collect::<String>())
}

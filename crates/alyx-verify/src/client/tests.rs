//! What a client makes of messages in an order that may not be.

use super::*;
use crate::{names::person, query::Query, random::Random};

/// A client with one subscription that was asked for, afresh or since a cursor, as message 1.
fn world(since: bool) -> (Design, Model, Client) {
    let design = Design::made_up(&mut Random::new(1));
    let mut model = Model::default();
    for number in 0..4 {
        let body = json!({"id": person(number), "open": true});
        model.may_create(&design, "users", &body["id"].to_string(), &body);
    }
    let mut client = Client::new(0, Account::Admin, false);
    client.whos = vec![Who::Admin];
    let empty = Vec::new;
    let query = Query { collection: "users", filter: None, sort: empty(), limit: 2, fields: empty(), expand: empty() };
    let mut subscription = Subscription::new(&design, query);
    (subscription.phase, subscription.asked) = (Phase::Asked { since }, json!(1));
    if since {
        subscription.copy.replace(&json!({"docs": [user(0)], "total": 1, "cursor": "x"})).unwrap();
    }
    client.subscriptions.push(subscription);
    (design, model, client)
}

fn user(number: usize) -> Value {
    json!({"id": person(number), "open": true})
}

fn snapshot(id: u64, users: &[usize]) -> Value {
    let docs: Vec<Value> = users.iter().map(|number| user(*number)).collect();
    let payload = json!({"subscription_id": "s", "docs": docs, "total": docs.len(), "cursor": "x"});
    if id == 0 {
        json!({"type": "snapshot", "payload": payload})
    } else {
        json!({"id": id, "type": "snapshot", "payload": payload})
    }
}

fn delta(id: u64, inserts: &[usize], deletes: &[usize], total: u64) -> Value {
    let inserts: Vec<Value> = inserts.iter().map(|number| user(*number)).collect();
    let deletes: Vec<String> = deletes.iter().map(|number| person(*number)).collect();
    let changes = json!({"inserts": inserts, "updates": [], "deletes": deletes});
    json!({"id": id, "type": "delta", "payload": {"subscription_id": "s", "changes": changes, "total": total, "cursor": "y"}})
}

fn resync() -> Value {
    json!({"type": "resync", "payload": {"subscription_id": "s"}})
}

/// What comes of these messages, in round 5; the cursor, if there is one, came in round 2.
#[track_caller]
fn check(since: bool, messages: &[Value], expected: Result<usize, Kind>) {
    let (design, model, mut client) = world(since);
    client.subscriptions[0].cursor_round = 2;
    let mut counts = Counts::default();
    let mut scene = Scene { design: &design, model: &model, counts: &mut counts, round: 5 };
    let outcome = messages.iter().try_for_each(|message| client.take(message, &mut scene));
    let held = client.subscriptions[0].copy.documents.len();
    assert_eq!(outcome.map(|()| held).map_err(|fault| fault.kind), expected);
}

#[test]
fn a_right_story_is_believed() {
    check(false, &[snapshot(1, &[0, 1]), delta(0, &[], &[0], 1), delta(0, &[2], &[1], 1)], Ok(1));
    check(true, &[delta(1, &[1], &[], 2), delta(0, &[], &[1, 0], 0)], Ok(0));
    check(false, &[snapshot(1, &[0]), resync(), snapshot(0, &[1, 2])], Ok(2));
}

#[test]
fn a_lost_change_is_noticed() {
    check(false, &[snapshot(1, &[0, 1]), delta(0, &[], &[0], 2)], Err(Kind::Lost));
}

#[test]
fn a_duplicated_change_is_noticed() {
    check(false, &[snapshot(1, &[0]), delta(0, &[1], &[], 2), delta(0, &[1], &[], 2)], Err(Kind::Duplicated));
    check(true, &[delta(1, &[0], &[], 1)], Err(Kind::Duplicated));
    check(false, &[snapshot(1, &[0]), resync(), resync()], Err(Kind::Duplicated));
}

#[test]
fn a_forbidden_document_is_noticed() {
    // Nobody wrote the sixth.
    check(false, &[snapshot(1, &[5])], Err(Kind::Forbidden));
    check(true, &[delta(1, &[5], &[], 2)], Err(Kind::Forbidden));
}

#[test]
fn an_answer_out_of_order_is_noticed() {
    check(false, &[delta(0, &[1], &[], 1)], Ok(0));
    check(false, &[delta(1, &[1], &[], 1)], Err(Kind::Protocol));
    check(true, &[snapshot(1, &[0])], Err(Kind::Protocol));
    check(false, &[snapshot(1, &[0]), snapshot(0, &[0])], Err(Kind::Protocol));
    check(false, &[snapshot(1, &[0]), resync(), delta(0, &[1], &[], 2)], Err(Kind::Protocol));
    // Nothing has changed what it may read since round 2.
    check(true, &[resync(), snapshot(1, &[0])], Err(Kind::Protocol));
}

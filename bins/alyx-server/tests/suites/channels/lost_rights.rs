//! Rights in channels that end at an awkward moment: while a client talks, or after it was let in with fewer.

use alyx_testing::{Socket, TestServer, Value, json};

use super::{admit, connect, join, only, person, say, server};

/// Asks an administrator for a change of somebody while the client does not stop to talk.
fn talk_during(server: &TestServer, socket: &mut Socket, id: &str, changes: &Value) {
    const MOST: usize = 20_000;
    std::thread::scope(|scope| {
        let path = format!("/api/admin/users/{id}");
        let change = scope.spawn(move || drop(server.admin().patch(&path, changes).expect_status(200)));
        // Some more for the time in which the server looks who calls.
        let (mut said, mut after) = (0, 0);
        while said < MOST && after < 2_000 {
            socket.send_text(r#"{"type":"ping"}"#);
            said += 1;
            after += usize::from(change.is_finished());
        }
    });
}

#[test]
fn who_talks_all_the_time_is_out_all_the_same() {
    let server = server().start();
    for round in 0..5 {
        let (id, token) = person(&server, &format!("anna{round}"));
        admit(&server, "1", &id);
        let mut anna = connect(&server, Some(&token));
        join(&mut anna, &json!({"channel": "room:1"}));
        talk_during(&server, &mut anna, &id, &json!({"banned": true}));
        assert_eq!(anna.wait("error")["payload"]["code"], "INVALID_TOKEN");
        assert_eq!(anna.wait("left")["payload"]["channel"], "room:1");
    }
}

#[test]
fn who_was_let_in_first_and_shown_later_is_shown_no_longer_than_the_right_lasts() {
    let server = server().start();
    let admin = server.admin();
    let ((anna_id, annas), (bert_id, berts)) = (person(&server, "anna"), person(&server, "bert"));
    let set = |id: &str, role: &str| {
        admin.patch(&format!("/api/admin/users/{id}"), &json!({"role": role})).expect_status(200);
    };
    [&anna_id, &bert_id].iter().for_each(|id| admit(&server, "1", id));
    set(&bert_id, "moderator");
    let (mut anna, mut bert) = (connect(&server, Some(&annas)), connect(&server, Some(&berts)));
    join(&mut bert, &json!({"channel": "room:1"}));
    assert_eq!(join(&mut anna, &json!({"channel": "room:1"})), json!({"channel": "room:1"}), "a user sees nobody");
    set(&anna_id, "moderator");
    // Asked again until the connection has heard of the other role.
    let shows = json!({"channel": "room:1", "state": {"at": "desk"}});
    let answer = |socket: &mut Socket, kind: &str, payload: &Value| {
        let id = socket.send(kind, payload);
        loop {
            let message = socket.receive();
            if message["id"] == id {
                return message["type"].clone();
            }
        }
    };
    assert!((0..5_000).any(|_| answer(&mut anna, "presence", &shows) == "sent"), "a moderator may be seen");
    assert_eq!(bert.wait("presence")["payload"]["joins"][0]["state"], json!({"at": "desk"}));
    set(&anna_id, "user");
    assert_eq!(anna.wait("error")["payload"]["channel"], "room:1");
    assert_eq!(bert.wait("presence")["payload"]["leaves"].as_array().map(Vec::len), Some(1));
    assert_eq!(join(&mut bert, &json!({"channel": "room:1"}))["presence"], json!([]), "nobody is shown");
    say(&mut anna, "room:1", "message", &json!("still a member"));
    assert_eq!(bert.wait("broadcast")["payload"]["from"]["user"]["role"], "user");
    only(&mut anna, &[]);
}

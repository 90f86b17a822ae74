//! The transcripts of `docs/realtime.md`, replayed.

use std::{collections::HashMap, fs};

use alyx_testing::{Socket, TestServer, Value};

/// Stands for what is never the same.
const ANY: &str = "…";

#[test]
fn the_transcript_of_a_subscription_is_what_happens() {
    replay(1, 15);
}

#[test]
fn the_transcript_of_a_channel_is_what_happens() {
    replay(2, 20);
}

/// Plays the parts of everybody in the transcript with this number, which has at least so many lines.
fn replay(number: usize, fewest: usize) {
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/realtime.md");
    let guide = fs::read_to_string(guide).expect("the guide is there");
    let block = |language: &str| {
        let rest = guide.split(&format!("```{language}\n")).nth(number).expect("the guide has such a block");
        rest.split("```").next().unwrap_or_default().to_owned()
    };
    let server = TestServer::start(&block("yaml"));
    let mut sockets = HashMap::new();
    let mut lines = 0;
    for line in block("text").lines() {
        let (who, text) = line.split_once(' ').expect("a line says who speaks");
        match who.split_at(who.len() - 1) {
            ("", "#") => ask(&server, text),
            (name, "<") if !sockets.contains_key(name) => {
                // The greeting is waited for where the connection is opened.
                assert!(text.contains("connected"), "{text}");
                sockets.insert(name, Socket::connect(server.address(), &[]).expect("it may connect"));
            }
            (name, "<") => check(text, &sockets.get_mut(name).expect("it is connected").receive()),
            (name, ">") => sockets.get_mut(name).expect("it is connected").send_text(text),
            _ => panic!("who says {line}?"),
        }
        lines += 1;
    }
    assert!(lines > fewest, "only {lines} lines");
}

fn ask(server: &TestServer, text: &str) {
    let mut words = text.splitn(3, ' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let body: Value = words.next().expect("it has a body").parse().expect("the body is JSON");
    let answer = server.admin().send(method, path, Some(&body));
    assert!(answer.status < 300, "{text}: {}", answer.text());
}

#[track_caller]
fn check(expected: &str, received: &Value) {
    let expected: Value = expected.parse().unwrap_or_else(|fault| panic!("{fault}: {expected}"));
    assert!(fits(&expected, received), "expected {expected}\nreceived {received}");
}

fn fits(expected: &Value, received: &Value) -> bool {
    match (expected, received) {
        (Value::String(text), Value::String(_)) if text == ANY => true,
        (Value::Object(expected), Value::Object(received)) => {
            expected.len() == received.len()
                && expected.iter().all(|(key, value)| received.get(key).is_some_and(|other| fits(value, other)))
        }
        (Value::Array(expected), Value::Array(received)) => {
            expected.len() == received.len() && expected.iter().zip(received).all(|(one, other)| fits(one, other))
        }
        _ => expected == received,
    }
}

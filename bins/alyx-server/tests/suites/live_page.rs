//! `examples/live-board` in a real browser, twice: what is done in one window is seen in the other.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use alyx_testing::{Chromium, TestProject, TestServer, Value, json};

/// What stands in each column, as the page shows it.
const SHOWN: &str = "[...document.querySelectorAll('section')].flatMap((section) =>
    [...section.querySelectorAll('article')].map((card) =>
        `${section.firstChild.textContent}: ${card.firstChild.textContent}`))";

fn board() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/live-board")
}

fn window(server: &TestServer) -> Option<Chromium> {
    let page = board().join("index.html").canonicalize().expect("the page is there");
    Chromium::open(&format!("file://{}?server=http://{}", page.display(), server.address()))
}

/// Writes a card as a person would.
#[track_caller]
fn add(window: &mut Chromium, text: &str) {
    window.evaluate("document.querySelector('input').focus()");
    window.type_text(text);
    window.evaluate("document.querySelector('form button').click()");
}

/// Presses a button of a card.
#[track_caller]
fn press(window: &mut Chromium, card: &str, button: &str) {
    let card = json!(card);
    let found =
        format!("[...document.querySelectorAll('article')].find((card) => card.firstChild.textContent === {card})");
    let pressed =
        format!("[...{found}.querySelectorAll('button')].find((each) => each.textContent === {})", json!(button));
    window.evaluate(&format!("{pressed}.click()"));
}

/// Waits until a window shows these cards and no others.
#[track_caller]
fn shows(window: &mut Chromium, cards: &[&str]) {
    let wanted = json!(cards.iter().collect::<BTreeSet<_>>());
    window.wait(&format!("JSON.stringify({SHOWN}.sort()) === JSON.stringify({wanted}.sort())"));
    window.wait(&format!("document.getElementById('state').textContent === 'live, {} cards'", cards.len()));
}

#[test]
fn two_windows_show_the_same_and_outlive_the_server() {
    let mut server = TestServer::with_project(TestProject::copy_of(&board())).start();
    let Some(mut first) = window(&server) else { return };
    let Some(mut second) = window(&server) else { return };
    shows(&mut first, &[]);
    shows(&mut second, &[]);

    add(&mut first, "Buy milk");
    shows(&mut second, &["todo: Buy milk"]);
    add(&mut second, "<img src=x onerror=alert(1)>");
    shows(&mut first, &["todo: Buy milk", "todo: <img src=x onerror=alert(1)>"]);
    press(&mut second, "Buy milk", "doing →");
    shows(&mut first, &["doing: Buy milk", "todo: <img src=x onerror=alert(1)>"]);
    press(&mut first, "<img src=x onerror=alert(1)>", "✕");
    for window in [&mut first, &mut second] {
        shows(window, &["doing: Buy milk"]);
        assert_eq!(window.complaints(), [] as [String; 0]);
    }

    server.kill();
    for window in [&mut first, &mut second] {
        window.wait("document.getElementById('state').textContent.startsWith('offline')");
    }
    server.restart_in_place();
    // Before the windows are back, or after: they must have it.
    let made = server.post("/api/collections/cards", &json!({"text": "Meanwhile", "column": "done"}));
    let made = made.expect_status(201).json();
    for window in [&mut first, &mut second] {
        shows(window, &["doing: Buy milk", "done: Meanwhile"]);
    }
    add(&mut second, "Go on");
    shows(&mut first, &["doing: Buy milk", "done: Meanwhile", "todo: Go on"]);
    server.client().delete(&format!("/api/collections/cards/{}", made["id"].as_str().unwrap())).expect_status(204);
    for window in [&mut first, &mut second] {
        shows(window, &["doing: Buy milk", "todo: Go on"]);
        // What a browser says of a server that is away, and nothing else.
        let complaints = window.complaints();
        let others: Vec<_> = complaints.iter().filter(|text| !text.contains("ERR_CONNECTION_REFUSED")).collect();
        assert_eq!(others, [] as [&String; 0]);
    }
    assert_eq!(server.get("/api/collections/cards").json()["total"], Value::from(2));
    first.screenshot(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("live-board.png"));
}

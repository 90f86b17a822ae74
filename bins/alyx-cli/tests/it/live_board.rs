//! `examples/live-board`: its rules are fine, and what its page asks for is live.

use alyx_testing::{Socket, TestProject, TestServer, json};

use crate::repository;

#[test]
fn the_board_is_live() {
    let folder = repository().join("examples/live-board");
    let page = std::fs::read_to_string(folder.join("index.html")).unwrap();
    assert!(page.contains(r#"payload: { collection: "cards", sort: ["created_at"], limit: 1000, since: cursor }"#));
    let server = TestServer::with_project(TestProject::copy_of(&folder)).dev().start();
    // A page that was opened as a file has no origin.
    let mut socket = Socket::connect(server.address(), &[("origin", "null")]).unwrap();
    let mut board = socket.subscribe(&json!({"collection": "cards", "sort": ["created_at"], "limit": 1000}));
    assert_eq!(board.total, 3);
    let made = server.post("/api/collections/cards", &json!({"text": "New"})).expect_status(201).json();
    board.apply(&socket.wait("delta"));
    assert_eq!(board.documents[&made["id"].to_string()]["column"], "todo");
    let path = format!("/api/collections/cards/{}", made["id"].as_str().unwrap());
    server.client().patch(&path, &json!({"column": "done"})).expect_status(200);
    board.apply(&socket.wait("delta"));
    server.client().delete(&path).expect_status(204);
    board.apply(&socket.wait("delta"));
    assert_eq!(board.total, 3);
}

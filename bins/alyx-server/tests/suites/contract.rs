//! Promises to clients that take more than one collection, or more than one layer, to keep.

use alyx_testing::{TestServer, Value, json};

const SCHEMA: &str = r#"
version: 1
collections:
  authors:
    fields:
      id: {type: string, primary: true}
    rules: {read: "true", create: "true", update: "true", delete: "true"}
  books:
    fields:
      id: {type: string, primary: true}
      author_id: {type: string, references: authors.id, onDelete: cascade}
      text: {type: text, default: ""}
    rules: {read: "true", create: "true", update: "true", delete: "true"}
  loans:
    fields:
      id: {type: id, primary: true, default: auto}
      book: {type: string, references: books.id, onDelete: restrict}
    rules: {create: "true", delete: "true"}
"#;

fn library() -> TestServer {
    let server = TestServer::start(SCHEMA);
    server.post("/api/collections/authors", &json!({"id": "ada"})).expect_status(201);
    server.post("/api/collections/books", &json!({"id": "b", "author_id": "ada"})).expect_status(201);
    server
}

#[test]
fn a_cascade_that_meets_a_restriction_is_a_conflict() {
    let server = library();
    let loan = server.post("/api/collections/loans", &json!({"book": "b"})).expect_status(201).json();
    let loan = loan["id"].as_str().expect("a write whose result may not be read answers with the key").to_owned();
    for path in ["/api/collections/books/b", "/api/collections/authors/ada"] {
        let refused = server.client().delete(path).expect_status(409);
        assert_eq!(refused.error_code(), "FOREIGN_KEY_VIOLATION", "{path}");
    }
    server.client().delete(&format!("/api/collections/loans/{loan}")).expect_status(204);
    server.client().delete("/api/collections/authors/ada").expect_status(204);
    server.get("/api/collections/books/b").expect_status(404);
}

#[test]
fn relations_come_under_their_names_and_obey_the_read_rule() {
    let server = library();
    server.post("/api/collections/loans", &json!({"book": "b"})).expect_status(201);
    let path = "/api/collections/books/b?fields=id&expand=author_id,loans_via_book";
    assert_eq!(
        server.get(path).expect_status(200).json(),
        json!({"id": "b", "author": {"id": "ada"}, "loans_via_book": []})
    );
    let loans = server.admin().get("/api/collections/loans?expand=book.author").expect_status(200).json();
    let loan = &loans["docs"][0];
    assert_eq!((&loan["book"], &loan["book_doc"]["author"]), (&json!("b"), &json!({"id": "ada"})));
    assert_eq!(loans["next_cursor"], Value::Null);
}

#[test]
fn a_page_of_huge_documents_is_refused_with_a_hint_and_a_smaller_one_is_answered() {
    let server = library();
    let text = "x".repeat(7 << 20);
    for number in 0..10 {
        let book = json!({"id": format!("large{number}"), "author_id": "ada", "text": text});
        server.post("/api/collections/books", &book).expect_status(201);
    }
    for path in ["/api/collections/books", "/api/collections/authors/ada?expand=books_via_author_id"] {
        let refused = server.get(path).expect_status(400);
        assert_eq!(refused.error_code(), "ANSWER_TOO_LARGE", "{path}");
    }
    let page = server.get("/api/collections/books?limit=2").expect_status(200).json();
    assert_eq!((page["docs"].as_array().map(Vec::len), &page["total"]), (Some(2), &json!(11)));
    server.get("/api/collections/books?fields=id").expect_status(200);
}

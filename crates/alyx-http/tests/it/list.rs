//! `GET /api/collections/{collection}`

use alyx_testing::{Value, json};

use crate::support::{TestApp, check_error};

const NOTES: &str = "/api/collections/notes";

fn three() -> TestApp {
    let app = TestApp::start();
    for title in ["a", "b", "c"] {
        app.note(title);
    }
    app
}

fn titles(page: &Value) -> Vec<&str> {
    page["docs"].as_array().unwrap().iter().map(|doc| doc["title"].as_str().unwrap()).collect()
}

#[test]
fn an_empty_collection_is_an_empty_list() {
    let app = TestApp::start();
    let page = app.anyone().get(NOTES).expect_status(200);
    assert_eq!(page.text(), r#"{"docs":[],"total":0,"limit":100,"offset":0,"next_cursor":null}"#);
}

#[test]
fn filter_sort_and_page_work_together() {
    let app = three();
    let asked = [("filter", "title:gte:b"), ("sort", "-title"), ("limit", "1"), ("fields", "title")];
    let page = app.anyone().query(NOTES, &asked).expect_status(200).json();
    assert_eq!((titles(&page), &page["total"], &page["limit"]), (vec!["c"], &json!(2), &json!(1)));
    let next = page["next_cursor"].as_str().unwrap();
    let page = app.anyone().query(NOTES, &[&asked[..], &[("cursor", next)]].concat()).expect_status(200).json();
    assert_eq!((titles(&page), &page["next_cursor"]), (vec!["b"], &Value::Null));
}

#[test]
fn the_total_can_be_left_out() {
    let app = three();
    let page = app.anyone().query(NOTES, &[("total", "false"), ("offset", "1")]).expect_status(200).json();
    assert_eq!((page.get("total"), &page["offset"], titles(&page).len()), (None, &json!(1), 2));
}

#[test]
fn filters_as_json_and_as_text_may_be_repeated_and_hold_any_character() {
    let app = three();
    app.note("x:y&z+% é");
    let asked = [("filter", "title:eq:x:y&z+% é"), ("where", r#"{"$or":[{"views":0},{"done":true}]}"#)];
    let page = app.anyone().query(NOTES, &asked).expect_status(200).json();
    assert_eq!(titles(&page), ["x:y&z+% é"]);
}

#[test]
fn every_fault_of_a_query_is_named() {
    let app = TestApp::start();
    let asked =
        [("filter", "titel:eq:a"), ("filter", "views:gt:abc"), ("sort", "hidden"), ("limit", "-1"), ("lmit", "1")];
    let refused = check_error(app.anyone().query(NOTES, &asked), 400, "INVALID_QUERY");
    insta::assert_json_snapshot!(refused["details"], @r#"
    [
      {
        "code": "UNKNOWN_PARAMETER",
        "field": "lmit",
        "message": "there is no parameter \"lmit\"; did you mean \"limit\"?"
      },
      {
        "code": "UNKNOWN_FIELD",
        "field": "filter",
        "message": "collection \"notes\" has no field \"titel\"; did you mean \"title\"?"
      },
      {
        "code": "INVALID_VALUE",
        "field": "filter",
        "message": "gt of \"views\" must be a whole number, not \"abc\""
      },
      {
        "code": "UNKNOWN_FIELD",
        "field": "sort",
        "message": "collection \"notes\" has no field \"hidden\""
      },
      {
        "code": "INVALID_LIMIT",
        "field": "limit",
        "message": "limit must be a whole number from 1 to 1000, not \"-1\""
      }
    ]
    "#);
}

#[test]
fn what_is_no_valid_query_is_refused() {
    let app = TestApp::start();
    for query in [
        "limit=0",
        "limit=1e9",
        "limit=1001",
        "offset=-1",
        "cursor=x",
        "cursor=x&offset=1",
        "where=%7B",
        "sort=",
        "sort=,",
        "expand=x",
        "limit=1&limit=2",
    ] {
        check_error(app.anyone().get(&format!("{NOTES}?{query}")), 400, "INVALID_QUERY");
    }
    for query in ["filter=%ff", "%zz=1", "filter=%"] {
        check_error(app.anyone().get(&format!("{NOTES}?{query}")), 400, "MALFORMED_REQUEST");
    }
    let _ = app.anyone().get(&format!("{NOTES}?")).expect_status(200);
    let _ = app.anyone().get(&format!("{NOTES}?&&limit=1&")).expect_status(200);
}

#[test]
fn an_expanded_document_obeys_its_own_collection() {
    let schema = r#"
version: 1
collections:
  people:
    fields:
      id: {type: id, primary: true, default: auto}
      name: {type: string}
  posts:
    fields:
      id: {type: id, primary: true, default: auto}
      author_id: {type: id, references: people.id}
    rules: {read: "true"}
"#;
    let app = TestApp::build(schema, |_| {});
    let author = app.admin().post("/api/collections/people", &json!({"name": "Ada"})).json();
    let post = json!({"author_id": author["id"]});
    let _ = app.admin().post("/api/collections/posts", &post).expect_status(201);
    let page = app.admin().get("/api/collections/posts?expand=author").json();
    assert_eq!(page["docs"][0]["author"]["name"], "Ada");
    let page = app.anyone().get("/api/collections/posts?expand=author").expect_status(200).json();
    assert!(page["docs"][0].get("author").is_none_or(Value::is_null), "{page}");
}

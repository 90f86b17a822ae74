//! Cursors survive the way to the client and back, and fit one order only.

use alyx_query::{Cursor, ErrorCode, Query, SortKey};
use alyx_schema::Value;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use proptest::prelude::*;

use crate::fixture::{blog, posts};

fn sort(text: &str) -> Vec<SortKey> {
    let pairs = [("sort".to_owned(), text.to_owned())];
    Query::from_parameters(blog(), posts(), &pairs).unwrap().sort
}

fn place() -> Cursor {
    Cursor {
        values: vec![Value::Text("Ünïcode \"quotes\" \\ %_".to_owned()), Value::Null, Value::Text("id".to_owned())],
    }
}

#[track_caller]
fn check_refused(text: &str, keys: &str, message: &str) {
    let error = Cursor::decode(text, &posts(), &sort(keys)).unwrap_err();
    assert_eq!((error.code, error.message.as_str()), (ErrorCode::InvalidCursor, message), "{text}");
}

#[test]
fn a_cursor_of_the_same_order_is_read_back() {
    let keys = sort("title,-views");
    let text = place().encode(&posts(), &keys);
    assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{text}");
    assert_eq!(Cursor::decode(&text, &posts(), &keys).unwrap(), place());
}

#[test]
fn a_cursor_of_another_order_or_collection_is_refused() {
    let foreign = "this cursor belongs to a query with another sort or collection";
    let text = place().encode(&posts(), &sort("title,-views"));
    check_refused(&text, "title,views", foreign);
    check_refused(&text, "-title,-views", foreign);
    check_refused(&text, "-views,title", foreign);
    check_refused(&text, "title", foreign);
    let comments = blog().collection("comments").unwrap().clone();
    let by_id = Query::from_parameters(blog(), comments.clone(), &[]).unwrap().sort;
    let text = Cursor { values: vec![Value::Int(1)] }.encode(&comments, &by_id);
    check_refused(&text, "id", foreign);
}

#[test]
fn a_damaged_cursor_is_refused() {
    let damaged = "this cursor is damaged";
    let text = place().encode(&posts(), &sort("title,-views"));
    for bad in ["", "!", "bnVsbA", "W10", "é", &text[1..], &format!("{text}="), "AAAA"] {
        check_refused(bad, "title,-views", damaged);
    }
    let json = String::from_utf8(URL_SAFE_NO_PAD.decode(&text).unwrap()).unwrap();
    for (part, by) in
        [("null", "\"x\""), ("null", "1.5"), ("\"id\"", "null"), ("\"id\"", "7"), (",null", ""), ("id", "\\u0000")]
    {
        assert!(json.contains(part), "{json}");
        check_refused(&URL_SAFE_NO_PAD.encode(json.replace(part, by)), "title,-views", damaged);
    }
}

#[test]
fn a_query_takes_its_cursor_and_not_an_offset_with_it() {
    let text = place().encode(&posts(), &sort("title,-views"));
    let mut pairs = vec![("cursor".to_owned(), text), ("sort".to_owned(), "title,-views".to_owned())];
    let query = Query::from_parameters(blog(), posts(), &pairs).unwrap();
    assert_eq!(query.cursor, Some(place()));
    pairs.push(("offset".to_owned(), "0".to_owned()));
    let errors = Query::from_parameters(blog(), posts(), &pairs).unwrap_err();
    assert_eq!(errors[0].code, ErrorCode::ConflictingParameters);
}

fn or_null(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    prop::option::of(value).prop_map(|value| value.unwrap_or(Value::Null))
}

proptest! {
    #[test]
    fn every_place_survives_the_round_trip(
        title in or_null("[^\u{0}]*".prop_map(Value::Text)),
        views in or_null(any::<i64>().prop_map(Value::Int)),
        score in or_null(prop::num::f64::NORMAL.prop_map(Value::Float)),
        published in or_null(any::<bool>().prop_map(Value::Bool)),
        id in "[^\u{0}]*",
    ) {
        let keys = sort("title,-views,score,-published");
        let place = Cursor { values: vec![title, views, score, published, Value::Text(id)] };
        let text = place.encode(&posts(), &keys);
        prop_assert_eq!(Cursor::decode(&text, &posts(), &keys).unwrap(), place);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in ".*", json in ".*") {
        let keys = sort("title,-views");
        let _ = Cursor::decode(&text, &posts(), &keys);
        let _ = Cursor::decode(&URL_SAFE_NO_PAD.encode(json), &posts(), &keys);
    }
}

//! Sort, page and projection of a list request, and the JSON form of a query.

use alyx_query::{Predicate, Projection, Query};
use alyx_schema::Order;
use serde_json::{Value as Json, json};

use crate::fixture::{blog, posts};

fn parse(pairs: &[(&str, &str)]) -> Result<Query, Vec<alyx_query::QueryError>> {
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Query::from_parameters(blog(), posts(), &pairs)
}

fn sort_of(query: &Query) -> String {
    let one = |key: &alyx_query::SortKey| match key.order {
        Order::Ascending => key.field.name.to_string(),
        Order::Descending => format!("-{}", key.field.name),
    };
    query.sort.iter().map(one).collect::<Vec<_>>().join(",")
}

fn fields_of(query: &Query) -> Vec<String> {
    query.fields.iter().flatten().map(|field| field.name.to_string()).collect()
}

#[track_caller]
fn check_sort(text: &str, expected: &str) {
    assert_eq!(sort_of(&parse(&[("sort", text)]).unwrap()), expected);
}

#[track_caller]
fn check_refused(name: &str, value: &str, code: &str) {
    let errors = parse(&[(name, value)]).unwrap_err();
    assert_eq!(errors[0].code.as_str(), code, "{name}={value}");
    assert_eq!(errors[0].parameter, name);
}

#[test]
fn no_parameters_ask_for_the_first_hundred_with_their_total() {
    let query = parse(&[]).unwrap();
    assert_eq!(query.predicate, Predicate::TRUE);
    assert_eq!((query.limit, query.offset, query.total), (100, 0, true));
    assert_eq!(sort_of(&query), "id");
    assert!(query.cursor.is_none() && query.fields.is_none() && query.expand.is_empty());
}

#[test]
fn every_sort_ends_with_the_primary_key() {
    check_sort("-created_at,title", "-created_at,title,id");
    check_sort("title,-created_at", "title,-created_at,-id");
    check_sort("-id", "-id");
    check_sort("published,id,title", "published,id");
}

#[test]
fn a_sort_names_each_field_once_and_few() {
    check_refused("sort", "title,-title", "INVALID_SORT");
    check_refused("sort", "", "UNKNOWN_FIELD");
    check_refused("sort", "--title", "UNKNOWN_FIELD");
    check_refused("sort", "title,", "UNKNOWN_FIELD");
    check_refused("sort", "title desc", "UNKNOWN_FIELD");
    check_refused("sort", &["title"; 9].join(","), "TOO_COMPLEX");
}

#[test]
fn limit_and_offset_are_whole_numbers_within_bounds() {
    assert_eq!(parse(&[("limit", "1")]).unwrap().limit, 1);
    assert_eq!(parse(&[("limit", "1000")]).unwrap().limit, 1000);
    for bad in ["", "0", "-1", "1001", "1e9", "1.0", "+1", " 1", "ten", "99999999999999999999999"] {
        check_refused("limit", bad, "INVALID_LIMIT");
    }
    assert_eq!(parse(&[("offset", "9007199254740992")]).unwrap().offset, 1 << 53);
    for bad in ["", "-1", "9007199254740993", "1e3", "0x10", "18446744073709551616"] {
        check_refused("offset", bad, "INVALID_OFFSET");
    }
    assert!(!parse(&[("total", "false")]).unwrap().total);
    check_refused("total", "1", "INVALID_VALUE");
}

#[test]
fn the_primary_key_is_always_among_the_fields() {
    let fields = |text| fields_of(&parse(&[("fields", text)]).unwrap());
    assert_eq!(fields("views,title"), ["id", "title", "views"]);
    assert_eq!(fields("id"), ["id"]);
    assert_eq!(fields("title,title"), ["id", "title"]);
    check_refused("fields", "", "UNKNOWN_FIELD");
}

#[test]
fn filters_and_where_must_all_hold() {
    let query = parse(&[("filter", "views:gt:1"), ("where", r#"{"title":"a"}"#), ("filter", "views:lt:9")]).unwrap();
    let expected = parse(&[("where", r#"{"title":"a","views":{"$lt":9,"$gt":1}}"#)]).unwrap();
    assert_eq!(query.predicate.canonical_key(), expected.predicate.canonical_key());
}

#[test]
fn one_document_takes_fields_and_expand_only() {
    let parse =
        |name: &str, value: &str| Projection::from_parameters(blog(), &posts(), &[(name.to_owned(), value.to_owned())]);
    assert_eq!(parse("fields", "title").unwrap().fields.unwrap().len(), 2);
    assert_eq!(parse("expand", "author").unwrap().expand.len(), 1);
    for name in ["filter", "where", "sort", "limit", "offset", "cursor", "total"] {
        assert_eq!(parse(name, "1").unwrap_err()[0].code.as_str(), "UNKNOWN_PARAMETER", "{name}");
    }
}

#[test]
fn the_json_form_is_the_same_query() {
    let json = json!({
        "collection": "posts",
        "filter": {"author_id": {"$eq": "ada"}, "published": {"$eq": true}},
        "sort": ["-created_at", "title"],
        "limit": 50,
        "expand": ["author_id"],
        "fields": "title,views",
    });
    let query = Query::from_json(blog(), &json).unwrap();
    let expected = parse(&[
        ("filter", "published:eq:true"),
        ("filter", "author_id:eq:ada"),
        ("sort", "-created_at,title"),
        ("limit", "50"),
        ("expand", "author"),
        ("fields", "title,views"),
        ("total", "false"),
    ])
    .unwrap();
    assert_eq!(query.predicate.canonical_key(), expected.predicate.canonical_key());
    assert_eq!(sort_of(&query), sort_of(&expected));
    assert_eq!(fields_of(&query), fields_of(&expected));
    assert_eq!((query.limit, query.total, query.expand.len()), (50, false, 1));
}

#[track_caller]
fn check_json_refused(json: &Json, expected: &[(&str, &str)]) {
    let errors = Query::from_json(blog(), json).unwrap_err();
    let found: Vec<_> = errors.iter().map(|error| (&*error.parameter, error.code.as_str())).collect();
    assert_eq!(found, expected, "{json}");
}

#[test]
fn the_json_form_refuses_what_the_parameters_refuse() {
    check_json_refused(&json!([]), &[("query", "INVALID_VALUE")]);
    check_json_refused(&json!({}), &[("collection", "UNKNOWN_COLLECTION")]);
    check_json_refused(&json!({"collection": "post"}), &[("collection", "UNKNOWN_COLLECTION")]);
    check_json_refused(&json!({"collection": "posts", "filtr": {}}), &[("filtr", "UNKNOWN_PARAMETER")]);
    check_json_refused(
        &json!({"collection": "posts", "filter": {"a": 1}, "sort": 1, "limit": 0, "expand": ["x"], "fields": [1]}),
        &[
            ("filter", "UNKNOWN_FIELD"),
            ("sort", "INVALID_VALUE"),
            ("expand", "UNKNOWN_EXPAND"),
            ("fields", "INVALID_VALUE"),
            ("limit", "INVALID_LIMIT"),
        ],
    );
}

//! Input that was made to break things is data or an error, and never more.

use alyx_query::{ErrorCode, Predicate, Query, filter, where_json};
use alyx_schema::Value;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::fixture::{blog, posts};

const INJECTION: &str = "x'; DROP TABLE posts; --\" OR 1=1";

fn where_code(json: &Json) -> ErrorCode {
    where_json::parse(&posts(), json).unwrap_err()[0].code
}

#[test]
fn sql_in_a_value_is_a_value() {
    let predicate = filter::parse(&posts(), &format!("title:eq:{INJECTION}")).unwrap();
    let Predicate::Compare { value, .. } = predicate else { panic!("{predicate:?}") };
    assert_eq!(value, Value::Text(INJECTION.to_owned()));
}

#[test]
fn sql_in_a_name_is_an_unknown_name() {
    for (parameter, code) in [
        ("filter", "UNKNOWN_FIELD"),
        ("sort", "UNKNOWN_FIELD"),
        ("fields", "UNKNOWN_FIELD"),
        ("expand", "UNKNOWN_EXPAND"),
        (INJECTION, "UNKNOWN_PARAMETER"),
    ] {
        let value = if parameter == "filter" { format!("{INJECTION}:eq:1") } else { INJECTION.to_owned() };
        let errors = Query::from_parameters(blog(), posts(), &[(parameter.to_owned(), value)]).unwrap_err();
        assert_eq!(errors[0].code.as_str(), code, "{parameter}");
    }
    assert_eq!(where_code(&json!({INJECTION: 1})), ErrorCode::UnknownField);
}

#[test]
fn nul_is_refused_everywhere() {
    for text in ["title:eq:a\0", "title:in:a,\0", "title:like:\0%", "title:contains:\0", "tags:contains:\0"] {
        assert_eq!(filter::parse(&posts(), text).unwrap_err().code, ErrorCode::InvalidValue, "{text:?}");
    }
    for operator in ["$eq", "$like", "$contains"] {
        assert_eq!(where_code(&json!({"title": {operator: "a\0"}})), ErrorCode::InvalidValue, "{operator}");
    }
    assert_eq!(where_code(&json!({"extra": {"$eq": {"a": ["\0"]}}})), ErrorCode::InvalidValue);
    assert_eq!(where_code(&json!({"extra": {"$contains": "\0"}})), ErrorCode::InvalidValue);
    assert_eq!(filter::parse(&posts(), "ti\0tle:eq:1").unwrap_err().code, ErrorCode::UnknownField);
}

#[test]
fn depth_is_limited() {
    let nested = |depth| (0..depth).fold(json!({"views": 1}), |inner, _| json!({"$not": inner}));
    assert!(where_json::parse(&posts(), &nested(31)).is_ok());
    assert_eq!(where_code(&nested(32)), ErrorCode::TooComplex);
    assert_eq!(where_code(&nested(100)), ErrorCode::TooComplex);
    let text = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let errors = Query::from_parameters(blog(), posts(), &[("where".to_owned(), text)]).unwrap_err();
    assert_eq!(errors[0].code, ErrorCode::InvalidFilter);
}

#[test]
fn the_number_of_conditions_is_limited_over_all_parameters() {
    let many = |count| json!({"$or": vec![json!({"views": 1}); count]});
    assert!(where_json::parse(&posts(), &many(200)).is_ok());
    assert_eq!(where_code(&many(201)), ErrorCode::TooComplex);
    assert_eq!(where_code(&json!({"$and": vec![json!({}); 201]})), ErrorCode::TooComplex);
    let mut pairs = vec![("filter".to_owned(), "views:eq:1".to_owned()); 100];
    pairs.push(("where".to_owned(), many(100).to_string()));
    assert!(Query::from_parameters(blog(), posts(), &pairs).is_ok());
    pairs.push(("filter".to_owned(), "views:eq:1".to_owned()));
    let errors = Query::from_parameters(blog(), posts(), &pairs).unwrap_err();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].code, ErrorCode::TooComplex);
}

#[test]
fn giant_lists_are_refused() {
    let list = |count| json!({"views": {"$in": vec![1; count]}});
    assert!(where_json::parse(&posts(), &list(1000)).is_ok());
    assert_eq!(where_code(&list(1001)), ErrorCode::TooComplex);
    assert_eq!(where_code(&list(100_000)), ErrorCode::TooComplex);
    let text = format!("views:in:{}", ["1"; 1001].join(","));
    assert_eq!(filter::parse(&posts(), &text).unwrap_err().code, ErrorCode::TooComplex);
}

#[test]
fn heavy_patterns_are_refused() {
    let code = |pattern: &str| filter::parse(&posts(), &format!("title:like:{pattern}")).map_err(|error| error.code);
    assert!(code(&"%a".repeat(16)).is_ok());
    assert_eq!(code(&"%a".repeat(17)), Err(ErrorCode::TooComplex));
    assert_eq!(code(&"%".repeat(1000)), Err(ErrorCode::TooComplex));
    assert!(code(&"é".repeat(1000)).is_ok());
    assert_eq!(code(&"é".repeat(1001)), Err(ErrorCode::TooComplex));
}

#[test]
fn a_giant_input_makes_a_small_message() {
    let giant = "é".repeat(1_000_000);
    let mut pairs = vec![(giant.clone(), String::new()), ("limit".to_owned(), giant.clone())];
    pairs.push(("filter".to_owned(), format!("{giant}:eq:1")));
    pairs.push(("filter".to_owned(), format!("views:eq:{giant}")));
    pairs.push(("sort".to_owned(), giant.clone()));
    pairs.push(("cursor".to_owned(), giant));
    pairs.extend(vec![("filter".to_owned(), "nothing:eq:1".to_owned()); 10_000]);
    let errors = Query::from_parameters(blog(), posts(), &pairs).unwrap_err();
    assert!(errors.len() <= 100, "{} faults", errors.len());
    for error in errors {
        let detail = error.detail();
        assert!(detail.message.len() + detail.field.len() + error.subject.len() < 1000, "{}", detail.message.len());
    }
}

fn scrap() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "title",
        "views",
        "extra",
        "tags",
        "data",
        "secret",
        "id",
        "author_id",
        "comments_via_post_id",
        "eq",
        "in",
        "like",
        "contains",
        "is_null",
        "gt",
        "1",
        "true",
        "null",
        "-",
        ",",
        ".",
        ":",
        "%",
        "{}",
        "[]",
        "\"",
        "{\"$or\":[",
        "]}",
        "$not",
        "\0",
        "'",
        "\\",
        "é",
        "9223372036854775808",
        "1e999",
    ]);
    prop_oneof![3 => known.prop_map(str::to_owned), 1 => ".{0,3}".prop_map(|text| text)]
}

fn parameter() -> impl Strategy<Value = (String, String)> {
    let names = ["filter", "where", "sort", "limit", "offset", "cursor", "fields", "expand", "total", "colection"];
    let value = prop::collection::vec(scrap(), 0..8).prop_map(|scraps| scraps.concat());
    (prop::sample::select(names.to_vec()).prop_map(str::to_owned), value)
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        scrap().prop_map(Json::from),
    ];
    let keys =
        ["title", "views", "tags", "extra", "secret", "$and", "$or", "$not", "$eq", "$in", "$like", "$contains", "$x"];
    leaf.prop_recursive(6, 40, 4, move |inner| {
        let key = prop::sample::select(keys.to_vec()).prop_map(str::to_owned);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::vec((key, inner), 0..4).prop_map(|entries| Json::Object(entries.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn no_parameters_make_the_reader_panic(pairs in prop::collection::vec(parameter(), 0..5)) {
        match Query::from_parameters(blog(), posts(), &pairs) {
            Ok(query) => prop_assert!(!query.predicate.canonical_key().is_empty()),
            Err(errors) => prop_assert!(!errors.is_empty()),
        }
    }

    #[test]
    fn no_json_makes_the_reader_panic(json in any_json()) {
        if let Err(errors) = where_json::parse(&posts(), &json) {
            prop_assert!(!errors.is_empty());
        }
        let query = json!({"collection": "posts", "filter": json, "sort": json, "expand": json, "fields": json});
        if let Err(errors) = Query::from_json(blog(), &query) {
            prop_assert!(!errors.is_empty());
        }
    }
}

//! Whatever is not known or not right is refused by name, with the nearest name that is.

use alyx_query::{Query, QueryError, where_json};
use serde_json::{Value as Json, json};

use crate::fixture::{blog, posts};

fn shown(errors: &[QueryError]) -> Vec<String> {
    let line = |error: &QueryError| {
        let detail = error.detail();
        format!("{} {}: {}", detail.field, detail.code, detail.message)
    };
    errors.iter().map(line).collect()
}

#[track_caller]
fn check(pairs: &[(&str, &str)], expected: &[&str]) {
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let errors = Query::from_parameters(blog(), posts(), &pairs).unwrap_err();
    assert_eq!(shown(&errors), expected);
}

#[track_caller]
fn check_where(json: &Json, expected: &[&str]) {
    assert_eq!(shown(&where_json::parse(&posts(), json).unwrap_err()), expected);
}

#[test]
fn unknown_names_are_named_with_a_suggestion() {
    check(
        &[("filter", "titel:eq:x")],
        &[r#"filter UNKNOWN_FIELD: collection "posts" has no field "titel"; did you mean "title"?"#],
    );
    check(
        &[("filter", "title:liek:x")],
        &[r#"filter UNKNOWN_OPERATOR: there is no operator "liek"; did you mean "like"?"#],
    );
    check(
        &[("sort", "-creatd_at")],
        &[r#"sort UNKNOWN_FIELD: collection "posts" has no field "creatd_at"; did you mean "created_at"?"#],
    );
    check(
        &[("fields", "id,tilte")],
        &[r#"fields UNKNOWN_FIELD: collection "posts" has no field "tilte"; did you mean "title"?"#],
    );
    check(
        &[("expand", "autor_id")],
        &[r#"expand UNKNOWN_EXPAND: collection "posts" has no relation "autor_id"; did you mean "author_id"?"#],
    );
    check(
        &[("expand", "comments_via_post.author")],
        &[concat!(
            r#"expand UNKNOWN_EXPAND: collection "posts" has no relation "comments_via_post""#,
            r#"; did you mean "comments_via_post_id"?"#
        )],
    );
    check(&[("limt", "3")], &[r#"limt UNKNOWN_PARAMETER: there is no parameter "limt"; did you mean "limit"?"#]);
    check(&[("xyzzy", "")], &[r#"xyzzy UNKNOWN_PARAMETER: there is no parameter "xyzzy""#]);
    check_where(
        &json!({"titel": 1, "title": {"$like_": "x"}, "$ro": []}),
        &[
            r#"where UNKNOWN_OPERATOR: there is no operator "$ro" here, only $and, $or and $not; did you mean "$or"?"#,
            r#"where UNKNOWN_FIELD: collection "posts" has no field "titel"; did you mean "title"?"#,
            r#"where UNKNOWN_OPERATOR: there is no operator "$like_"; did you mean "$like"?"#,
        ],
    );
}

#[test]
fn an_internal_field_is_an_unknown_field() {
    let message = |name: &str| format!(r#"UNKNOWN_FIELD: collection "posts" has no field "{name}""#);
    for (parameter, value) in [("filter", "secret:eq:x"), ("sort", "secret"), ("fields", "secret")] {
        check(&[(parameter, value)], &[&format!("{parameter} {}", message("secret"))]);
    }
    // The nearest name is the internal one, and it is not told.
    check(&[("filter", "secreet:eq:x")], &[&format!("filter {}", message("secreet"))]);
    check_where(&json!({"secret": 1}), &[&format!("where {}", message("secret"))]);
    for path in ["reviewer", "reviewer_id"] {
        let message = format!(r#"expand UNKNOWN_EXPAND: collection "posts" has no relation "{path}""#);
        check(&[("expand", path)], &[&message]);
    }
    let users = blog().collection("users").unwrap().clone();
    let pairs = [("expand".to_owned(), "posts_via_reviewer_id".to_owned())];
    let error = Query::from_parameters(blog(), users, &pairs).unwrap_err().remove(0);
    assert_ne!(error.suggestion.as_deref(), Some("posts_via_reviewer_id"));
}

#[test]
fn values_of_another_type_are_refused() {
    check(&[("filter", "views:gt:abc")], &[r#"filter INVALID_VALUE: gt of "views" must be a whole number, not "abc""#]);
    check(
        &[("filter", "views:in:1,2.5")],
        &[r#"filter INVALID_VALUE: in of "views" must be a whole number, not "1,2.5""#],
    );
    check(
        &[("filter", "published:eq:yes")],
        &[r#"filter INVALID_VALUE: eq of "published" must be true or false, not "yes""#],
    );
    check(
        &[("filter", "title:is_null:1")],
        &[r#"filter INVALID_VALUE: is_null of "title" must be true, false or left out, not "1""#],
    );
    check_where(
        &json!({"views": "5", "title": 5, "published": {"$is_null": "yes"}, "tags": {"$contains": [1]}}),
        &[
            r#"where INVALID_VALUE: is_null of "published" must be true or false, not "yes""#,
            r#"where INVALID_VALUE: contains of "tags" must be of type string, which the items have, not a list"#,
            r#"where INVALID_VALUE: eq of "title" must be a text, not 5"#,
            r#"where INVALID_VALUE: eq of "views" must be a whole number, not "5""#,
        ],
    );
}

#[test]
fn an_operator_that_the_type_does_not_take_names_those_it_does() {
    check(
        &[("filter", "published:gt:true")],
        &[r#"filter OPERATOR_NOT_ALLOWED: "published" (bool) takes no gt; it takes eq, ne, in, is_null, not_null"#],
    );
    check(
        &[("filter", "tags:like:%")],
        &[
            r#"filter OPERATOR_NOT_ALLOWED: "tags" (json) takes no like; it takes eq, ne, in, contains, is_null, not_null"#,
        ],
    );
    check(&[("sort", "extra")], &[r#"sort INVALID_SORT: "extra" has no order, since it is json"#]);
    check(&[("sort", "data")], &[r#"sort INVALID_SORT: "data" has no order, since it is blob"#]);
}

#[test]
fn malformed_filters_say_the_form() {
    for filter in ["", "title", "title:eq", "title:in"] {
        let expected = format!("filter INVALID_FILTER: {filter:?} is not of the form field:operator:value");
        check(&[("filter", filter)], &[&expected]);
    }
    check(
        &[("where", "{\"a\":")],
        &["where INVALID_FILTER: this is no valid JSON: EOF while parsing a value at line 1 column 5"],
    );
    check(
        &[("where", r#"{"title":{"$gt":"a","$gt":"b"}}"#)],
        &[
            r#"where INVALID_FILTER: this is no valid JSON: the key "$gt" stands twice in one object at line 1 column 25"#,
        ],
    );
    check(&[("where", "[]")], &["where INVALID_FILTER: a condition must be an object"]);
    check_where(&json!({"title": {}}), &[r#"where INVALID_FILTER: "title" has no operator"#]);
    check_where(
        &json!({"tags": ["a"]}),
        &[r#"where INVALID_FILTER: "tags" is compared with a list; write $eq, $in or $contains"#],
    );
    check_where(&json!({"$and": {}}), &["where INVALID_FILTER: $and takes a list of conditions"]);
    check_where(&json!({"$not": []}), &["where INVALID_FILTER: a condition must be an object"]);
}

#[test]
fn all_faults_come_at_once() {
    check(
        &[("filter", "a:eq:1"), ("filter", "views:eq:x"), ("where", "{\"b\":1}"), ("limit", "0"), ("total", "no")],
        &[
            r#"filter UNKNOWN_FIELD: collection "posts" has no field "a""#,
            r#"filter INVALID_VALUE: eq of "views" must be a whole number, not "x""#,
            r#"where UNKNOWN_FIELD: collection "posts" has no field "b""#,
            r#"limit INVALID_LIMIT: limit must be a whole number from 1 to 1000, not "0""#,
            r#"total INVALID_VALUE: total must be true or false, not "no""#,
        ],
    );
}

#[test]
fn what_may_be_given_once_may_not_be_given_twice() {
    for name in ["where", "sort", "limit", "offset", "cursor", "fields", "expand", "total"] {
        let pairs = [(name.to_owned(), "1".to_owned()), (name.to_owned(), "1".to_owned())];
        let errors = Query::from_parameters(blog(), posts(), &pairs).unwrap_err();
        assert_eq!(errors[0].code.as_str(), "DUPLICATE_PARAMETER");
        assert_eq!(errors[0].message, format!("{name} is given more than once"));
    }
}

//! Operators in the body of an update: a rule can look at one, and knows nothing of the value that it makes.

use alyx_rules::Context;
use serde_json::{Value as Json, json};

use crate::fixture::{alice, request, with_rule};

#[track_caller]
fn left(rule: &str, body: &Json) -> String {
    with_rule(rule, |compiled, _| {
        let (alice, request) = (alice(), request(body));
        compiled.decide(&Context { auth: Some(&alice), request: &request }).to_cel()
    })
}

/// What is left for an update that adds to a number, raises a text and pushes to a list.
#[track_caller]
fn check(rule: &str, expected: &str) {
    let body = json!({"views": {"$inc": 1}, "title": {"$max": "admin"}, "tags": {"$push": "secret"}, "score": 2.5});
    assert_eq!(left(rule, &body), expected, "{rule}");
}

#[test]
fn what_is_compared_with_an_operator_is_unknown_and_so_is_its_opposite() {
    for comparison in [
        "request.body.title == 'admin'",
        "request.body.views == 1",
        "request.body.views > 1",
        "request.body.views <= 1",
        "request.body.title in ['admin', 'editor']",
        "'secret' in request.body.tags",
        "'admin' in request.body.title",
        "request.body.tags.exists(tag, tag == 'secret')",
        "request.body.tags.exists(at, tag, tag == 'secret')",
        "request.body.tags == ['secret']",
        "request.body.tags == {'$push': 'secret'}",
        "request.body.title == request.body.title",
        "request.body['title'] == 'admin'",
        "request.body.title.startsWith('admin')",
        "size(request.body.tags) == 1",
        "type(request.body.views) == map",
        "request.body.views == null",
        "has(request.body.tags.secret)",
        "request.body.tags.secret == 'x'",
        "request.body.tags['secret'] == 'x'",
        "request.body.?tags.?secret.hasValue()",
        "request.body.?title.orValue('x') == 'admin'",
        "[request.body.title] == ['admin']",
        "{'a': request.body.title} == {'a': 'admin'}",
        "request.body == {'title': 'admin'}",
        "request.body.exists(key, request.body[key] == 'admin')",
        "request.body.exists(key, value, value == 'admin')",
        "request.body.map(key, request.body[key]) == ['admin']",
        "request.body.transformMap(key, value, value) == {'title': 'admin'}",
        "dyn(request.body.title) == 'admin'",
        "(auth.role == 'user' ? request.body.title : 'x') == 'admin'",
        "sets.contains([request.body.title], ['admin'])",
    ] {
        check(comparison, "unknown()");
        check(&format!("!({comparison})"), "unknown()");
    }
}

#[test]
fn what_is_compared_with_a_document_is_unknown_too() {
    for comparison in [
        "doc.title == request.body.title",
        "request.body.views > doc.views",
        "doc.views == request.body.views",
        "doc.extra == request.body.title",
        "doc.title in request.body.tags",
        "doc.title in [request.body.title]",
        "doc.title in [request.body.title, doc.body]",
        "request.body.title in doc.tags",
        "doc.tags.exists(tag, tag == request.body.title)",
        "doc.tags.exists(tag, tag in request.body.tags)",
        "(doc.published ? request.body.title : 'x') == 'admin'",
        "(doc.published ? 'x' : request.body.title) == doc.title",
        "request.body[doc.title] == 'admin'",
        "exists_in('memberships', m, m.user_id == request.body.title)",
    ] {
        for rule in [comparison.to_owned(), format!("!({comparison})")] {
            let left = left(&rule, &json!({"views": {"$inc": 1}, "title": {"$max": "x"}, "tags": {"$push": "x"}}));
            assert!(left.contains("unknown()") && !left.contains("$max"), "{rule}: {left}");
        }
    }
}

#[test]
fn an_operator_can_be_looked_at_and_other_fields_are_what_they_are() {
    check("request.body.views['$inc'] <= 5", "true");
    check("request.body.views['$inc'] > 5", "false");
    check("'$inc' in request.body.views", "true");
    check("'$mul' in request.body.views", "false");
    check("request.body.views[?'$mul'].hasValue()", "false");
    check("request.body.views['$mul'] == 2", "unknown()");
    check("has(request.body.views)", "true");
    check("has(request.body.body)", "false");
    check("'views' in request.body", "true");
    check("'body' in request.body", "false");
    check("request.body.all(key, key in ['views', 'title', 'tags', 'score'])", "true");
    check("request.body.all(key, key in ['views'])", "false");
    check("request.body.score == 2.5", "true");
    check("request.body.tags['$push'] == 'secret'", "true");
    check("doc.published && request.body.views['$inc'] == 1", "doc.published");
}

#[test]
fn only_a_field_of_the_body_is_an_operator() {
    let body = json!({"extra": {"inner": {"$inc": 1}}, "title": {"$inc": 1, "x": 2}});
    assert_eq!(left("request.body.extra.inner == {'$inc': 1}", &body), "true");
    assert_eq!(left("request.body.extra != {'inner': 1}", &body), "true");
    assert_eq!(left("request.body.title == {'$inc': 1, 'x': 2}", &body), "true");
}

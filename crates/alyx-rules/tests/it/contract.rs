//! What the contract says of null, of callers without an account, and of requests.

use alyx_query::Truth::{self, False, True, Unknown};
use alyx_schema::Value;
use serde_json::json;

use crate::fixture::{alice, truth};

#[track_caller]
fn check(rule: &str, expected: Truth) {
    let fields = [
        ("views", Value::Int(5)),
        ("published", Value::Bool(true)),
        ("extra", Value::Json(json!({"a": null, "n": 1.5, "w": 2}))),
        ("secret", Value::Text("s".to_owned())),
    ];
    assert_eq!(truth(rule, None, &json!({}), &fields), expected, "{rule}");
}

#[test]
fn equality_takes_null_for_a_value() {
    check("doc.title == null", True);
    check("doc.title != null", False);
    check("doc.title == 'x'", False);
    check("doc.title != 'x'", True);
    check("doc.title in ['x', 'y']", False);
    check("doc.author_id == doc.team_id", True);
}

#[test]
fn any_other_operation_on_null_is_unknown() {
    check("doc.likes > 1", Unknown);
    check("!(doc.likes > 1)", Unknown);
    check("doc.likes + 1 == 1", Unknown);
    check("doc.title.contains('a')", Unknown);
    check("doc.title.startsWith('')", Unknown);
    check("size(doc.title) == 0", Unknown);
    check("doc.pinned", Unknown);
    check("!doc.pinned", Unknown);
    check("doc.pinned ? true : true", Unknown);
    check("'a' in doc.labels", Unknown);
    check("doc.labels.all(l, true)", Unknown);
    check("doc.edited_at < timestamp('2026-01-01T00:00:00Z')", Unknown);
    check("doc.edited_at + duration('1h') == timestamp('2026-01-01T00:00:00Z')", Unknown);
    check("doc.title in {'a': 1}", Unknown);
}

#[test]
fn unknown_is_absorbed_where_the_other_side_decides() {
    check("doc.likes > 1 || doc.published", True);
    check("doc.published || doc.likes > 1", True);
    check("doc.likes > 1 && !doc.published", False);
    check("doc.likes > 1 && doc.published", Unknown);
}

#[test]
fn a_null_foreign_key_leads_nowhere() {
    check("doc.author.name == 'x'", Unknown);
    check("doc.author.name == null", Unknown);
    check("!(doc.author.name == 'x')", Unknown);
    check("doc.author.name == 'x' || doc.published", True);
    check("has(doc.author)", False);
    check("has(doc.author.name)", Unknown);
}

#[test]
fn has_asks_for_a_value() {
    check("has(doc.title)", False);
    check("has(doc.views)", True);
    check("has(doc.extra.a)", True);
    check("has(doc.extra.b)", False);
    check("has(request.body.x)", False);
    check("has(request.method)", True);
}

#[test]
fn nobody_is_null_and_nothing_else() {
    check("auth == null", True);
    check("auth != null", False);
    check("auth.id == null", True);
    check("null == auth.id", True);
    check("auth.id != null", False);
    check("auth.metadata == null", True);
    check("has(auth.id)", False);
    for rule in [
        "auth.id == doc.author_id",
        "auth.id != doc.author_id",
        "!(auth.id == doc.author_id)",
        "auth.id == 'u1'",
        "auth.id in [null]",
        "auth.role in ['user']",
        "auth.verified",
        "!auth.verified",
        "dyn(auth.id) == null",
        "(true ? auth.id : 'x') == null",
        "[auth.id] == [null]",
        "auth.metadata.plan == null",
        "has(auth.metadata.plan)",
        "size(auth.id) == 0",
    ] {
        check(rule, Unknown);
    }
    check("auth.id == doc.author_id || doc.published", True);
}

#[test]
fn rules_see_internal_fields_and_json_by_what_it_is() {
    check("doc.secret == 's'", True);
    check("doc.extra.n == 1.5 && doc.extra.w == 2 && type(doc.extra.w) == int", True);
    check("doc.extra.a == null", True);
    check("doc.extra.missing == null", Unknown);
    check("doc.extra.w / 2 == 1", True);
}

#[test]
fn somebody_is_who_they_are() {
    let caller = alice();
    let check = |rule: &str, expected| {
        let fields = [("author_id", Value::Text("u1".to_owned())), ("team_id", Value::Text("t2".to_owned()))];
        assert_eq!(truth(rule, Some(&caller), &json!({}), &fields), expected, "{rule}");
    };
    check("auth.id == doc.author_id", True);
    check("auth != null && auth.verified && auth.role == 'user'", True);
    check("doc.team_id in auth.metadata.teams", True);
    check("auth.metadata.teams.exists(t, t == doc.team_id)", True);
    check("auth.metadata.teams.all(t, t != doc.author_id)", True);
    check("auth.metadata.plan == 'pro' && auth.metadata.level > 2", True);
    check("auth.metadata.none == null", True);
    check("auth.metadata.missing == 1", Unknown);
    check("has(auth.metadata.missing)", False);
    check("auth.metadata.?missing.orValue(7) == 7", True);
}

#[test]
fn a_request_is_what_was_sent() {
    let body = json!({"title": "new", "n": 2.0, "items": ["a", "b"], "deep": {"x": null}});
    let check = |rule: &str, expected| assert_eq!(truth(rule, None, &body, &[]), expected, "{rule}");
    check("request.method == 'PATCH' && request.ip.startsWith('10.')", True);
    check("request.time == timestamp('2026-01-31T08:30:00Z')", True);
    check("request.time.getHours('Europe/Berlin') == 9", True);
    check("request.body.title == 'new' && request.body.n == 2 && type(request.body.n) == int", True);
    check("has(request.body.title) && !has(request.body.author_id)", True);
    check("'title' in request.body && !('x' in request.body)", True);
    check("request.body.deep.x == null", True);
    check("request.body.deep.y == null", Unknown);
    check("request.body.items.all(i, i in ['a', 'b', 'c'])", True);
    check("request.body.keys == 1", Unknown);
    check("request.body.all(key, key in ['title', 'n', 'items', 'deep'])", True);
    check("request.headers['x-app'] == 'web, beta'", True);
    check("request.headers.?missing.hasValue()", False);
    check("request.query.draft == '1'", True);
}

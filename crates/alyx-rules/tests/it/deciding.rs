//! What is left of a rule for a caller and a request, as text.

use alyx_query::Truth;
use alyx_rules::{Context, Identity};
use alyx_schema::Value;
use serde_json::{Value as Json, json};

use crate::fixture::{alice, post, request, with_rule};

#[track_caller]
fn left(rule: &str, caller: Option<&Identity>, body: &Json) -> String {
    with_rule(rule, |compiled, _| {
        let request = request(body);
        compiled.decide(&Context { auth: caller, request: &request }).to_cel()
    })
}

/// What is left for somebody who is signed in.
#[track_caller]
fn check(rule: &str, expected: &str) {
    assert_eq!(left(rule, Some(&alice()), &json!({"tags": ["a", "b"], "n": 3})), expected, "{rule}");
}

/// What is left for nobody.
#[track_caller]
fn check_anonymous(rule: &str, expected: &str) {
    assert_eq!(left(rule, None, &json!({})), expected, "{rule}");
}

const PLAIN: &str = "doc.published == true || auth.id == doc.author_id || auth.role == 'admin'";

#[test]
fn what_speaks_of_the_caller_alone_is_decided() {
    check(PLAIN, "doc.published || 'u1' == doc.author_id");
    check("auth.role == 'user'", "true");
    check("auth.role == 'admin'", "false");
    check("auth.role == 'user' && doc.published", "doc.published");
    check("auth.role == 'user' && doc.pinned", "true && doc.pinned");
    check("doc.pinned == true", "doc.pinned == true");
    check("auth.role == 'admin' && doc.published", "false");
    check("auth.role == 'user' ? doc.views > 1 : doc.views > 2", "doc.views > 1");
    check("!(auth.role == 'user') || doc.title == 'x'", "doc.title == 'x'");
}

#[test]
fn what_is_put_in_without_a_type_goes_through_dyn_where_the_checker_asks_for_one() {
    for rule in [
        "(doc.pinned ? dyn(true) : dyn(false)) in [doc.views]",
        "(doc.pinned ? request.body.n : dyn(true)) == doc.title",
        "doc.views == request.body.tags",
        "(doc.pinned ? request.body.n == 3 : doc.published) && !(doc.published ? request.body.n == 4 : doc.pinned)",
    ] {
        let printed = left(rule, Some(&alice()), &json!({"tags": ["a"], "n": 3}));
        assert_eq!(left(&printed, None, &json!({})), printed, "{rule}");
    }
}

#[test]
fn nobody_leaves_unknown_where_an_identity_is_needed() {
    check_anonymous(PLAIN, "doc.published || unknown()");
    check_anonymous("auth.id == doc.author_id", "unknown()");
    check_anonymous("auth == null && doc.views > 1", "doc.views > 1");
    check_anonymous("auth != null && doc.views > 1", "false");
    check_anonymous("auth.id == doc.author_id && doc.published", "doc.published && unknown()");
    check_anonymous("doc.published && auth.id == doc.author_id || false", "doc.published && unknown()");
}

#[test]
fn lists_that_are_known_are_written_out() {
    check("auth.metadata.teams.exists(t, t == doc.team_id)", "doc.team_id in ['t1', 't2']");
    check("auth.metadata.teams.all(t, doc.team_id != t)", "!(doc.team_id in ['t1', 't2'])");
    check("doc.team_id in auth.metadata.teams", "doc.team_id in ['t1', 't2']");
    check("request.body.tags.all(t, t in doc.tags)", "'a' in doc.tags && 'b' in doc.tags");
    check("['a', 'b'].exists(t, t == doc.title && t != 'b')", "doc.title == 'a'");
    check("request.body.tags.exists(i, t, i == 1 && t == doc.title)", "doc.title == 'b'");
    check("request.body.tags.exists_one(t, t == doc.title)", "dyn(['a', 'b']).exists_one(t, t == doc.title)");
    check("[].exists(t, t == doc.title)", "false");
    check("[].all(t, t == doc.title)", "true");
}

#[test]
fn what_was_not_typed_is_marked_where_it_does_not_fit() {
    check("doc.title == request.body.n", "doc.title == dyn(3)");
    check("doc.views == request.body.n", "doc.views == 3");
    check("doc.views + request.body.n > 1", "doc.views + dyn(3) > 1");
    check("doc.title == request.body.missing", "unknown()");
}

#[test]
fn names_that_would_be_misread_stand_in_backticks() {
    check("doc.`in` == 1 && auth.verified", "doc.`in` == 1");
    check("doc.title == \"it's \\\"a\\\"\\n\"", r#"doc.title == 'it\'s "a"\n'"#);
    check("(doc.views - (2 - doc.views)) * 3 > -1", "(doc.views - (2 - doc.views)) * 3 > -1");
    check("!(doc.published && doc.views > 1)", "!(doc.published && doc.views > 1)");
    check("(doc.published ? doc.views : 1) > 2", "(doc.published ? doc.views : 1) > 2");
    check("[1].map(x, [2].map(x, x))[0][0] == doc.views", "2 == doc.views");
    check(
        "doc.tags.exists(x, doc.labels.exists(x, x == 'a'))",
        "doc.tags.exists(x, doc.labels.exists(x_1, x_1 == 'a'))",
    );
}

#[test]
fn exists_in_keeps_what_is_asked_of_others() {
    let rule = r#"exists_in("memberships", m, m.team_id == doc.team_id && m.user_id == auth.id)"#;
    check(rule, r#"exists_in("memberships", m, m.team_id == doc.team_id && m.user_id == 'u1')"#);
    check_anonymous(rule, r#"exists_in("memberships", m, m.team_id == doc.team_id && unknown())"#);
    check(r#"exists_in("memberships", m, auth.role == 'admin' && m.user_id == auth.id)"#, "false");
}

#[test]
fn a_document_that_is_known_leaves_other_documents() {
    let caller = alice();
    let request = request(&json!({}));
    let context = Context { auth: Some(&caller), request: &request };
    let check = |rule: &str, expected: &str| {
        let left = with_rule(rule, |compiled, posts| {
            let fields = [("team_id", Value::Text("t1".to_owned())), ("views", Value::Int(2))];
            compiled.decide_for(&context, &post(posts, &fields)).to_cel()
        });
        assert_eq!(left, expected, "{rule}");
    };
    check("doc.views == 2 && doc.title == null", "true");
    check("doc.likes > 1", "unknown()");
    check("doc.author.name == 'x'", "unknown()");
    check("doc.team.owner_id == auth.id && doc.views > 1", "doc.team.owner_id == 'u1'");
    check(
        r#"exists_in("memberships", m, m.team_id == doc.team_id && m.user_id == auth.id)"#,
        r#"exists_in("memberships", m, m.team_id == 't1' && m.user_id == 'u1')"#,
    );
}

#[test]
fn a_rule_that_is_true_is_true_for_all() {
    with_rule("true", |compiled, _| {
        assert!(compiled.is_always_true() && compiled.is_for_all_callers());
        let request = request(&json!({}));
        assert_eq!(compiled.decide(&Context { auth: None, request: &request }).truth(), Some(Truth::True));
    });
    with_rule("doc.published", |compiled, _| {
        assert!(!compiled.is_always_true() && compiled.is_for_all_callers());
        assert_eq!(compiled.text(), "doc.published");
    });
    with_rule("request.method == 'GET' || auth != null", |compiled, _| assert!(!compiled.is_for_all_callers()));
}

#[test]
fn what_is_too_much_to_put_in_is_unknown() {
    let caller = alice();
    let many: Vec<usize> = (0..1000).collect();
    let body = json!({"numbers": many});
    let rule = "request.body.numbers.all(n, request.body.numbers.all(m, doc.views != n + m))";
    assert_eq!(left(rule, Some(&caller), &body), "unknown()");
    let rule = "request.body.numbers.exists(n, n == doc.views)";
    assert!(left(rule, Some(&caller), &body).starts_with("doc.views in [0, 1, "));
    let more: Vec<usize> = (0..1001).collect();
    let kept = left(rule, Some(&caller), &json!({"numbers": more}));
    assert!(kept.starts_with("dyn([0, 1, ") && kept.ends_with("]).exists(n, n == doc.views)"), "{kept}");
}

//! What rules are lowered to, in the short form of predicates.

use alyx_query::{Predicate, RelatedKey};
use alyx_rules::Context;
use alyx_schema::Value;
use serde_json::json;

use crate::fixture::{alice, key, post, request, with_rule};

fn lowered(rule: &str) -> Predicate {
    let (caller, request) = (alice(), request(&json!({"n": 2.5})));
    with_rule(rule, |compiled, _| compiled.decide(&Context { auth: Some(&caller), request: &request }).predicate())
}

fn exactly(rule: &str) -> Predicate {
    let (caller, request) = (alice(), request(&json!({})));
    with_rule(rule, |compiled, _| {
        compiled.decide(&Context { auth: Some(&caller), request: &request }).exact_predicate()
    })
}

/// What is true of the same documents.
#[track_caller]
fn check(rule: &str, expected: &str) {
    assert_eq!(key(&lowered(rule)), expected, "{rule}");
}

/// What has the same three truth values.
#[track_caller]
fn check_exact(rule: &str, expected: &str) {
    assert_eq!(key(&exactly(rule)), expected, "{rule}");
}

#[track_caller]
fn check_scanned(rule: &str) {
    assert!(matches!(lowered(rule), Predicate::Scan(_)), "{rule}: {:#?}", lowered(rule));
}

#[test]
fn a_plain_rule_is_a_few_comparisons() {
    check(
        "doc.published == true || auth.id == doc.author_id || auth.role == 'admin'",
        "or(eq(author_id s2:u1)eq(published t))",
    );
    check("doc.title == null || 'x' == doc.title", "in(title n,s1:x,)");
    check("doc.views in [1, 2.0, 3u, 'x', 4.5]", "in(views i1,i2,i3,)");
    check("doc.views in []", "(false)");
    check("!(doc.title in ['a'])", "ne(title s1:a)");
}

#[test]
fn bools_are_unknown_where_they_are_null() {
    check("doc.published", "eq(published t)");
    check("!doc.published", "eq(published f)");
    check("doc.pinned", "eq(pinned t)");
    check_exact("doc.pinned", "or(and((unknown)null(pinned ))eq(pinned t))");
    check_exact("!doc.pinned", "or(and((unknown)null(pinned ))eq(pinned f))");
    check("doc.pinned == false", "eq(pinned f)");
}

#[test]
fn numbers_of_other_types_are_adjusted() {
    check("doc.views < 2.5", "lt(views i3)");
    check("doc.views <= 2.5", "lte(views i2)");
    check("doc.views > 2.5", "gt(views i2)");
    check("doc.views >= 2.5", "gte(views i3)");
    check("doc.views == dyn(2.5)", "(false)");
    check("doc.views != dyn(2.5)", "(true)");
    check("doc.views < 18446744073709551615u", "(true)");
    check_exact("doc.likes < 1e300", "or((unknown)not(null(likes )))");
    check_exact("doc.likes > 1e300", "and((unknown)null(likes ))");
    check("doc.score > 1", "gt(score d1.0)");
    check("doc.score == -0.0", "eq(score d0.0)");
    check_scanned("doc.views < 9007199254740993.0");
    check_exact("doc.views < 0.0 / 0.0", "(unknown)");
}

#[test]
fn values_of_other_types_are_never_equal() {
    check("doc.title == dyn(5)", "(false)");
    check("doc.title != dyn(5)", "(true)");
    check_exact("doc.title < dyn(5)", "(unknown)");
    check("doc.extra == 'a'", "eq(extra j\"a\")");
    check("doc.extra == 2.0", "eq(extra j2)");
    check_scanned("doc.extra == [1]");
    check_scanned("doc.extra.a == 1");
}

#[test]
fn texts_are_searched_by_ranges() {
    check("doc.body.startsWith('ab')", "and(gte(body s2:ab)lt(body s2:ac))");
    check("!doc.body.startsWith('ab')", "or(gte(body s2:ac)lt(body s2:ab))");
    check("doc.body.startsWith('a\u{d7ff}')", "and(gte(body s4:a\u{d7ff})lt(body s4:a\u{e000}))");
    check("doc.body.startsWith('\u{10ffff}')", "gte(body s4:\u{10ffff})");
    check("doc.body.startsWith('')", "(true)");
    check("doc.body.contains('a%')", "has(body s2:a%)");
    check("doc.body >= 'b'", "gte(body s1:b)");
    check_scanned("doc.body.endsWith('x')");
    check_scanned("doc.body.matches('^a+$')");
    check_scanned("'abc'.contains(doc.title)");
}

#[test]
fn moments_are_compared_to_the_millisecond() {
    check("doc.created_at < timestamp('2026-01-31T08:30:00Z')", "lt(created_at s24:2026-01-31T08:30:00.000Z)");
    check("doc.created_at < timestamp('2026-01-31T08:30:00.0001Z')", "lte(created_at s24:2026-01-31T08:30:00.000Z)");
    check("doc.created_at >= timestamp('2026-01-31T08:30:00.0001Z')", "gt(created_at s24:2026-01-31T08:30:00.000Z)");
    check("doc.created_at == timestamp('2026-01-31T08:30:00.0001Z')", "(false)");
    check("doc.edited_at == timestamp('2026-01-31T08:30:00Z')", "eq(edited_at s24:2026-01-31T08:30:00.000Z)");
}

#[test]
fn shifted_moments_are_comparisons_of_the_field() {
    // Out of 292 years there is no difference.
    check(
        "request.time - doc.created_at < duration('15m')",
        "and(gt(created_at s24:2026-01-31T08:15:00.000Z)lte(created_at s24:2318-05-13T08:17:16.854Z))",
    );
    check(
        "doc.created_at - duration('1h') <= request.time",
        "and(gte(created_at s24:0001-01-01T01:00:00.000Z)lte(created_at s24:2026-01-31T09:30:00.000Z))",
    );
    check(
        "doc.created_at + duration('1h') > request.time",
        "and(gt(created_at s24:2026-01-31T07:30:00.000Z)lte(created_at s24:9999-12-31T22:59:59.999Z))",
    );
    check_scanned("doc.created_at - doc.edited_at < duration('1h')");
    check_scanned("doc.created_at.getFullYear() == 2026");
}

#[test]
fn items_are_asked_for_only_where_the_schema_says_it_is_a_list() {
    check("'a' in doc.tags", "item(tags \"a\")");
    check("doc.tags.exists(t, t == 'a')", "item(tags \"a\")");
    check("doc.tags.exists(t, t in ['a', 'b'])", "or(item(tags \"a\")item(tags \"b\"))");
    check("doc.tags.all(t, t != 'a')", "not(item(tags \"a\"))");
    check("!doc.tags.exists(t, 'a' == t)", "not(item(tags \"a\"))");
    check("dyn(5) in doc.tags", "(false)");
    check_scanned("'a' in doc.extra");
    check_scanned("doc.tags.exists(t, t.startsWith('a'))");
    check_scanned("size(doc.tags) > 2");
    check_scanned("doc.title in doc.tags");
}

#[test]
fn fields_are_compared_where_they_are_stored_alike() {
    check("doc.views > doc.likes", "gt( 0.views 0.likes )");
    check("doc.author_id == doc.team_id", "eq( 0.author_id 0.team_id )");
    check("doc.published == doc.pinned", "eq( 0.published 0.pinned )");
    check_scanned("doc.views < doc.score");
    check_scanned("doc.published < doc.pinned");
    check_scanned("doc.tags == doc.labels");
}

#[test]
fn relations_are_followed() {
    check("doc.author.role == 'admin'", "of(users id=0.author_id eq(role s5:admin))");
    check("doc.team.owner.name == 'x'", "of(teams id=0.team_id of(users id=0.owner_id eq(name s1:x)))");
    check(
        "doc.author.role == 'admin' && doc.author.name != 'x'",
        "of(users id=0.author_id and(eq(role s5:admin)ne(name s1:x)))",
    );
    check("!(doc.author.role == 'admin')", "of(users id=0.author_id ne(role s5:admin))");
    check("doc.author.name == doc.title", "of(users id=0.author_id eq( 0.name 1.title ))");
    check("has(doc.author)", "not(null(author_id ))");
    check(
        "doc.author.role == 'a' && doc.author.role == 'b' && doc.published",
        "and(eq(published t)of(users id=0.author_id and(eq(role s1:a)eq(role s1:b))))",
    );
}

#[test]
fn other_collections_are_asked() {
    check(
        r#"exists_in("memberships", m, m.team_id == doc.team_id && m.user_id == auth.id)"#,
        "any(memberships and(eq( 0.team_id 1.team_id )eq(user_id s2:u1)))",
    );
    check(
        r#"exists_in("memberships", m, m.user_id == auth.id && doc.published)"#,
        "any(memberships and(eq(user_id s2:u1)out(1 eq(published t))))",
    );
    check(r#"!exists_in("memberships", m, m.open)"#, "not(any(memberships or(and((unknown)null(open ))eq(open t))))");
    check(r#"exists_in("memberships", m, m.open)"#, "any(memberships eq(open t))");
}

#[test]
fn relations_that_do_not_change_are_entered_once() {
    check(
        r#"exists_in("memberships", m, m.user_id == doc.team.owner_id && m.open)"#,
        "of(teams id=0.team_id any(memberships and(eq( 0.user_id 1.owner_id )eq(open t))))",
    );
    // Where the relation is not needed, it stays inside: the rule may hold without it.
    check(
        r#"exists_in("memberships", m, m.open || m.user_id == doc.team.owner_id)"#,
        "any(memberships or(eq(open t)of(teams id=1.team_id eq( 0.owner_id 1.user_id ))))",
    );
    check(
        r#"!exists_in("memberships", m, m.user_id == doc.team.owner_id)"#,
        "not(any(memberships of(teams id=1.team_id eq( 0.owner_id 1.user_id ))))",
    );
}

#[test]
fn a_known_document_is_asked_for_by_its_keys() {
    let (caller, request) = (alice(), request(&json!({})));
    let context = Context { auth: Some(&caller), request: &request };
    let rule = "doc.team.owner_id == auth.id && doc.team.owner.name == doc.title";
    let predicate = with_rule(rule, |compiled, posts| {
        let fields = [("team_id", Value::Text("t1".to_owned())), ("title", Value::Text("x".to_owned()))];
        compiled.decide_for(&context, &post(posts, &fields)).predicate()
    });
    let Predicate::Related { key: RelatedKey::Value(Value::Text(found)), .. } = &predicate else {
        panic!("{predicate:#?}")
    };
    assert_eq!(found, "t1");
    let expected = "of(teams id=s2:t1and(eq(owner_id s2:u1)of(users id=0.owner_id eq(name s1:x))))";
    assert_eq!(key(&predicate), expected);
}

#[test]
fn conditionals_are_cases() {
    check(
        "doc.published ? doc.views > 1 : doc.views > 2",
        "or(and(eq(published f)gt(views i2))and(eq(published t)gt(views i1)))",
    );
    check_exact(
        "doc.likes > 1 ? doc.views > 1 : false",
        "or(and(gt(likes i1)gt(views i1))and(gt(likes i1)lte(likes i1)))",
    );
}

#[test]
fn a_scan_takes_the_values_of_related_documents() {
    let predicate = lowered("doc.author.name.endsWith(doc.body)");
    let Predicate::Scan(scan) = &predicate else { panic!("{predicate:#?}") };
    assert_eq!((scan.operands.len(), scan.operands[0].hops.len(), scan.operands[1].hops.len()), (2, 1, 0));
    let inside = lowered(r#"exists_in("memberships", m, size(m.team.owner_id) > size(doc.body))"#);
    let Predicate::Exists { predicate, .. } = &inside else { panic!("{inside:#?}") };
    let Predicate::Scan(scan) = &**predicate else { panic!("{inside:#?}") };
    assert_eq!(
        scan.operands.iter().map(|operand| (operand.level, operand.hops.len())).collect::<Vec<_>>(),
        [(0, 1), (1, 0)]
    );
}

#[test]
fn two_scans_have_one_key_only_if_they_say_the_same() {
    let keys = [
        "size(doc.title) > 1",
        "size(doc.title) > 2",
        "size(doc.body) > 1",
        "size(doc.data) > 1",
        "string(doc.views) == '1'",
        "string(doc.score) == '1'",
    ]
    .map(|rule| match lowered(rule) {
        Predicate::Scan(scan) => scan.test.key().to_owned(),
        other => panic!("{other:#?}"),
    });
    for (index, key) in keys.iter().enumerate() {
        assert!(!keys[..index].contains(key), "{key}");
    }
}

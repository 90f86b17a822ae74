//! Texts and requests that mean harm: nothing panics, nothing takes long, nothing opens.

use alyx_query::Truth;
use alyx_rules::Context;
use alyx_schema::Value;
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value as Json, json};

use crate::fixture::{Nobody, alice, post, request, truth, try_compile, with_rule};

/// Compiles, and where that works decides, prints and evaluates.
fn survive(rule: &str) {
    let Ok((rules, posts)) = try_compile(rule) else { return };
    let compiled = rules.collection_rule(&posts, alyx_rules::Operation::Read).expect("it has a rule");
    let (caller, request) = (alice(), request(&json!({"a": [1, 2, 3]})));
    let context = Context { auth: Some(&caller), request: &request };
    let document = post(&posts, &[("views", Value::Int(1))]);
    let residual = compiled.decide(&context);
    let _ = residual.to_cel();
    let _ = residual.predicate().evaluate_in(&document, &Nobody);
    let _ = compiled.decide_for(&context, &document).exact_predicate();
    let _ = compiled.evaluate(&context, &document, &Nobody);
    let _ = rules.advise(&["user".to_owned()]);
}

const WORDS: [&str; 60] = [
    "doc",
    ".",
    "title",
    "views",
    "tags",
    "author",
    "auth",
    "id",
    "request",
    "body",
    "==",
    "!=",
    "<",
    ">=",
    "&&",
    "||",
    "!",
    "-",
    "+",
    "*",
    "/",
    "%",
    "in",
    "?",
    ":",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    "'a'",
    "\"b\"",
    "b'c'",
    "1",
    "2u",
    "0.5",
    "null",
    "true",
    "has",
    "exists_in",
    "all",
    "exists",
    "map",
    "filter",
    "m",
    "x",
    "size",
    "matches",
    "timestamp",
    "duration",
    "cel",
    "bind",
    "`in`",
    "\"memberships\"",
    "optional",
    "none",
    " ",
    "//\n",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_refused_or_rules(bytes in vec(any::<u8>(), 0..200)) {
        survive(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn random_characters_are_refused_or_rules(text in "\\PC{0,80}") {
        survive(&text);
    }

    #[test]
    fn random_words_are_refused_or_rules(words in vec(select(&WORDS[..]), 0..40)) {
        survive(&words.concat());
        survive(&words.join(" "));
    }
}

/// Runs where the stack is as small as that of a worker.
fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(run).expect("a thread can be started");
    thread.join().expect("it does not panic");
}

#[test]
fn depth_is_refused_before_the_stack_is_used_up() {
    on_a_small_stack(|| {
        for count in [10, 60, 63, 64, 65, 150, 159, 161, 500, 1300] {
            let around =
                |open: &str, close: &str| format!("{}doc.published{}", open.repeat(count), close.repeat(count));
            survive(&around("(", ")"));
            survive(&around("!(", ")"));
            survive(&around("[", "][0]"));
            survive(&around("doc.tags.exists(t, ", ")"));
            survive(&around("doc.published ? true : ", ""));
            survive(&around("", " ? true : false"));
            survive(&around("cel.bind(a, true, ", ")"));
            survive(&format!("doc.views > {}1", "1 + ".repeat(count)));
            survive(&format!("doc.views > {}doc.views", "doc.views + ".repeat(count)));
            survive(&format!("{}doc.published", "!".repeat(count)));
            survive(&format!("doc.views > {}doc.views", "-".repeat(count)));
            survive(&format!("doc.extra{} == 1", ".a".repeat(count)));
            survive(&format!("doc.extra{} == 1", "[0]".repeat(count)));
            survive(&format!("doc.title{}.contains('a')", ".trim()".repeat(count)));
            survive(&vec!["doc.published"; count].join(" && "));
            survive(&vec!["doc.published"; count].join(" || "));
            survive(&vec!["doc.published"; count].join(" == "));
            survive(&format!("doc.views in [{}]", vec!["1"; count].join(",")));
            survive(&format!("{}doc.published{}", "(true ? ".repeat(count), " : false)".repeat(count)));
        }
    });
}

#[test]
fn depth_that_bind_adds_up_is_refused_before_the_stack_is_used_up() {
    on_a_small_stack(|| {
        for (first, link, last) in [
            ("doc.extra", ".a", " == 1"),
            ("doc.views", " + 1", " == 1"),
            ("doc.title", ".trim()", " == ''"),
            ("doc.published", " == true", ""),
            ("doc.extra", "[0]", " == 1"),
        ] {
            for (binds, links) in [(60, 6), (60, 12), (60, 25), (40, 30), (20, 50)] {
                let chain = |index: usize| format!("cel.bind(a{}, a{index}{}, ", index + 1, link.repeat(links));
                let chains: String = (0..binds).map(chain).collect();
                survive(&format!("cel.bind(a0, {first}, {chains}a{binds}{last}{}", ")".repeat(binds + 1)));
            }
        }
    });
}

#[test]
fn what_multiplies_is_refused_or_unknown() {
    let doubled = |count: usize| {
        let binds: String = (0..count).map(|index| format!("cel.bind(a{}, a{index} + a{index}, ", index + 1)).collect();
        format!("cel.bind(a0, doc.body, {binds}size(a{count}) > 0{}", ")".repeat(count + 1))
    };
    survive(&doubled(8));
    let faults = try_compile(&doubled(12)).expect_err("it is too large");
    assert_eq!(faults[0].code, "rule_too_large");
    for sign in ["&&", "||", "==", "? true :"] {
        let binds: String =
            (0..60).map(|index| format!("cel.bind(b{}, b{index} {sign} b{index}, ", index + 1)).collect();
        let faults = try_compile(&format!("cel.bind(b0, doc.published, {binds}b60{}", ")".repeat(61)));
        assert_eq!(faults.expect_err("it is too large")[0].code, "rule_too_large", "{sign}");
    }
    for (first, twice, last) in [
        ("[1]", "[@, @]", "size(@) > 0"),
        ("[1]", "[@, @]", "@ == @"),
        ("[1]", "[@, @]", "doc.extra == @"),
        ("'a'", "{'k': @, 'l': @}", "doc.extra == @"),
        ("'a'", "optional.of([@, @])", "@ == @"),
        ("'a'", "@ + @", "doc.title == @"),
        ("[1]", "@ + @", "doc.views in @"),
    ] {
        let put = |text: &str, index: usize| text.replace('@', &format!("b{index}"));
        let binds: String = (0..60).map(|index| format!("cel.bind(b{}, {}, ", index + 1, put(twice, index))).collect();
        let faults = try_compile(&format!("cel.bind(b0, {first}, {binds}{}{}", put(last, 60), ")".repeat(61)));
        let fault = &faults.expect_err("it is too large")[0];
        assert!(["rule_constant", "rule_wrong_type"].contains(&fault.code), "{fault}");
    }
    let nested = "doc.tags.all(a, doc.tags.all(b, doc.tags.all(c, doc.tags.all(d, a + b + c + d != ''))))";
    let tags = Value::Json((0..100).map(|number| json!(number.to_string())).collect());
    assert_eq!(truth(nested, None, &json!({}), &[("tags", tags)]), Truth::Unknown);
}

#[test]
fn a_pattern_from_outside_is_bounded() {
    let fields = [("body", Value::Text("a".repeat(5000)))];
    for (pattern, expected) in [
        ("^(a+)+$", Truth::True),
        ("(a|a)*b", Truth::False),
        ("(", Truth::Unknown),
        ("((((a{50}){50}){50}){50})", Truth::Unknown),
        (&"a".repeat(1001), Truth::Unknown),
    ] {
        let body = json!({"pattern": pattern});
        assert_eq!(truth("doc.body.matches(request.body.pattern)", None, &body, &fields), expected, "{pattern}");
        assert_eq!(
            truth("request.body.pattern.matches(request.body.pattern + doc.title)", None, &body, &[]),
            Truth::Unknown
        );
    }
}

#[test]
fn a_list_that_holds_itself_many_times_is_not_looked_at_in_full() {
    let body = json!({"l": (0..1500).collect::<Vec<i32>>()});
    let twice = "[request.body.l].map(y, request.body.l.map(x, y))";
    for rule in [
        format!("size({twice}) == doc.views"),
        format!("size({twice}.map(z, request.body.l.map(x, z))) == doc.views"),
        format!("{twice}.exists(z, z == doc.extra)"),
        format!("doc.extra == [{twice}, {twice}]"),
    ] {
        assert_eq!(truth(&rule, None, &body, &[("views", Value::Int(1500))]), Truth::Unknown, "{rule}");
    }
}

#[test]
fn a_body_can_be_of_any_shape() {
    let deep = (0..100).fold(json!(1), |inner, _| json!({"a": inner}));
    let wide: Json = (0..20_000).map(|number| json!(number)).collect();
    for body in
        [json!({}), json!({"x": null}), json!({"x": deep}), json!({"x": wide}), json!({"x": "a".repeat(1 << 20)})]
    {
        for rule in [
            "request.body.x == doc.title",
            "request.body.x.all(i, i == doc.views)",
            "request.body.x.exists(i, doc.tags.exists(t, t == i))",
            "doc.views in request.body.x",
            "request.body.x.a.a.a == 1 || doc.published",
            "size(request.body) > 1 && doc.published",
            "request.body == {'x': doc.title}",
            "string(request.body.x) == 'a'",
        ] {
            let caller = alice();
            let request = request(&body);
            let context = Context { auth: Some(&caller), request: &request };
            with_rule(rule, |compiled, posts| {
                let document =
                    post(posts, &[("published", Value::Bool(false)), ("title", Value::Text("t".to_owned()))]);
                let allows = compiled.decide(&context).predicate().evaluate_in(&document, &Nobody);
                assert_ne!(allows, Truth::True, "{rule}");
            });
        }
    }
}

//! Values, patterns and operands, few enough to meet and odd enough to break things.

use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value as Json, json};

use crate::oracle::timestamp_spellings;

pub(super) const TEXTS: [&str; 28] = [
    "",
    "a",
    "A",
    "ab",
    "aB",
    "b",
    "%",
    "_",
    "a%",
    "100%",
    "a_b",
    "a\\b",
    "\\",
    "'",
    "''",
    "\"",
    "é",
    "É",
    "e\u{301}",
    "日本",
    "🦀",
    "\u{ff5e}",
    "null",
    "true",
    "1",
    " a ",
    "x\ny",
    "Straße; DROP TABLE things; --",
];

const PATTERNS: [&str; 22] = [
    "", "%", "_", "__", "%%", "a%", "%a", "%a%", "%B", "_b", "a_b", "a\\_b", "%\\%", "%'%", "%\"%", "%é", "É", "%_%",
    "100%", "%_😀", "_本", "2026%",
];

/// Null now and then.
pub(super) fn or_null(values: BoxedStrategy<Json>) -> BoxedStrategy<Json> {
    prop_oneof![1 => Just(Json::Null), 3 => values].boxed()
}

fn one_of(values: Vec<Json>) -> BoxedStrategy<Json> {
    select(values).boxed()
}

/// Values of a kind in the form in which they are stored.
pub(super) fn stored(kind: &str) -> BoxedStrategy<Json> {
    let texts = |texts: &[&str]| texts.iter().map(|text| json!(text)).collect();
    one_of(match kind {
        "int" => vec![
            json!(0),
            json!(1),
            json!(-1),
            json!(2),
            json!(9_007_199_254_740_992i64),
            json!(9_007_199_254_740_993i64),
            json!(i64::MAX),
            json!(i64::MIN),
        ],
        "float" => [0.0, 1.0, -1.5, 0.1, 0.1 + 0.2, 1e17, 1e300, -1e300, 5e-324, f64::MAX, 6.934698245112694e276]
            .map(Json::from)
            .to_vec(),
        "bool" => vec![json!(true), json!(false)],
        "json" => jsons(),
        "blob" => texts(&["", "AA==", "YQ==", "YWI=", "/+8="]),
        "uuid" => texts(&[
            "01890a5d-ac96-774b-bcce-b302099a0000",
            "01890a5d-ac96-774b-bcce-b302099a0003",
            "ffffffff-ffff-4fff-bfff-ffffffffffff",
        ]),
        "id" => texts(&["abcdefghijklm00", "abcdefghijklm07", "000000000000000", "zzzzzzzzzzzzzzz"]),
        "timestamp" => texts(&[
            "2026-01-31T08:30:00.000Z",
            "2026-01-31T08:30:00.001Z",
            "1969-12-31T23:59:59.999Z",
            "9999-12-30T21:59:59.999Z",
        ]),
        "date" => texts(&["2026-01-31", "2026-02-01", "0001-01-01"]),
        "email" => texts(&["ada@example.com", "Ada@example.com", "o'neil_100%@example.org"]),
        "url" => texts(&["https://example.com", "http://example.com/a:b?c=%20_'"]),
        "select" => texts(&["a", "b", "c d"]),
        _ => texts(&TEXTS),
    })
}

fn jsons() -> Vec<Json> {
    vec![
        json!(true),
        json!(1),
        json!(1.5),
        json!(1e17),
        json!(18_446_744_073_709_551_615u64),
        json!("a"),
        json!("1"),
        json!([]),
        json!([1, "1", true, null]),
        json!(["a", "A", "é", "%", "\"", "\\", "'"]),
        json!([1.5, 2, 1e300]),
        json!([[1], {"a": 1}]),
        json!({}),
        json!({"a": 1}),
        json!({"b": [1.5], "a": null}),
        json!({"1": "a"}),
        json!([9_007_199_254_740_993i64, false, 18_446_744_073_709_551_615u64]),
        json!([""]),
    ]
}

/// Values of a kind as a filter may write them.
fn written(kind: &'static str) -> BoxedStrategy<Json> {
    let other = match kind {
        "uuid" => one_of(vec![json!("01890A5D-AC96-774B-BCCE-B302099A0003")]),
        "timestamp" => one_of(timestamp_spellings().map(Json::from).collect()),
        "int" => any::<i64>().prop_map(Json::from).boxed(),
        "float" => prop_oneof![prop::num::f64::NORMAL.prop_map(Json::from), Just(json!(1)), Just(json!(-0.0))].boxed(),
        "json" => one_of(vec![json!(1.0), json!({"a": 1.0}), json!({"a": null, "b": [1.5]}), json!([2])]),
        "string" | "text" | "richtext" => "[^\u{0}]{0,3}".prop_map(Json::from).boxed(),
        _ => stored(kind),
    };
    prop_oneof![4 => stored(kind), 1 => other].boxed()
}

/// What an operator may be given for a field of a kind.
pub(super) fn operand(kind: &'static str, operator: &'static str) -> BoxedStrategy<Json> {
    let values = || or_null(written(kind));
    match operator {
        "$in" | "$nin" => vec(values(), 0..5).prop_map(Json::from).boxed(),
        "$is_null" | "$not_null" => any::<bool>().prop_map(Json::from).boxed(),
        "$like" => or_null(prop_oneof![select(&PATTERNS[..]).prop_map(Json::from), stored(kind)].boxed()),
        "$contains" if kind == "json" => one_of(vec![
            json!(null),
            json!(true),
            json!(false),
            json!(1),
            json!(1.0),
            json!(1.5),
            json!(2),
            json!(1e300),
            json!("1"),
            json!("a"),
            json!("%"),
            json!("\""),
            json!("\\"),
            json!("'"),
            json!(""),
            json!(9_007_199_254_740_992i64),
            json!(9_007_199_254_740_993i64),
            json!(18_446_744_073_709_551_615u64),
        ]),
        "$contains" => {
            let parts = select(vec!["", "a", "A", "%", "_", "'", "\\", "é", "2026", "example"]);
            or_null(prop_oneof![parts.prop_map(Json::from), stored(kind)].boxed())
        }
        _ => values(),
    }
}

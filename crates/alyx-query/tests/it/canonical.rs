//! Spellings of one meaning get one canonical form, and it means the same as the predicate.

use alyx_query::{Comparison, FieldRef, Predicate, Truth, filter, where_json};
use alyx_schema::{Document, Value};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::fixture::{empty_document, posts};

#[track_caller]
fn check_same(left: &Json, right: &Json) {
    let key = |json| where_json::parse(&posts(), json).unwrap().canonical_key();
    assert_eq!(key(left), key(right), "{left} and {right}");
}

#[track_caller]
fn check_different(left: &Json, right: &Json) {
    let key = |json| where_json::parse(&posts(), json).unwrap().canonical_key();
    assert_ne!(key(left), key(right), "{left} and {right}");
}

#[test]
fn common_spellings_of_one_meaning_are_equal() {
    check_same(&json!({"views": 1, "title": "a"}), &json!({"$and": [{"title": "a"}, {"views": {"$eq": 1}}]}));
    check_same(&json!({"views": {"$in": [2, 1, 2]}}), &json!({"$or": [{"views": 1}, {"views": 2}]}));
    check_same(&json!({"views": {"$in": [1]}}), &json!({"views": 1}));
    check_same(&json!({"views": {"$nin": [1, 2]}}), &json!({"$and": [{"views": {"$ne": 2}}, {"views": {"$ne": 1}}]}));
    check_same(&json!({"views": {"$nin": [1]}}), &json!({"views": {"$ne": 1}}));
    check_same(&json!({"views": null}), &json!({"views": {"$is_null": true}}));
    check_same(&json!({"views": {"$ne": null}}), &json!({"views": {"$not_null": true}}));
    check_same(&json!({"views": {"$is_null": false}}), &json!({"$not": {"views": {"$eq": null}}}));
    check_same(&json!({"$not": {"views": {"$gt": 1}}}), &json!({"views": {"$lte": 1}}));
    check_same(&json!({"$not": {"$not": {"title": {"$like": "A%%"}}}}), &json!({"title": {"$like": "a%"}}));
    check_same(
        &json!({"$not": {"$or": [{"views": 1}, {"title": {"$contains": "x"}}]}}),
        &json!({"$and": [{"$not": {"title": {"$contains": "x"}}}, {"views": {"$ne": 1}}]}),
    );
    check_same(
        &json!({"$or": [{"$or": [{"views": 1}, {"score": 1}]}]}),
        &json!({"$or": [{"score": 1.0}, {"views": 1}]}),
    );
    check_same(&json!({"$and": [{}, {"$and": []}]}), &json!({}));
    check_same(&json!({"$or": [{"views": 1}, {}]}), &json!({}));
    check_same(&json!({"views": {"$in": []}}), &json!({"$or": []}));
    check_same(&json!({"title": {"$like": "_%_"}}), &json!({"title": {"$like": "__%"}}));
    check_same(&json!({"extra": {"$eq": {"a": 1.0, "b": 2}}}), &json!({"extra": {"$eq": {"b": 2, "a": 1}}}));
}

#[test]
fn different_meanings_have_different_keys() {
    check_different(&json!({"title": "a"}), &json!({"title": "A"}));
    check_different(&json!({"title": {"$like": "a"}}), &json!({"title": "a"}));
    check_different(&json!({"views": {"$gt": 1}}), &json!({"views": {"$gte": 1}}));
    check_different(&json!({"views": 1}), &json!({"score": 1}));
    check_different(&json!({"views": {"$gt": null}}), &json!({"$or": []}));
    check_different(&json!({"title": null}), &json!({"title": "null"}));
    check_different(&json!({"title": {"$in": ["a", "b"]}}), &json!({"title": {"$in": ["a,s1:b"]}}));
    check_different(&json!({"title": {"$in": ["a)", "b"]}}), &json!({"title": {"$in": ["a", ")b"]}}));
    check_different(&json!({"extra": {"$eq": 1}}), &json!({"extra": {"$eq": "1"}}));
    check_different(&json!({"extra": {"$contains": true}}), &json!({"extra": {"$contains": "true"}}));
}

#[test]
fn the_key_is_stable() {
    let key = |text| filter::parse(&posts(), text).unwrap().canonical_key();
    assert_eq!(key("views:in:3,1"), "in(views i1,i3,)");
    assert_eq!(key("title:ne:a b"), "ne(title s3:a b)");
    assert_eq!(key("score:gt:1.5"), "gt(score d1.5)");
    assert_eq!(key("title:is_null:false"), "not(null(title ))");
}

/// Few fields and few values, so that random documents meet random predicates.
const FIELDS: [&str; 4] = ["title", "views", "score", "extra"];

fn value_of(field: &'static str) -> BoxedStrategy<Value> {
    let value = match field {
        "title" => prop::sample::select(vec!["", "a", "A", "ab", "%", "a_", "é"])
            .prop_map(|text| Value::Text(text.to_owned()))
            .boxed(),
        "views" => (-1i64..3).prop_map(Value::Int).boxed(),
        "score" => (-1i8..3).prop_map(|number| Value::Float(f64::from(number) / 2.0)).boxed(),
        _ => prop::sample::select(vec![json!([]), json!([1, "a"]), json!(["1", null]), json!({"a": 1}), json!("a")])
            .prop_map(Value::Json)
            .boxed(),
    };
    prop_oneof![1 => Just(Value::Null), 4 => value].boxed()
}

fn reference(name: &str) -> FieldRef {
    FieldRef::named(&posts(), name).unwrap()
}

fn leaf() -> impl Strategy<Value = Predicate> {
    let comparisons =
        [Comparison::Eq, Comparison::Ne, Comparison::Gt, Comparison::Gte, Comparison::Lt, Comparison::Lte];
    let compare = (prop::sample::select(&FIELDS[..3]), prop::sample::select(comparisons.to_vec())).prop_flat_map(
        |(name, comparison)| {
            value_of(name).prop_map(move |value| Predicate::Compare { field: reference(name), comparison, value })
        },
    );
    let one_of = prop::sample::select(&FIELDS[..]).prop_flat_map(|name| {
        prop::collection::vec(value_of(name), 0..4)
            .prop_map(move |values| Predicate::In { field: reference(name), values })
    });
    let pattern = prop::sample::select(vec!["", "%", "a%", "%%A", "_%_", "%_%", "é"]);
    prop_oneof![
        3 => compare,
        3 => one_of,
        1 => prop::sample::select(&FIELDS[..]).prop_map(|name| Predicate::IsNull(reference(name))),
        1 => pattern.prop_map(|pattern| Predicate::Like { field: reference("title"), pattern: pattern.to_owned() }),
        1 => "[aAé%]?".prop_map(|text| Predicate::ContainsText { field: reference("title"), text }),
        1 => prop::sample::select(vec![json!(1), json!("1"), json!("a"), json!(null)])
            .prop_map(|item| Predicate::ContainsItem { field: reference("extra"), item }),
        1 => prop::sample::select(vec![Truth::True, Truth::False, Truth::Unknown]).prop_map(Predicate::Constant),
    ]
}

fn predicate() -> impl Strategy<Value = Predicate> {
    leaf().prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Predicate::And),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Predicate::Or),
            inner.prop_map(Predicate::negated),
        ]
    })
}

fn document() -> impl Strategy<Value = Document> {
    FIELDS.map(value_of).to_vec().prop_map(|values| {
        let mut document = empty_document(&posts());
        for (name, value) in FIELDS.into_iter().zip(values) {
            document.values[reference(name).index] = value;
        }
        document
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn the_canonical_form_says_the_same_of_every_document(
        predicate in predicate(),
        documents in prop::collection::vec(document(), 8),
    ) {
        let canonical = predicate.canonical();
        for document in &documents {
            prop_assert_eq!(predicate.evaluate(document), canonical.evaluate(document), "{:?}", canonical);
        }
        prop_assert_eq!(canonical.canonical_key(), predicate.canonical_key());
        prop_assert_eq!(canonical.canonical(), canonical);
    }

    #[test]
    fn an_equal_key_is_an_equal_meaning(left in leaf(), right in leaf(), document in document()) {
        if left.canonical_key() == right.canonical_key() {
            prop_assert_eq!(left.evaluate(&document), right.evaluate(&document));
        }
    }
}

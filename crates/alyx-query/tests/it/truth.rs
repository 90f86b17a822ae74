//! The matcher and three-valued logic on predicates made by hand.

use alyx_query::{Comparison, FieldRef, Predicate, Truth};
use alyx_schema::{Document, Value};
use serde_json::json;

use crate::fixture::{empty_document, posts};

use Truth::{False, True, Unknown};

fn field(name: &str) -> FieldRef {
    FieldRef::named(&posts(), name).unwrap()
}

fn with(name: &str, value: Value) -> Document {
    let mut document = empty_document(&posts());
    document.values[field(name).index] = value;
    document
}

fn compare(name: &str, comparison: Comparison, value: Value) -> Predicate {
    Predicate::Compare { field: field(name), comparison, value }
}

#[track_caller]
fn check(predicate: &Predicate, document: &Document, expected: Truth) {
    assert_eq!(predicate.evaluate(document), expected, "{predicate:?}");
    assert_eq!(predicate.clone().negated().evaluate(document), !expected, "not {predicate:?}");
    assert_eq!(predicate.canonical().evaluate(document), expected, "canonical form of {predicate:?}");
    assert_eq!(predicate.matches(document), expected == True, "{predicate:?}");
}

#[test]
fn and_and_or_absorb_unknown_where_the_other_side_decides() {
    let document = empty_document(&posts());
    for left in [True, False, Unknown] {
        for right in [True, False, Unknown] {
            let both = || vec![Predicate::Constant(left), Predicate::Constant(right)];
            let and = match (left, right) {
                (False, _) | (_, False) => False,
                (True, True) => True,
                _ => Unknown,
            };
            let or = match (left, right) {
                (True, _) | (_, True) => True,
                (False, False) => False,
                _ => Unknown,
            };
            check(&Predicate::And(both()), &document, and);
            check(&Predicate::Or(both()), &document, or);
        }
    }
    check(&Predicate::And(vec![]), &document, True);
    check(&Predicate::Or(vec![]), &document, False);
}

#[test]
fn equality_treats_null_as_a_value() {
    let (null, seven) = (empty_document(&posts()), with("views", Value::Int(7)));
    for (comparison, value, on_null, on_seven) in [
        (Comparison::Eq, Value::Int(7), False, True),
        (Comparison::Ne, Value::Int(7), True, False),
        (Comparison::Eq, Value::Null, True, False),
        (Comparison::Ne, Value::Null, False, True),
    ] {
        check(&compare("views", comparison, value.clone()), &null, on_null);
        check(&compare("views", comparison, value), &seven, on_seven);
    }
    check(&Predicate::IsNull(field("views")), &null, True);
    check(&Predicate::IsNull(field("views")), &seven, False);
    let one_of = |values| Predicate::In { field: field("views"), values };
    check(&one_of(vec![Value::Int(1), Value::Null]), &null, True);
    check(&one_of(vec![Value::Int(1), Value::Int(7)]), &null, False);
    check(&one_of(vec![Value::Int(1), Value::Int(7)]), &seven, True);
    check(&one_of(vec![]), &seven, False);
}

#[test]
fn every_other_comparison_with_null_is_unknown() {
    let (null, seven) = (empty_document(&posts()), with("views", Value::Int(7)));
    for comparison in [Comparison::Gt, Comparison::Gte, Comparison::Lt, Comparison::Lte] {
        check(&compare("views", comparison, Value::Int(1)), &null, Unknown);
        check(&compare("views", comparison, Value::Null), &seven, Unknown);
        check(&compare("views", comparison, Value::Null), &null, Unknown);
    }
    check(&Predicate::Like { field: field("title"), pattern: "%".to_owned() }, &null, Unknown);
    check(&Predicate::ContainsText { field: field("title"), text: String::new() }, &null, Unknown);
    check(&Predicate::ContainsItem { field: field("tags"), item: json!(null) }, &null, Unknown);
}

#[test]
fn order_is_by_size_for_numbers_and_by_bytes_for_text() {
    for (name, small, large) in [
        ("views", Value::Int(i64::MIN), Value::Int(i64::MAX)),
        ("views", Value::Int(9_007_199_254_740_992), Value::Int(9_007_199_254_740_993)),
        ("score", Value::Float(-1.5), Value::Float(1e300)),
        ("title", Value::Text(String::new()), Value::Text("a".to_owned())),
        ("title", Value::Text("Z".to_owned()), Value::Text("a".to_owned())),
        ("title", Value::Text("z".to_owned()), Value::Text("é".to_owned())),
        // UTF-16 would order these two the other way round.
        ("title", Value::Text("\u{ff5e}".to_owned()), Value::Text("🦀".to_owned())),
    ] {
        let document = with(name, small.clone());
        check(&compare(name, Comparison::Lt, large.clone()), &document, True);
        check(&compare(name, Comparison::Lte, large.clone()), &document, True);
        check(&compare(name, Comparison::Gt, large.clone()), &document, False);
        check(&compare(name, Comparison::Gte, large), &document, False);
        check(&compare(name, Comparison::Gte, small.clone()), &document, True);
        check(&compare(name, Comparison::Lt, small), &document, False);
    }
}

#[test]
fn contains_is_case_sensitive_on_text_and_membership_on_arrays() {
    let text = with("title", Value::Text("50% of Ünits_".to_owned()));
    for (part, expected) in [("", True), ("50%", True), ("%", True), ("Ü", True), ("ü", False), ("units", False)] {
        check(&Predicate::ContainsText { field: field("title"), text: part.to_owned() }, &text, expected);
    }
    let array = with("extra", Value::Json(json!(["a", 1, 1.5, true, null, ["b"], {"c": 1}])));
    for (item, expected) in [
        (json!("a"), True),
        (json!("A"), False),
        (json!("b"), False),
        (json!(1), True),
        (json!(0), False),
        (json!("1"), False),
        (json!(1.5), True),
        (json!(true), True),
        (json!(false), False),
        (json!(null), True),
    ] {
        check(&Predicate::ContainsItem { field: field("extra"), item }, &array, expected);
    }
    for no_array in [json!("a"), json!({"a": "a"}), json!(1)] {
        let document = with("extra", Value::Json(no_array));
        check(&Predicate::ContainsItem { field: field("extra"), item: json!("a") }, &document, False);
    }
}

#[test]
fn equalities_are_what_must_hold() {
    let by_author = compare("author_id", Comparison::Eq, Value::Text("ada".to_owned()));
    let by_views = Predicate::In { field: field("views"), values: vec![Value::Int(1), Value::Int(2)] };
    let either = Predicate::Or(vec![by_author.clone(), by_views.clone()]);
    let all = Predicate::And(vec![by_author, Predicate::And(vec![by_views]), either]);
    let found: Vec<_> = all.equalities().iter().map(|(field, values)| (field.name.to_string(), values.len())).collect();
    assert_eq!(found, [("author_id".to_owned(), 1), ("views".to_owned(), 2)]);
}

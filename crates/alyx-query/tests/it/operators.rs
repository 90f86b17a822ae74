//! Every operator on every type: which pairs are allowed, and what they say of null and of a value.

use alyx_query::{ErrorCode, Operator, Predicate, Truth, filter, where_json};
use alyx_schema::{Collection, Document, FieldType, Value};
use serde_json::{Value as Json, json};

use crate::fixture::{empty_document, things};

use Truth::{False, True, Unknown};

const UUID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

/// A field, and two values of its type as text, the first before the second.
const TYPES: [(&str, &str, &str); 17] = [
    ("uuid", UUID, "ffffffff-ac96-774b-bcce-b302099a8057"),
    ("string", "", "Wörld: 10% off_"),
    ("text", "a\nx", "b"),
    ("int", "-9223372036854775808", "9223372036854775807"),
    ("float", "-0.5", "1.5e300"),
    ("bool", "false", "true"),
    ("timestamp", "2026-01-31T08:30:00.000Z", "2026-01-31T08:30:00.001Z"),
    ("json", r#"{"a":[1]}"#, "[]"),
    ("blob", "AA==", "AQ=="),
    ("id", "abcdefghijklmno", "abcdefghijklmnp"),
    ("email", "ada@example.com", "bob@example.com"),
    ("url", "http://example.com/a:b", "https://example.com"),
    ("date", "2026-01-31", "2026-02-01"),
    ("select", "a", "b"),
    ("richtext", "<p>a</p>", "<p>b</p>"),
    ("relation", UUID, "ffffffff-ac96-774b-bcce-b302099a8057"),
    ("numbers", "[1,2]", "[3]"),
];

fn with(collection: &Collection, name: &str, value: Value) -> Document {
    let mut document = empty_document(collection);
    document.values[collection.field_index(name).unwrap()] = value;
    document
}

fn value(collection: &Collection, name: &str, text: &str) -> Value {
    Value::from_text(collection.field(name).unwrap(), text).unwrap()
}

fn is_textual(name: &str) -> bool {
    !["int", "float", "bool", "json", "blob", "numbers"].contains(&name)
}

fn is_allowed(operator: Operator, name: &str) -> bool {
    match operator.name() {
        "eq" | "ne" | "in" | "nin" | "is_null" | "not_null" => true,
        "gt" | "gte" | "lt" | "lte" => !["bool", "json", "blob", "numbers"].contains(&name),
        "like" => is_textual(name),
        "contains" => is_textual(name) || ["json", "numbers"].contains(&name),
        other => panic!("{other} is not in the table"),
    }
}

#[test]
fn the_table_has_every_type() {
    let collection = things();
    for field_type in FieldType::ALL {
        assert!(collection.fields.iter().any(|field| field.field_type == field_type), "{}", field_type.name());
        assert!(TYPES.iter().any(|(name, ..)| *name == field_type.name()), "{}", field_type.name());
    }
}

#[test]
fn each_type_takes_its_operators_and_refuses_the_others_by_name() {
    let collection = things();
    for (name, small, _) in TYPES {
        for operator in Operator::TEXT {
            let operand = match operator {
                Operator::IsNull | Operator::NotNull => "true",
                Operator::Contains if name == "numbers" => "1",
                _ => small,
            };
            let parsed = filter::parse(&collection, &format!("{name}:{}:{operand}", operator.name()));
            // A comma list would split the JSON and the values that have a comma.
            if is_allowed(operator, name) {
                assert!(parsed.is_ok() || operator == Operator::In && small.contains(','), "{name} {operator:?}");
                continue;
            }
            let error = parsed.unwrap_err();
            assert_eq!(error.code, ErrorCode::OperatorNotAllowed, "{name} {operator:?}");
            assert!(error.message.contains("it takes eq, ne, "), "{}", error.message);
        }
    }
}

/// The operator, its operand, and what it says of null, of the small and of the large value.
fn cases(name: &str, small: &str, large: &str) -> Vec<(&'static str, String, [Truth; 3])> {
    let mut cases = vec![
        ("eq", small.to_owned(), [False, True, False]),
        ("ne", small.to_owned(), [True, False, True]),
        ("is_null", "true".to_owned(), [True, False, False]),
        ("is_null", "false".to_owned(), [False, True, True]),
        ("not_null", "true".to_owned(), [False, True, True]),
        ("not_null", "false".to_owned(), [True, False, False]),
    ];
    if !small.contains(',') {
        cases.push(("in", small.to_owned(), [False, True, False]));
        cases.push(("in", format!("{large},{small}"), [False, True, True]));
    }
    if is_allowed(Operator::Gt, name) {
        cases.push(("gt", small.to_owned(), [Unknown, False, True]));
        cases.push(("gte", small.to_owned(), [Unknown, True, True]));
        cases.push(("lt", large.to_owned(), [Unknown, True, False]));
        cases.push(("lte", large.to_owned(), [Unknown, True, True]));
    }
    if is_textual(name) {
        cases.push(("like", small.to_uppercase(), [Unknown, True, False]));
        cases.push(("like", "%".to_owned(), [Unknown, True, True]));
        cases.push(("contains", large.to_owned(), [Unknown, False, True]));
        cases.push(("contains", String::new(), [Unknown, True, True]));
    }
    cases
}

#[test]
fn each_operator_says_the_right_thing_of_null_and_of_values() {
    let collection = things();
    for (name, small, large) in TYPES {
        let values = [Value::Null, value(&collection, name, small), value(&collection, name, large)];
        for (operator, operand, expected) in cases(name, small, large) {
            let text = format!("{name}:{operator}:{operand}");
            let predicate = filter::parse(&collection, &text).unwrap_or_else(|error| panic!("{text}: {error}"));
            for (value, expected) in values.iter().zip(expected) {
                let document = with(&collection, name, value.clone());
                assert_eq!(predicate.evaluate(&document), expected, "{text} on {value:?}");
            }
        }
    }
}

fn json_operand(collection: &Collection, name: &str, operator: &str, operand: &str) -> Json {
    match operator {
        "is_null" | "not_null" => json!(operand == "true"),
        "like" | "contains" => json!(operand),
        "in" => operand.split(',').map(|part| value(collection, name, part).to_json()).collect(),
        _ => value(collection, name, operand).to_json(),
    }
}

#[test]
fn both_forms_of_a_filter_are_the_same_predicate() {
    let collection = things();
    for (name, small, large) in TYPES {
        for (operator, operand, _) in cases(name, small, large) {
            let text = filter::parse(&collection, &format!("{name}:{operator}:{operand}")).unwrap();
            let operand = json_operand(&collection, name, operator, &operand);
            let json = json!({ name: { format!("${operator}"): operand } });
            let json = where_json::parse(&collection, &json).unwrap_or_else(|errors| panic!("{json}: {errors:?}"));
            assert_eq!(text.canonical_key(), json.canonical_key());
        }
    }
}

#[track_caller]
fn check_item(filter: &str, array: Json, expected: Truth) {
    let collection = things();
    let name = filter.split(':').next().unwrap();
    let predicate = filter::parse(&collection, filter).unwrap();
    assert_eq!(predicate.evaluate(&with(&collection, name, Value::Json(array))), expected, "{filter}");
}

#[test]
fn contains_on_json_reads_a_scalar_or_a_text() {
    check_item("json:contains:1", json!([1]), True);
    check_item("json:contains:1.0", json!([1]), True);
    check_item("json:contains:1", json!(["1"]), False);
    check_item("json:contains:\"1\"", json!(["1"]), True);
    check_item("json:contains:true", json!([true]), True);
    check_item("json:contains:true", json!(["true"]), False);
    check_item("json:contains:null", json!([null]), True);
    check_item("json:contains:rust", json!(["rust"]), True);
    check_item("json:contains:a:b", json!(["a:b"]), True);
    check_item("json:contains:[1]", json!(["[1]"]), True);
    check_item("json:contains:", json!([""]), True);
    check_item("json:contains:rust", json!({"rust": 1}), False);
    check_item("numbers:contains:2", json!([1, 2]), True);
    check_item("flags:contains:true", json!([false]), False);
}

#[test]
fn declared_items_decide_how_a_value_is_read() {
    let posts = crate::fixture::posts();
    let tags = filter::parse(&posts, "tags:contains:1").unwrap();
    assert!(matches!(tags, Predicate::ContainsItem { item: Json::String(_), .. }), "tags are texts");
    for wrong in ["numbers:contains:x", "numbers:contains:true", "flags:contains:1"] {
        assert_eq!(filter::parse(&things(), wrong).unwrap_err().code, ErrorCode::InvalidValue, "{wrong}");
    }
    let wrong = where_json::parse(&posts, &json!({"tags": {"$contains": 1}})).unwrap_err();
    assert_eq!(wrong[0].message, "contains of \"tags\" must be of type string, which the items have, not 1");
}

#[test]
fn a_value_may_contain_colons_and_null_is_a_word_like_others() {
    let collection = things();
    let predicate = filter::parse(&collection, "string:eq:a:b:c").unwrap();
    assert!(predicate.matches(&with(&collection, "string", Value::Text("a:b:c".to_owned()))));
    let predicate = filter::parse(&collection, "string:eq:null").unwrap();
    assert!(predicate.matches(&with(&collection, "string", Value::Text("null".to_owned()))));
    assert!(!predicate.matches(&empty_document(&collection)));
    let predicate = filter::parse(&collection, "string:is_null").unwrap();
    assert!(predicate.matches(&empty_document(&collection)));
}

#[track_caller]
fn check_where(json: &Json, expected: Truth) {
    let collection = things();
    let mut document = with(&collection, "int", Value::Int(5));
    document.values[collection.field_index("string").unwrap()] = Value::Text("x".to_owned());
    let predicate = where_json::parse(&collection, json).unwrap_or_else(|errors| panic!("{json}: {errors:?}"));
    assert_eq!(predicate.evaluate(&document), expected, "{json}");
    assert_eq!(predicate.canonical().evaluate(&document), expected, "canonical form of {json}");
}

#[test]
fn json_filters_combine() {
    check_where(&json!({}), True);
    check_where(&json!({"int": 5}), True);
    check_where(&json!({"int": 5, "string": "y"}), False);
    check_where(&json!({"float": null}), True);
    check_where(&json!({"int": {"$gt": 1, "$lt": 5}}), False);
    check_where(&json!({"int": {"$gt": null}}), Unknown);
    check_where(&json!({"string": {"$like": null}}), Unknown);
    check_where(&json!({"string": {"$contains": null}}), Unknown);
    check_where(&json!({"$or": [{"int": 1}, {"string": "x"}]}), True);
    check_where(&json!({"$or": []}), False);
    check_where(&json!({"$and": []}), True);
    check_where(&json!({"$not": {"float": {"$gt": 1}}}), Unknown);
    check_where(&json!({"$not": {"$or": [{"float": {"$gt": 1}}, {"int": 5}]}}), False);
    check_where(&json!({"int": {"$nin": [1, 2]}}), True);
    check_where(&json!({"int": {"$nin": [null, 5]}}), False);
    check_where(&json!({"float": {"$in": [null]}}), True);
    check_where(&json!({"int": {"$in": []}}), False);
}

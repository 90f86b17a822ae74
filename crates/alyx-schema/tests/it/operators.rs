//! Operators of an update: which fields take which, what comes of them, and what is refused.

use alyx_schema::{
    Change, Collection, FieldFault, Operator, Value, Writer,
    document::{is_operator, operators},
    parse_schema,
};
use proptest::{collection::vec, prelude::*};
use serde_json::{Map, Value as Json, json};

use crate::documents::{Noon, Same};

const THINGS: &str = "
version: 1
collections:
  others: { fields: { id: { type: int, primary: true } } }
  things:
    fields:
      id: { type: int, primary: true }
      count: { type: int, nullable: true }
      stock: { type: int, min: 0, max: 10, default: 5 }
      step: { type: int, enum: [1, 2, 4], default: 1 }
      score: { type: float, nullable: true, max: 1e308 }
      name: { type: string, nullable: true, maxLength: 5 }
      body: { type: text, nullable: true }
      seen: { type: timestamp, nullable: true }
      day: { type: date, nullable: true }
      list: { type: json, nullable: true }
      tags: { type: json, items: string, nullable: true }
      times: { type: json, items: timestamp, nullable: true }
      pair: { type: json, nullable: true, schema: { type: array, maxItems: 2 } }
      flag: { type: bool, nullable: true }
      email: { type: email, nullable: true }
      key: { type: uuid, nullable: true }
      bytes: { type: blob, nullable: true }
      kind: { type: select, values: [a, b], nullable: true }
      other: { type: relation, collection: others, nullable: true }
      twin: { type: int, references: others.id, nullable: true }
      updated_at: { type: timestamp, onUpdate: now }
";

fn things() -> Collection {
    parse_schema("schema.yaml", THINGS).unwrap().collection("things").unwrap().as_ref().clone()
}

fn told(faults: &[FieldFault]) -> String {
    let line = |fault: &FieldFault| format!("{} [{}] {}\n", fault.field, fault.code, fault.message);
    faults.iter().map(line).collect()
}

/// The operator that a field is given.
fn operator(things: &Collection, field: &str, given: &Json) -> Result<Operator, String> {
    let body = Map::from_iter([(field.to_owned(), given.clone())]);
    let changes = things.changes(&body, Writer::Client, &Noon).map_err(|faults| told(&faults))?;
    match changes.into_iter().next() {
        Some((_, Change::Apply(operator))) => Ok(operator),
        other => panic!("{given} is no operator: {other:?}"),
    }
}

/// What becomes of a stored value.
fn applied(field: &str, stored: &Json, given: &Json) -> Result<Json, String> {
    let things = things();
    let operator = operator(&things, field, given)?;
    let field = things.field(field).unwrap();
    let stored = Value::from_json(field, stored).unwrap();
    operator.apply(field, stored).map(|value| value.to_json()).map_err(|faults| told(&faults))
}

#[track_caller]
fn check(field: &str, stored: Json, given: Json, expected: Json) {
    assert_eq!(applied(field, &stored, &given), Ok(expected), "{field}: {given} on {stored}");
}

#[track_caller]
fn refused(field: &str, stored: Json, given: Json) -> String {
    applied(field, &stored, &given).expect_err("it is refused").trim().to_owned()
}

#[test]
fn numbers_are_added_and_multiplied() {
    check("count", json!(3), json!({"$inc": 4}), json!(7));
    check("count", json!(3), json!({"$inc": -4.0}), json!(-1));
    check("count", json!(-3), json!({"$mul": 4}), json!(-12));
    check("count", json!(9_007_199_254_740_993_i64), json!({"$inc": 1}), json!(9_007_199_254_740_994_i64));
    check("count", json!(i64::MAX - 1), json!({"$inc": 1}), json!(i64::MAX));
    check("score", json!(0.5), json!({"$inc": 1}), json!(1.5));
    check("score", json!(-0.5), json!({"$mul": 0}), json!(0.0));
}

#[test]
fn the_lesser_and_the_greater_of_two_are_kept() {
    check("count", json!(3), json!({"$min": 4}), json!(3));
    check("count", json!(3), json!({"$max": 4}), json!(4));
    check("score", json!(0.25), json!({"$min": 0.125}), json!(0.125));
    check("name", json!("b"), json!({"$max": "a"}), json!("b"));
    check("name", json!("b"), json!({"$min": "B"}), json!("B"));
    check("body", json!("z"), json!({"$max": "é"}), json!("é"));
    check("day", json!("2026-01-31"), json!({"$max": "2026-02-01"}), json!("2026-02-01"));
    let seen = json!("2026-01-31T08:30:00.000Z");
    check("seen", seen.clone(), json!({"$max": "2026-01-31T09:29:59+01:00"}), seen.clone());
    check("seen", seen, json!({"$max": "2026-01-31T09:30:01+01:00"}), json!("2026-01-31T08:30:01.000Z"));
}

#[test]
fn lists_grow_and_shrink() {
    check("list", json!([1]), json!({"$push": [2]}), json!([1, [2]]));
    check("list", json!([1]), json!({"$push": {"$each": [2, null, 1]}}), json!([1, 2, null, 1]));
    check("list", json!([1]), json!({"$push": {"$each": []}}), json!([1]));
    check("list", json!([1]), json!({"$push": {"$each": [{"$each": 1}]}}), json!([1, {"$each": 1}]));
    check("list", json!([1, {"a": 1, "b": 2}, 1]), json!({"$pull": {"b": 2.0, "a": 1}}), json!([1, 1]));
    check("list", json!([1, "1", 1.0, true]), json!({"$pull": 1}), json!(["1", true]));
    check("list", json!([1]), json!({"$addToSet": {"$each": [2, 1.0, 2, "1"]}}), json!([1, 2, "1"]));
    check("list", json!([1, 1]), json!({"$addToSet": 1}), json!([1, 1]));
    check("tags", json!(["a"]), json!({"$push": "b"}), json!(["a", "b"]));
    check("times", json!(["2026-01-31T08:30:00.000Z"]), json!({"$pull": "2026-01-31T09:30:00+01:00"}), json!([]));
    check("times", json!(["2026-01-31T08:30:00.000Z"]), json!({"$addToSet": "2026-01-31t08:30:00z"}), {
        json!(["2026-01-31T08:30:00.000Z"])
    });
}

#[test]
fn null_is_where_each_operator_begins() {
    check("count", json!(null), json!({"$inc": 4}), json!(4));
    check("count", json!(null), json!({"$mul": 4}), json!(0));
    check("score", json!(null), json!({"$mul": -4}), json!(0.0));
    check("count", json!(null), json!({"$min": 4}), json!(4));
    check("name", json!(null), json!({"$max": "a"}), json!("a"));
    check("list", json!(null), json!({"$push": 1}), json!([1]));
    check("list", json!(null), json!({"$addToSet": {"$each": [1, 1]}}), json!([1]));
    check("list", json!(null), json!({"$pull": 1}), json!(null));
}

#[test]
fn the_result_is_checked_as_if_it_had_been_sent() {
    insta::assert_snapshot!([
        refused("stock", json!(5), json!({"$inc": 6})),
        refused("stock", json!(5), json!({"$mul": -1})),
        refused("step", json!(1), json!({"$inc": 2})),
        refused("count", json!(i64::MAX), json!({"$inc": 1})),
        refused("count", json!(i64::MIN), json!({"$mul": -1})),
        refused("score", json!(1e308), json!({"$inc": 1e308})),
        refused("score", json!(-1e308), json!({"$mul": 1e308})),
        refused("name", json!("a"), json!({"$max": "bcdefg"})),
        refused("pair", json!([1, 2]), json!({"$push": 3})),
        refused("list", json!({"a": 1}), json!({"$push": 3})),
        refused("list", json!("text"), json!({"$pull": 3})),
    ].join("\n"), @r#"
    stock [MAX] must be at most 10
    stock [MIN] must be at least 0
    step [ENUM] must be one of 1, 2, 4
    count [RANGE] would be larger than its type can hold
    count [RANGE] would be larger than its type can hold
    score [RANGE] would be larger than its type can hold
    score [RANGE] would be larger than its type can hold
    name [MAX_LENGTH] must have at most 5 characters, not 6
    pair [SCHEMA] does not meet its JSON Schema: value has more than 2 items
    list [TYPE] holds no list, which its operators change
    list [TYPE] holds no list, which its operators change
    "#);
    let deep = (0..63).fold(json!(1), |inner, _| json!([inner]));
    check("list", json!([]), json!({"$push": deep}), json!([deep]));
    assert!(refused("list", json!([]), json!({"$push": [deep]})).contains("DEPTH"));
}

#[test]
fn what_is_no_operator_of_the_field_is_refused() {
    let body = json!({
        "id": {"$inc": 1}, "count": {"$incr": 1}, "stock": {"$inc": 1, "$mul": 2}, "step": {"$inc": 1, "by": 2},
        "score": {"$push": 1}, "name": {"$inc": 1}, "body": {"$max": null}, "seen": {"$max": "today"},
        "list": {"$schema": "x"}, "tags": {"$push": 1}, "times": {"$push": {"$each": ["x"]}}, "pair": {"$inc": 1},
        "flag": {"$inc": 1}, "email": {"$max": "a@example.com"}, "key": {"$max": "x"}, "bytes": {"$push": "x"},
        "kind": {"$max": "b"}, "other": {"$inc": 1}, "twin": {"$inc": 1}, "updated_at": {"$max": 1}, "day": {"day": 1},
    });
    let faults = things().changes(body.as_object().unwrap(), Writer::Client, &Noon).unwrap_err();
    insta::assert_snapshot!(told(&faults), @r#"
    id [READ_ONLY] is the primary key and never changes
    count [UNKNOWN_OPERATOR] knows no operator "$incr"; did you mean "$inc"?
    stock [OPERATOR_NOT_ALLOWED] takes one operator at a time and nothing beside it
    step [OPERATOR_NOT_ALLOWED] takes one operator at a time and nothing beside it
    score [OPERATOR_NOT_ALLOWED] does not take $push; it takes $inc, $mul, $min, $max
    name [OPERATOR_NOT_ALLOWED] does not take $inc; it takes $min, $max
    body [TYPE] is changed by $max, whose operand must not be null
    seen [FORMAT] is changed by $max, whose operand must be a timestamp such as "2026-01-31T08:30:00Z"
    day [TYPE] must be a date such as "2026-01-31"
    list [UNKNOWN_OPERATOR] knows no operator "$schema"
    tags [TYPE] is changed by $push, whose operand must be a text
    times [FORMAT] is changed by $push, whose operand must be a timestamp such as "2026-01-31T08:30:00Z"
    pair [OPERATOR_NOT_ALLOWED] does not take $inc; it takes $push, $pull, $addToSet
    flag [OPERATOR_NOT_ALLOWED] does not take $inc, nor any other operator
    email [OPERATOR_NOT_ALLOWED] does not take $max, nor any other operator
    key [OPERATOR_NOT_ALLOWED] does not take $max, nor any other operator
    bytes [OPERATOR_NOT_ALLOWED] does not take $push, nor any other operator
    kind [OPERATOR_NOT_ALLOWED] does not take $max, nor any other operator
    other [OPERATOR_NOT_ALLOWED] does not take $inc, nor any other operator
    twin [OPERATOR_NOT_ALLOWED] does not take $inc, nor any other operator
    updated_at [TYPE] is changed by $max, whose operand must be a timestamp such as "2026-01-31T08:30:00Z"
    "#);
}

#[test]
fn operands_that_could_be_taken_for_something_else_are_refused() {
    insta::assert_snapshot!([
        refused("list", json!([]), json!({"$push": {"$eahc": [1]}})),
        refused("list", json!([]), json!({"$push": {"$each": [1], "$slice": 5}})),
        refused("list", json!([]), json!({"$push": {"$each": [1], "position": 5}})),
        refused("list", json!([]), json!({"$push": {"$each": 1}})),
        refused("list", json!([]), json!({"$addToSet": {"$ref": "x"}})),
        refused("list", json!([]), json!({"$pull": {"$each": [1]}})),
        refused("list", json!([]), json!({"$pull": {"$gt": 1}})),
        refused("list", json!([]), json!({(format!("${}", "x".repeat(100))): 1})),
        refused("tags", json!([]), json!({"$push": null})),
        refused("count", json!(1), json!({"$inc": 1.5})),
        refused("count", json!(1), json!({"$inc": "1"})),
        refused("count", json!(1), json!({"$inc": null})),
        refused("count", json!(1), json!({"$inc": 1e19})),
        refused("count", json!(1), json!({"$inc": {"$mul": 2}})),
    ].join("\n"), @r#"
    list [UNKNOWN_OPERATOR] is changed by $push, whose operand knows no operator "$eahc"; did you mean "$each"?
    list [UNKNOWN_OPERATOR] is changed by $push, whose operand knows no operator "$slice"
    list [OPERATOR_NOT_ALLOWED] is changed by $push, whose operand takes nothing beside $each
    list [TYPE] is changed by $push, whose operand must have a list under $each
    list [UNKNOWN_OPERATOR] is changed by $addToSet, whose operand knows no operator "$ref"
    list [OPERATOR_NOT_ALLOWED] is changed by $pull, whose operand is one item and takes no $each
    list [UNKNOWN_OPERATOR] is changed by $pull, whose operand knows no operator "$gt"
    list [UNKNOWN_OPERATOR] knows no operator "$xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    tags [ITEMS] is changed by $push, whose operand must not be null
    count [TYPE] is changed by $inc, whose operand must be a whole number
    count [TYPE] is changed by $inc, whose operand must be a whole number
    count [TYPE] is changed by $inc, whose operand must not be null
    count [RANGE] is changed by $inc, whose operand must be a whole number of 64 bits, -9223372036854775808 to 9223372036854775807
    count [TYPE] is changed by $inc, whose operand must be a whole number
    "#);
}

#[test]
fn keys_with_a_dollar_are_for_operators_only_where_a_value_begins() {
    let things = things();
    let literal = json!({"list": {"a": {"$inc": 1}}});
    let changes = things.changes(literal.as_object().unwrap(), Writer::Client, &Noon).unwrap();
    assert_eq!(changes[0].1, Change::Set(Value::Json(json!({"a": {"$inc": 1}}))));
    let empty = json!({"list": {}});
    let changes = things.changes(empty.as_object().unwrap(), Writer::Client, &Noon).unwrap();
    assert_eq!(changes[0].1, Change::Set(Value::Json(json!({}))));
}

#[test]
fn a_new_document_takes_no_operators() {
    let body = json!({"id": 1, "count": {"$inc": 1}, "list": {"$ref": "x"}, "name": {"$x": 1}, "stock": {"x": 1}});
    let body = body.as_object().unwrap();
    let faults = things().draft(body, Writer::Client, &Noon, &Same).unwrap_err();
    insta::assert_snapshot!(told(&faults), @r#"
    count [OPERATOR_NOT_ALLOWED] must be a value: objects with a key that begins with $ are for operators, which are for updates
    stock [TYPE] must be a whole number
    name [OPERATOR_NOT_ALLOWED] must be a value: objects with a key that begins with $ are for operators, which are for updates
    list [OPERATOR_NOT_ALLOWED] must be a value: objects with a key that begins with $ are for operators, which are for updates
    "#);
    let restored = json!({"id": 1, "list": {"$ref": "x"}});
    assert!(things().draft(restored.as_object().unwrap(), Writer::Server, &Noon, &Same).is_ok());
}

#[test]
fn the_time_of_the_update_is_set_beside_an_operator() {
    let body = json!({"count": {"$inc": 1}, "updated_at": {"$max": "2030-01-01T00:00:00Z"}});
    let changes = things().changes(body.as_object().unwrap(), Writer::Client, &Noon).unwrap();
    let noon = Change::Set(Value::Text("2026-11-21T12:00:00.000Z".to_owned()));
    assert_eq!(
        changes.iter().map(|(_, change)| change).collect::<Vec<_>>(),
        [&Change::Apply(Operator::Increase(Value::Int(1))), &noon]
    );
}

#[test]
fn the_list_of_operators_says_what_is_taken() {
    let all = ["$inc", "$mul", "$min", "$max", "$push", "$pull", "$addToSet"];
    let things = things();
    for field in &things.fields {
        for name in all {
            let body = Map::from_iter([(field.name.to_string(), json!({ name: null }))]);
            let faults = things.changes(&body, Writer::Client, &Noon).err().unwrap_or_default();
            let not_taken = faults.iter().any(|fault| matches!(fault.code, "OPERATOR_NOT_ALLOWED" | "READ_ONLY"));
            assert_eq!(!not_taken, operators(field).contains(&name), "{} {name}", field.name);
        }
    }
}

#[test]
fn an_operator_is_known_by_its_one_key() {
    assert!(is_operator(&json!({"$inc": 1})) && is_operator(&json!({"$addToSet": null})));
    for other in
        [json!({"$incr": 1}), json!({"$inc": 1, "a": 1}), json!({"a": 1}), json!({}), json!("$inc"), json!(["$inc"])]
    {
        assert!(!is_operator(&other), "{other}");
    }
}

fn item() -> impl Strategy<Value = Json> {
    prop_oneof![
        Just(json!(null)),
        (-2..2_i64).prop_map(Json::from),
        (-2..2_i32).prop_map(|half| json!(f64::from(half) / 2.0)),
        "[ab]".prop_map(Json::from),
        vec(0..2_i64, 0..2).prop_map(Json::from),
        (0..2_i64).prop_map(|value| json!({"k": value})),
    ]
}

fn whole_number() -> impl Strategy<Value = i64> {
    prop_oneof![-5..5_i64, Just(i64::MAX), Just(i64::MIN), any::<i64>()]
}

/// Equality of items as the documentation has it: by meaning, so 1 is 1.0.
fn same(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => left.as_f64() == right.as_f64(),
        (left, right) => left == right,
    }
}

proptest! {
    #[test]
    fn sums_and_products_are_exact_or_refused(stored in whole_number(), by in whole_number()) {
        for (name, exact) in [("$inc", i128::from(stored) + i128::from(by)), ("$mul", i128::from(stored) * i128::from(by))] {
            let result = applied("count", &json!(stored), &json!({ name: by }));
            match i64::try_from(exact) {
                Ok(exact) => prop_assert_eq!(result, Ok(json!(exact))),
                Err(_) => prop_assert!(result.unwrap_err().contains("RANGE")),
            }
        }
    }

    #[test]
    fn the_extremes_are_those_of_both(stored in whole_number(), by in whole_number(), a in ".{0,3}", b in ".{0,3}") {
        prop_assert_eq!(applied("count", &json!(stored), &json!({"$min": by})), Ok(json!(stored.min(by))));
        prop_assert_eq!(applied("count", &json!(stored), &json!({"$max": by})), Ok(json!(stored.max(by))));
        prop_assume!(!a.contains('\0') && !b.contains('\0'));
        prop_assert_eq!(applied("body", &json!(a), &json!({"$max": b})), Ok(json!((&a).max(&b))));
    }

    #[test]
    fn lists_are_changed_item_by_item(stored in vec(item(), 0..6), items in vec(item(), 0..4), one in item()) {
        let pushed = applied("list", &json!(stored), &json!({"$push": {"$each": items}})).unwrap();
        let expected: Vec<&Json> = stored.iter().chain(&items).collect();
        let pushed = pushed.as_array().unwrap();
        prop_assert!(pushed.len() == expected.len() && pushed.iter().zip(expected).all(|(left, right)| same(left, right)));
        let pulled = applied("list", &json!(stored), &json!({"$pull": one})).unwrap();
        let expected: Vec<&Json> = stored.iter().filter(|item| !same(item, &one)).collect();
        let pulled = pulled.as_array().unwrap();
        prop_assert!(pulled.len() == expected.len() && pulled.iter().zip(expected).all(|(left, right)| same(left, right)));
        let added = applied("list", &json!(stored), &json!({"$addToSet": {"$each": items}})).unwrap();
        let mut expected: Vec<&Json> = stored.iter().collect();
        for item in &items {
            if !expected.iter().any(|known| same(known, item)) {
                expected.push(item);
            }
        }
        let added = added.as_array().unwrap();
        prop_assert!(added.len() == expected.len() && added.iter().zip(expected).all(|(left, right)| same(left, right)));
    }
}

//! Updates by operators: read, computed and written as one.

use std::sync::Arc;

use alyx_query::{Comparison, Everything, FieldRef, Predicate, Visible};
use alyx_schema::{Change, Writer};
use alyx_store::{Error, Result, SystemClock};
use serde_json::{Value as Json, json};

use crate::fixture::{Fixture, Only};

const THINGS: &str = r#"
version: 1
collections:
  things:
    fields:
      id: {type: int, primary: true}
      count: {type: int, nullable: true, max: 1000}
      place: {type: int, unique: true}
      score: {type: float, nullable: true}
      name: {type: string, default: ""}
      seen: {type: timestamp, nullable: true}
      list: {type: json, nullable: true}
      twin: {type: int, nullable: true, references: things.id}
      changed: {type: int, default: 0}
"#;

async fn things() -> Fixture {
    let fixture = Fixture::open(THINGS).await;
    for id in 1..=3 {
        fixture.create("things", json!({"id": id, "place": id, "count": 10, "name": "m"})).await.unwrap();
    }
    fixture
}

async fn change(fixture: &Fixture, body: Json, guard: &Predicate, visible: &dyn Visible) -> Result<Option<Json>> {
    let things = fixture.collection("things");
    let changes: Vec<(usize, Change)> =
        things.changes(body.as_object().unwrap(), Writer::Client, &SystemClock).expect("the body is valid");
    let changes = changes.into_iter().map(|(index, change)| (FieldRef::at(&things, index), change)).collect();
    let written = fixture.store.change(&things, &alyx_schema::Value::Int(1), changes, guard, visible).await?;
    Ok(written.map(|written| serde_json::from_slice(&written.json).unwrap()))
}

async fn changed(fixture: &Fixture, body: Json) -> Result<Option<Json>> {
    change(fixture, body, &Predicate::TRUE, &Everything).await
}

async fn first(fixture: &Fixture) -> Json {
    let list = fixture.list(&fixture.query("things")).await;
    serde_json::from_slice::<Json>(&list.docs).unwrap()[0].clone()
}

#[tokio::test]
async fn operators_and_values_are_written_together() {
    let fixture = things().await;
    let body = json!({
        "name": "n", "count": {"$inc": 5}, "score": {"$inc": 0.5}, "list": {"$push": {"$each": ["a", 1]}},
        "seen": {"$max": "2026-01-31T08:30:00Z"}, "twin": 2,
    });
    let expected = json!({
        "id": 1, "count": 15, "place": 1, "score": 0.5, "name": "n", "seen": "2026-01-31T08:30:00.000Z",
        "list": ["a", 1], "twin": 2, "changed": 0,
    });
    assert_eq!(changed(&fixture, body).await.unwrap(), Some(expected.clone()));
    assert_eq!(first(&fixture).await, expected);
    let body = json!({"name": {"$max": "m"}, "score": {"$mul": 3}, "list": {"$pull": 1}, "count": {"$min": 7}});
    let again = changed(&fixture, body).await.unwrap().unwrap();
    assert_eq!(
        [&again["name"], &again["score"], &again["list"], &again["count"]],
        [&json!("n"), &json!(1.5), &json!(["a"]), &json!(7)]
    );
}

#[tokio::test]
async fn nothing_is_written_where_any_result_is_not_valid() {
    let fixture = things().await;
    let before = first(&fixture).await;
    let position = *fixture.store.commits().borrow();
    let body = json!({"count": {"$inc": 991}, "place": {"$inc": i64::MAX}, "score": {"$inc": 1}, "name": "n"});
    let Err(Error::Invalid { faults }) = changed(&fixture, body).await else { panic!("it is not valid") };
    let told: Vec<_> = faults.iter().map(|fault| (fault.field.as_str(), fault.code)).collect();
    assert_eq!(told, [("count", "MAX"), ("place", "RANGE")]);
    let taken = changed(&fixture, json!({"place": {"$inc": 1}, "name": "n"})).await;
    assert!(matches!(&taken, Err(Error::Taken { fields }) if fields[0] == "place"), "{taken:?}");
    let dangling = changed(&fixture, json!({"count": {"$inc": 1}, "twin": 9})).await;
    assert!(matches!(&dangling, Err(Error::MissingReference { fields }) if fields[0] == "twin"), "{dangling:?}");
    assert_eq!(first(&fixture).await, before);
    assert!(fixture.store.changes(position, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_guard_is_asked_of_what_was_stored_before() {
    let fixture = things().await;
    let things = fixture.collection("things");
    let count = FieldRef::named(&things, "count").unwrap();
    let guard = Predicate::Compare { field: count, comparison: Comparison::Lt, value: alyx_schema::Value::Int(11) };
    let body = || json!({"count": {"$inc": 1}});
    assert!(change(&fixture, body(), &guard, &Everything).await.unwrap().is_some());
    assert_eq!(change(&fixture, body(), &guard, &Everything).await.unwrap(), None);
    assert_eq!(change(&fixture, body(), &Predicate::FALSE, &Everything).await.unwrap(), None);
    assert_eq!(first(&fixture).await["count"], 11);
    let hidden = change(&fixture, body(), &Predicate::TRUE, &Only(|_: &_| Predicate::FALSE)).await.unwrap();
    assert_eq!(hidden, Some(json!({"id": 1})));
    fixture.store.delete(&things, &alyx_schema::Value::Int(1), &Predicate::TRUE).await.unwrap();
    assert_eq!(changed(&fixture, body()).await.unwrap(), None);
}

#[tokio::test]
async fn a_position_that_is_told_has_the_change() {
    let fixture = things().await;
    let things = fixture.collection("things");
    let field = FieldRef::named(&things, "count").unwrap();
    let operator = alyx_schema::Operator::Increase(alyx_schema::Value::Int(1));
    let before = *fixture.store.commits().borrow();
    let changes = vec![(field, Change::Apply(operator))];
    let id = alyx_schema::Value::Int(1);
    let written = fixture.store.change(&things, &id, changes, &Predicate::TRUE, &Everything).await.unwrap().unwrap();
    let change = fixture.store.changes(before, 10).await.unwrap().remove(0);
    assert!(before < change.position && change.position <= written.position);
    assert_eq!(json!(change.before), json!({"count": 10}));
}

#[tokio::test]
async fn a_list_past_a_mebibyte_is_left_alone() {
    let fixture = things().await;
    let items: Vec<Json> = (0..1100).map(|_| json!("x".repeat(1000))).collect();
    changed(&fixture, json!({"list": {"$push": {"$each": items}}})).await.unwrap();
    for operator in [json!({"$push": 1}), json!({"$pull": 1}), json!({"$addToSet": 1})] {
        let refused = changed(&fixture, json!({ "list": operator })).await;
        assert!(matches!(&refused, Err(Error::Invalid { faults }) if faults[0].code == "TOO_LARGE"), "{refused:?}");
    }
    changed(&fixture, json!({"list": []})).await.unwrap();
    changed(&fixture, json!({"list": {"$push": 1}})).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn none_of_many_at_once_is_lost() {
    let fixture = Arc::new(things().await);
    let writers = (0..16).map(|writer| {
        let fixture = fixture.clone();
        tokio::spawn(async move {
            for number in 0..20 {
                let body = json!({"changed": {"$inc": 1}, "list": {"$addToSet": writer * 100 + number}});
                changed(&fixture, body).await.unwrap().unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let first = first(&fixture).await;
    assert_eq!((&first["changed"], first["list"].as_array().map(Vec::len)), (&json!(320), Some(320)));
}

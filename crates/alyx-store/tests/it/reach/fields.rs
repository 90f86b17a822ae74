//! Fields that are shown in some documents only.

use std::borrow::Cow;

use alyx_query::{Comparison, FieldRef, Predicate, Visible, check_expand};
use alyx_schema::{Collection, Value};
use alyx_store::Projection;
use alyx_testing::{Value as Json, json};

use crate::fixture::{Fixture, document};

/// Fields with a rule stand first, last and next to each other, and of every kind of storage.
const SCHEMA: &str = r#"
version: 1
collections:
  people:
    fields:
      phone: {type: string, nullable: true, read: "x"}
      score: {type: float, read: "x"}
      id: {type: string, primary: true}
      name: {type: string}
      age: {type: int, read: "x"}
      photo: {type: blob, nullable: true, read: "x"}
      boss_id: {type: string, references: people.id, onDelete: set null, nullable: true, read: "x"}
"#;

/// Shows fields with a rule in the documents of this name.
struct Named(&'static str);

impl Named {
    fn is(&self, collection: &Collection) -> Predicate {
        let field = FieldRef::named(collection, "name").unwrap();
        Predicate::Compare { field, comparison: Comparison::Eq, value: Value::Text(self.0.to_owned()) }
    }
}

impl Visible for Named {
    fn readable(&self, _: &Collection) -> Cow<'_, Predicate> {
        Cow::Owned(Predicate::TRUE)
    }

    fn shown(&self, collection: &Collection, _: usize) -> Cow<'_, Predicate> {
        Cow::Owned(self.is(collection))
    }
}

fn people() -> [(Json, Json); 2] {
    let anna =
        json!({"phone": "1", "score": 0.5, "id": "a", "name": "Anna", "age": 30, "photo": "no", "boss_id": null});
    let seen =
        json!({"phone": "1", "score": 0.5, "id": "a", "name": "Anna", "age": 30, "photo": "bm8=", "boss_id": null});
    let bert = json!({"score": 1.0, "id": "b", "name": "Bert", "age": 3, "boss_id": "a"});
    [(anna, seen), (bert, json!({"id": "b", "name": "Bert"}))]
}

#[tokio::test]
async fn a_hidden_field_is_absent_from_every_answer() {
    let fixture = Fixture::open(SCHEMA).await;
    let people_collection = fixture.collection("people");
    let visible = Named("Anna");
    for (person, seen) in people() {
        let person = document(&people_collection, &person);
        let written =
            fixture.store.create(&people_collection, person, &Predicate::TRUE, &visible).await.unwrap().unwrap();
        let written: Json = serde_json::from_slice(&written.json).unwrap();
        assert_eq!(written, seen, "created");
        let id = Value::Text(seen["id"].as_str().unwrap().to_owned());
        let got = fixture.store.get(&people_collection, &id, &Projection::default(), &visible).await.unwrap().unwrap();
        assert_eq!(serde_json::from_slice::<Json>(&got).unwrap(), seen, "got");
        let same = fixture.store.update(&people_collection, &id, Vec::new(), &Predicate::TRUE, &visible).await;
        let same: Json = serde_json::from_slice(&same.unwrap().unwrap().json).unwrap();
        assert_eq!(same, seen, "updated");
    }
    let mut query = fixture.query("people");
    query.limit = 1;
    let page = fixture.store.list(&query, &visible).await.unwrap();
    query.cursor = page.next_cursor.clone();
    let next = fixture.store.list(&query, &visible).await.unwrap();
    let docs = [page, next].map(|page| serde_json::from_slice::<Json>(&page.docs).unwrap()[0].clone());
    assert_eq!(docs, people().map(|(_, seen)| seen), "listed");
}

#[tokio::test]
async fn a_projection_of_hidden_fields_shows_what_may_be_seen() {
    let fixture = Fixture::open(SCHEMA).await;
    let collection = fixture.collection("people");
    for (person, _) in people() {
        fixture.create("people", person).await.unwrap();
    }
    let fields = ["phone", "age"].map(|name| FieldRef::named(&collection, name).unwrap()).to_vec();
    let projection = Projection { fields: Some(fields), expand: Vec::new() };
    for (id, expected) in [("a", json!({"phone": "1", "id": "a", "age": 30})), ("b", json!({"id": "b"}))] {
        let id = Value::Text(id.to_owned());
        let got = fixture.store.get(&collection, &id, &projection, &Named("Anna")).await.unwrap().unwrap();
        assert_eq!(serde_json::from_slice::<Json>(&got).unwrap(), expected);
    }
}

#[tokio::test]
async fn a_field_that_is_hidden_in_some_documents_decides_nothing() {
    let fixture = Fixture::open(SCHEMA).await;
    let schema = fixture.store.schema();
    let ask = |name: &str, value: &str| {
        let pairs = [(name.to_owned(), value.to_owned())];
        let query = alyx_query::Query::from_parameters(&schema, fixture.collection("people"), &pairs).unwrap();
        query.check_readable(&Named("Anna")).map_err(|errors| errors[0].to_string())
    };
    let refused = |parameter: &str, field: &str| {
        Err(format!("{parameter}: field \"{field}\" of \"people\" is not for this caller to read"))
    };
    assert_eq!(ask("filter", "age:gt:3"), refused("filter", "age"));
    assert_eq!(ask("where", r#"{"$or":[{"name":"x"},{"$not":{"phone":null}}]}"#), refused("filter", "phone"));
    assert_eq!(ask("sort", "-score"), refused("sort", "score"));
    assert_eq!(ask("expand", "boss"), refused("expand", "boss_id"));
    assert_eq!(ask("expand", "people_via_boss_id"), refused("expand", "boss_id"));
    assert_eq!(ask("filter", "name:eq:Anna"), Ok(()));
    assert_eq!(ask("fields", "age"), Ok(()));
    assert!(check_expand(&fixture.collection("people"), &[], &Named("Anna")).is_ok());
}

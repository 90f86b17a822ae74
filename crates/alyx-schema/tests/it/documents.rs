//! Bodies of creates and updates.

use alyx_schema::{
    Change, Collection, FieldFault, Writer,
    clock::{Clock, IdGenerator},
    parse_schema,
};
use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

/// The same moment, always.
pub(crate) struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        "2026-11-21T12:00:00Z".parse().unwrap()
    }
}

/// The same ids, always.
pub(crate) struct Same;

impl IdGenerator for Same {
    fn uuid(&self) -> String {
        "01890a5d-ac96-774b-bcce-b302099a8057".to_owned()
    }

    fn short_id(&self) -> String {
        "abcdefghij01234".to_owned()
    }
}

const POSTS: &str = "
version: 1
collections:
  posts:
    fields:
      id: { type: uuid, primary: true, default: auto }
      title: { type: string, minLength: 2, maxLength: 5 }
      views: { type: int, default: 0, min: 0 }
      status: { type: select, values: [draft, published], default: draft }
      token: { type: string, internal: true, nullable: true }
      day: { type: date, default: now }
      created_at: { type: timestamp, default: now }
      updated_at: { type: timestamp, onUpdate: now }
";

fn posts() -> Collection {
    let schema = parse_schema("schema.yaml", POSTS).unwrap();
    schema.collection("posts").unwrap().as_ref().clone()
}

fn object(body: Json) -> Map<String, Json> {
    serde_json::from_value(body).unwrap()
}

fn told(faults: Vec<FieldFault>) -> String {
    faults.iter().map(|FieldFault { field, code, message }| format!("{field} [{code}] {message}\n")).collect()
}

fn create(body: Json, writer: Writer) -> Result<Json, String> {
    let posts = posts();
    let document = posts.draft(&object(body), writer, &Noon, &Same).map_err(told)?;
    let named = posts.fields.iter().zip(&document.values);
    Ok(named.map(|(field, value)| (field.name.as_str().to_owned(), value.to_json())).collect())
}

fn update(body: Json, writer: Writer) -> Result<Json, String> {
    let posts = posts();
    let changes = posts.changes(&object(body), writer, &Noon).map_err(told)?;
    let value = |change: &Change| match change {
        Change::Set(value) => value.to_json(),
        Change::Apply(operator) => panic!("{operator:?} was not asked for"),
    };
    Ok(changes.iter().map(|(index, change)| (posts.fields[*index].name.as_str().to_owned(), value(change))).collect())
}

#[test]
fn a_create_fills_in_ids_defaults_and_times() {
    let stored = create(json!({"title": "abc"}), Writer::Client).unwrap();
    let expected = json!({
        "id": "01890a5d-ac96-774b-bcce-b302099a8057", "title": "abc", "views": 0, "status": "draft", "token": null,
        "day": "2026-11-21", "created_at": "2026-11-21T12:00:00.000Z", "updated_at": "2026-11-21T12:00:00.000Z",
    });
    assert_eq!(stored, expected);
}

#[test]
fn every_fault_is_told_at_once_in_the_order_of_the_fields() {
    let body = json!({"titel": "x", "views": 1.5, "status": "gone", "day": null, "id": "7"});
    insta::assert_snapshot!(create(body, Writer::Client).unwrap_err(), @r#"
    id [FORMAT] must be a UUID such as "01890a5d-ac96-774b-bcce-b302099a8057"
    title [REQUIRED] is required
    views [TYPE] must be a whole number
    status [ENUM] must be one of "draft", "published"
    day [REQUIRED] must not be null
    titel [UNKNOWN_FIELD] is no field of "posts"; did you mean "title"?
    "#);
}

#[test]
fn lengths_count_characters_and_ranges_are_inclusive() {
    assert!(create(json!({"title": "ééééé", "views": 0}), Writer::Client).is_ok());
    insta::assert_snapshot!(create(json!({"title": "éééééé", "views": -1}), Writer::Client).unwrap_err(), @r#"
    title [MAX_LENGTH] must have at most 5 characters, not 6
    views [MIN] must be at least 0
    "#);
    insta::assert_snapshot!(create(json!({"title": "é"}), Writer::Client).unwrap_err(), @r#"title [MIN_LENGTH] must have at least 2 characters, not 1"#);
}

#[test]
fn to_a_client_internal_fields_are_unknown_and_never_suggested() {
    let said = create(json!({"title": "abc", "token": "x", "tokens": "x"}), Writer::Client).unwrap_err();
    insta::assert_snapshot!(said, @r#"
    token [UNKNOWN_FIELD] is no field of "posts"
    tokens [UNKNOWN_FIELD] is no field of "posts"
    "#);
    insta::assert_snapshot!(update(json!({"token": "x"}), Writer::Client).unwrap_err(), @r#"token [UNKNOWN_FIELD] is no field of "posts""#);
}

#[test]
fn the_server_writes_internal_fields() {
    assert_eq!(create(json!({"title": "abc", "token": "x"}), Writer::Server).unwrap()["token"], "x");
    assert_eq!(update(json!({"token": "x"}), Writer::Server).unwrap()["token"], "x");
    insta::assert_snapshot!(create(json!({"title": "abc", "tokens": "x"}), Writer::Server).unwrap_err(), @r#"tokens [UNKNOWN_FIELD] is no field of "posts"; did you mean "token"?"#);
}

#[test]
fn a_required_internal_value_is_not_named_to_clients() {
    let text = "{version: 1, collections: {a: {fields: {id: {type: id, primary: true, default: auto}, secret: {type: int, internal: true}}}}}";
    let schema = parse_schema("schema.yaml", text).unwrap();
    let collection = schema.collection("a").unwrap();
    let said = told(collection.draft(&Map::new(), Writer::Client, &Noon, &Same).unwrap_err());
    insta::assert_snapshot!(said, @r#" [SERVER_ONLY] this collection has a required value that only the server may set"#);
    let said = told(collection.draft(&Map::new(), Writer::Server, &Noon, &Same).unwrap_err());
    insta::assert_snapshot!(said, @r#"secret [REQUIRED] is required"#);
}

#[test]
fn a_primary_key_may_be_given_on_create_and_is_checked() {
    let id = "01890A5D-AC96-774B-BCCE-B302099A8057";
    let stored = create(json!({"title": "abc", "id": id}), Writer::Client).unwrap();
    assert_eq!(stored["id"], id.to_lowercase());
}

#[test]
fn a_primary_key_never_changes() {
    let body = json!({"id": "01890a5d-ac96-774b-bcce-b302099a8057", "title": "x"});
    insta::assert_snapshot!(update(body.clone(), Writer::Client).unwrap_err(), @r#"
    id [READ_ONLY] is the primary key and never changes
    title [MIN_LENGTH] must have at least 2 characters, not 1
    "#);
    assert_eq!(update(body.clone(), Writer::Server), update(body, Writer::Client));
}

#[test]
fn ac24_clients_cannot_write_what_mirrors_the_account() {
    let fields = "id: {type: uuid, primary: true}, role: {type: string}, verified: {type: bool}, email: {type: email}";
    let schema = |name: &str| {
        parse_schema("schema.yaml", &format!("{{version: 1, collections: {{{name}: {{fields: {{{fields}}}}}}}}}"))
    };
    let body = json!({"role": "admin", "verified": true, "email": "ada@example.com"});
    let body = body.as_object().unwrap();
    let users = schema("users").unwrap();
    let said = told(users.collection("users").unwrap().changes(body, Writer::Client, &Noon).unwrap_err());
    insta::assert_snapshot!(said, @r#"
    role [READ_ONLY] follows the account and is not written
    verified [READ_ONLY] follows the account and is not written
    email [READ_ONLY] follows the account and is not written
    "#);
    assert_eq!(users.collection("users").unwrap().changes(body, Writer::Server, &Noon).unwrap().len(), 3);
    let others = schema("others").unwrap();
    assert_eq!(others.collection("others").unwrap().changes(body, Writer::Client, &Noon).unwrap().len(), 3);
}

#[test]
fn an_update_sets_what_it_names_and_the_time() {
    let set = update(json!({"views": 7, "updated_at": "2020-01-01T00:00:00Z"}), Writer::Client).unwrap();
    assert_eq!(set, json!({"views": 7, "updated_at": "2026-11-21T12:00:00.000Z"}));
    assert_eq!(update(json!({}), Writer::Client).unwrap(), json!({}));
}

#[test]
fn null_is_for_nullable_fields() {
    assert_eq!(update(json!({"token": null}), Writer::Server).unwrap()["token"], Json::Null);
    insta::assert_snapshot!(update(json!({"title": null, "views": null}), Writer::Client).unwrap_err(), @r#"
    title [REQUIRED] must not be null
    views [REQUIRED] must not be null
    "#);
}

#[test]
fn a_flood_of_unknown_keys_gets_a_short_answer() {
    let body: Map<_, _> = (0..50_000).map(|index| (format!("{index:09}{}", "x".repeat(90)), Json::Null)).collect();
    let faults = posts().changes(&body, Writer::Client, &Noon).unwrap_err();
    assert_eq!(faults.len(), 21);
    assert!(faults.iter().all(|fault| fault.field.len() <= 64));
    assert_eq!(faults[20].message, "49980 more keys are unknown");
}

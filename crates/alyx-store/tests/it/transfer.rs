//! Dumps and seeds: what comes out goes in again, and nothing goes in by half.

use std::io::Cursor;

use alyx_store::{
    Database, backup,
    transfer::{self, Error, Format, Seeded},
};
use proptest::prelude::*;

use crate::{fixture::schema, migration::Lab};

const EVERYTHING: &str = r#"
version: 1
collections:
  nodes:
    fields:
      id: {type: uuid, primary: true, default: auto}
      parent_id: {type: uuid, nullable: true, references: nodes.id, onDelete: cascade}
      other_id: {type: int, nullable: true, references: others.id}
      name: {type: string, maxLength: 100000}
      secret: {type: string, default: hidden, internal: true}
      count: {type: int, nullable: true}
      ratio: {type: float, nullable: true}
      done: {type: bool, default: false}
      data: {type: json, nullable: true}
      bytes: {type: blob, nullable: true}
      day: {type: date, nullable: true}
      "null": {type: string, nullable: true}
      changed_at: {type: timestamp, default: now, onUpdate: now}
  others:
    fields:
      id: {type: int, primary: true}
      code: {type: string, unique: true}
"#;

async fn seed(lab: &Lab, text: &str, format: Format) -> Result<Seeded, Error> {
    let mut database = Database::open(&lab.options).await.unwrap();
    let seeded =
        transfer::seed(&mut database, &schema(EVERYTHING), Cursor::new(text.to_owned()), format, &mut |_| ()).await;
    database.close().await.unwrap();
    seeded
}

async fn dump(lab: &Lab, format: Format) -> String {
    let mut bytes = Vec::new();
    transfer::dump(&lab.options, &schema(EVERYTHING), &mut bytes, format, &mut |_| ()).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

const SEED: &str = r#"
# Order does not matter: the parent comes last.
nodes:
  - id: 00000000-0000-4000-8000-000000000002
    parent_id: 00000000-0000-4000-8000-000000000001
    other_id: 7
    name: |
      - looks like an item
      nodes:
    data: {b: 1.0, a: [true, null, "x"]}
    "null": "null"
  # A comment in between.
  - {id: 00000000-0000-4000-8000-000000000001, name: "root: #1", secret: told, count: -9223372036854775808, ratio: 0.1, bytes: AAEC/w==}

others:
  - id: 7
    code: "007"
"#;

#[tokio::test]
async fn a_seed_gets_defaults_and_is_stored_in_any_order() {
    let lab = Lab::new(EVERYTHING, "").await;
    let seeded = seed(&lab, SEED, Format::Yaml).await.unwrap();
    assert_eq!(seeded.documents, [("nodes".to_owned(), 2), ("others".to_owned(), 1)]);
    let rows = lab.rows("SELECT name, secret, count, done, data, \"null\" FROM nodes ORDER BY id DESC").await;
    assert_eq!(
        rows,
        "- looks like an item\nnodes:\n|hidden|null|0|{\"a\":[true,null,\"x\"],\"b\":1}|null\nroot: #1|told|-9223372036854775808|0|null|null"
    );
    assert_eq!(lab.rows("SELECT count(*) FROM _alyx_changes WHERE operation = 'INSERT'").await, "3");
    assert_eq!(lab.rows("SELECT count(*) FROM nodes WHERE length(changed_at) = 24").await, "2");
}

#[tokio::test]
async fn everything_wrong_is_named_and_nothing_is_stored() {
    let lab = Lab::new(EVERYTHING, "INSERT INTO others VALUES (1, 'taken')").await;
    let text = r#"{"others":[{"id":2,"code":"taken"},{"id":3.5,"code":null},{"id":4,"code":"good"},7],
        "node":[{}], "nodes":[{"nam":"x"},{"name":"fine"}]}"#;
    let refused = seed(&lab, text, Format::Json).await.unwrap_err().to_string();
    assert_eq!(
        refused,
        "nothing was stored: 7 things are wrong\n  others[0].code: must be unique and this value is taken\n  others[1].id: must be a whole number\n  \
         others[1].code: must not be null\n  others[3]: a document is a mapping of fields to values\n  node[0]: there is no such collection (did you mean \"nodes\"?)\n  \
         nodes[0].name: is required\n  nodes[0].nam: is no field of \"nodes\"; did you mean \"name\"?"
    );
    assert_eq!(lab.rows("SELECT count(*) FROM others").await, "1");
    let missing = r#"{"nodes":[{"id":"00000000-0000-4000-8000-000000000001","name":"x","other_id":9}]}"#;
    let refused = seed(&lab, missing, Format::Json).await.unwrap_err().to_string();
    assert!(
        refused.ends_with(
            "nodes.00000000-0000-4000-8000-000000000001: refers to a document that does not exist in others"
        ),
        "{refused}"
    );
    assert_eq!(lab.rows("SELECT count(*) FROM nodes").await, "0");
}

#[tokio::test]
async fn what_is_no_seed_is_said_to_be_none() {
    let lab = Lab::new(EVERYTHING, "").await;
    for (text, format, said) in [
        ("{\"others\":[{\"id\":1,", Format::Json, "this is not a seed in JSON: EOF while parsing"),
        ("[]", Format::Json, "expected an object of collections"),
        ("{\"others\":3}", Format::Json, "expected a list of documents of others"),
        ("others:\n  - id: 1\n   code: x\n", Format::Yaml, "line 3"),
        ("others: 3\n", Format::Yaml, "line 1: others must be a list of documents"),
        ("- 1\n", Format::Yaml, "line 1: a seed is a mapping of collections to lists of documents"),
        ("others:\n  - {id: 1, code: a}\n  - id: 2\n    code: [\n", Format::Yaml, "line"),
    ] {
        let refused = seed(&lab, text, format).await.unwrap_err();
        assert!(matches!(refused, Error::Syntax(_)) && refused.to_string().contains(said), "{text}: {refused}");
        assert_eq!(lab.rows("SELECT count(*) FROM others").await, "0");
    }
}

#[tokio::test]
async fn dump_reset_and_seed_give_the_same_in_both_formats() {
    let mut lab = Lab::new(EVERYTHING, "").await;
    seed(&lab, SEED, Format::Yaml).await.unwrap();
    for format in [Format::Json, Format::Yaml, Format::Json] {
        let before = dump(&lab, format).await;
        backup::reset(&lab.options).await.unwrap();
        lab.migrate(EVERYTHING, &[]).await.unwrap();
        seed(&lab, &before, format).await.unwrap_or_else(|error| panic!("{before}\n{error}"));
        assert_eq!(dump(&lab, format).await, before);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_and_number_comes_back_as_it_was(name in "[^\0]{0,40}", special in "[^\0]{0,12}", count: i64, ratio in -1e300..1e300_f64, bytes: Vec<u8>) {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let lab = Lab::new(EVERYTHING, "").await;
            let bytes = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &bytes);
            let document = serde_json::json!({"name": name, "null": special, "count": count, "ratio": ratio, "bytes": bytes, "data": {&name: special}});
            seed(&lab, &serde_json::json!({"nodes": [document]}).to_string(), Format::Json).await.unwrap();
            let before = (dump(&lab, Format::Json).await, dump(&lab, Format::Yaml).await);
            for (text, format) in [(&before.0, Format::Json), (&before.1, Format::Yaml)] {
                let other = Lab::new(EVERYTHING, "").await;
                seed(&other, text, format).await.unwrap_or_else(|error| panic!("{text}\n{error}"));
                assert_eq!(dump(&other, Format::Json).await, before.0);
            }
            let found: serde_json::Value = serde_json::from_str(&before.0).unwrap();
            assert_eq!((&found["nodes"][0]["name"], &found["nodes"][0]["count"]), (&name.into(), &count.into()));
        });
    }
}

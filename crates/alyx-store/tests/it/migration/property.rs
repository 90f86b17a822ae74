//! Between any two schemas: the suggested file leads to what a new database looks like, and back.

use std::{
    fmt::Write,
    io::Cursor,
    sync::atomic::{AtomicUsize, Ordering},
};

use alyx_store::{
    Database,
    migration::Error,
    transfer::{self, Format},
};
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, TestRunner},
};

use super::{Lab, fresh_shape};
use crate::fixture::schema;

/// Types with a value that each converts to some others.
const TYPES: [(&str, &str); 9] = [
    ("string", "\"17\""),
    ("text", "\"true\""),
    ("int", "1"),
    ("float", "2.5"),
    ("bool", "true"),
    ("timestamp", "\"2026-01-31T08:30:00.000Z\""),
    ("date", "\"2026-01-31\""),
    ("email", "\"ada@example.com\""),
    ("json", "[1]"),
];

#[derive(Clone, Debug)]
struct RandomField {
    name: usize,
    type_index: usize,
    nullable: bool,
    unique: bool,
    index: bool,
    default: bool,
}

#[derive(Clone, Debug)]
struct RandomCollection {
    name: usize,
    fields: Vec<RandomField>,
    /// Refers to the collection before it.
    refers: bool,
}

fn collections() -> impl Strategy<Value = Vec<RandomCollection>> {
    let flags = (any::<bool>(), prop::bool::weighted(0.2), any::<bool>(), any::<bool>());
    let field =
        (0..6_usize, 0..TYPES.len(), flags).prop_map(|(name, type_index, (nullable, unique, index, default))| {
            let is_json = TYPES[type_index].0 == "json";
            RandomField { name, type_index, nullable, unique: unique && !is_json, index: index && !is_json, default }
        });
    let fields = vec(field, 1..6).prop_map(|mut fields| {
        fields.sort_by_key(|field| field.name);
        fields.dedup_by_key(|field| field.name);
        fields
    });
    let collection = (0..4_usize, fields, any::<bool>()).prop_map(|(name, fields, refers)| RandomCollection {
        name,
        fields,
        refers,
    });
    vec(collection, 1..4).prop_map(|mut collections| {
        collections.sort_by_key(|collection| collection.name);
        collections.dedup_by_key(|collection| collection.name);
        collections
    })
}

fn text(collections: &[RandomCollection]) -> String {
    let mut text = String::from("version: 1\ncollections:\n");
    for (index, collection) in collections.iter().enumerate() {
        let _ = writeln!(
            text,
            "  c{}:\n    fields:\n      id: {{type: id, primary: true, default: auto}}",
            collection.name
        );
        for field in &collection.fields {
            let (name, value) = TYPES[field.type_index];
            let _ = write!(text, "      f{}: {{type: {name}", field.name);
            for (key, set) in
                [("nullable", field.nullable), ("unique", field.unique), ("index", field.index && !field.unique)]
            {
                let _ = write!(text, "{}", if set { format!(", {key}: true") } else { String::new() });
            }
            let default = if field.default && !field.unique { format!(", default: {value}") } else { String::new() };
            let _ = writeln!(text, "{default}}}");
        }
        if collection.refers && index > 0 {
            let target = collections[index - 1].name;
            let _ = writeln!(
                text,
                "      up_id: {{type: id, nullable: true, references: c{target}.id, onDelete: set null}}"
            );
        }
    }
    text
}

/// Two documents a collection; where a field is unique, one.
fn documents(collections: &[RandomCollection]) -> String {
    let mut parts = Vec::new();
    for collection in collections {
        let rows = if collection.fields.iter().any(|field| field.unique) { 1 } else { 2 };
        let document = |row: usize| {
            let fields = collection.fields.iter().map(|field| {
                let null = field.nullable && (row + field.name).is_multiple_of(3);
                format!("\"f{}\":{}", field.name, if null { "null" } else { TYPES[field.type_index].1 })
            });
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        };
        parts.push(format!("\"c{}\":[{}]", collection.name, (0..rows).map(document).collect::<Vec<_>>().join(",")));
    }
    format!("{{{}}}", parts.join(","))
}

async fn dump(lab: &Lab, text: &str) -> String {
    let mut bytes = Vec::new();
    transfer::dump(&lab.options, &schema(text), &mut bytes, Format::Json, &mut |_| ()).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Leads from one schema to the other; whether documents let it.
async fn there_and_back(from: &[RandomCollection], to: &[RandomCollection]) -> bool {
    let (old, new) = (text(from), text(to));
    let mut lab = Lab::new(&old, "").await;
    let mut database = Database::open(&lab.options).await.unwrap();
    let seed = Cursor::new(documents(from));
    transfer::seed(&mut database, &schema(&old), seed, Format::Json, &mut |_| ()).await.unwrap();
    database.close().await.unwrap();
    let (shape, data) = (lab.shape().await, dump(&lab, &old).await);
    let applied = match lab.migrate(&new, &[]).await {
        Err(Error::UnsafeChanges(refusal)) => {
            let (name, file) = refusal.file.clone().unwrap_or_else(|| panic!("{refusal}"));
            lab.migrate(&new, &[(&name, &file)]).await
        }
        // Something to roll back to.
        applied => applied,
    };
    match applied {
        Ok(_) => {}
        Err(Error::FailingRows(_)) => return false,
        Err(error) => panic!("{old}\n{new}\n{:?}\n{error}", lab.files),
    }
    assert_eq!(lab.shape().await, fresh_shape(&new).await, "{old}\n{new}\n{:?}", lab.files);
    assert_eq!(lab.rows("PRAGMA foreign_key_check").await + &lab.rows("PRAGMA integrity_check").await, "ok");
    assert!(lab.migrate(&new, &[]).await.unwrap().is_empty());
    if !lab.files.is_empty() {
        lab.rollback(1).await.unwrap_or_else(|error| panic!("{old}\n{new}\n{:?}\n{error}", lab.files));
        assert_eq!(lab.shape().await, shape);
        assert_eq!(dump(&lab, &old).await, data, "{old}\n{new}\n{:?}", lab.files);
    }
    true
}

#[test]
fn any_schema_becomes_any_other_and_back() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let reached = AtomicUsize::new(0);
    let cases = if alyx_testing::is_full() { 1000 } else { 24 };
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let ran = TestRunner::new(config).run(&(collections(), collections()), |(from, to)| {
        if runtime.block_on(there_and_back(&from, &to)) {
            reached.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    });
    ran.unwrap_or_else(|error| panic!("{error}"));
    let reached = reached.load(Ordering::Relaxed);
    assert!(reached > cases as usize / 3, "only {reached} of {cases} pairs were led to their end");
    alyx_testing::record(&format!(
        "migrations: {cases} random pairs of schemas, there and back; {reached} led to their end"
    ));
}

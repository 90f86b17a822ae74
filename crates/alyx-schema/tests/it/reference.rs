//! Every schema in `docs/schema-reference.md` is one, and every promised message is what is said.

use std::{collections::HashMap, fs, path::Path};

use alyx_schema::parse_schema;

/// Fenced blocks by their language.
fn blocks() -> HashMap<String, Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema-reference.md");
    let text = fs::read_to_string(path).unwrap();
    let mut blocks: HashMap<String, Vec<String>> = HashMap::new();
    for (index, part) in text.split("```").enumerate().filter(|(index, _)| index % 2 == 1) {
        let (language, body) = part.split_once('\n').unwrap_or_else(|| panic!("fence {index} is not closed"));
        blocks.entry(language.trim().to_owned()).or_default().push(body.to_owned());
    }
    blocks
}

#[test]
fn schemas_in_the_reference_parse() {
    let blocks = blocks();
    let schemas = &blocks["yaml"];
    assert!(schemas.len() >= 5, "only {} schemas", schemas.len());
    for schema in schemas {
        if let Err(faults) = parse_schema("schema.yaml", schema) {
            panic!("{}\n{schema}", faults.iter().map(|fault| format!("{fault}\n")).collect::<String>());
        }
    }
}

#[test]
fn broken_schemas_in_the_reference_say_what_it_promises() {
    let blocks = blocks();
    let faults = parse_schema("schema.yaml", &blocks["yaml broken"][0]).unwrap_err();
    let said: String = faults.iter().map(|fault| format!("{fault}\n")).collect();
    assert_eq!(said, blocks["text faults"][0]);
}

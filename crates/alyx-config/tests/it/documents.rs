//! What is made from the table: the reference, the JSON Schema, the default file.

use std::{collections::BTreeSet, path::Path};

use alyx_config::{Config, default_yaml, json_schema, reference_markdown, table};
use serde_json::{Value as Json, json};

use crate::support::{Given, golden};

#[test]
fn the_committed_reference_is_the_one_made_from_the_table() {
    golden(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md"), &reference_markdown());
}

#[test]
fn every_variable_sets_one_setting() {
    let names: Vec<String> = table().settings().iter().map(|setting| setting.variable()).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    assert!(names.contains(&"ALYX_SERVER_PORT".to_owned()));
    assert!(names.contains(&"ALYX_AUTH_OAUTH_GITHUB_CLIENT_SECRET".to_owned()));
}

#[test]
fn every_default_is_of_its_kind_and_written_as_it_reads() {
    let shown = Config::default().redacted_json();
    for setting in table().settings() {
        let value = setting.path.split('.').fold(&shown, |json, key| &json[key]);
        let expected = setting.default.unwrap_or("null");
        match value {
            Json::Array(items) => {
                let items: Vec<_> = items.iter().map(|item| item.as_str().unwrap()).collect();
                assert_eq!(items.join(", "), expected, "{}", setting.path);
            }
            Json::String(text) => assert_eq!(text, expected, "{}", setting.path),
            other => assert_eq!(other.to_string(), expected, "{}", setting.path),
        }
    }
}

#[test]
fn the_default_file_changes_nothing_and_nor_does_it_with_every_comment_sign_taken_away() {
    let text = default_yaml();
    assert_eq!(Given { file: Some(&text), ..Given::default() }.resolve().unwrap(), Config::default());
    let head = text.split("\n\n").next().unwrap().len();
    let awake: String =
        text[head..].lines().map(|line| format!("{}\n", line.strip_prefix("# ").unwrap_or(line))).collect();
    assert_eq!(Given { file: Some(&awake), ..Given::default() }.resolve().unwrap(), Config::default(), "{awake}");
    for setting in table().settings() {
        assert!(awake.contains(&format!("{}:", setting.key())), "{}", setting.path);
    }
}

#[track_caller]
fn valid(file: &Json) -> bool {
    jsonschema::validator_for(&json_schema()).expect("a valid schema").is_valid(file)
}

#[test]
fn the_json_schema_takes_what_the_reader_takes() {
    assert!(valid(&json!({})));
    assert!(valid(&json!({ "server": null })));
    assert!(valid(&json!({ "server": { "port": 80, "body_limit": "off", "cors": { "origins": ["*"] } } })));
    assert!(valid(&json!({ "server": { "port": "${PORT:-80}", "timeouts": { "request": "50ms" } } })));
    assert!(valid(&json!({ "auth": { "rate_limit": { "login": "5/minute" }, "jwt": { "refresh_ttl": "${TTL}" } } })));
}

#[test]
fn the_json_schema_knows_sections_with_names_of_the_projects_choosing() {
    let oidc = |oidc: Json| json!({ "auth": { "oauth": { "oidc": oidc } } });
    assert!(valid(&oidc(
        json!({ "corp": { "issuer": "https://a.example", "client_id": "x", "client_secret": "${KEY}" } })
    )));
    assert!(valid(&oidc(json!(null))) && valid(&oidc(json!({}))));
    assert!(!valid(&oidc(json!({ "Corp": {} }))));
    assert!(!valid(&oidc(json!({ "corp": { "isuer": "https://a.example" } }))));
    let reference = reference_markdown();
    assert!(reference.contains("`ALYX_AUTH_OAUTH_OIDC_NAME_CLIENT_SECRET`"), "{reference}");
}

#[test]
fn the_json_schema_refuses_what_the_reader_refuses() {
    assert!(!valid(&json!({ "sever": {} })));
    assert!(!valid(&json!({ "server": { "port": 70_000 } })));
    assert!(!valid(&json!({ "server": { "timeouts": { "request": "30" } } })));
    assert!(!valid(&json!({ "database": { "synchronous": "fast" } })));
    assert!(!valid(&json!({ "auth": { "rate_limit": { "login": "5/min" } } })));
    assert!(!valid(&json!({ "realtime": { "queue": 0 } })));
}

#[test]
fn the_schema_describes_every_setting() {
    let schema = json_schema();
    for setting in table().settings() {
        let node = setting.path.split('.').fold(&schema, |json, key| &json["properties"][key]);
        assert!(
            node["description"].as_str().is_some_and(|text| text.contains(&setting.variable())),
            "{}",
            setting.path
        );
    }
}

//! The JSON Schema for editors agrees with the parser on what one file alone can say.

use std::{fs, path::Path};

use alyx_schema::json_schema;
use jsonschema::Validator;

fn validator() -> Validator {
    jsonschema::options().offline().build(&json_schema()).unwrap()
}

#[track_caller]
fn accepts(validator: &Validator, text: &str) -> bool {
    validator.is_valid(&alyx_yaml::parse("schema.yaml", text).unwrap().to_json())
}

#[test]
fn valid_schemas_are_accepted() {
    let validator = validator();
    assert!(accepts(&validator, include_str!("../golden/valid/blog.yaml")));
    assert!(accepts(
        &validator,
        "version: 1\ncollections: {}\nchannels: {lobby: , \"room:{id}\": {rules: {join: \"true\"}}}"
    ));
    assert!(accepts(&validator, &alyx_schema::to_yaml(&crate::valid::blog())));
}

#[test]
fn broken_schemas_are_refused_as_far_as_their_shape_tells() {
    let validator = validator();
    let shape = [
        "channels_broken",
        "collection_names",
        "collection_unknown_key",
        "collection_without_fields",
        "collections_a_list",
        "collections_missing",
        "enum_broken",
        "field_file",
        "field_names",
        "field_not_a_mapping",
        "field_unknown_option",
        "field_unknown_type",
        "field_without_type",
        "flag_not_a_bool",
        "format_on_a_number",
        "format_unknown",
        "index_broken",
        "index_not_a_list",
        "index_on_json",
        "limits_not_numbers",
        "many_at_once",
        "not_a_mapping",
        "on_delete_broken",
        "on_update",
        "option_for_another_type",
        "pattern_broken",
        "primary_type",
        "relation_broken",
        "rules_broken",
        "rules_not_a_mapping",
        "select_without_values",
        "version_missing",
        "version_two",
    ];
    for case in shape {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/errors/{case}.yaml"));
        assert!(!accepts(&validator, &fs::read_to_string(path).unwrap()), "{case} is accepted");
    }
}

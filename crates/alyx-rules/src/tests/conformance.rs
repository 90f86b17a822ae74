//! The specification's own tests, where they are at hand, and ours, which always are.
//!
//! Lines of the specification's tests that do not pass stand in `tests/conformance/not-passing.txt` with the reason.

use std::{collections::BTreeSet, env, fs, path::PathBuf};

use serde_json::Value as Json;

use super::{
    bindings::{Bindings, untagged},
    evaluate,
};

const FEWEST_OF_OURS: usize = 150;

/// Whether a line gives what it says, or else what it gives.
fn run(line: &Json) -> Result<(), String> {
    let bound = line.get("bind").and_then(Json::as_object).into_iter().flatten();
    let names = Bindings {
        values: bound.map(|(name, value)| (name.clone(), untagged(value))).collect(),
        container: line["container"].as_str().unwrap_or_default().to_owned(),
    };
    let result = evaluate(line["expr"].as_str().expect("a line has an expression"), &names);
    let wants_error = line["want"].get("error").is_some();
    match result {
        None | Some(Err(_)) if wants_error => Ok(()),
        Some(Ok(value)) if !wants_error && value == untagged(&line["want"]) => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

fn lines(text: &str) -> impl Iterator<Item = Json> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
}

fn name(line: &Json) -> String {
    ["file", "section", "name"].map(|part| line[part].as_str().unwrap_or_default()).join("/")
}

/// The specification's tests: where the variable says, or beside the workspace.
fn specification() -> Option<String> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cel/conformance.jsonl");
    fs::read_to_string(env::var_os("ALYX_CEL_CONFORMANCE").map_or(beside, PathBuf::from)).ok()
}

/// The names under `not-passing.txt`: a whole file or section, or one test.
fn not_passing() -> Vec<String> {
    let text = include_str!("../../tests/conformance/not-passing.txt");
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

#[test]
fn the_specifications_tests_pass_but_for_those_that_are_listed() {
    let Some(text) = specification() else {
        eprintln!("skipped: the specification's tests are not here (ALYX_CEL_CONFORMANCE)");
        return;
    };
    let listed = not_passing();
    let (mut surprises, mut met, mut passed) = (Vec::new(), BTreeSet::new(), 0);
    for line in lines(&text) {
        let name = name(&line);
        let list = listed.iter().find(|listed| name == **listed || name.starts_with(&format!("{listed}/")));
        met.extend(list);
        match (run(&line), list) {
            (Ok(()), None) => passed += 1,
            (Ok(()), Some(list)) => surprises.push(format!("{name} passes and is listed under {list}")),
            (Err(_), Some(_)) => {}
            (Err(found), None) => surprises.push(format!("{name}: {} gives {found}", line["expr"])),
        }
    }
    eprintln!("{passed} of the specification's tests pass, {} are listed as not passing", listed.len());
    assert!(surprises.is_empty(), "{} surprises:\n{}", surprises.len(), surprises.join("\n"));
    let idle: Vec<_> = listed.iter().filter(|listed| !met.contains(listed)).collect();
    assert!(idle.is_empty(), "listed and not there: {idle:?}");
    assert!(passed > 1000, "only {passed} pass");
}

#[test]
fn our_own_lines_pass() {
    let text = include_str!("../../tests/conformance/own.jsonl");
    let failed: Vec<String> = lines(text)
        .filter_map(|line| run(&line).err().map(|found| format!("{}: {} gives {found}", name(&line), line["expr"])))
        .collect();
    assert!(failed.is_empty(), "{} fail:\n{}", failed.len(), failed.join("\n"));
    let count = lines(text).count();
    assert!(count >= FEWEST_OF_OURS, "only {count} lines");
}

//! Every schema in `tests/golden` is answered with exactly the text beside it: faults, or advice.
//!
//! `UPDATE_GOLDEN=1` writes what was said; read it before it is kept.

use std::{env, fs, path::Path, sync::Arc};

use alyx_rules::RuleSet;
use alyx_schema::{Diagnostic, parse_schema};

const FEWEST_FAULTS: usize = 60;
const FEWEST_ADVICE: usize = 7;

fn compile(path: &Path) -> Result<RuleSet, Vec<Diagnostic>> {
    let text = fs::read_to_string(path).expect("the schema can be read");
    let schema = parse_schema("schema.yaml", &text).unwrap_or_else(|faults| panic!("{}: {faults:#?}", path.display()));
    RuleSet::compile("schema.yaml", &Arc::new(schema))
}

/// Compares what is said of each schema of a folder; how many there are.
fn check(folder: &str, said: fn(Result<RuleSet, Vec<Diagnostic>>, &Path) -> Vec<Diagnostic>) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(folder);
    let mut cases = 0;
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        cases += 1;
        let said: String = said(compile(&path), &path).iter().map(|fault| format!("{fault}\n")).collect();
        let expected = path.with_extension("txt");
        if env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&expected, &said).expect("it can be written");
        }
        assert_eq!(said, fs::read_to_string(&expected).unwrap_or_default(), "{}", path.display());
    }
    cases
}

#[test]
fn broken_rules_are_refused_with_their_exact_message() {
    let cases = check("errors", |compiled, path| compiled.expect_err(&format!("{} is accepted", path.display())));
    assert!(cases >= FEWEST_FAULTS, "only {cases} cases");
}

#[test]
fn doubtful_rules_are_warned_of_with_their_exact_message() {
    let cases = check("advice", |compiled, path| {
        let rules = compiled.unwrap_or_else(|faults| panic!("{}: {faults:#?}", path.display()));
        rules.advise(&["user", "moderator", "admin"].map(str::to_owned))
    });
    assert!(cases >= FEWEST_ADVICE, "only {cases} cases");
}

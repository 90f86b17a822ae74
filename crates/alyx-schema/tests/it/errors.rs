//! Every broken schema in `tests/golden/errors` is refused with exactly the text beside it.
//!
//! `UPDATE_GOLDEN=1` writes what was said; read it before it is kept.

use std::{env, fs, path::Path};

use alyx_schema::parse_schema;

const FEWEST_CASES: usize = 45;

fn said(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let faults = parse_schema("schema.yaml", &text).expect_err(&format!("{} is accepted", path.display()));
    faults.iter().map(|fault| format!("{fault}\n")).collect()
}

#[test]
fn broken_schemas_are_refused_with_their_exact_message() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/errors");
    let mut cases = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        cases += 1;
        let (said, expected) = (said(&path), path.with_extension("txt"));
        if env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&expected, &said).unwrap();
        }
        assert_eq!(said, fs::read_to_string(&expected).unwrap_or_default(), "{}", path.display());
    }
    assert!(cases >= FEWEST_CASES, "only {cases} cases");
}

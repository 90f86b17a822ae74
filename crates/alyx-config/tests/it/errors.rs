//! Wrong files and what is said of them: `tests/golden/errors/NAME.yaml` and `NAME.txt`.
//!
//! The lines `# variable NAME=value` and `# flag --name path=value` at the head of a case set those.

use std::{collections::BTreeMap, path::Path};

use alyx_config::Flag;

use crate::support::{Given, golden};

#[test]
fn every_wrong_file_is_met_with_its_message() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/errors");
    let mut cases: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    cases.sort();
    assert!(cases.len() >= 40, "{} cases", cases.len());
    for case in &cases {
        let said = refuse(&std::fs::read_to_string(case).unwrap());
        golden(&case.with_extension("txt"), &said);
    }
}

#[track_caller]
fn refuse(text: &str) -> String {
    let head = text.lines().take_while(|line| line.starts_with('#')).map(|line| line.trim_start_matches("# "));
    let head: Vec<&str> = head.collect();
    let variables: Vec<(&str, &str)> =
        head.iter().filter_map(|line| line.strip_prefix("variable ")?.split_once('=')).collect();
    let flags = head.iter().filter_map(|line| {
        let (name, rest) = line.strip_prefix("flag ")?.split_once(' ')?;
        let (path, value) = rest.split_once('=')?;
        Some(Flag { name, path, value })
    });
    let flags: Vec<Flag<'_>> = flags.collect();
    let given = Given { file: Some(text), variables: &variables, flags: &flags, known: &["ALYX_ADMIN_TOKEN"] };
    given.resolve().expect_err(text)
}

#[test]
fn what_a_variable_held_is_never_in_a_message() {
    let file = "auth:\n  jwt:\n    secret: ${KEY}\n    access_ttl: ${KEY}\nserver:\n  port: ${KEY}\n  trusted_proxies: [\"${KEY}\"]\n";
    let said = Given { file: Some(file), variables: &[("KEY", "hunter2hunter2")], ..Given::default() }.resolve();
    let said = said.unwrap_err();
    assert!(!said.contains("hunter2"), "{said}");
    assert_eq!(said.lines().count(), 4, "{said}");
}

#[test]
fn a_password_in_a_url_is_never_in_a_message() {
    let file =
        "server:\n  public_url: https://me:hunter2@example.com\n  cors:\n    origins: [\"https://me:hunter2@a.com\"]\n";
    let said = Given { file: Some(file), ..Given::default() }.resolve().unwrap_err();
    assert!(said.lines().count() == 2 && !said.contains("hunter2"), "{said}");
}

#[test]
fn a_variable_cannot_become_structure() {
    let variables =
        [("ORIGIN", "https://a.example\ncredentials: true"), ("MANY", "https://a.example, https://b.example")];
    let one = |file| Given { file: Some(file), variables: &variables, ..Given::default() }.resolve();
    assert!(one("server:\n  cors:\n    origins: [\"${ORIGIN}\"]\n").is_err());
    assert!(one("server:\n  cors:\n    origins: [\"${MANY}\"]\n").is_err());
    assert_eq!(one("server:\n  cors:\n    origins: ${MANY}\n").unwrap().server.cors.origins.len(), 2);
}

#[test]
fn no_text_makes_it_panic() {
    let texts: BTreeMap<&str, &str> =
        [("server", "["), ("${", "${"), ("\u{0}", "\u{0}"), ("- a", "}"), ("a: &a [*a]", "x"), ("!!int", "? :")].into();
    for (left, right) in texts {
        for text in [left.to_owned(), format!("{left}: {right}"), format!("server:\n  port: {left}{right}")] {
            let _ = Given { file: Some(&text), ..Given::default() }.resolve();
        }
    }
}

proptest::proptest! {
    #[test]
    fn any_value_of_any_setting_is_taken_or_refused_at_its_line(index in 0usize..200, value in "[ -~é]{0,20}") {
        let settings = alyx_config::table().settings();
        let setting = settings[index % settings.len()];
        let mut file = String::new();
        let parts: Vec<&str> = setting.path.split('.').collect();
        for (depth, part) in parts.iter().enumerate() {
            file.push_str(&format!("{}{part}:", "  ".repeat(depth)));
            file.push_str(if depth + 1 == parts.len() { " '" } else { "\n" });
        }
        file.push_str(&format!("{}'\n", value.replace('\'', "''")));
        if let Err(said) = (Given { file: Some(&file), ..Given::default() }).resolve() {
            proptest::prop_assert!(said.starts_with(&format!("alyx.yaml:{}:", parts.len())), "{}", said);
        }
    }
}

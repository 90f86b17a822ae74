//! Which functions a folder has, and what is said of those that are not in order.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use alyx_functions::{Found, Runtime, Variables, discover};

fn found(files: &[(&str, &str)]) -> Found {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("it is below the folder")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    }
    let variables: Variables = BTreeMap::from([("KEY".to_owned(), "secret".to_owned())]);
    discover(folder.path(), &variables).expect("the folder can be read")
}

/// The faults of one function, as people see them.
fn faults(files: &[(&str, &str)], name: &str) -> Vec<String> {
    let found = found(files);
    let faults = found.broken.get(name).unwrap_or_else(|| panic!("{name} is not broken: {found:?}"));
    faults.iter().map(ToString::to_string).collect()
}

#[test]
fn files_and_folders_are_functions() {
    let found = found(&[
        ("createPost.js", ""),
        ("send-mail/index.ts", ""),
        ("report.go", ""),
        ("image/handler.py", ""),
        ("image/image_test.py", ""),
        ("go_tool/anything.go", ""),
        ("_shared/text.js", ""),
        ("_private.js", ""),
        (".hidden.py", ""),
        ("node_modules/x/index.js", ""),
        ("createPost.test.js", ""),
        ("types.d.ts", ""),
        ("README.md", ""),
    ]);
    let functions: Vec<(&str, Runtime, &Path)> = found
        .functions
        .values()
        .map(|function| (function.name.as_str(), function.runtime, function.entry.as_path()))
        .collect();
    assert_eq!(
        functions,
        [
            ("createPost", Runtime::Node, Path::new("createPost.js")),
            ("go_tool", Runtime::Go, Path::new("go_tool/anything.go")),
            ("image", Runtime::Python, Path::new("image/handler.py")),
            ("report", Runtime::Go, Path::new("report.go")),
            ("send-mail", Runtime::Node, Path::new("send-mail/index.ts")),
        ]
    );
    assert!(found.broken.is_empty());
}

#[test]
fn a_folder_that_is_not_there_has_none() {
    let found = discover(Path::new("/nowhere/at/all"), &Variables::new()).unwrap();
    assert!(found.functions.is_empty() && found.broken.is_empty());
}

#[test]
fn a_manifest_says_more() {
    let manifest = "name: mail\nruntime: node\ntimeout: 5s\nmemory: 512mb\ncpu: 0.5\nconcurrency: 3\n\
                    env:\n  API_KEY: ${KEY}\n  MODE: ${MODE:-live}\nrules:\n  invoke: auth.id != null\n\
                    dependencies:\n  nodemailer: ^6.9.0\n";
    let found = found(&[("mail.js", ""), ("mail.yaml", manifest)]);
    let function = &found.functions["mail"];
    let read = &function.manifest;
    assert_eq!((read.timeout, read.memory, read.cpu), (Some(Duration::from_secs(5)), Some(512_000_000), Some(0.5)));
    assert_eq!(read.concurrency.map(std::num::NonZeroU32::get), Some(3));
    assert_eq!((read.env["API_KEY"].as_str(), read.env["MODE"].as_str()), ("secret", "live"));
    assert_eq!(read.invoke.as_ref().unwrap().text, "auth.id != null");
    let dependencies = function.dependencies.as_ref().unwrap();
    assert_eq!(dependencies.file, "package.json");
    assert!(dependencies.text.contains(r#""nodemailer":"^6.9.0""#), "{}", dependencies.text);
}

#[test]
fn dependencies_stand_beside_a_function_or_in_its_manifest() {
    let found = found(&[
        ("image/main.py", ""),
        ("image/requirements.txt", "pillow==10.0.0\n"),
        ("plain.py", ""),
        ("listed.py", ""),
        ("listed.yaml", "dependencies:\n  - numpy==1.24.0\n"),
        ("modern.js", ""),
        ("package.json", r#"{"type": "module"}"#),
    ]);
    let text = |name: &str| found.functions[name].dependencies.as_ref().map(|listed| listed.text.clone());
    assert_eq!(text("image").as_deref(), Some("pillow==10.0.0\n"));
    assert_eq!(text("listed").as_deref(), Some("numpy==1.24.0\n"));
    assert_eq!((text("plain"), text("modern")), (None, None));
}

#[test]
fn every_fault_has_its_place_and_a_way_out() {
    let manifest = "timeout: soon\nmemry: 1GB\nenv: {ALYX_X: a, GOOD: '${NOT_THERE}'}\nrules: {invok: \"true\"}\n";
    let all = faults(&[("mail.js", ""), ("mail.yaml", manifest), ("fine.js", "")], "mail");
    assert_eq!(all.len(), 5, "{all:#?}");
    assert!(all[0].starts_with("functions/mail.yaml:1:10: timeout must be a duration"), "{}", all[0]);
    assert!(all[1].starts_with("functions/mail.yaml:2:1") && all[1].contains("did you mean \"memory\"?"), "{}", all[1]);
    assert!(all[2].contains("ALYX_X") && all[3].contains("NOT_THERE") && all[4].contains("invoke"), "{all:#?}");
    let twice = faults(&[("mail.js", ""), ("mail.py", "")], "mail");
    assert!(twice[0].contains("functions/mail.js") && twice[0].contains("functions/mail.py"), "{twice:?}");
    let capitals = faults(&[("mail.js", ""), ("Mail.py", "")], "Mail");
    assert!(capitals[0].contains("differ in capitals alone"), "{capitals:?}");
    let named = faults(&[("2nd.js", "")], "2nd");
    assert!(named[0].contains("createPost"), "{named:?}");
    let entry = faults(&[("odd/thing.js", "")], "odd");
    assert!(entry[0].contains("index, main or handler"), "{entry:?}");
}

#[test]
fn a_fault_of_one_is_no_fault_of_another() {
    let found =
        found(&[("a.js", ""), ("a.yaml", "nonsense: 1\n"), ("b.js", ""), ("c/index.js", ""), ("c/function.yaml", "[")]);
    assert_eq!(found.functions.keys().collect::<Vec<_>>(), ["b"]);
    assert_eq!(found.broken.keys().collect::<Vec<_>>(), ["a", "c"]);
}

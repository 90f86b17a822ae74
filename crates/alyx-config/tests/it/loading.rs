//! Reading a project's folder.

use std::path::Path;

use alyx_config::{Config, Flag, LoadError, load};

/// The variables of whoever runs the tests are no business of theirs.
fn known() -> Vec<String> {
    std::env::vars().map(|(name, _)| name).filter(|name| name.starts_with("ALYX_")).collect()
}

fn load_folder(folder: &Path, flags: &[Flag<'_>]) -> Result<Config, LoadError> {
    let known = known();
    load(folder, flags, &known.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn a_folder_without_a_file_is_a_valid_project() {
    let folder = tempfile::tempdir().unwrap();
    let config = load_folder(folder.path(), &[]).unwrap();
    assert_eq!(config.data_folder(Path::new("/p")), Path::new("/p/alyx_data"));
    assert_eq!(config.database_file(Path::new("/p")), Path::new("/p/alyx_data/alyx.db"));
}

#[test]
fn the_file_is_read_and_a_flag_wins() {
    let folder = tempfile::tempdir().unwrap();
    let text = "data_dir: elsewhere\ndatabase:\n  readers: 2\nserver:\n  host: 0.0.0.0\n";
    std::fs::write(folder.path().join("alyx.yaml"), text).unwrap();
    let flags = [Flag { name: "--host", path: "server.host", value: "::1" }];
    let config = load_folder(folder.path(), &flags).unwrap();
    assert_eq!((config.server.host.as_str(), config.database.readers.get()), ("::1", 2));
    assert_eq!(config.database_file(Path::new("p")), Path::new("p/elsewhere/alyx.db"));
}

#[test]
fn a_wrong_file_stops_the_load_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("alyx.yaml"), "sever:\n  port: 1\n").unwrap();
    let error = load_folder(folder.path(), &[]).unwrap_err();
    assert!(error.to_string().starts_with("alyx.yaml:1:1: there is no setting sever"), "{error}");
}

#[test]
fn a_file_that_cannot_be_read_is_not_taken_for_none() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("alyx.yaml")).unwrap();
    assert!(matches!(load_folder(folder.path(), &[]), Err(LoadError::Unreadable { .. })));
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("alyx.yaml"), b"server: \xff\n").unwrap();
    assert!(matches!(load_folder(folder.path(), &[]), Err(LoadError::Unreadable { .. })));
}

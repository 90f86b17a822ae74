//! How the tests call the crate.

use std::collections::BTreeMap;

use alyx_config::{Config, Flag, SourceFile, Sources};

/// What each source says.
#[derive(Default)]
pub(crate) struct Given<'a> {
    pub(crate) file: Option<&'a str>,
    pub(crate) variables: &'a [(&'a str, &'a str)],
    pub(crate) flags: &'a [Flag<'a>],
    pub(crate) known: &'a [&'a str],
}

impl Given<'_> {
    pub(crate) fn resolve(&self) -> Result<Config, String> {
        let variables: BTreeMap<String, String> =
            self.variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let sources = Sources {
            file: self.file.map(|text| SourceFile { name: "alyx.yaml", text }),
            variables: Some(&variables),
            known_variables: self.known,
            flags: self.flags,
        };
        Config::resolve(&sources).map_err(|faults| faults.iter().map(|fault| format!("{fault}\n")).collect())
    }
}

/// Compares with a committed file, or rewrites it with `UPDATE_GOLDEN=1`.
#[track_caller]
pub(crate) fn golden(path: &std::path::Path, got: &str) {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, got).expect("the folder exists");
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == got, "{} is not what the code makes; UPDATE_GOLDEN=1 rewrites it\n{got}", path.display());
}

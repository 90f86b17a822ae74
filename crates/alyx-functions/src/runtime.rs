//! The languages that functions are written in.

use std::{fmt, path::Path};

/// A language with a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Runtime {
    /// JavaScript and TypeScript.
    Node,
    /// Python.
    Python,
    /// Go.
    Go,
}

impl Runtime {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Node, Self::Python, Self::Go];

    /// Its name in manifests and settings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Python => "python",
            Self::Go => "go",
        }
    }

    /// The language of a file, by the end of its name.
    #[must_use]
    pub fn of_file(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "js" | "mjs" | "cjs" | "ts" | "mts" | "cts" => Some(Self::Node),
            "py" => Some(Self::Python),
            "go" => Some(Self::Go),
            _ => None,
        }
    }
}

impl fmt::Display for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

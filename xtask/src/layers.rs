//! Which crate may depend on which. `tidy` holds the workspace to these tables, and the figure in
//! `docs/architecture.md` is drawn from the first.

use std::fmt::Write;

use crate::workspace::{Dependency, Package, Workspace};

/// Every crate with the crates below it that it may use, the top of the picture last.
const LAYERS: &[(&str, &[&str])] = &[
    ("alyx-yaml", &[]),
    ("alyx-config", &["alyx-yaml"]),
    ("alyx-schema", &["alyx-yaml"]),
    ("alyx-query", &["alyx-schema", "alyx-yaml"]),
    ("alyx-sqlite", &[]),
    ("alyx-rules", &["alyx-query", "alyx-schema", "alyx-yaml"]),
    ("alyx-store", &["alyx-query", "alyx-schema", "alyx-sqlite", "alyx-yaml"]),
    ("alyx-realtime", &["alyx-store", "alyx-query", "alyx-schema"]),
    ("alyx-auth", &["alyx-store", "alyx-query", "alyx-schema", "alyx-config"]),
    ("alyx-functions", &["alyx-rules", "alyx-schema", "alyx-config", "alyx-yaml"]),
    (
        "alyx-http",
        &[
            "alyx-functions",
            "alyx-auth",
            "alyx-realtime",
            "alyx-rules",
            "alyx-store",
            "alyx-query",
            "alyx-schema",
            "alyx-config",
        ],
    ),
    (
        "alyx-project",
        &[
            "alyx-http",
            "alyx-functions",
            "alyx-auth",
            "alyx-rules",
            "alyx-store",
            "alyx-schema",
            "alyx-config",
            "alyx-yaml",
        ],
    ),
    ("alyx-server", &["alyx-project", "alyx-http", "alyx-auth", "alyx-store", "alyx-schema", "alyx-config"]),
    (
        "alyx-cli",
        &[
            "alyx-project",
            "alyx-http",
            "alyx-auth",
            "alyx-rules",
            "alyx-store",
            "alyx-query",
            "alyx-schema",
            "alyx-config",
            "alyx-yaml",
        ],
    ),
    ("alyx-testing", &[]),
    ("alyx-bench", &[]),
    ("alyx-timing", &["alyx-testing"]),
    ("alyx-verify", &["alyx-testing"]),
    ("xtask", &[]),
];

/// Crates that only tests may use.
const FOR_TESTS: &[&str] = &["alyx-testing"];

/// Edges that only tests may have, each to a crate that is not below: rules are tested through to the database, and
/// live queries with real rules.
const TESTED_WITH: &[(&str, &str)] = &[("alyx-rules", "alyx-store"), ("alyx-realtime", "alyx-rules")];

/// Dependencies from outside that only these crates may use.
const EXCLUSIVE: &[(&str, &[&str])] = &[
    ("sqlx", &["alyx-store", "alyx-sqlite"]),
    ("libsqlite3-sys", &["alyx-sqlite"]),
    ("cel-parser", &["alyx-rules"]),
    ("jsonwebtoken", &["alyx-auth"]),
    ("bollard", &["alyx-functions"]),
    ("oxc", &["alyx-functions"]),
    ("actix-web", &["alyx-http", "alyx-project"]),
    ("actix-http", &["alyx-http"]),
    ("anyhow", &["alyx-server", "alyx-cli", "alyx-bench", "alyx-timing", "alyx-verify", "xtask"]),
];

/// Crates without a runtime, clock or input and output, and what would give them one.
const PURE: &[&str] = &["alyx-yaml", "alyx-schema", "alyx-query", "alyx-rules"];
const IMPURE: &[&str] = &["tokio", "sqlx", "reqwest", "notify", "rand"];

/// Every edge of the workspace that the tables do not allow.
pub(crate) fn faults(workspace: &Workspace) -> Vec<String> {
    let edges =
        workspace.packages.iter().flat_map(|package| package.dependencies.iter().map(move |edge| (package, edge)));
    let mut faults: Vec<String> = edges.filter_map(|(package, edge)| fault(package, edge)).collect();
    let known = |name: &str| LAYERS.iter().any(|(layer, _)| *layer == name);
    let strangers = workspace.packages.iter().filter(|package| !known(&package.name));
    faults.extend(strangers.map(|package| format!("{} has no line in xtask/src/layers.rs", package.name)));
    faults
}

fn fault(package: &Package, edge: &Dependency) -> Option<String> {
    let (from, to) = (package.name.as_str(), edge.name.as_str());
    let allowed = if edge.is_local {
        below(from).contains(&to) || (edge.is_dev && (FOR_TESTS.contains(&to) || TESTED_WITH.contains(&(from, to))))
    } else {
        let shut_out = EXCLUSIVE.iter().any(|(name, users)| *name == to && !users.contains(&from));
        let impure = PURE.contains(&from) && IMPURE.contains(&to);
        edge.is_dev || !(shut_out || impure)
    };
    (!allowed).then(|| format!("{from} may not depend on {to} (xtask/src/layers.rs)"))
}

fn below(name: &str) -> &'static [&'static str] {
    LAYERS.iter().find(|(layer, _)| *layer == name).map_or(&[], |(_, below)| below)
}

/// The longest way down from a crate.
fn height(name: &str) -> usize {
    below(name).iter().map(|lower| height(lower) + 1).max().unwrap_or(0)
}

/// The picture: a line a crate, high ones first, with what it stands on.
pub(crate) fn figure() -> String {
    let mut rows: Vec<_> = LAYERS.iter().filter(|(name, below)| !below.is_empty() || *name == "alyx-yaml").collect();
    rows.sort_by_key(|(name, _)| std::cmp::Reverse(height(name)));
    let mut figure = String::from("```text\n");
    for (name, below) in rows {
        let mut below = below.to_vec();
        below.sort_by_key(|lower| std::cmp::Reverse(height(lower)));
        let arrow = if below.is_empty() { String::new() } else { format!("  ->  {}", below.join(", ")) };
        writeln!(figure, "{}", format!("{name:<13}{arrow}").trim_end()).expect("writing to a String cannot fail");
    }
    figure + "```\n"
}

#[cfg(test)]
mod tests {
    use super::{LAYERS, below, height};

    #[test]
    fn every_arrow_points_down() {
        for (name, lower) in LAYERS {
            assert!(lower.iter().all(|lower| height(lower) < height(name)), "{name} stands on {:?}", below(name));
        }
    }

    #[test]
    fn the_figure_starts_with_a_program_and_ends_at_the_bottom() {
        let figure = super::figure();
        let lines: Vec<&str> = figure.lines().collect();
        assert!(lines[1].starts_with("alyx-server") || lines[1].starts_with("alyx-cli"), "{figure}");
        assert_eq!(lines[lines.len() - 2], "alyx-yaml");
    }
}

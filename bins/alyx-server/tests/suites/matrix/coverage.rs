//! That the table has every endpoint: those of the server's list of routes and those of its description.

use std::collections::BTreeSet;

use alyx_testing::Value;

use super::{CALLERS, Stage, rows, stage};
use crate::matrix::Caller;

const ROUTES: &str = include_str!("../../../../../crates/alyx-http/src/routes/table.rs");
/// What is answered the same for whoever asks, and is tested beside the table.
const FOR_ALL: [&str; 2] = ["HEAD", "OPTIONS"];

/// The routes with their methods, as their list writes them: `Name "pattern" "GET, HEAD",`.
fn routes() -> Vec<(&'static str, Vec<&'static str>)> {
    let list = ROUTES.split("\nroutes! {").nth(1).and_then(|rest| rest.split("\n}").next()).expect("the list is there");
    let lines = list.lines().map(str::trim).filter(|line| !line.is_empty());
    let routes = lines.map(|line| {
        let parts: Vec<&str> = line.split('"').collect();
        let [_, pattern, _, methods, ","] = parts.as_slice() else { panic!("not a route: {line}") };
        (*pattern, methods.split(", ").collect())
    });
    let routes: Vec<_> = routes.filter(|(pattern, _)| pattern.starts_with('/')).collect();
    assert!(routes.len() > 40, "only {} routes were found", routes.len());
    routes
}

pub(super) fn patterns() -> Vec<&'static str> {
    routes().into_iter().map(|(pattern, _)| pattern).collect()
}

pub(super) fn methods(pattern: &str) -> Vec<&'static str> {
    routes().into_iter().find(|(own, _)| *own == pattern).expect("it is a route").1
}

/// The route that the path of a row belongs to; a route without variable parts comes first.
fn pattern_of(path: &str) -> Option<&'static str> {
    let path = path.split('?').next().unwrap_or(path);
    let fits = |pattern: &str| {
        let (pattern, path): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
        pattern.len() == path.len()
            && pattern.iter().zip(&path).all(|(own, part)| own == part || own.starts_with('{') && !part.is_empty())
    };
    let mut patterns = patterns();
    patterns.sort_by_key(|pattern| pattern.matches('{').count());
    patterns.into_iter().find(|pattern| fits(pattern))
}

#[test]
fn every_endpoint_has_a_row_and_every_row_a_column_for_each_caller() {
    let mut covered = BTreeSet::new();
    for row in rows() {
        assert_eq!(row.expected.len(), CALLERS.len(), "{} {}", row.method, row.path);
        covered.insert((pattern_of(row.path).unwrap_or("unknown"), row.method));
    }
    for (pattern, methods) in routes() {
        for method in methods.into_iter().filter(|method| !FOR_ALL.contains(method)) {
            assert!(covered.contains(&(pattern, method)), "{method} {pattern} has no row");
        }
    }
}

#[test]
fn every_described_operation_has_a_row() {
    let stage = Stage::start();
    let described = stage.set(Caller::AdminToken).client.get("/api/openapi.json").expect_status(200).json();
    let rows = rows();
    let paths = described["paths"].as_object().expect("it has paths");
    assert!(paths.len() > 40);
    for (path, operations) in paths {
        for method in operations.as_object().into_iter().flat_map(|found| found.keys()).filter(|key| is_method(key)) {
            let found =
                rows.iter().any(|row| row.method.eq_ignore_ascii_case(method) && stage::is_same_path(row.path, path));
            assert!(found, "{method} {path} is described and has no row");
        }
    }
    assert!(described["paths"].get("/api/collections/notes").is_some_and(Value::is_object));
}

fn is_method(key: &str) -> bool {
    ["get", "post", "put", "patch", "delete"].contains(&key)
}

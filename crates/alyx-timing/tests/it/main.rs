//! Whether the measurement runs at all: a handful of samples tell nothing about time, but go the whole way.

use std::process::{Command, Output};

use alyx_testing::Value;

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_alyx-timing")).args(arguments).output().expect("the program starts")
}

fn measured(arguments: &[&str]) -> Value {
    let output = run(&[&["--samples", "3", "--json"], arguments].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("the figures are JSON")
}

#[test]
fn every_flow_is_measured_and_too_few_samples_judge_none() {
    let measured = measured(&[]);
    let flows = measured["flows"].as_array().expect("a list of flows");
    let names: Vec<&str> = flows.iter().filter_map(|flow| flow["flow"].as_str()).collect();
    assert_eq!(
        names,
        [
            "control-right-password",
            "control-size",
            "control-same",
            "login",
            "login-banned",
            "login-no-password",
            "register",
            "reset",
            "reset-next",
            "verify",
            "verify-next",
            "verify-confirmed",
            "change-email",
            "refresh",
            "refresh-forged",
            "document",
            "document-large",
            "document-update",
            "document-two-hops",
            "admin-token",
        ]
    );
    for flow in flows {
        assert_eq!((flow["verdict"].as_str(), flow["measurements"][0]["samples"].as_u64()), (Some("TooFew"), Some(3)));
        // What the answers say is judged however few they are.
        assert_eq!(flow["differences"], Value::Array(Vec::new()), "{flow:#}");
        let median = &flow["measurements"][0]["median_ms"];
        assert!(median[0].as_f64() > Some(0.0) && median[1].as_f64() > Some(0.0), "{flow:#}");
    }
}

#[test]
fn the_table_has_the_flows_that_are_named() {
    let output = run(&["--samples", "2", "--flow", "admin-token", "--flow", "reset"]);
    let table = String::from_utf8(output.stdout).expect("the table is text");
    let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert!(rows.len() == 2 && rows[0].starts_with("| reset |") && rows[1].starts_with("| admin-token |"), "{table}");
    assert!(rows.iter().all(|row| row.ends_with("| too few to say |")), "{table}");
}

#[test]
fn an_unknown_flow_is_refused_with_those_there_are() {
    let output = run(&["--flow", "logn"]);
    let said = String::from_utf8(output.stderr).expect("the fault is text");
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("no flow \"logn\"") && said.contains("login-banned"), "{said}");
}

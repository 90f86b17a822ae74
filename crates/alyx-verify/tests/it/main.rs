//! The checker on the built server: briefly, and in full where long suites run in full.

use std::{path::Path, process::Command};

use alyx_testing::{Value, binary, is_full, record};

/// Fixed, so that a failure can be had again.
const SEED: &str = "20261124";

#[test]
fn nothing_is_lost_duplicated_or_forbidden_while_clients_and_servers_die() {
    let (reconnects, kills) = if is_full() { ("1000", "50") } else { ("120", "5") };
    let programs = binary("alyx-server");
    let mut checker = Command::new(env!("CARGO_BIN_EXE_alyx-verify"));
    checker.env("ALYX_BIN_DIR", programs.parent().unwrap_or(Path::new(".")));
    checker.args(["--json", "--rounds", if is_full() { "8" } else { "4" }]);
    checker.args(["--seed", SEED, "--reconnects", reconnects, "--kills", kills]);
    let output = checker.output().expect("the checker starts");
    let told = String::from_utf8_lossy(&output.stdout);
    eprintln!("seed {SEED}\n{told}{}", String::from_utf8_lossy(&output.stderr));
    let figures: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let fault = figures["fault"].as_str().unwrap_or("no fault");
    assert_eq!(output.status.code(), Some(0), "{fault}");
    let figure = |name: &str| figures[name].as_u64().unwrap_or_default();
    assert!(figure("deltas") > 50 && figure("states_compared") > 100 && figure("documents_judged") > 200, "{figures}");
    record(&format!(
        "live queries: {} reconnects, {} servers killed, {} writes, {} states equal to REST, {} documents judged; {} resumed by difference, {} afresh; 0 lost, 0 duplicated, 0 forbidden",
        figure("reconnects"),
        figure("server_kills"),
        figure("writes"),
        figure("states_compared"),
        figure("documents_judged"),
        figure("resumed_by_difference") + figure("resumed_with_nothing_missed"),
        figure("resumed_afresh_with_other_rights"),
    ));
}

#[test]
fn wrong_usage_is_told_from_a_broken_promise() {
    let output = Command::new(env!("CARGO_BIN_EXE_alyx-verify")).arg("--sead=1").output().expect("it starts");
    assert_eq!(output.status.code(), Some(2));
}

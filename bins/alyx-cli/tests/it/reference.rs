//! What is made from the table of arguments: `docs/cli.md`, completions, help.

use alyx_testing::TestProject;

use crate::{check_golden, cli, repository};

#[test]
fn the_committed_reference_is_the_programs_own() {
    let reference = cli(&TestProject::empty(), &["reference"]).expect_code(0);
    check_golden(&repository().join("docs/cli.md"), &reference.stdout);
}

#[test]
fn completions_are_printed_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let printed = cli(&TestProject::empty(), &["completions", shell]).expect_code(0);
        assert!(printed.stdout.contains("alyx-cli") && printed.stdout.contains("migrate"), "{shell}");
    }
}

#[test]
fn a_slip_in_a_command_is_wrong_usage_with_a_suggestion() {
    let refused = cli(&TestProject::empty(), &["migrte", "status"]).expect_code(2);
    assert!(refused.stderr.contains("'migrate'"), "{}", refused.stderr);
}

#[test]
fn without_a_command_the_help_is_shown() {
    let help = cli(&TestProject::empty(), &[]).expect_code(2);
    assert!(help.stderr.contains("Serve, change and look after an Alyx project"), "{}", help.stderr);
}

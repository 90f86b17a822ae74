//! Suites against the running server: operators, paging, hostile input, attacks, sudden death.
//!
//! `ALYX_TEST_FULL=1` runs the long ones in full; `cargo xtask test --full` sets it.

mod attacks;
mod hostile;
mod injection;
mod operators;
mod paging;
mod random;
mod sudden_death;

/// Whether the long suites run in full.
fn full() -> bool {
    std::env::var_os("ALYX_TEST_FULL").is_some_and(|value| value == "1")
}

/// Adds a line to the file that `ALYX_FIGURES` names: what a full run measured.
fn figures(line: &str) {
    let Some(path) = std::env::var_os("ALYX_FIGURES") else { return };
    let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
    let written = file.and_then(|mut file| std::io::Write::write_all(&mut file, format!("{line}\n").as_bytes()));
    written.expect("the file for figures can be written");
}

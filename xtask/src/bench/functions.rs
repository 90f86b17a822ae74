//! `cargo xtask bench functions`: functions as processes and in containers of a real engine, one after the other.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result};
use serde_json::Value;

use super::{
    contest::{ADMIN_TOKEN, project_folder},
    medians,
    table::{disturbance, number},
};
use crate::{command::run as run_command, setup::Engine, workspace::Workspace};

/// What stands for all of it on the command line.
pub(super) const NAME: &str = "functions";
const WORKLOADS: &str = "functions-node,functions-python,functions-go,functions-writers";
const WORLD: &str = "--rows 4000 --users 128";
const QUICK: &str = "--rows 4000 --users 120 --authors 64 --seconds 2";
const LANGUAGES: [&str; 3] = ["node", "python", "go"];

/// How it is run.
pub(super) struct Bench<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) runs: usize,
    pub(super) quick: bool,
    pub(super) port: u16,
}

/// A way to run workers, with the settings that it takes.
struct Mode {
    name: &'static str,
    settings: Vec<(&'static str, String)>,
}

impl Bench<'_> {
    /// Runs all of it; the tables.
    pub(super) fn run(&self) -> Result<String> {
        let engine = Engine::start(self.workspace)?;
        let mut modes = vec![Mode { name: "process", settings: Vec::new() }];
        let settings = vec![
            ("ENGINE", engine.address()),
            ("NODE_IMAGE", engine.node_image()?),
            ("PYTHON_IMAGE", engine.python_image()?),
        ];
        modes.push(Mode { name: "container", settings });
        let mut runs: Vec<Vec<Value>> = vec![Vec::new(); modes.len()];
        for round in 1..=self.runs {
            for (mode, runs) in modes.iter().zip(&mut runs) {
                println!("\n== functions, {}, run {round}", mode.name);
                runs.push(self.once(mode)?);
            }
        }
        let results: Vec<_> = modes.iter().zip(&runs).map(|(mode, runs)| (mode.name, medians::of(runs))).collect();
        Ok(draw(&results))
    }

    fn once(&self, mode: &Mode) -> Result<Value> {
        let folder = project_folder(self.workspace)?;
        copy_functions(&self.workspace.root.join("crates/alyx-bench/functions"), &folder.join("functions"))?;
        let results = folder.join("results.json");
        let program = self.workspace.program("release", "alyx-server");
        let start = format!("'{}' --host 127.0.0.1 --port {} .", program.display(), self.port);
        let mut harness = Command::new(self.workspace.program("release", "alyx-bench"));
        harness.args(["--product", "alyx", "--start", &start, "--workload", WORKLOADS]).arg("--json").arg(&results);
        harness.args(["--url", &format!("http://127.0.0.1:{}", self.port)]).env("ALYX_ADMIN_TOKEN", ADMIN_TOKEN);
        harness.args(if self.quick { QUICK } else { WORLD }.split(' ')).env("ALYX_FUNCTIONS_MODE", mode.name);
        for (name, value) in &mode.settings {
            harness.env(format!("ALYX_FUNCTIONS_{name}"), value);
        }
        run_command(harness.current_dir(&folder))?;
        let text = fs::read(&results).with_context(|| results.display().to_string())?;
        Ok(serde_json::from_slice(&text)?)
    }
}

fn copy_functions(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

/// One table of calls and one of those who write meanwhile.
fn draw(results: &[(&str, Vec<Value>)]) -> String {
    let mut lines: Vec<String> = [
        "| workers | warm p50 ms | p99 ms | calls/s | CPU µs/call of the server | cold p50 ms | reads p50 ms | transaction p50 ms | idle MiB |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    .map(String::from)
    .into();
    let found = |results: &[Value], name: &str| results.iter().find(|result| result["workload"] == name).cloned();
    for (mode, results) in results {
        for language in LANGUAGES {
            let Some(result) = found(results, &format!("functions-{language}")) else { continue };
            lines.push(calls_line(&format!("{language}, {mode}"), &result));
        }
    }
    lines.extend(
        ["", "| others write 200/s | p50 ms | p99 ms | transactions | refused |", "|---|--:|--:|--:|--:|"]
            .map(String::from),
    );
    for (mode, results) in results {
        let Some(result) = found(results, "functions-writers") else { continue };
        for (round, title) in [
            ("alone", "alone"),
            ("reading", "beside ten transactions of a second that read"),
            ("writing", "beside ten that write at once and then wait for 0.9 s"),
        ] {
            lines.push(writers_line(&format!("{title}, {mode}"), &result[round]));
        }
    }
    if let Some(note) = disturbance(results.iter().flat_map(|(_, results)| results)) {
        lines.extend([String::new(), note]);
    }
    lines.join("\n") + "\n"
}

fn calls_line(title: &str, result: &Value) -> String {
    let keys =
        ["p50_ms", "p99_ms", "calls_s", "calls_cpu_us", "cold_p50_ms", "read_p50_ms", "transaction_p50_ms", "idle_mib"];
    let figures = keys.map(|key| number(result[key].as_f64()));
    format!("| {title} | {} |", figures.join(" | "))
}

fn writers_line(title: &str, result: &Value) -> String {
    let figures = ["p50_ms", "p99_ms", "transactions", "refused"].map(|key| number(result[key].as_f64()));
    format!("| {title} | {} |", figures.join(" | "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn each_language_and_each_mode_has_its_line() {
        let node = json!({"workload": "functions-node", "p50_ms": 0.44, "p99_ms": 1.0, "calls_s": 5409.0, "cold_p50_ms": 72.0});
        let writers = json!({"workload": "functions-writers", "alone": {"p50_ms": 1.0, "p99_ms": 2.0, "transactions": 0},
            "reading": {"p50_ms": 1.5, "p99_ms": 2.5, "transactions": 90, "refused": 1}, "writing": {}});
        let text = super::draw(&[("process", vec![node.clone(), writers]), ("container", vec![node])]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[2], "| node, process | 0.44 | 1.00 | 5409 | - | 72.0 | - | - | - |");
        assert!(lines[3].starts_with("| node, container | 0.44 |"));
        assert_eq!(lines[8], "| beside ten transactions of a second that read, process | 1.50 | 2.50 | 90.0 | 1.00 |");
    }
}

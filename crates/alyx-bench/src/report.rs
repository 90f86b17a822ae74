//! The table of one run.

use anyhow::{Result, ensure};
use serde_json::Value;

const COLUMNS: [(&str, &str); 9] = [
    ("ops_s", "ops/s"),
    ("p50_ms", "p50 ms"),
    ("p95_ms", "p95 ms"),
    ("p99_ms", "p99 ms"),
    ("errors", "errors"),
    ("cpu_us", "CPU µs/op"),
    ("client_cpu_s", "client CPU s"),
    ("others_cpu_s", "others CPU s"),
    ("rss_max_mib", "RSS MiB"),
];
const NOTES: [&str; 5] = ["startup_ms", "idle_rss_mib", "program_mib", "threads", "idle_cpu_s_per_min"];

/// Prints results as a Markdown table, and below it what has no column.
pub(crate) fn table(results: &[Value]) {
    let head: Vec<String> = COLUMNS.iter().map(|(_, title)| format!(" {title:>12} |")).collect();
    println!("| {:<13} |{}", "workload", head.concat());
    println!("|{}|{}", "-".repeat(15), format!("{}:|", "-".repeat(13)).repeat(COLUMNS.len()));
    for result in results {
        row(result["workload"].as_str().unwrap_or("?"), result);
        for (class, part) in result["classes"].as_object().into_iter().flatten() {
            row(&format!("  {class}"), part);
        }
    }
    results.iter().for_each(notes);
}

/// Fails where a workload had errors: its figures mean nothing then.
pub(crate) fn demand_no_errors(results: &[Value]) -> Result<()> {
    let faulty: Vec<&str> = results.iter().filter(|r| has_errors(r)).filter_map(|r| r["workload"].as_str()).collect();
    ensure!(faulty.is_empty(), "errors in {}", faulty.join(", "));
    Ok(())
}

fn has_errors(result: &Value) -> bool {
    result["errors"].as_u64().is_some_and(|errors| errors > 0)
}

fn row(name: &str, result: &Value) {
    let cells: Vec<String> = COLUMNS.iter().map(|(key, _)| format!(" {:>12} |", number(&result[*key]))).collect();
    println!("| {name:<13} |{}", cells.concat());
}

fn notes(result: &Value) {
    let name = &result["workload"];
    if has_errors(result) {
        println!("ERRORS in {name}: {} {}", result["errors"], result["error_samples"]);
    }
    let known: Vec<String> = NOTES
        .iter()
        .filter(|key| !result[**key].is_null())
        .map(|key| format!("{key} {}", number(&result[*key])))
        .collect();
    if !known.is_empty() {
        println!("{name}: {}", known.join(", "));
    }
}

fn number(value: &Value) -> String {
    match value.as_f64() {
        None => "-".to_owned(),
        Some(number) if number != 0.0 && number.abs() < 10.0 => format!("{number:.2}"),
        Some(number) if number.abs() < 1000.0 => format!("{number:.1}"),
        Some(number) => format!("{number:.0}"),
    }
}

//! The tables of the realtime workloads, which are those with subscribers.

use serde_json::Value;

use super::table::{Pair, disturbance, heading, same_workload};

const FANOUT: [&str; 2] = [
    "| workload | subscribers | CPU ms/write | times less | of a write alone | received p50 ms | p95 ms | p99 ms | write p99 ms | without subscribers | KiB each |",
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
];
const CONNECTIONS: [&str; 2] = [
    "| idle subscribers | KiB each | CPU s/min | other writes: CPU µs | without them | p99 ms | without them |",
    "|---|--:|--:|--:|--:|--:|--:|",
];

/// Whether a result is of a realtime workload.
pub(super) fn is_realtime(result: &Value) -> bool {
    !result["subscribers"].is_null()
}

/// The Markdown tables; empty where no workload has subscribers.
pub(super) fn draw(ours: &[Value], peer: Option<&[Value]>) -> String {
    let pairs = |idle: bool| {
        let chosen =
            ours.iter().filter(move |result| is_realtime(result) && (result["workload"] == "connections") == idle);
        chosen.map(|ours| Pair { ours, peer: peer.and_then(|peer| same_workload(peer, ours)) })
    };
    let fanout: Vec<String> = pairs(false).map(|pair| fanout_line(&pair)).collect();
    let connections: Vec<String> = pairs(true).map(|pair| connections_line(&pair)).collect();
    if fanout.is_empty() && connections.is_empty() {
        return String::new();
    }
    let mut lines = vec![heading(peer), String::new()];
    if !fanout.is_empty() {
        lines.extend(FANOUT.map(String::from).into_iter().chain(fanout));
    }
    if !connections.is_empty() {
        if !lines[lines.len() - 1].is_empty() {
            lines.push(String::new());
        }
        lines.extend(CONNECTIONS.map(String::from).into_iter().chain(connections));
    }
    let both = ours.iter().chain(peer.into_iter().flatten()).filter(|result| is_realtime(result));
    if let Some(note) = disturbance(both) {
        lines.extend([String::new(), note]);
    }
    lines.join("\n") + "\n"
}

fn fanout_line(pair: &Pair<'_>) -> String {
    format!(
        "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
        pair.ours["workload"].as_str().unwrap_or("?"),
        subscribers(pair.ours),
        pair.both_of(|result| Some(result["cpu_us"].as_f64()? / 1000.0)),
        pair.ratio("cpu_us", true),
        pair.both_of(|result| Some(result["alone_cpu_us"].as_f64()? / 1000.0)),
        pair.both("p50_ms"),
        pair.both("p95_ms"),
        pair.both("p99_ms"),
        pair.both_of(|result| result["write"]["p99_ms"].as_f64()),
        pair.both_of(|result| result["write_alone"]["p99_ms"].as_f64()),
        pair.both("kib_each"),
    )
}

fn subscribers(result: &Value) -> String {
    format!("{:.0}", result["subscribers"].as_f64().unwrap_or_default())
}

fn connections_line(pair: &Pair<'_>) -> String {
    format!(
        "| {} | {} | {} | {} | {} | {} | {} |",
        subscribers(pair.ours),
        pair.both("kib_each"),
        pair.both("idle_cpu_s_per_min"),
        pair.both("cpu_us"),
        pair.both("alone_cpu_us"),
        pair.both("p99_ms"),
        pair.both_of(|result| result["write_alone"]["p99_ms"].as_f64()),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn only_workloads_with_subscribers_are_drawn() {
        let ours = [
            json!({"workload": "get", "cpu_us": 20.0}),
            json!({"workload": "fanout", "subscribers": 1000.0, "cpu_us": 5000.0, "p50_ms": 2.0,
                "write": {"p99_ms": 1.0}, "write_alone": {"p99_ms": 0.5}}),
            json!({"workload": "connections", "subscribers": 10_000.0, "kib_each": 30.0}),
        ];
        let peer = [json!({"workload": "fanout", "cpu_us": 200_000.0, "p50_ms": 900.0, "kib_each": 50.0})];
        let text = super::draw(&ours, Some(&peer));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[4],
            "| fanout | 1000 | 5.00 / 200 | 40.0x | - / - | 2.00 / 900 | - / - | - / - | 1.00 / - | 0.50 / - | - / 50.0 |"
        );
        assert_eq!(lines[8], "| 10000 | 30.0 | - | - | - | - | - |");
        assert_eq!(super::draw(&ours[..1], None), "");
    }
}

//! The tables: a line a workload, Alyx before its peer.

use std::process::Command;

use serde_json::Value;

use super::realtime::is_realtime;
use crate::command::output;

/// Figures of one workload, by the harness's names.
pub(super) struct Pair<'a> {
    pub(super) ours: &'a Value,
    pub(super) peer: Option<&'a Value>,
}

impl Pair<'_> {
    pub(super) fn both(&self, key: &str) -> String {
        self.both_of(|result| result[key].as_f64())
    }

    pub(super) fn both_of(&self, figure: impl Fn(&Value) -> Option<f64>) -> String {
        let peer = self.peer.map_or_else(String::new, |peer| format!(" / {}", number(figure(peer))));
        number(figure(self.ours)) + &peer
    }

    /// How many times as much; the smaller figure is the better one where `less_is_better`.
    pub(super) fn ratio(&self, key: &str, less_is_better: bool) -> String {
        let figures = self.ours[key].as_f64().zip(self.peer.and_then(|peer| peer[key].as_f64()));
        let ratio = figures.map(|(ours, peer)| if less_is_better { peer / ours } else { ours / peer });
        ratio.filter(|ratio| ratio.is_finite()).map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.1}x"))
    }
}

/// The Markdown tables.
pub(super) fn draw(ours: &[Value], peer: Option<&[Value]>) -> String {
    let ours: Vec<Value> = ours.iter().filter(|result| !is_realtime(result)).cloned().collect();
    if ours.is_empty() {
        return String::new();
    }
    let mut lines = vec![
        heading(peer),
        String::new(),
        "| workload | ops/s | times | CPU µs/op | times less | p50 ms | p99 ms | largest RSS MiB |".to_owned(),
        "|---|--:|--:|--:|--:|--:|--:|--:|".to_owned(),
    ];
    let pairs = |idle: bool| ours.iter().filter(move |result| (result["workload"] == "idle") == idle);
    let pair = |ours| Pair { ours, peer: peer.and_then(|peer| same_workload(peer, ours)) };
    lines.extend(pairs(false).map(|result| load_line(&pair(result))));
    for result in pairs(true) {
        lines.extend(
            ["", "| at rest | start ms | RSS MiB | program MiB | CPU s/min |", "|---|--:|--:|--:|--:|"]
                .map(String::from),
        );
        lines.push(idle_line(&pair(result)));
    }
    lines.extend(rule_lines(&ours));
    lines.extend(storm_lines(&pairs(false).map(pair).collect::<Vec<_>>()));
    let both = ours.iter().chain(peer.into_iter().flatten());
    if let Some(note) = disturbance(both) {
        lines.extend([String::new(), note]);
    }
    lines.join("\n") + "\n"
}

/// Whose figures are left and right.
pub(super) fn heading(peer: Option<&[Value]>) -> String {
    if peer.is_some() { "Alyx / PocketBase:".to_owned() } else { "Alyx:".to_owned() }
}

/// What rules cost: a workload under its rule beside the same as a filter alone.
fn rule_lines(ours: &[Value]) -> Vec<String> {
    let cpu = |name: &str| ours.iter().find(|result| result["workload"] == name)?["cpu_us"].as_f64();
    let lines = [("list", "list-open"), ("feed-nototal", "feed-open")].into_iter().filter_map(|(bound, open)| {
        let (bound_us, open_us) = (cpu(bound)?, cpu(open)?);
        Some(format!("| {bound} | {bound_us:.0} | {open_us:.0} | {:.2}x |", bound_us / open_us))
    });
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return lines;
    }
    let heading = ["", "| Alyx | CPU µs/op under the rule | as a filter alone | times |", "|---|--:|--:|--:|"];
    heading.map(String::from).into_iter().chain(lines).collect()
}

/// How reads fare while others sign in: the `get` of both workloads.
fn storm_lines(pairs: &[Pair<'_>]) -> Vec<String> {
    let find = |name: &str| pairs.iter().find(|pair| pair.ours["workload"] == name);
    let Some((quiet, storm)) = find("get").zip(find("storm")) else { return Vec::new() };
    let p99 = |quiet: Option<&Value>, storm: Option<&Value>| {
        let figures = quiet.and_then(|quiet| quiet["p99_ms"].as_f64());
        let (quiet, storm) = figures.zip(storm.and_then(|storm| storm["classes"]["get"]["p99_ms"].as_f64()))?;
        Some(format!("{quiet:.2} | {storm:.2} | {:.1}x", storm / quiet))
    };
    let mut lines = vec![
        String::new(),
        "| reads while 8 sign in | p99 ms quiet | p99 ms meanwhile | times |".to_owned(),
        "|---|--:|--:|--:|".to_owned(),
    ];
    let products = [("Alyx", Some(quiet.ours), Some(storm.ours)), ("PocketBase", quiet.peer, storm.peer)];
    for (name, quiet, storm) in products {
        lines.extend(p99(quiet, storm).map(|figures| format!("| {name} | {figures} |")));
    }
    lines
}

/// A warning where other programs took more than a tenth of a core.
pub(super) fn disturbance<'a>(results: impl Iterator<Item = &'a Value>) -> Option<String> {
    let others = |result: &Value| Some(result["others_cpu_s"].as_f64()? / result["seconds"].as_f64()?);
    let most = results.filter_map(others).fold(0.0, f64::max);
    (most > 0.1)
        .then(|| format!("Other programs used up to {most:.1} cores meanwhile: do not trust throughput and latency."))
}

fn load_line(pair: &Pair<'_>) -> String {
    format!(
        "| {} | {} | {} | {} | {} | {} | {} | {} |",
        pair.ours["workload"].as_str().unwrap_or("?"),
        pair.both("ops_s"),
        pair.ratio("ops_s", false),
        pair.both("cpu_us"),
        pair.ratio("cpu_us", true),
        pair.both("p50_ms"),
        pair.both("p99_ms"),
        pair.both("rss_max_mib"),
    )
}

fn idle_line(pair: &Pair<'_>) -> String {
    let figures = ["startup_ms", "idle_rss_mib", "program_mib", "idle_cpu_s_per_min"].map(|key| pair.both(key));
    format!("| idle | {} |", figures.join(" | "))
}

pub(super) fn same_workload<'a>(results: &'a [Value], like: &Value) -> Option<&'a Value> {
    results.iter().find(|result| result["workload"] == like["workload"])
}

pub(super) fn number(value: Option<f64>) -> String {
    match value {
        None => "-".to_owned(),
        Some(number) if number != 0.0 && number.abs() < 10.0 => format!("{number:.2}"),
        Some(number) if number.abs() < 100.0 => format!("{number:.1}"),
        Some(number) => format!("{number:.0}"),
    }
}

/// The tables with when and on what they were measured.
pub(super) fn dated(tables: &str, runs: usize) -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let date = output(Command::new("date").args(["-u", "+%F"])).unwrap_or_default();
    format!(
        "Measured on {} on {cores} cores, medians of {runs} runs, by `cargo xtask bench --write-docs`.\n\n{tables}",
        date.trim(),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn ratios_say_how_much_better_alyx_is() {
        let ours = [json!({"workload": "get", "ops_s": 500.0, "cpu_us": 20.0, "p50_ms": 1.0})];
        let peer = [json!({"workload": "get", "ops_s": 100.0, "cpu_us": 400.0, "p50_ms": 5.0})];
        let text = super::draw(&ours, Some(&peer));
        let line = text.lines().last().expect("there is a line");
        assert_eq!(line, "| get | 500 / 100 | 5.0x | 20.0 / 400 | 20.0x | 1.00 / 5.00 | - / - | - / - |");
    }
}

//! The table of all findings, and the same as JSON.

use alyx_testing::{Value, json};

use crate::{
    comparison::Comparison,
    flow::Expected,
    statistics::least_noticed,
    verdict::{Finding, Verdict},
};

pub(crate) const HEAD: [&str; 2] = [
    "| flow | what is compared | n a side | median ms | 95% ms | D | p | verdict |",
    "|---|---|--:|--:|--:|--:|--:|---|",
];
/// Cores: with more taken by others, small leaks hide in the noise.
const QUIET: f64 = 0.1;

/// A Markdown table and what is to be said of it.
pub(crate) fn table(findings: &[Finding]) -> String {
    let rows = findings.iter().map(row).collect::<Vec<_>>();
    [HEAD.join("\n"), rows.join("\n"), notes(findings)].join("\n")
}

/// A line for each measurement of a flow.
pub(crate) fn row(finding: &Finding) -> String {
    let Some(second) = &finding.second else { return line(finding, &finding.first, said(finding.verdict)) };
    [line(finding, &finding.first, "measured again"), line(finding, second, said(finding.verdict))].join("\n")
}

fn line(finding: &Finding, comparison: &Comparison, verdict: &str) -> String {
    let flow = finding.flow;
    let both = |[left, right]: [f64; 2]| format!("{left:.3} / {right:.3}");
    format!(
        "| {} | {} / {} | {} | {} | {} | {:.4} | {} | {verdict} |",
        flow.name,
        flow.sides[0],
        flow.sides[1],
        comparison.size,
        both(comparison.median),
        both(comparison.slow),
        comparison.distance,
        probability(comparison.probability),
    )
}

fn said(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Alike => "alike",
        Verdict::Noticed => "told apart, as it must be",
        Verdict::ToldApart => "**told apart**",
        Verdict::AnsweredApart => "**answered differently**",
        Verdict::Blind => "**not told apart: nothing would have been noticed**",
        Verdict::TooFew => "too few to say",
    }
}

fn probability(probability: f64) -> String {
    if probability < 1e-4 { format!("{probability:.0e}") } else { format!("{probability:.4}") }
}

/// How to read the figures, and answers that should have been alike.
pub(crate) fn notes(findings: &[Finding]) -> String {
    let mut notes = Vec::new();
    let alike = findings.iter().filter(|finding| finding.flow.expected == Expected::Alike).count();
    if let Some(size) = findings.iter().map(|finding| finding.first.size).min() {
        notes.push(format!(
            "\nOf {alike} pairs that are alike, {:.1} would have p <= 0.01 by chance, which is why those are measured again. \
             A D below {:.3} is not noticed.",
            alike as f64 * 0.01,
            least_noticed(size)
        ));
    }
    let others = findings.iter().flat_map(measurements).filter_map(|comparison| comparison.others);
    let most = others.fold(0.0, f64::max);
    if most > QUIET {
        notes.push(format!(
            "\nOther programs used up to {most:.1} cores meanwhile, in whose noise small leaks can hide."
        ));
    }
    for finding in findings.iter().filter(|finding| !finding.differences.is_empty()) {
        notes.push(format!("\nAnswers of {} that only one side got:", finding.flow.name));
        notes.extend(finding.differences.iter().map(|answer| format!("\n```text\n{answer}\n```")));
    }
    notes.join("\n")
}

fn measurements(finding: &Finding) -> impl Iterator<Item = &Comparison> {
    std::iter::once(&finding.first).chain(&finding.second)
}

/// Every figure.
pub(crate) fn json(findings: &[Finding]) -> Value {
    let flows = findings.iter().map(|finding| {
        json!({
            "flow": finding.flow.name,
            "sides": finding.flow.sides,
            "control": finding.flow.expected == Expected::Different,
            "verdict": format!("{:?}", finding.verdict),
            "differences": finding.differences,
            "measurements": measurements(finding).map(figures).collect::<Vec<_>>(),
        })
    });
    json!({ "flows": flows.collect::<Vec<_>>() })
}

fn figures(comparison: &Comparison) -> Value {
    json!({
        "samples": comparison.size, "d": comparison.distance, "p": comparison.probability,
        "median_ms": comparison.median, "p95_ms": comparison.slow, "others_cores": comparison.others,
    })
}

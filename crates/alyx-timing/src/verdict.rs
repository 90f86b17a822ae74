//! What becomes of a flow: measured once, measured again where chance alone would be a poor excuse, then judged.

use anyhow::Result;

use crate::{
    arguments::Arguments,
    comparison::Comparison,
    flow::{Expected, Flow},
    machine::Watch,
    sampling::{self, Samples},
    world::World,
};

/// Fewer samples of each side judge nothing.
const FEWEST: u32 = 2000;
/// A difference at least as large that chance would make once in a hundred measurements counts.
const SIGNIFICANT: f64 = 0.01;
/// A second measurement has more samples than the first, so that a leak which was there does not slip through it.
const TIMES_AS_MANY: usize = 2;

/// A flow and all that was measured of it.
pub(crate) struct Finding {
    pub(crate) flow: &'static Flow,
    pub(crate) first: Comparison,
    /// With fresh samples, where the first was suspicious.
    pub(crate) second: Option<Comparison>,
    /// What one side was answered and the other was not, where they must be alike.
    pub(crate) differences: Vec<String>,
    pub(crate) verdict: Verdict,
}

/// How a flow was judged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// Nothing tells the sides apart, as it must be.
    Alike,
    /// A control whose sides are told apart, as they must be.
    Noticed,
    /// The time tells.
    ToldApart,
    /// The answer itself tells.
    AnsweredApart,
    /// A control whose sides are not told apart: leaks would not have been, either.
    Blind,
    /// There are too few samples to judge.
    TooFew,
}

impl Verdict {
    pub(crate) fn is_failure(self) -> bool {
        matches!(self, Self::ToldApart | Self::AnsweredApart | Self::Blind)
    }
}

/// Measures a flow on a fresh server, and again on another where the first measurement was suspicious.
pub(crate) fn find(flow: &'static Flow, arguments: &Arguments) -> Result<Finding> {
    let samples = arguments.samples;
    let (first, answers) = measure(flow, arguments, samples as usize)?;
    let differences = differences(flow, &answers);
    let is_suspicious = samples >= FEWEST && flow.expected == Expected::Alike && is_significant(&first);
    let second = match is_suspicious {
        true => Some(measure(flow, arguments, samples as usize * TIMES_AS_MANY)?.0),
        false => None,
    };
    let verdict = judge(flow.expected, (&first, second.as_ref()), &differences);
    Ok(Finding { flow, first, second, differences, verdict })
}

fn measure(flow: &'static Flow, arguments: &Arguments, count: usize) -> Result<(Comparison, Samples)> {
    let mut world = World::start(flow.verification, arguments);
    let sides = (flow.prepare)(&mut world)?;
    let watch = Watch::start(world.process());
    let samples = sampling::take(flow, world.client(), sides, count)?;
    Ok((Comparison::of(&samples, watch.others()), samples))
}

fn judge(expected: Expected, (first, second): (&Comparison, Option<&Comparison>), differences: &[String]) -> Verdict {
    let told_apart = is_significant(first) && second.is_none_or(is_significant);
    match expected {
        _ if first.size < FEWEST as usize => Verdict::TooFew,
        Expected::Different if told_apart => Verdict::Noticed,
        Expected::Different => Verdict::Blind,
        Expected::Alike if !differences.is_empty() => Verdict::AnsweredApart,
        Expected::Alike if told_apart => Verdict::ToldApart,
        Expected::Alike => Verdict::Alike,
    }
}

fn is_significant(comparison: &Comparison) -> bool {
    comparison.probability <= SIGNIFICANT
}

fn differences(flow: &Flow, samples: &Samples) -> Vec<String> {
    let [left, right] = &samples.answers;
    let alike = flow.expected == Expected::Alike;
    left.symmetric_difference(right).filter(|_| alike).cloned().collect()
}

//! Two samples set side by side.

use crate::{
    sampling::Samples,
    statistics::{distance, probability, quantile},
};

/// What one measurement of a flow came to.
#[derive(Clone, Debug)]
pub(crate) struct Comparison {
    /// Samples of each side.
    pub(crate) size: usize,
    /// The statistic of Kolmogorov and Smirnov, and the probability of one at least as large by chance.
    pub(crate) distance: f64,
    pub(crate) probability: f64,
    /// Of each side, in milliseconds.
    pub(crate) median: [f64; 2],
    pub(crate) slow: [f64; 2],
    /// Cores that other programs kept busy meanwhile, where the system tells.
    pub(crate) others: Option<f64>,
}

impl Comparison {
    pub(crate) fn of(samples: &Samples, others: Option<f64>) -> Self {
        let [left, right] = &samples.times;
        let distance = distance(left, right);
        let both = |share| [left, right].map(|side| quantile(side, share) as f64 / 1e6);
        Self {
            size: left.len(),
            distance,
            probability: probability(distance, (left.len(), right.len())),
            median: both(0.5),
            slow: both(0.95),
            others,
        }
    }
}

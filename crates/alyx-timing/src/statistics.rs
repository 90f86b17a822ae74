//! The two-sample test of Kolmogorov and Smirnov, and quantiles.
//!
//! N. Smirnov, "Table for estimating the goodness of fit of empirical distributions", Annals of Mathematical Statistics 19
//! (1948), pages 279 to 281, gives both the theorem and the table that the tests compare with.

use std::f64::consts::PI;

/// The largest distance between the distribution functions of two samples, both sorted. Equal values move both at once.
pub(crate) fn distance(left: &[u64], right: &[u64]) -> f64 {
    let (mut i, mut j, mut most) = (0, 0, 0.0_f64);
    while i < left.len() && j < right.len() {
        let value = left[i].min(right[j]);
        i += left[i..].iter().take_while(|own| **own == value).count();
        j += right[j..].iter().take_while(|own| **own == value).count();
        most = most.max((i as f64 / left.len() as f64 - j as f64 / right.len() as f64).abs());
    }
    most
}

/// How likely a distance at least as large is where both samples are of one distribution. The limit for large samples;
/// with thousands on each side it is right to some percent of itself.
pub(crate) fn probability(distance: f64, sizes: (usize, usize)) -> f64 {
    let (left, right) = (sizes.0 as f64, sizes.1 as f64);
    exceeds((left * right / (left + right)).sqrt() * distance)
}

/// The distance of which the probability is just 0.01: what less of a difference is not noticed.
pub(crate) fn least_noticed(size: usize) -> f64 {
    const AT_ONE_PERCENT: f64 = 1.627_6;
    AT_ONE_PERCENT * (2.0 / size as f64).sqrt()
}

/// That Kolmogorov's statistic exceeds this: each of the two series of his distribution, where it needs few terms.
fn exceeds(value: f64) -> f64 {
    if value <= 0.0 {
        return 1.0;
    }
    let odd = |k: u32| f64::from(2 * k - 1);
    if value < 1.0 {
        let terms = (1..=4).map(|k| (-(odd(k) * PI / value).powi(2) / 8.0).exp());
        return 1.0 - (2.0 * PI).sqrt() / value * terms.sum::<f64>();
    }
    let sign = |k: u32| if k % 2 == 1 { 2.0 } else { -2.0 };
    let terms = (1..=6).map(|k| sign(k) * (-2.0 * (f64::from(k) * value).powi(2)).exp());
    terms.sum::<f64>().clamp(0.0, 1.0)
}

/// The smallest value that so much of a sorted sample does not exceed.
pub(crate) fn quantile(sorted: &[u64], share: f64) -> u64 {
    let place = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(place.clamp(1, sorted.len().max(1)) - 1).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests;

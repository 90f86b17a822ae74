//! Percentiles of latency, over all requests and by their class.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The percentiles of all samples; of each class too, where there are several.
pub(super) fn report(samples: &[(&'static str, u32)]) -> Value {
    let mut classes: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (class, micros) in samples {
        classes.entry(class).or_default().push(*micros);
    }
    let mut report = percentiles(samples.iter().map(|sample| sample.1).collect());
    if classes.len() > 1 {
        for (class, samples) in classes {
            report["classes"][class] = percentiles(samples);
        }
    }
    report
}

/// p50, p95, p99 and the worst, in milliseconds.
pub(crate) fn percentiles(mut micros: Vec<u32>) -> Value {
    micros.sort_unstable();
    let at = |share: f64| {
        let rank = (micros.len() as f64 * share).ceil() as usize;
        micros.get(rank.saturating_sub(1)).map(|micros| f64::from(*micros) / 1000.0)
    };
    json!({"ops": micros.len(), "p50_ms": at(0.50), "p95_ms": at(0.95), "p99_ms": at(0.99), "max_ms": at(1.0)})
}

#[cfg(test)]
mod tests {
    use super::percentiles;

    #[test]
    fn a_percentile_is_the_smallest_sample_that_covers_its_share() {
        let report = percentiles((1..=100).map(|millis| millis * 1000).rev().collect());
        assert_eq!(report["p50_ms"], 50.0);
        assert_eq!(report["p99_ms"], 99.0);
        assert_eq!(report["max_ms"], 100.0);
    }

    #[test]
    fn no_samples_have_no_percentiles() {
        assert!(percentiles(Vec::new())["p50_ms"].is_null());
    }
}

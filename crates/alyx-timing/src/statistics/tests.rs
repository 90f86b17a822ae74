//! The statistics against published values, and against samples whose distributions are known.

use super::*;
use crate::random::Random;

#[test]
fn the_distribution_is_that_of_smirnovs_table() {
    for (value, not_exceeded) in [
        (0.28, 0.000_001),
        (0.50, 0.036_055),
        (0.99, 0.719_126),
        (1.00, 0.730_000),
        (1.01, 0.740_566),
        (1.50, 0.977_782),
        (2.00, 0.999_329),
    ] {
        assert!((1.0 - exceeds(value) - not_exceeded).abs() <= 5e-7, "{value}: {}", exceeds(value));
    }
}

#[test]
fn the_distribution_is_right_to_the_last_digits() {
    for (value, exceeded) in [
        (0.0, 1.0),
        (0.5, 0.963_945_243_664_875_1),
        (0.827_573_555_189_907_7, 0.5),
        (1.0, 0.269_999_671_677_354_56),
        (1.36, 0.049_485_876_755_377_876),
        (2.0, 0.000_670_925_255_779_695_3),
        (40.0, 0.0),
    ] {
        assert!((exceeds(value) - exceeded).abs() < 1e-13, "{value}: {}", exceeds(value));
    }
}

#[test]
fn both_series_agree_where_one_takes_over() {
    assert!((exceeds(1.0) - exceeds(1.0 - 1e-12)).abs() < 1e-10);
}

#[test]
fn the_distance_is_the_widest_gap() {
    for (left, right, expected) in [
        (&[1, 2, 3, 4][..], &[1, 2, 3, 4][..], 0.0),
        (&[1, 2, 3, 4], &[3, 4, 5, 6], 0.5),
        (&[1, 2], &[3, 4, 5], 1.0),
        (&[1, 3, 5], &[2, 4, 6], 1.0 / 3.0),
        (&[7, 7, 7, 9], &[7, 7, 8, 8], 0.25),
        (&[5, 5, 5], &[5, 5, 5, 5, 5], 0.0),
    ] {
        for (left, right) in [(left, right), (right, left)] {
            assert!((distance(left, right) - expected).abs() < 1e-12, "{left:?} {right:?}");
        }
    }
}

#[test]
fn the_probability_weighs_both_sizes() {
    // The effective size of 2000 and 2000 is 1000, that of 1500 and 3000 too.
    let expected = exceeds(1000_f64.sqrt() * 0.05);
    for sizes in [(2000, 2000), (1500, 3000), (3000, 1500)] {
        assert!((probability(0.05, sizes) - expected).abs() < 1e-12);
    }
    assert!((probability(least_noticed(2000), (2000, 2000)) - 0.01).abs() < 1e-4);
}

/// A random number with a long tail, as times have.
fn time(random: &mut Random) -> u64 {
    let uniform = (random.next() >> 11) as f64 / (1_u64 << 53) as f64;
    (50_000.0 - 5_000.0 * (1.0 - uniform).ln()) as u64
}

fn sample(random: &mut Random, more: u64) -> Vec<u64> {
    let mut sample: Vec<u64> = (0..2000).map(|_| time(random) + more).collect();
    sample.sort_unstable();
    sample
}

#[test]
fn what_is_alike_is_seldom_called_different_and_a_shift_is_found() {
    let mut random = Random::new();
    let mut pairs = |more| {
        let p = |_| probability(distance(&sample(&mut random, 0), &sample(&mut random, more)), (2000, 2000));
        (0..200).map(p).collect::<Vec<f64>>()
    };
    let alike = pairs(0);
    // Two of 200 are expected below 0.01; more than 14 of them come once in a thousand million runs.
    assert!(alike.iter().filter(|p| **p <= 0.01).count() <= 14);
    // 100 of 200 are expected; below 50 or above 150 come with a chance of one in ten million million.
    let middle = alike.iter().filter(|p| **p <= 0.5).count();
    assert!((50..=150).contains(&middle), "{middle}");
    // One microsecond of fifty.
    assert!(pairs(1000).iter().all(|p| *p <= 0.01));
}

#[test]
fn quantiles_are_values_of_the_sample() {
    let sample: Vec<u64> = (1..=100).collect();
    assert_eq!([0.0, 0.5, 0.95, 1.0].map(|share| quantile(&sample, share)), [1, 50, 95, 100]);
    assert_eq!((quantile(&[7], 0.5), quantile(&[], 0.5)), (7, 0));
}

//! Token buckets of one rate, so many of them as there are callers, and never more than fit.

use std::collections::HashMap;

use alyx_config::value::Rate;

/// Buckets touched since the last turn; more than this and the turn comes early.
const MOST: usize = 50_000;

type Whose = [u8; 16];

#[derive(Clone, Copy)]
struct Bucket {
    /// Attempts left.
    left: f64,
    at: i64,
}

/// The buckets of one rate. One that nobody touched for a whole period is full, which is as good as none: so those
/// go that were not touched in the last turn.
pub(super) struct Buckets {
    most: f64,
    per_millisecond: f64,
    period: i64,
    touched: HashMap<Whose, Bucket>,
    before: HashMap<Whose, Bucket>,
    turned_at: i64,
}

impl Buckets {
    pub(super) fn new(rate: Rate, times: u32) -> Self {
        let most = f64::from(rate.count.get()) * f64::from(times);
        let period = i64::try_from(rate.per.duration().as_millis()).unwrap_or(i64::MAX);
        Self {
            most,
            per_millisecond: most / period as f64,
            period,
            touched: HashMap::new(),
            before: HashMap::new(),
            turned_at: i64::MIN,
        }
    }

    /// Milliseconds until there is an attempt left; nothing where there is one.
    pub(super) fn wait(&mut self, whose: Whose, now: i64) -> Option<u64> {
        let left = self.bucket(whose, now).left;
        (left < 1.0).then(|| ((1.0 - left) / self.per_millisecond).ceil() as u64)
    }

    pub(super) fn take(&mut self, whose: Whose, now: i64) {
        self.change(whose, now, -1.0);
    }

    pub(super) fn give_back(&mut self, whose: Whose, now: i64) {
        self.change(whose, now, 1.0);
    }

    fn change(&mut self, whose: Whose, now: i64, by: f64) {
        let mut bucket = self.bucket(whose, now);
        bucket.left = (bucket.left + by).clamp(0.0, self.most);
        self.turn(now);
        self.touched.insert(whose, bucket);
    }

    /// The bucket as it is by now.
    fn bucket(&self, whose: Whose, now: i64) -> Bucket {
        let known = self.touched.get(&whose).or_else(|| self.before.get(&whose));
        let Some(known) = known else { return Bucket { left: self.most, at: now } };
        // A clock that was set back gives nothing.
        let passed = (now - known.at).max(0) as f64;
        Bucket { left: (known.left + passed * self.per_millisecond).min(self.most), at: now }
    }

    fn turn(&mut self, now: i64) {
        let is_due = now.saturating_sub(self.turned_at) >= self.period;
        if is_due || self.touched.len() >= MOST {
            self.before = std::mem::take(&mut self.touched);
            self.turned_at = now;
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.touched.len() + self.before.len()
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use alyx_config::value::Period;
    use proptest::prelude::*;

    use super::*;

    fn buckets(count: u32) -> Buckets {
        Buckets::new(Rate { count: NonZeroU32::new(count).unwrap(), per: Period::Minute }, 1)
    }

    fn attempt(buckets: &mut Buckets, whose: u8, now: i64) -> bool {
        let is_let = buckets.wait([whose; 16], now).is_none();
        if is_let {
            buckets.take([whose; 16], now);
        }
        is_let
    }

    #[test]
    fn it_never_grows_beyond_its_bound() {
        let mut buckets = buckets(5);
        for number in 0..3 * MOST as u64 {
            let mut whose = [0; 16];
            whose[..8].copy_from_slice(&number.to_be_bytes());
            buckets.take(whose, 0);
        }
        assert!(buckets.len() <= 2 * MOST, "{}", buckets.len());
    }

    #[test]
    fn the_wait_that_is_told_is_the_one_that_is_needed() {
        let mut buckets = buckets(5);
        assert_eq!((0..7).filter(|_| attempt(&mut buckets, 1, 0)).count(), 5);
        assert_eq!(buckets.wait([1; 16], 0), Some(12_000));
        assert!(!attempt(&mut buckets, 1, 11_999) && attempt(&mut buckets, 1, 12_000));
        assert!(attempt(&mut buckets, 2, 0), "another is not concerned");
        buckets.give_back([1; 16], 12_000);
        assert!(attempt(&mut buckets, 1, 12_000));
    }

    proptest! {
        #[test]
        fn no_period_lets_more_through_than_twice_the_rate(steps in prop::collection::vec((0i64..20_000, 0u8..3), 1..200)) {
            let (mut buckets, mut now, mut passed) = (buckets(5), 0, Vec::new());
            for (step, whose) in steps {
                now += step;
                if attempt(&mut buckets, whose, now) {
                    passed.push((now, whose));
                }
            }
            for (start, whose) in &passed {
                let inside = passed.iter().filter(|(at, other)| other == whose && (*start..start + 60_000).contains(at));
                prop_assert!(inside.count() <= 10);
            }
        }

        #[test]
        fn a_clock_that_goes_back_gives_nothing(times in prop::collection::vec(-100_000i64..0, 1..50)) {
            let mut buckets = buckets(5);
            while attempt(&mut buckets, 1, 0) {}
            for now in times {
                prop_assert!(!attempt(&mut buckets, 1, now));
            }
        }
    }
}

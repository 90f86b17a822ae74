//! Where in the feed the last commits ended, for those who tell of each commit by itself.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

/// Commits remembered.
const REMEMBERED: usize = 256;

/// The last commits of this process; one of another process is seen as part of the next.
#[derive(Debug, Default)]
pub(crate) struct RecentCommits(Mutex<VecDeque<i64>>);

impl RecentCommits {
    pub(super) fn add(&self, position: i64) {
        let mut commits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if commits.len() == REMEMBERED {
            commits.pop_front();
        }
        commits.push_back(position);
    }

    /// Where those ended that lie between two positions, both left out, in order.
    pub(crate) fn between(&self, after: i64, before: i64) -> Vec<i64> {
        let commits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let late = commits.iter().rev().skip_while(|position| **position >= before);
        let mut between: Vec<i64> = late.take_while(|position| **position > after).copied().collect();
        between.reverse();
        between
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_are_remembered() {
        let commits = RecentCommits::default();
        (1..=300).for_each(|number| commits.add(number * 2));
        assert_eq!(commits.between(594, 600), [596, 598]);
        assert_eq!(commits.between(600, 700), [0; 0]);
        assert_eq!(commits.between(0, 600).len(), REMEMBERED - 1);
    }
}

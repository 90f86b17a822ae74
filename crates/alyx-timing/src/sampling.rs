//! Asking both sides by turns in random order over one kept connection, with the clock running.

use std::{
    collections::BTreeSet,
    thread,
    time::{Duration, Instant},
};

use alyx_testing::Client;
use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    answer,
    flow::{Flow, Side, Timed},
    message::Message,
    random::Random,
};

/// Requests of each side within which their order is random, so that whatever drifts hits both.
const BLOCK: usize = 50;
/// Requests of each side that warm things up and do not count.
const WARM_UP: usize = 20;

/// The times of both sides, in nanoseconds, and what the answers looked like.
#[derive(Default)]
pub(crate) struct Samples {
    pub(crate) times: [Vec<u64>; 2],
    pub(crate) answers: [BTreeSet<String>; 2],
}

/// The connection, what goes over it, and what came back.
struct Sampler<'a> {
    flow: &'a Flow,
    client: Client,
    sides: [Side; 2],
    samples: Samples,
}

/// Takes so many samples of each side.
pub(crate) fn take(flow: &Flow, client: Client, sides: [Side; 2], count: usize) -> Result<Samples> {
    let mut sampler = Sampler { flow, client, sides, samples: Samples::default() };
    let (bar, mut random) = (bar(flow.name, 2 * count), Random::new());
    for side in order(&mut random, WARM_UP.min(count)) {
        sampler.one(side)?;
    }
    sampler.samples = Samples::default();
    let mut left = count;
    while left > 0 {
        let block = left.min(BLOCK);
        for side in order(&mut random, block) {
            let time = sampler.one(side)?;
            sampler.samples.times[side].push(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
            bar.inc(1);
        }
        left -= block;
    }
    bar.finish_and_clear();
    sampler.samples.times.iter_mut().for_each(|times| times.sort_unstable());
    Ok(sampler.samples)
}

/// So many of each side, shuffled.
fn order(random: &mut Random, count: usize) -> Vec<usize> {
    let mut order = [vec![0; count], vec![1; count]].concat();
    random.shuffle(&mut order);
    order
}

impl Sampler<'_> {
    fn one(&mut self, side: usize) -> Result<Duration> {
        let message = self.sides[side]();
        let (time, response) = self.timed(&message)?;
        self.samples.answers[side].insert(answer::shape(&response));
        let time = match self.flow.timed {
            Timed::Own => time,
            Timed::Next => self.timed(&Message::get("/health/live", None))?.0,
        };
        thread::sleep(self.flow.pause);
        Ok(time)
    }

    fn timed(&self, message: &Message) -> Result<(Duration, alyx_testing::Response)> {
        let start = Instant::now();
        let response = self.client.try_send_raw(&message.0);
        let time = start.elapsed();
        Ok((time, response.context("no answer came")?))
    }
}

/// Goes to standard error, and only where that is a terminal.
fn bar(name: &'static str, total: usize) -> ProgressBar {
    let bar = ProgressBar::new(total as u64);
    let template = "{msg:>22} [{bar:32}] {human_pos}/{human_len} {eta:>5}";
    let style = ProgressStyle::with_template(template).expect("the template is well formed");
    bar.set_style(style.progress_chars("=> "));
    bar.set_message(name);
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_has_as_many_of_each_side_and_is_no_alternation() {
        let mut random = Random::new();
        let orders: Vec<Vec<usize>> = (0..20).map(|_| order(&mut random, BLOCK)).collect();
        for order in &orders {
            assert_eq!((order.len(), order.iter().sum::<usize>()), (2 * BLOCK, BLOCK));
        }
        // What follows a request is as often of its own side as not, or work that is put off would blame the other.
        let same = orders.iter().flat_map(|order| order.windows(2)).filter(|pair| pair[0] == pair[1]).count();
        assert!((700..=1280).contains(&same), "{same} of {}", 20 * (2 * BLOCK - 1));
    }
}

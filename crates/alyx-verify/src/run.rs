//! A run: world after world, until enough has gone wrong.

use std::{
    hash::{BuildHasher, RandomState},
    time::{Duration, Instant},
};

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};

use crate::{arguments::Arguments, counts::Counts, fault::Fault, stage::World};

/// Lines of the server's log that are shown with a fault.
const LOG: usize = 15;

/// How a run ended.
pub(crate) struct Ended {
    pub(crate) seed: u64,
    pub(crate) counts: Counts,
    /// The report, where a promise was broken.
    pub(crate) fault: Option<String>,
}

/// Runs until there were as many reconnects and kills as wanted, or a promise is broken.
pub(crate) fn run(arguments: &Arguments) -> Result<Ended> {
    let first = arguments.seed.unwrap_or_else(|| RandomState::new().hash_one("a seed") % 1_000_000_000);
    eprintln!("seed {first}");
    let (goal, bar) = (Goal::new(arguments), bar());
    let (mut counts, mut seed) = (Counts::default(), first);
    while !goal.is_reached(&counts) {
        let mut world = World::start(seed)?;
        counts.worlds += 1;
        for _ in 0..arguments.rounds {
            if goal.is_reached(&counts) {
                break;
            }
            if let Err(error) = world.round(&mut counts) {
                bar.finish_and_clear();
                let fault = report(&error.downcast::<Fault>()?, &world, seed);
                return Ok(Ended { seed: first, counts, fault: Some(fault) });
            }
            goal.show(&counts, &bar);
        }
        seed = seed.wrapping_add(1);
    }
    bar.finish_and_clear();
    Ok(Ended { seed: first, counts, fault: None })
}

fn report(fault: &Fault, world: &World, seed: u64) -> String {
    let log = world.stage.server.output();
    let log: Vec<&str> = log.lines().rev().take(LOG).collect();
    let log: Vec<&str> = log.into_iter().rev().collect();
    format!(
        "{fault}\n\nround {}, schema:\n{}\nthe server's last words:\n{}\n\nto repeat it: cargo xtask verify-realtime --seed {seed}",
        world.stage.round,
        world.ground.design.yaml(),
        log.join("\n"),
    )
}

/// How much is enough.
struct Goal {
    reconnects: u64,
    kills: u64,
    until: Option<Instant>,
}

impl Goal {
    fn new(arguments: &Arguments) -> Self {
        let until = arguments.minutes.map(|minutes| Instant::now() + Duration::from_secs(60 * minutes));
        Self { reconnects: arguments.reconnects, kills: arguments.kills, until }
    }

    fn is_reached(&self, counts: &Counts) -> bool {
        match self.until {
            Some(until) => Instant::now() >= until,
            None => counts.reconnects >= self.reconnects && counts.kills >= self.kills,
        }
    }

    fn show(&self, counts: &Counts, bar: &ProgressBar) {
        let share = |done: u64, wanted: u64| (1000 * done).checked_div(wanted).unwrap_or(1000).min(1000);
        bar.set_position(share(counts.reconnects, self.reconnects).min(share(counts.kills, self.kills)));
        bar.set_message(format!("{} reconnects, {} kills", counts.reconnects, counts.kills));
    }
}

/// Goes to standard error, and only where that is a terminal.
fn bar() -> ProgressBar {
    let bar = ProgressBar::new(1000);
    let template = "[{bar:32}] {percent:>3} % {elapsed:>4} {msg}";
    let style = ProgressStyle::with_template(template).expect("the template is well formed");
    bar.set_style(style.progress_chars("=> "));
    bar
}

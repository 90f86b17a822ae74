//! Row 18: live queries against lists. Whoever calls, a socket and a stream show what GET shows that caller: the same
//! documents with the same fields after every commit, nothing else in between, and the same refusals.

mod audience;
mod world;

use alyx_testing::{Value, is_full, record};

use self::{audience::Audience, world::World};
use crate::random::Random;

/// Commits, each followed by a look at everything that everybody sees.
const ROUNDS: usize = 60;
const ROUNDS_IN_FULL: usize = 1_500;

/// What was looked at, so that a test which looks at nothing fails.
#[derive(Debug, Default)]
struct Tally {
    /// Answers of GET that a socket or a stream was compared with.
    looks: usize,
    /// Documents in messages.
    shown: usize,
    /// Questions that socket and GET refused.
    refusals: usize,
}

#[test]
fn ac18_a_live_query_shows_what_a_list_shows() {
    let mut random = Random(18);
    let mut tally = Tally::default();
    let mut world = World::build(&mut random);
    let mut audience = Audience::gather(&world, &mut random, &mut tally);
    let rounds = if is_full() { ROUNDS_IN_FULL } else { ROUNDS };
    for round in 0..rounds {
        let what = world.change(&mut random);
        audience.compare(&world, &format!("round {round}, {what}"), &mut tally);
        // Others come, with other questions and what is there by then.
        if round % 20 == 19 {
            audience = Audience::gather(&world, &mut random, &mut tally);
        }
    }
    assert!(tally.looks > rounds * 30 && tally.shown > rounds && tally.refusals > 0, "{tally:?}");
    let Tally { looks, shown, .. } = tally;
    record(&format!(
        "live queries against lists: {rounds} commits, {looks} answers compared, {shown} documents in messages, 0 differences"
    ));
}

/// The documents of a list, by the text of their `id`.
fn documents(list: &Value) -> impl Iterator<Item = (String, &Value)> {
    list["docs"].as_array().into_iter().flatten().map(|document| (document["id"].to_string(), document))
}

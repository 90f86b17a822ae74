//! The workloads. Each is one closure that names a connection's next request.

use std::{sync::Arc, time::Duration};

use anyhow::{Result, bail};
use serde_json::Value;

use crate::{
    arguments::Arguments,
    connections,
    data::Post,
    drive::{self, Check, Limit, Step, StepCaller, Turn, drive},
    fanout::{self, Audience, Pace, Plan},
    functions,
    product::ListQuery,
    teams,
    world::World,
};

pub(crate) const LIMIT: usize = 30;
/// Connections that sign in over and over.
const SIGNING_IN: usize = 8;

/// Whether a workload has subscribers.
pub(crate) fn is_realtime(name: &str) -> bool {
    name.starts_with("fanout") || name == "connections"
}

/// Runs one workload by its name.
pub(crate) async fn run(world: &Arc<World>, name: &str, tag: &str) -> Result<Value> {
    let arguments = &world.arguments;
    let timed = Limit::Time(Duration::from_secs(arguments.seconds));
    let plan = |connections, limit| drive::Plan { name: name.to_owned(), connections, limit };
    let many = |limit| plan(arguments.connections, limit);
    let space = format!("{name}-{tag}");
    match name {
        "get" => drive(world, many(timed), get).await,
        "get-open" => drive(world, many(timed), |turn| unbound(get(turn))).await,
        "list" => drive(world, many(timed), |turn| list(turn, false)).await,
        "list-open" => drive(world, many(timed), |turn| unbound(list(turn, false))).await,
        "feed-open" => drive(world, many(timed), |turn| unbound(feed(turn, false))).await,
        "login" => drive(world, plan(SIGNING_IN, timed), login).await,
        "storm" => drive(world, many(timed), storm).await,
        "two-hop" => {
            let team = teams::prepare(world).await?;
            drive(world, many(timed), move |turn| team.list(turn)).await
        }
        "expand" => drive(world, many(timed), |turn| list(turn, true)).await,
        "feed" => drive(world, many(timed), |turn| feed(turn, true)).await,
        "feed-nototal" => drive(world, many(timed), |turn| feed(turn, false)).await,
        "update" => drive(world, many(timed), update).await,
        "insert" => drive(world, many(Limit::Count(arguments.inserts)), move |turn| insert(turn, &space)).await,
        "insert1" => {
            drive(world, plan(1, Limit::Count(arguments.inserts / 10)), move |turn| insert(turn, &space)).await
        }
        "mixed" => {
            let longer = Limit::Time(Duration::from_secs(arguments.seconds * 3 / 2));
            drive(world, many(longer), move |turn| mixed(turn, &space)).await
        }
        "fanout" | "fanout-selective" | "fanout-one" | "fanout-rules" | "fanout-many" => {
            fanout::run(world, fanout_plan(arguments, name), tag).await
        }
        "connections" => connections::run(world, arguments.subscribers * 10, arguments.realtime_seconds * 100).await,
        _ if functions::is_about_functions(name) => functions::run(world, name).await,
        _ => bail!("there is no workload {name:?}"),
    }
}

fn fanout_plan(arguments: &Arguments, name: &str) -> Plan {
    let one = arguments.subscribers;
    // No more than there are users.
    let queries = arguments.users.min(100);
    let (subscribers, rate, audience) = match name {
        "fanout-selective" => (one * 2, 200, Audience::Authors(one * 2)),
        "fanout-one" => (1, 20, Audience::Everyone),
        "fanout-rules" => (one, 20, Audience::Entitled),
        "fanout-many" => (one * 10, 20, Audience::Authors(queries)),
        _ => (one, 20, Audience::Everyone),
    };
    let pace = Pace { writes: rate * arguments.realtime_seconds, rate: rate as f64 };
    Plan { name: name.to_owned(), subscribers, pace, audience }
}

fn get(turn: &mut Turn<'_>) -> Step {
    let id = turn.world.any_published(turn.random);
    Step {
        class: "get",
        caller: StepCaller::User,
        request: turn.world.product.get(id),
        check: Check::Id(id.to_owned()),
    }
}

/// The same, asked by somebody whom no rule binds: what it costs as a filter alone.
fn unbound(step: Step) -> Step {
    Step { caller: StepCaller::Administrator, ..step }
}

/// A sign-in with a password.
fn login(turn: &mut Turn<'_>) -> Step {
    let user = turn.random.below(turn.world.arguments.connections);
    let request = turn.world.product.login(user);
    Step { class: "login", caller: StepCaller::Nobody, request, check: Check::SignedIn }
}

/// Reads by most connections while a few sign in over and over.
fn storm(turn: &mut Turn<'_>) -> Step {
    if turn.worker < SIGNING_IN { login(turn) } else { get(turn) }
}

/// Another author's published posts.
fn list(turn: &mut Turn<'_>, expand: bool) -> Step {
    let world = turn.world;
    let drawn = turn.random.below(world.posts.len());
    let author = &world.users[if drawn == turn.worker { (drawn + 1) % world.posts.len() } else { drawn }];
    let query = ListQuery { author: Some(author), limit: LIMIT, expand, total: true };
    let check = Check::List { author: Some(author.clone()), expand, limit: LIMIT };
    Step { class: "list", caller: StepCaller::User, request: world.product.list(query), check }
}

/// The newest published posts of anyone: its total counts most of the table.
fn feed(turn: &mut Turn<'_>, total: bool) -> Step {
    let query = ListQuery { author: None, limit: LIMIT, expand: false, total };
    let check = Check::List { author: None, expand: false, limit: LIMIT };
    Step { class: "feed", caller: StepCaller::User, request: turn.world.product.list(query), check }
}

/// A post of a user without seeded posts, so that lists keep their size.
fn insert(turn: &mut Turn<'_>, space: &str) -> Step {
    let world = turn.world;
    let spare = &world.users[world.arguments.authors..];
    let post = Post::new(space, turn.sequence, &spare[turn.sequence % spare.len()], true);
    Step { class: "insert", caller: StepCaller::User, request: world.product.create(&post), check: Check::Created }
}

/// One field of one of the connection's own posts.
fn update(turn: &mut Turn<'_>) -> Step {
    let mine = &turn.world.posts[turn.worker];
    let (id, count) = (&mine[turn.random.below(mine.len())].id, turn.random.next() % 1_000_000);
    let request = turn.world.product.set_view_count(id, count);
    Step { class: "update", caller: StepCaller::User, request, check: Check::ViewCount(id.clone(), count) }
}

fn mixed(turn: &mut Turn<'_>, space: &str) -> Step {
    match turn.random.below(10) {
        0 => insert(turn, space),
        1 => update(turn),
        2..6 => get(turn),
        _ => list(turn, false),
    }
}

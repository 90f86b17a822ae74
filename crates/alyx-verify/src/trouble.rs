//! What goes wrong in a round, and when: planned from the seed, so that the same seed makes the same trouble.

use std::time::{Duration, Instant};

use alyx_testing::{Client as Http, json};
use anyhow::Result;

use crate::{
    client::{Account, Client, Phase, Subscription},
    counts::Counts,
    model::judge::Who,
    names::{CALLERS, person},
    people,
    query::Query,
    random::Random,
    stage::Stage,
    writer::{Desk, lock},
};

/// One thing that goes wrong.
#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    /// A client dies without a word, and is back after so many writes.
    Drop(usize, usize),
    /// A client does not read for the rest of the round.
    Stall(usize),
    /// A client says who it is by a message: itself anew, or somebody else.
    Auth(usize, Option<usize>),
    SignOut(usize),
    Role(usize, &'static str),
    Ban(usize, bool),
    Subscribe(usize),
    Unsubscribe(usize),
    /// The server is killed, or stopped, and starts again after so many milliseconds.
    Kill(u64),
    Stop(u64),
    /// More than a client that does not read can be sent.
    Flood,
}

/// What goes wrong, each at a number of writes.
pub(crate) fn plan(random: &mut Random, writes: usize, clients: usize) -> Vec<(usize, Trouble)> {
    let mut plan = Vec::new();
    for _ in 0..random.between(clients / 2, clients + 3) {
        plan.push((random.below(writes), one(random, writes, clients)));
    }
    if random.chance(55) {
        let pause = random.below(250) as u64;
        let trouble = if random.chance(80) { Trouble::Kill(pause) } else { Trouble::Stop(pause) };
        plan.push((random.below(writes), trouble));
    }
    if random.chance(12) {
        let client = random.below(clients);
        plan.extend([(0, Trouble::Stall(client)), (1, Trouble::Stall((client + 1) % clients)), (2, Trouble::Flood)]);
    }
    plan.sort_by_key(|(at, _)| *at);
    plan
}

fn one(random: &mut Random, writes: usize, clients: usize) -> Trouble {
    let (client, somebody) = (random.below(clients), random.below(CALLERS));
    match random.below(20) {
        0..=7 => Trouble::Drop(client, if random.chance(50) { 0 } else { random.below(writes) }),
        8..=9 => Trouble::Stall(client),
        10..=11 => Trouble::Auth(client, random.chance(40).then_some(somebody)),
        12 => Trouble::SignOut(client),
        13..=14 => Trouble::Role(somebody, random.pick::<&str>(&["user", "user", "moderator", "admin"])),
        15 => Trouble::Ban(somebody, true),
        16 => Trouble::Ban(somebody, false),
        17..=18 => Trouble::Subscribe(client),
        _ => Trouble::Unsubscribe(client),
    }
}

impl Stage {
    /// Makes a trouble.
    pub(crate) fn make(&mut self, trouble: &Trouble, desk: &Desk<'_>, counts: &mut Counts) -> Result<()> {
        let place = desk.place.clone();
        if let Trouble::Drop(client, _) | Trouble::Stall(client) | Trouble::Auth(client, _) | Trouble::SignOut(client) =
            trouble
        {
            self.clients[*client].note(format!("-- {trouble:?}"));
        }
        match *trouble {
            Trouble::Drop(client, wait) => {
                let away = self.random.chance(15);
                let client = &mut self.clients[client];
                client.drop_link();
                client.away_until = wait;
                client.away = u32::from(away);
            }
            Trouble::Stall(client) => {
                counts.stalls += 1;
                self.clients[client].is_stalled = true;
            }
            Trouble::Auth(client, other) => self.authenticate(client, other, desk),
            Trouble::SignOut(client) => {
                let client = &mut self.clients[client];
                if let Some(refresh) = client.refresh.take() {
                    let body = json!({"refresh_token": refresh});
                    // Without a server nobody is signed out.
                    let _ = Http::new(place.address()).try_send("POST", "/api/auth/logout", Some(&body));
                    client.rights_round = self.round;
                    counts.rights_changed += 1;
                }
            }
            Trouble::Role(number, role) => {
                lock(desk.model).may_have_role(&person(number), role);
                self.change(number, &json!({"role": role}), (desk, counts));
            }
            Trouble::Ban(number, banned) => self.change(number, &json!({"banned": banned}), (desk, counts)),
            Trouble::Subscribe(client) => self.subscribe(client, desk),
            Trouble::Unsubscribe(client) => self.clients[client].unsubscribe(),
            Trouble::Kill(pause) if self.down_until.is_none() => {
                self.server.kill();
                counts.kills += 1;
                self.down_until = Some(Instant::now() + Duration::from_millis(pause));
            }
            Trouble::Stop(pause) if self.down_until.is_none() => {
                anyhow::ensure!(self.server.stop(), "the server does not stop well:\n{}", self.server.output());
                counts.stops += 1;
                self.down_until = Some(Instant::now() + Duration::from_millis(pause));
            }
            Trouble::Kill(_) | Trouble::Stop(_) => {}
            Trouble::Flood => self.flood(desk, counts)?,
        }
        Ok(())
    }

    /// The account of somebody changes; without a server it may not have.
    fn change(&mut self, number: usize, changes: &alyx_testing::Value, (desk, counts): (&Desk<'_>, &mut Counts)) {
        let own = |client: &&mut Client| client.account == Account::Person(number);
        for client in self.clients.iter_mut().filter(own) {
            client.rights_round = self.round;
            client.note(format!("-- account {changes}"));
        }
        counts.rights_changed += 1;
        let _ = people::set(&desk.place, number, changes);
    }

    fn authenticate(&mut self, number: usize, other: Option<usize>, desk: &Desk<'_>) {
        let round = self.round;
        let client = &mut self.clients[number];
        if client.by_events || client.link.is_none() || client.account == Account::Nobody {
            return;
        }
        let before = (client.token.clone(), client.refresh.clone(), client.account);
        if let Some(other) = other {
            client.account = Account::Person(other);
        }
        client.sign_in(&desk.place);
        let Some(token) = client.token.clone() else {
            (client.token, client.refresh, client.account) = before;
            return;
        };
        client.rights_round = round;
        client.is_nobody = false;
        client.whos.push(match client.account {
            Account::Person(number) => Who::Person(person(number)),
            Account::Admin => Who::Admin,
            Account::Nobody => Who::Nobody,
        });
        client.send("auth", &json!({"token": token}));
    }

    fn subscribe(&mut self, number: usize, desk: &Desk<'_>) {
        let query = Query::made_up(desk.design, &mut self.random);
        let client = &mut self.clients[number];
        if !client.by_events && client.subscriptions.len() < 6 {
            client.subscriptions.push(Subscription::new(desk.design, query));
            if client.link.is_some() {
                client.ask(client.subscriptions.len() - 1, true);
            }
        }
    }

    /// Documents so large that they do not fit into what the system keeps for a client that does not read.
    fn flood(&mut self, desk: &Desk<'_>, counts: &mut Counts) -> Result<()> {
        let collection = &desk.design.collections[3];
        let keys = lock(desk.model).keys(collection.name);
        let Some(key) = keys.first() else { return Ok(()) };
        let text = serde_json::from_str::<alyx_testing::Value>(key).ok();
        let text = text.and_then(|key| key.as_str().map(str::to_owned)).unwrap_or_else(|| key.clone());
        let path = format!("/api/collections/{}/{}", collection.name, alyx_testing::encode(&text));
        let admin = desk.place.admin();
        for number in 0..70 {
            let big = if number == 69 { json!(null) } else { json!(format!("{}", number % 2).repeat(60_000)) };
            let body = json!({"big": big});
            lock(desk.model).may_update(desk.design, collection.name, key, &body);
            let _ = admin.try_send("PATCH", &path, Some(&body));
            self.read_all(desk, counts)?;
        }
        Ok(())
    }
}

impl Client {
    /// Ends one of several subscriptions.
    fn unsubscribe(&mut self) {
        if self.subscriptions.len() > 1 && self.subscriptions.last().is_some_and(|last| last.phase == Phase::Live) {
            let id = self.subscriptions.pop().and_then(|last| last.id);
            self.send("unsubscribe", &json!({"subscription_id": id}));
        }
    }
}

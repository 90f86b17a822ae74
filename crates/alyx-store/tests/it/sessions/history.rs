//! Whatever transactions and plain writes do at the same time, it is as if each had run alone.

use std::collections::BTreeMap;

use alyx_query::{Everything, FieldRef, Predicate};
use alyx_schema::Value;
use alyx_store::{Error, Projection, Result, Store, session::Ended};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::Inside;
use crate::fixture::{Fixture, document};

const SCHEMA: &str = "
version: 1
collections:
  cells:
    fields:
      id: {type: string, primary: true}
      number: {type: int}
";

/// How many transactions are open at most.
const SLOTS: usize = 3;

/// What is stored.
type Cells = BTreeMap<String, i64>;

/// What is done, and what it gave.
#[derive(Clone, Debug, PartialEq)]
enum Seen {
    Cell(u8, Option<i64>),
    All(Cells),
    Set(u8, i64, bool),
    Create(u8, i64, bool),
    Delete(u8, bool),
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Look(u8),
    LookAtAll,
    Set(u8, i64),
    Create(u8, i64),
    Delete(u8),
}

#[derive(Clone, Copy, Debug)]
enum Move {
    Inside(usize, Act),
    Plain(Act),
    Commit(usize),
    RollBack(usize),
}

fn act() -> impl Strategy<Value = Act> {
    let (key, number) = (0..5u8, 0..1000i64);
    prop_oneof![
        4 => key.clone().prop_map(Act::Look),
        1 => Just(Act::LookAtAll),
        3 => (key.clone(), number.clone()).prop_map(|(key, number)| Act::Set(key, number)),
        2 => (key.clone(), number).prop_map(|(key, number)| Act::Create(key, number)),
        1 => key.prop_map(Act::Delete),
    ]
}

fn step() -> impl Strategy<Value = Move> {
    prop_oneof![
        8 => (0..SLOTS, act()).prop_map(|(slot, act)| Move::Inside(slot, act)),
        2 => act().prop_map(Move::Plain),
        2 => (0..SLOTS).prop_map(Move::Commit),
        1 => (0..SLOTS).prop_map(Move::RollBack),
    ]
}

async fn perform(store: &Store, act: Act) -> Result<Seen> {
    let cells = store.schema().collection("cells").unwrap().clone();
    let id = |key: u8| Value::Text(format!("k{key}"));
    Ok(match act {
        Act::Look(key) => {
            let found = store.get(&cells, &id(key), &Projection::default(), &Everything).await?;
            Seen::Cell(key, found.map(|json| number(&serde_json::from_slice(&json).unwrap())))
        }
        Act::LookAtAll => Seen::All(all(store).await?),
        Act::Set(key, number) => {
            let changes = vec![(FieldRef::named(&cells, "number").unwrap(), Value::Int(number))];
            let written = store.update(&cells, &id(key), changes, &Predicate::TRUE, &Everything).await?;
            Seen::Set(key, number, written.is_some())
        }
        Act::Create(key, number) => {
            let made = document(&cells, &json!({"id": format!("k{key}"), "number": number}));
            match store.create(&cells, made, &Predicate::TRUE, &Everything).await {
                Ok(_) => Seen::Create(key, number, true),
                Err(Error::Taken { .. }) => Seen::Create(key, number, false),
                Err(error) => return Err(error),
            }
        }
        Act::Delete(key) => Seen::Delete(key, store.delete(&cells, &id(key), &Predicate::TRUE).await?),
    })
}

async fn all(store: &Store) -> Result<Cells> {
    let cells = store.schema().collection("cells").unwrap().clone();
    let query = alyx_query::Query::from_parameters(&store.schema(), cells, &[]).unwrap();
    let docs = store.list(&query, &Everything).await?.docs;
    let docs: Vec<Json> = serde_json::from_slice(&docs).unwrap();
    Ok(docs.iter().map(|doc| (doc["id"].as_str().unwrap().to_owned(), number(doc))).collect())
}

fn number(json: &Json) -> i64 {
    json["number"].as_i64().unwrap()
}

/// The same, alone on what was there; `None` where it would have seen something else.
fn alone(mut cells: Cells, seen: &[Seen]) -> Option<Cells> {
    for seen in seen {
        let name = |key: &u8| format!("k{key}");
        let fits = match seen {
            Seen::Cell(key, number) => cells.get(&name(key)) == number.as_ref(),
            Seen::All(all) => cells == *all,
            Seen::Set(key, number, done) => {
                let there = cells.get_mut(&name(key)).map(|cell| *cell = *number).is_some();
                there == *done
            }
            Seen::Create(key, number, done) => {
                let free = !cells.contains_key(&name(key));
                cells.entry(name(key)).or_insert(*number);
                free == *done
            }
            Seen::Delete(key, done) => cells.remove(&name(key)).is_some() == *done,
        };
        if !fits {
            return None;
        }
    }
    Some(cells)
}

/// A transaction with what it has seen, and since when.
struct Running {
    inside: Inside,
    seen: Vec<Seen>,
    begun: usize,
    writes: bool,
}

struct World {
    fixture: Fixture,
    slots: [Option<Running>; SLOTS],
    /// What was there after each commit.
    history: Vec<Cells>,
}

impl World {
    fn newest(&self) -> Cells {
        self.history.last().unwrap().clone()
    }

    async fn take(&mut self, step: Move) {
        match step {
            Move::Inside(slot, act) => self.inside(slot, act).await,
            Move::Plain(act) => {
                self.let_write(SLOTS, act).await;
                let seen = perform(&self.fixture.store, act).await.unwrap();
                let cells = alone(self.newest(), &[seen]).expect("a plain request sees what is committed");
                self.history.push(cells);
            }
            Move::Commit(slot) => self.commit(slot).await,
            Move::RollBack(slot) => {
                if let Some(running) = self.slots[slot].take() {
                    running.inside.session.roll_back().await.unwrap();
                }
            }
        }
    }

    /// One that would wait for another lets that one end first.
    async fn let_write(&mut self, slot: usize, act: Act) {
        if matches!(act, Act::Look(_) | Act::LookAtAll) {
            return;
        }
        for other in (0..SLOTS).filter(|other| *other != slot) {
            if self.slots[other].as_ref().is_some_and(|running| running.writes) {
                self.commit(other).await;
            }
        }
    }

    async fn inside(&mut self, slot: usize, act: Act) {
        if self.slots[slot].is_none() {
            let (inside, begun) = (Inside::begin(&self.fixture).await, self.history.len() - 1);
            self.slots[slot] = Some(Running { inside, seen: Vec::new(), begun, writes: false });
        }
        self.let_write(slot, act).await;
        let running = self.slots[slot].as_mut().unwrap();
        match perform(&running.inside.store, act).await {
            Ok(seen) => {
                running.writes |=
                    matches!(seen, Seen::Set(_, _, true) | Seen::Create(_, _, true) | Seen::Delete(_, true));
                running.seen.push(seen);
            }
            Err(Error::TransactionEnded { how: Ended::Stale }) => self.slots[slot] = None,
            Err(error) => panic!("{error}"),
        }
    }

    async fn commit(&mut self, slot: usize) {
        let Some(running) = self.slots[slot].take() else { return };
        running.inside.commit().await.unwrap();
        let serial = match running.writes {
            true => alone(self.newest(), &running.seen),
            false => self.history[running.begun..].iter().find_map(|cells| alone(cells.clone(), &running.seen)),
        };
        let seen = &running.seen;
        assert!(serial.is_some(), "{seen:?} is no run alone on {:?}", &self.history[running.begun..]);
        if running.writes {
            self.history.push(serial.unwrap());
        }
        assert_eq!(all(&self.fixture.store).await.unwrap(), self.newest());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if alyx_testing::is_full() { 400 } else { 24 }, ..ProptestConfig::default() })]

    #[test]
    fn every_history_is_one_of_transactions_that_ran_alone(steps in proptest::collection::vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let fixture = Fixture::open(SCHEMA).await;
            let mut world = World { fixture, slots: [const { None }; SLOTS], history: vec![Cells::new()] };
            for step in steps {
                world.take(step).await;
            }
            for slot in 0..SLOTS {
                world.commit(slot).await;
            }
            world.fixture.store.close().await;
        });
    }
}

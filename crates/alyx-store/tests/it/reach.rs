//! Predicates that ask other documents or Rust: the SQL finds what the matcher finds, in whichever way
//! it searches, and what changes elsewhere is seen.

mod fields;
mod generate;
mod totals;
mod writes;

use std::{collections::BTreeMap, sync::Arc};

use alyx_query::{Everything, FieldRef, Predicate, Truth, World};
use alyx_schema::{Collection, Document, Value};
use alyx_store::Synchronous;
use alyx_testing::is_full;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use crate::fixture::{Fixture, Only, ids};

/// Teams own posts, people are members of teams, and nearly everything may be missing.
const TEAMS: &str = r#"
version: 1
collections:
  teams:
    fields:
      id: {type: string, primary: true}
      name: {type: string, nullable: true}
      level: {type: int, nullable: true}
      parent_id: {type: string, references: teams.id, onDelete: set null, nullable: true}
  members:
    fields:
      id: {type: string, primary: true}
      team_id: {type: string, references: teams.id, onDelete: cascade}
      person: {type: string, index: true}
      alias: {type: string, nullable: true}
      level: {type: int, nullable: true}
  posts:
    fields:
      id: {type: string, primary: true}
      team_id: {type: string, references: teams.id, onDelete: set null, nullable: true}
      owner: {type: string, nullable: true}
      level: {type: int, nullable: true}
      open: {type: bool, nullable: true}
      rating: {type: float, nullable: true}
      tags: {type: json, nullable: true}
      bytes: {type: blob, nullable: true}
"#;

/// Every document there is, in memory.
#[derive(Clone, Debug, Default)]
struct InMemory(BTreeMap<String, Vec<Document>>);

impl World for InMemory {
    fn find(&self, collection: &Collection, field: &FieldRef, value: &Value) -> Option<Document> {
        self.all(collection).into_iter().find(|document| document.values[field.index] == *value)
    }

    fn all(&self, collection: &Collection) -> Vec<Document> {
        self.0.get(collection.name.as_str()).cloned().unwrap_or_default()
    }
}

const CASES: u32 = 48;
const CASES_IN_FULL: u32 = 3_000;

#[test]
fn sql_and_the_matcher_agree_about_other_documents() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let mut config = Config { max_shrink_iters: 400, ..Config::default() };
    config.cases = if is_full() { CASES_IN_FULL } else { CASES };
    config.source_file = Some(file!());
    let schema = Arc::new(crate::fixture::schema(TEAMS));
    let tally = std::cell::Cell::new([0_u64; 3]);
    let outcome = TestRunner::new(config).run(&generate::case(&schema), |(world, predicates)| {
        let mut counted = tally.get();
        let outcome = runtime.block_on(async {
            let fixture = stored(&world).await;
            for predicate in &predicates {
                check(&fixture, &world, predicate, &mut counted).await?;
            }
            Ok(())
        });
        tally.set(counted);
        outcome
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(tally.get().iter().all(|count| *count > 0), "true, false, unknown: {:?}", tally.get());
}

async fn stored(world: &InMemory) -> Fixture {
    let fixture = Fixture::open_with(TEAMS, |options| options.synchronous = Synchronous::Off).await;
    for name in ["teams", "members", "posts"] {
        let collection = fixture.collection(name);
        for document in &world.0[name] {
            let stored = fixture.store.create(&collection, document.clone(), &Predicate::TRUE, &Everything).await;
            stored.expect("the document fits").expect("nothing guards it");
        }
    }
    fixture
}

/// Asks one document after the other, all of them in two ways of searching, and the opposite.
async fn check(
    fixture: &Fixture,
    world: &InMemory,
    predicate: &Predicate,
    tally: &mut [u64; 3],
) -> Result<(), TestCaseError> {
    let posts = fixture.collection("posts");
    let canonical = predicate.canonical();
    let (mut matching, mut denied, mut all) = (Vec::new(), Vec::new(), Vec::new());
    for document in &world.0["posts"] {
        let truth = predicate.evaluate_in(document, world);
        proptest::prop_assert_eq!(canonical.evaluate_in(document, world), truth, "canonical {:?}", canonical);
        tally[truth as usize] += 1;
        let id = &document.values[0];
        let judged =
            fixture.store.judge(&posts, id, &[predicate, &predicate.clone().negated()]).await.unwrap().unwrap();
        proptest::prop_assert_eq!(judged, [truth == Truth::True, truth == Truth::False], "{:?} {:?}", id, predicate);
        let Value::Text(name) = id else { unreachable!("the primary key is text") };
        all.push(id.clone());
        match truth {
            Truth::True => matching.push(name.clone()),
            Truth::False => denied.push(name.clone()),
            Truth::Unknown => {}
        }
    }
    matching.sort();
    denied.sort();
    let negated = canonical.negated();
    for (predicate, expected) in [(predicate, &matching), (&negated, &denied)] {
        let mut query = fixture.query("posts");
        let few = fixture.store.list(&query, &Only(|_: &Collection| predicate.clone())).await.unwrap();
        proptest::prop_assert_eq!(&ids(&few), expected, "few {:?}", predicate);
        query.predicate = Predicate::In { field: FieldRef::primary(&posts), values: all.clone() };
        let many = fixture.store.list(&query, &Only(|_: &Collection| predicate.clone())).await.unwrap();
        proptest::prop_assert_eq!(&ids(&many), expected, "many {:?}", predicate);
        proptest::prop_assert_eq!(few.total, many.total);
    }
    Ok(())
}

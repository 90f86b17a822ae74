//! The same through a database: what somebody is shown in lists, totals, pages, single documents and expanded ones,
//! and what they may write, is what the oracle says.

mod answers;
mod database;
mod expected;
mod listing;
mod sheet;
mod tally;
mod view;
mod writes;

use std::cell::RefCell;

use alyx_schema::Document;
use alyx_testing::{is_full, record};
use proptest::{
    collection::vec,
    prelude::any,
    test_runner::{Config, TestRunner},
};

use self::{answers::Asked, database::StoredSample, expected::Verdicts, sheet::Sheet, tally::Tally, view::View};
use super::{
    choices::Choices,
    documents::{Sample, document, schema},
};

const CASES: u32 = 24;
const FULL_CASES: u32 = 800;
/// Sheets of rules that each sample is read under.
const SHEETS: usize = 3;
const POSTS: [&str; 7] = ["p1", "p2", "p3", "p4", "p5", "p6", "p7"];

#[test]
fn the_database_shows_each_caller_what_the_oracle_allows() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    let tally = RefCell::new(Tally::default());
    let cases = if is_full() { FULL_CASES } else { CASES };
    // A case that fails is told as it came: making it smaller takes a database a step.
    let config = Config { failure_persistence: None, cases, max_shrink_iters: 0, ..Config::default() };
    let rules = vec(vec(any::<u8>(), 0..250), SHEETS * sheet::PLACES.len());
    let strategy = (rules, vec(any::<u8>(), 250..600), vec(any::<u8>(), 200..400));
    let result = TestRunner::new(config).run(&strategy, |(for_rules, for_world, for_queries)| {
        let mut choices = Choices::new(&for_world);
        let sample = Sample::with_posts(&sheet::open(&schema()), &mut choices, &POSTS);
        let (mut queries, mut tally) = (Choices::new(&for_queries), tally.borrow_mut());
        runtime.block_on(check(sample, &for_rules, (&mut choices, &mut queries), &mut tally));
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    let tally = tally.into_inner();
    tally.require(is_full());
    eprintln!("{tally}");
    record(&format!("rules through the database: {tally}"));
}

/// One sample under several sheets of rules; then under the last of them once more, with other documents.
async fn check(
    mut sample: Sample,
    rules: &[Vec<u8>],
    (choices, queries): (&mut Choices<'_>, &mut Choices<'_>),
    tally: &mut Tally,
) {
    let stored = StoredSample::new(&sample).await;
    tally.note_sample(&sample);
    let sheets: Vec<Sheet> =
        rules.chunks(sheet::PLACES.len()).map(|rules| Sheet::new(&sample.schema, rules, tally)).collect();
    for sheet in &sheets {
        check_sheet(&stored, sheet, &sample, queries, tally).await;
    }
    for name in ["posts", "users", "teams", "memberships"] {
        change_one(&stored, &mut sample, name, choices).await;
    }
    if let Some(sheet) = sheets.last() {
        check_sheet(&stored, sheet, &sample, queries, tally).await;
    }
    stored.close().await;
}

/// Under one sheet, for each caller.
async fn check_sheet(
    stored: &StoredSample,
    sheet: &Sheet,
    sample: &Sample,
    queries: &mut Choices<'_>,
    tally: &mut Tally,
) {
    let oracles = sheet.oracles(sample);
    for caller in &sample.callers {
        let view = View::new(sheet, caller.as_ref(), &sample.request, tally);
        let verdicts = Verdicts::new(&oracles, sheet, (sample, caller.as_ref()), tally);
        let asked = Asked { stored, sheet, sample, caller: caller.as_ref(), view: &view, verdicts: &verdicts };
        asked.lists(queries, tally).await;
        asked.documents(queries, tally).await;
        asked.writes(queries, tally).await;
    }
}

/// Puts another document in the place of the first or second one of a collection.
async fn change_one(stored: &StoredSample, sample: &mut Sample, name: &str, choices: &mut Choices<'_>) {
    let collection = std::sync::Arc::clone(sample.schema.collection(name).expect("it is there"));
    let documents = sample.documents_mut(name);
    if documents.is_empty() {
        return;
    }
    let index = choices.below(documents.len().min(2));
    let id = expected::key(&collection, &documents[index]).to_owned();
    let changed: Document = document(&collection, &id, choices);
    documents[index] = changed.clone();
    stored.replace(&collection, &changed).await;
}

//! The SQL of a predicate, the matcher and the oracle say the same of random documents.

mod generate;
mod tally;
mod values;

use std::{cell::RefCell, sync::Arc};

use alyx_query::{Everything, Predicate, Query, Truth};
use alyx_schema::{Collection, Document, Value};
use alyx_store::Synchronous;
use alyx_testing::{is_full, record};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::Value as Json;

use self::{generate::Case, tally::Tally};
use crate::{fixture::Fixture, oracle};

type Checked = Result<(), TestCaseError>;

/// Cases of one run, unless `PROPTEST_CASES` says how many.
const CASES: u32 = 200;
const CASES_IN_FULL: u32 = 10_000;

fn runner() -> TestRunner {
    let mut config = Config { max_shrink_iters: 400, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = if is_full() { CASES_IN_FULL } else { CASES };
    }
    config.source_file = Some(file!());
    TestRunner::new(config)
}

#[test]
#[expect(clippy::print_stdout, reason = "the table is what the run reports")]
fn the_sql_of_a_filter_matches_what_the_matcher_and_the_oracle_match() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let tally = RefCell::new(Tally::default());
    let outcome = runner().run(&generate::case(), |case| {
        runtime.block_on(async {
            let stored = Stored::of(&case).await;
            let mut counted = Tally::default();
            for filter in &case.filters {
                stored.check_filter(filter, &mut counted).await?;
            }
            tally.borrow_mut().add(counted);
            Ok(())
        })
    });
    println!("{}", tally.borrow().table());
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    tally.borrow().assert_everything_was_reached(&generate::operators());
    record(&format!(
        "predicates: {} random schemas with their filters; SQL, matcher and oracle agree",
        runner().config().cases
    ));
}

#[test]
fn pages_by_cursor_are_in_the_order_of_the_oracle() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let outcome = runner().run(&generate::case(), |case| {
        runtime.block_on(async {
            let stored = Stored::of(&case).await;
            for sort in &case.sorts {
                stored.check_sort(sort).await?;
            }
            Ok(())
        })
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

/// A case in a database.
struct Stored<'a> {
    case: &'a Case,
    fixture: Fixture,
    collection: Arc<Collection>,
    documents: Vec<Document>,
}

impl<'a> Stored<'a> {
    async fn of(case: &'a Case) -> Self {
        let fixture = Fixture::open_with(&case.schema, |options| options.synchronous = Synchronous::Off).await;
        let collection = fixture.collection("things");
        let documents: Vec<_> = case.documents.iter().map(|document| typed(&collection, document)).collect();
        for document in &documents {
            fixture
                .store
                .create(&collection, document.clone(), &Predicate::TRUE, &Everything)
                .await
                .expect("the document is stored");
        }
        Self { case, fixture, collection, documents }
    }

    fn query(&self, parameters: &[(&str, &str)]) -> Query {
        let pairs: Vec<_> = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let query = Query::from_parameters(&self.fixture.store.schema(), Arc::clone(&self.collection), &pairs);
        query.unwrap_or_else(|errors| panic!("{parameters:?}: {errors:?}"))
    }

    async fn check_filter(&self, filter: &Json, tally: &mut Tally) -> Checked {
        let mut query = self.query(&[("where", &filter.to_string()), ("limit", "1000")]);
        let (mut matching, mut denied) = (Vec::new(), Vec::new());
        for (plain, document) in self.case.documents.iter().zip(&self.documents) {
            let expected = oracle::judge(&self.case.fields, plain, filter, tally);
            let truth = match expected {
                Some(holds) => Truth::from(holds),
                None => Truth::Unknown,
            };
            proptest::prop_assert_eq!(query.predicate.evaluate(document), truth, "{} on {:?}", filter, plain);
            match expected {
                Some(true) => matching.push(plain["key"].clone()),
                Some(false) => denied.push(plain["key"].clone()),
                None => {}
            }
            tally.filters[match expected {
                Some(true) => 0,
                Some(false) => 1,
                None => 2,
            }] += 1;
        }
        self.check_rows(&query, matching, filter).await?;
        query.predicate = query.predicate.canonical().negated();
        self.check_rows(&query, denied, filter).await
    }

    async fn check_rows(&self, query: &Query, mut expected: Vec<Json>, filter: &Json) -> Checked {
        let list = self.fixture.list(query).await;
        let mut found: Vec<_> = documents(&list.docs).into_iter().map(|document| document["key"].clone()).collect();
        expected.sort_by_key(Json::to_string);
        found.sort_by_key(Json::to_string);
        proptest::prop_assert_eq!(&found, &expected, "{} as {:?}", filter, query.predicate);
        proptest::prop_assert_eq!(list.total, Some(expected.len() as u64), "total of {}", filter);
        Ok(())
    }

    /// Walks pages of three; the documents come once each, in order and unchanged.
    async fn check_sort(&self, sort: &[String]) -> Checked {
        let mut keys = sort.to_vec();
        let sign = if sort.last().is_some_and(|key| key.starts_with('-')) { "-" } else { "" };
        keys.push(format!("{sign}key"));
        let mut expected: Vec<_> = self.case.documents.iter().collect();
        expected.sort_by(|left, right| oracle::in_order(&self.case.fields, &keys, left, right));
        let mut found = Vec::new();
        let mut cursor: Option<String> = None;
        let sort = sort.join(",");
        loop {
            let mut parameters = vec![("sort", sort.as_str()), ("limit", "3")];
            parameters.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            let query = self.query(&parameters);
            let list = self.fixture.list(&query).await;
            proptest::prop_assert_eq!(list.total, Some(expected.len() as u64));
            found.extend(documents(&list.docs));
            proptest::prop_assert!(found.len() <= expected.len(), "more documents than there are by {}", sort);
            let Some(next) = list.next_cursor else { break };
            cursor = Some(next.encode(&self.collection, &query.sort));
        }
        proptest::prop_assert_eq!(found.len(), expected.len(), "documents by {}", sort);
        for (found, expected) in found.iter().zip(expected) {
            for field in &self.case.fields {
                let (found, expected) = (&found[&field.name], &expected[&field.name]);
                proptest::prop_assert!(
                    oracle::same(field.kind, found, expected),
                    "{} is {} and not {}, by {}",
                    field.name,
                    found,
                    expected,
                    sort
                );
            }
        }
        Ok(())
    }
}

fn typed(collection: &Collection, plain: &oracle::Document) -> Document {
    let value = |field: &alyx_schema::Field| {
        Value::from_json(field, &plain[field.name.as_str()]).expect("the value is of the field's type")
    };
    Document { values: collection.fields.iter().map(value).collect() }
}

fn documents(json: &[u8]) -> Vec<Json> {
    serde_json::from_slice(json).expect("a list is a JSON array")
}

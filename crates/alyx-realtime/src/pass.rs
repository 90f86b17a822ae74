//! A pass: all live queries come from one moment to a later one, one commit after the other.

use std::{
    collections::{BTreeMap, HashMap},
    hash::RandomState,
    time::Instant,
};

use alyx_schema::CollectionName;
use alyx_store::{DocumentHistory, Snapshot, Store};

use crate::{Result, index::Number, live::LiveQuery, moment::Moment, queries::Queries};

/// More changes than this are not looked at one by one.
const MOST_CHANGES: u64 = 2_000;

/// What a step means.
#[derive(Default)]
struct Touched {
    /// How the total of a query changes, or that this is not known.
    queries: BTreeMap<Number, Option<i64>>,
    /// What happened to documents, where it is known of all that changed.
    histories: HashMap<CollectionName, Vec<DocumentHistory>>,
}

/// Brings every query to the snapshot's moment.
pub(crate) async fn run(
    store: &Store,
    queries: &mut Queries,
    snapshot: &mut Snapshot,
    hasher: &RandomState,
) -> Result<()> {
    let position = snapshot.position();
    if position <= queries.seen {
        return Ok(());
    }
    if queries.live.is_empty() {
        queries.seen = position;
        return Ok(());
    }
    let commits = store.commits_between(queries.seen, position);
    let steps = u32::try_from(commits.len()).unwrap_or(u32::MAX);
    // Whoever is far behind catches up first.
    if queries.step.saturating_mul(steps) <= queries.budget {
        for commit in commits {
            step_to_earlier(queries, snapshot, commit, hasher).await?;
        }
    }
    let touched = touched(queries, snapshot, position).await?;
    step(queries, &mut Moment::now(snapshot), touched, hasher).await
}

/// Comes to a commit before the snapshot's own; to none where nobody is touched, or the feed does not tell.
async fn step_to_earlier(
    queries: &mut Queries,
    snapshot: &mut Snapshot,
    commit: i64,
    hasher: &RandomState,
) -> Result<()> {
    let touched = touched(queries, snapshot, commit).await?;
    if touched.queries.is_empty() {
        queries.seen = commit;
        return Ok(());
    }
    let collections = queries.watched();
    match Moment::earlier(snapshot, commit, &collections).await? {
        Some(mut moment) => step(queries, &mut moment, touched, hasher).await,
        None => Ok(()),
    }
}

async fn step(queries: &mut Queries, moment: &mut Moment<'_>, touched: Touched, hasher: &RandomState) -> Result<()> {
    let begun = Instant::now();
    for (number, difference) in &touched.queries {
        if let Some(query) = queries.live.get_mut(number) {
            let histories = touched.histories.get(&query.question.query().collection.name);
            query.advance(moment, (*difference, histories.map(Vec::as_slice)), hasher).await?;
        }
    }
    queries.seen = moment.place.position;
    queries.step = begun.elapsed();
    queries.sweep(touched.queries.into_keys());
    Ok(())
}

/// Whether anything that matters to a query has happened between its own moment and the snapshot's.
pub(crate) async fn is_behind(query: &LiveQuery, snapshot: &mut Snapshot) -> Result<bool> {
    let (from, to) = (query.position(), snapshot.position());
    if from == to {
        return Ok(false);
    }
    let news = snapshot.news(from, to).await?;
    let own = &query.question.query().collection.name;
    let matters = news.collections.iter().any(|(name, _)| name == own || query.others.contains(name));
    Ok(matters || !news.is_whole)
}

async fn touched(queries: &Queries, snapshot: &mut Snapshot, until: i64) -> Result<Touched> {
    let mut touched = Touched::default();
    let news = snapshot.news(queries.seen, until).await?;
    if !news.is_whole {
        touched.queries.extend(queries.live.keys().map(|number| (*number, None)));
        return Ok(touched);
    }
    let watched = news.collections.iter().filter(|(collection, _)| queries.watches(collection));
    for (collection, count) in watched {
        let histories = histories(queries, snapshot, (collection, *count)).await?;
        touch_own(queries, collection, histories.as_deref(), until, &mut touched.queries);
        for number in queries.dependent_on(collection) {
            // What somebody may see can have changed with it, and so can the total.
            touched.queries.insert(number, None);
        }
        touched.histories.extend(histories.map(|histories| (collection.clone(), histories)));
    }
    Ok(touched)
}

/// What happened to each document; `None` where everything is to be read anew.
async fn histories(
    queries: &Queries,
    snapshot: &mut Snapshot,
    (collection, count): (&CollectionName, u64),
) -> Result<Option<Vec<DocumentHistory>>> {
    let any = queries.index.any(collection).and_then(|number| queries.live.get(&number));
    match any {
        Some(query) if count <= MOST_CHANGES => {
            Ok(snapshot.histories(&query.question.query().collection, queries.seen).await?)
        }
        _ => Ok(None),
    }
}

fn touch_own(
    queries: &Queries,
    collection: &CollectionName,
    histories: Option<&[DocumentHistory]>,
    until: i64,
    touched: &mut BTreeMap<Number, Option<i64>>,
) {
    let Some(histories) = histories else {
        touched.extend(queries.index.all(collection).into_iter().map(|number| (number, None)));
        return;
    };
    for number in queries.index.candidates(collection, histories) {
        let Some(query) = queries.live.get(&number) else { continue };
        if let Some(difference) = query.difference(histories, until) {
            touched.entry(number).or_insert(Some(difference));
        }
    }
}

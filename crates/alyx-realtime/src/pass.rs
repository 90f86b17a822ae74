//! A pass: all live queries come from one moment to a later one.

use std::{collections::BTreeMap, hash::RandomState};

use alyx_schema::CollectionName;
use alyx_store::{DocumentHistory, Snapshot};

use crate::{Result, index::Number, queries::Queries};

/// More changes than this are not looked at one by one.
const MOST_CHANGES: u64 = 2_000;

/// What a pass means for a query: how its total changes, or that this is not known.
type Touched = BTreeMap<Number, Option<i64>>;

/// Brings every query to the snapshot's moment.
pub(crate) async fn run(queries: &mut Queries, snapshot: &mut Snapshot, hasher: &RandomState) -> Result<()> {
    let position = snapshot.position();
    if position <= queries.seen {
        return Ok(());
    }
    let touched = touched(queries, snapshot).await?;
    for (number, difference) in &touched {
        if let Some(query) = queries.live.get_mut(number) {
            query.advance(snapshot, *difference, hasher).await?;
        }
    }
    queries.seen = position;
    queries.sweep(touched.into_keys());
    Ok(())
}

async fn touched(queries: &Queries, snapshot: &mut Snapshot) -> Result<Touched> {
    let mut touched = Touched::new();
    if queries.live.is_empty() {
        return Ok(touched);
    }
    let news = snapshot.news(queries.seen).await?;
    if !news.is_whole {
        return Ok(queries.live.keys().map(|number| (*number, None)).collect());
    }
    let watched = news.collections.iter().filter(|(collection, _)| queries.watches(collection));
    for (collection, count) in watched {
        let histories = histories(queries, snapshot, (collection, *count)).await?;
        touch_own(queries, collection, histories.as_deref(), snapshot.position(), &mut touched);
        for number in queries.dependent_on(collection) {
            // What somebody may see can have changed with it, and so can the total.
            touched.insert(number, None);
        }
    }
    Ok(touched)
}

/// What happened to each document; `None` where everything is to be read anew.
async fn histories(
    queries: &Queries,
    snapshot: &mut Snapshot,
    (collection, count): (&CollectionName, u64),
) -> Result<Option<Vec<DocumentHistory>>> {
    let any = queries.index.all(collection).first().and_then(|number| queries.live.get(number));
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
    position: i64,
    touched: &mut Touched,
) {
    let Some(histories) = histories else {
        touched.extend(queries.index.all(collection).into_iter().map(|number| (number, None)));
        return;
    };
    for number in queries.index.candidates(collection, histories) {
        let Some(query) = queries.live.get(&number) else { continue };
        if let Some(difference) = query.difference(histories, position) {
            touched.entry(number).or_insert(Some(difference));
        }
    }
}

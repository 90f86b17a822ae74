//! The hub of a store: where one asks for a live query, and what keeps all of them up to date.

use std::{
    hash::RandomState,
    sync::{Arc, OnceLock},
    time::Duration,
};

use alyx_store::{Snapshot, Store, WeakStore, Window};
use bytes::Bytes;
use tokio::sync::{Mutex, Semaphore, mpsc};

use crate::{
    Error, Result,
    cursor::Cursor,
    delta,
    index::Number,
    listener::Listener,
    live::{LiveQuery, Question},
    mailbox::Mailbox,
    pass,
    queries::Queries,
    resume::{self, Memory, Missed},
    state::State,
};

/// Time before a pass that failed is tried again.
const AGAIN: Duration = Duration::from_millis(200);

/// How long each of several commits is told by itself.
const BUDGET: Duration = Duration::from_millis(25);

/// Subscriptions that begin at the same time.
const JOINING_AT_ONCE: usize = 2;

/// The live queries of one store. Cheap to clone; it does not keep the store open.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    store: WeakStore,
    /// A pass and a new query exclude each other, so that all queries are of one moment. Whoever waits for it may
    /// hold a snapshot; whoever has it waits for none.
    queries: Mutex<Queries>,
    /// Those who may read what their subscription begins with, so that other reads find connections too.
    joining: Semaphore,
    hasher: RandomState,
    memory: Memory,
    /// Begins with the first query: a store to which nobody listens is not followed.
    follower: OnceLock<mpsc::UnboundedSender<Departure>>,
}

struct Departure {
    key: Arc<str>,
    listener: Listener,
}

/// How a subscription begins.
#[derive(Clone, Debug)]
pub enum Start<'a> {
    /// With all that there is.
    Afresh,
    /// With what changed since this cursor.
    Since(&'a str),
}

/// What a subscription begins with.
#[derive(Clone, Debug)]
pub enum Started {
    /// `"docs":[…],"total":…,"cursor":"…"`.
    Snapshot(Bytes),
    /// With what was missed: `"changes":{…},"total":…,"cursor":"…"`.
    Resumed(Bytes),
    /// What was missed is not known any more; the inside of a snapshot.
    Resync(Bytes),
}

impl Hub {
    /// A hub without queries.
    #[must_use]
    pub fn new(store: &Store) -> Self {
        Self::with_budget(store, BUDGET)
    }

    /// A hub that tells each of several commits by itself as long as that takes no longer than this, and beyond that
    /// all of them as one.
    #[must_use]
    pub fn with_budget(store: &Store, budget: Duration) -> Self {
        Self(Arc::new(Inner {
            store: store.downgrade(),
            queries: Mutex::new(Queries::with_budget(budget)),
            joining: Semaphore::new(JOINING_AT_ONCE),
            hasher: RandomState::new(),
            memory: Memory::default(),
            follower: OnceLock::new(),
        }))
    }

    /// Keeps a question answered from now on: deltas go to the mailbox, under the number of the subscription.
    ///
    /// # Errors
    /// The store does not answer, or was replaced.
    pub async fn subscribe(
        &self,
        question: &Question,
        (mailbox, subscription): (&Mailbox, u64),
        start: Start<'_>,
    ) -> Result<Started> {
        let store = self.0.store.upgrade().ok_or(Error::Replaced)?;
        self.follow(&store);
        let _turn = self.0.joining.acquire().await.map_err(|_| Error::Replaced)?;
        let mut snapshot = store.snapshot().await?;
        let begun = self.0.begin(&mut snapshot, question).await?;
        let joined = self.0.join((&store, &mut snapshot), question, begun, Listener::new(mailbox, subscription)).await;
        let started = match joined {
            // Deltas wait in the mailbox while this is read.
            Ok(joined) => self.0.tell_start(&mut snapshot, question, joined, start).await,
            Err(error) => Err(error),
        };
        snapshot.end().await;
        if started.is_err() {
            self.unsubscribe(question, (mailbox, subscription));
        }
        started
    }

    /// Asks another question under the same subscription: what somebody may see has changed. The difference comes
    /// as a delta. Whether the subscription listened; one that is lost does not.
    ///
    /// # Errors
    /// The store does not answer, or was replaced.
    pub async fn switch(
        &self,
        (old, new): (&Question, &Question),
        (mailbox, subscription): (&Mailbox, u64),
    ) -> Result<bool> {
        let store = self.0.store.upgrade().ok_or(Error::Replaced)?;
        let _turn = self.0.joining.acquire().await.map_err(|_| Error::Replaced)?;
        let mut snapshot = store.snapshot().await?;
        let begun = self.0.begin(&mut snapshot, new).await?;
        let listener = Listener::new(mailbox, subscription);
        let outcome = self.0.switch((&store, &mut snapshot), (old, new), begun, listener).await;
        snapshot.end().await;
        outcome
    }

    /// Ends a subscription. It happens a moment later; a delta may still come.
    pub fn unsubscribe(&self, question: &Question, (mailbox, subscription): (&Mailbox, u64)) {
        if let Some(follower) = self.0.follower.get() {
            let departure = Departure { key: question.key().into(), listener: Listener::new(mailbox, subscription) };
            // Without a follower there are no queries any more.
            let _ = follower.send(departure);
        }
    }

    /// How many live queries there are, and how many listen to them.
    pub async fn figures(&self) -> (usize, usize) {
        let queries = self.0.queries.lock().await;
        (queries.live.len(), queries.live.values().map(|query| query.listeners.len()).sum())
    }

    fn follow(&self, store: &Store) {
        self.0.follower.get_or_init(|| {
            let (sender, departures) = mpsc::unbounded_channel();
            tokio::spawn(follow(Arc::downgrade(&self.0), store.commits(), departures));
            sender
        });
    }
}

/// A query that is not yet among the others, with what it shows.
type Begun = Option<(LiveQuery, Window)>;

/// What a listener has joined.
struct Joined {
    state: State,
    /// The documents, where they are already read.
    window: Option<Window>,
}

impl Inner {
    /// Reads what a question shows that nobody asks yet. Others need not wait for it.
    async fn begin(&self, snapshot: &mut Snapshot, question: &Question) -> Result<Begun> {
        if self.queries.lock().await.find(question.key()).is_some() {
            return Ok(None);
        }
        LiveQuery::begin(question.clone(), snapshot, &self.hasher).await.map(Some)
    }

    /// Brings all queries and the snapshot to one moment.
    async fn meet(&self, (store, snapshot): (&Store, &mut Snapshot), queries: &mut Queries) -> Result<()> {
        // Another may have come with a later snapshot, while this one waited.
        if snapshot.position() < queries.seen {
            snapshot.renew().await?;
        }
        pass::run(store, queries, snapshot, &self.hasher).await
    }

    /// Puts a listener to the query of its question; all of them come to the snapshot's moment.
    async fn join(
        &self,
        (store, snapshot): (&Store, &mut Snapshot),
        question: &Question,
        begun: Begun,
        listener: Listener,
    ) -> Result<Joined> {
        let mut queries = self.queries.lock().await;
        self.meet((store, snapshot), &mut queries).await?;
        let (number, window) = self.find_or_add(&mut queries, snapshot, question, begun).await?;
        let query = queries.live.get_mut(&number).expect("it was found or added");
        query.listeners.push(listener);
        let mut state = query.state().clone();
        state.cursor = Cursor::new(snapshot.place(), question.key());
        Ok(Joined { state, window })
    }

    /// The query of a question, up to date with the snapshot.
    async fn find_or_add(
        &self,
        queries: &mut Queries,
        snapshot: &mut Snapshot,
        question: &Question,
        begun: Begun,
    ) -> Result<(Number, Option<Window>)> {
        if let Some(number) = queries.find(question.key()) {
            return Ok((number, None));
        }
        let (query, window) = match begun {
            Some((mut query, window)) if !pass::is_behind(&query, snapshot).await? => {
                query.stand_at(snapshot.place());
                (query, window)
            }
            _ => LiveQuery::begin(question.clone(), snapshot, &self.hasher).await?,
        };
        Ok((queries.add(query), Some(window)))
    }

    async fn tell_start(
        &self,
        snapshot: &mut Snapshot,
        question: &Question,
        Joined { state, window }: Joined,
        start: Start<'_>,
    ) -> Result<Started> {
        let missed = match start {
            Start::Since(cursor) => {
                Some(resume::missed(snapshot, (question, state.total), cursor, (&self.memory, &self.hasher)).await?)
            }
            Start::Afresh => None,
        };
        if matches!(missed, Some(Missed::Nothing)) {
            return Ok(Started::Resumed(delta::write_nothing(&state)));
        }
        let window = match window {
            Some(window) => window,
            None => question.read(snapshot, false).await?,
        };
        Ok(match missed {
            Some(Missed::Since(before)) => {
                let written = delta::write(&before, &state, |place| &window.documents[place]);
                Started::Resumed(written.unwrap_or_else(|| delta::write_nothing(&state)))
            }
            Some(_) => Started::Resync(delta::write_snapshot(&window.documents, &state)),
            None => Started::Snapshot(delta::write_snapshot(&window.documents, &state)),
        })
    }

    async fn switch(
        &self,
        (store, snapshot): (&Store, &mut Snapshot),
        (old, new): (&Question, &Question),
        begun: Begun,
        listener: Listener,
    ) -> Result<bool> {
        let mut queries = self.queries.lock().await;
        self.meet((store, snapshot), &mut queries).await?;
        let before = queries.find(old.key()).and_then(|number| queries.live.get(&number));
        let Some(before) = before.filter(|query| query.has_listener(&listener)) else { return Ok(false) };
        let before = before.state().clone();
        let (number, window) = self.find_or_add(&mut queries, snapshot, new, begun).await?;
        let window = match window {
            Some(window) => window,
            None => new.read(snapshot, false).await?,
        };
        queries.leave(old.key(), &listener);
        let query = queries.live.get_mut(&number).expect("it was found or added");
        let difference = delta::write(&before, query.state(), |place| &window.documents[place]);
        let listens = difference.is_none_or(|body| listener.answer(&body));
        if listens {
            query.listeners.push(listener);
        }
        queries.sweep([number]);
        Ok(listens)
    }
}

/// Brings all queries to each new commit, until the store is closed or nobody holds the hub any more.
async fn follow(
    hub: std::sync::Weak<Inner>,
    mut commits: tokio::sync::watch::Receiver<i64>,
    mut departures: mpsc::UnboundedReceiver<Departure>,
) {
    loop {
        tokio::select! {
            biased;
            departure = departures.recv() => {
                let (Some(departure), Some(inner)) = (departure, hub.upgrade()) else { return };
                let mut queries = inner.queries.lock().await;
                queries.leave(&departure.key, &departure.listener);
            }
            changed = commits.changed() => {
                let (true, Some(inner)) = (changed.is_ok(), hub.upgrade()) else { return };
                let Some(store) = inner.store.upgrade() else { return };
                if let Err(error) = inner.advance(&store).await {
                    tracing::warn!(%error, "live queries are not up to date; trying again");
                    drop((store, inner));
                    tokio::time::sleep(AGAIN).await;
                    commits.mark_changed();
                }
            }
        }
    }
}

impl Inner {
    async fn advance(&self, store: &Store) -> Result<()> {
        let seen = {
            let mut queries = self.queries.lock().await;
            if queries.live.is_empty() {
                // Whoever is about to join with an older snapshot must come to this commit by itself.
                queries.seen = queries.seen.max(*store.commits().borrow());
                return Ok(());
            }
            queries.seen
        };
        let mut snapshot = store.snapshot_after(seen).await?;
        let mut queries = self.queries.lock().await;
        pass::run(store, &mut queries, &mut snapshot, &self.hasher).await?;
        snapshot.end().await;
        Ok(())
    }
}

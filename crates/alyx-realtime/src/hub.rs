//! The hub of a store: where one asks for a live query, and what keeps all of them up to date.

use std::{
    hash::RandomState,
    sync::{Arc, OnceLock},
    time::Duration,
};

use alyx_store::{Snapshot, Store, WeakStore};
use bytes::Bytes;
use tokio::sync::{Mutex, mpsc};

use crate::{
    Error, Result, cursor, delta, key,
    listener::{Listener, Mailbox},
    live::{LiveQuery, Question},
    pass,
    queries::Queries,
};

/// Time before a pass that failed is tried again.
const AGAIN: Duration = Duration::from_millis(200);

/// The live queries of one store. Cheap to clone; it does not keep the store open.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    store: WeakStore,
    /// A pass and a new query exclude each other, so that all queries are of one moment.
    queries: Mutex<Queries>,
    hasher: RandomState,
    /// Begins with the first query: a store to which nobody listens is not followed.
    follower: OnceLock<mpsc::UnboundedSender<Departure>>,
}

struct Departure {
    key: Arc<str>,
    mailbox: Mailbox,
    subscription: u64,
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
    /// Nothing was missed: `"changes":{…},"total":…,"cursor":"…"`.
    Resumed(Bytes),
    /// What was missed is not known any more; the inside of a snapshot.
    Resync(Bytes),
}

impl Hub {
    /// A hub without queries.
    #[must_use]
    pub fn new(store: &Store) -> Self {
        Self(Arc::new(Inner {
            store: store.downgrade(),
            queries: Mutex::default(),
            hasher: RandomState::new(),
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
        let mut queries = self.0.queries.lock().await;
        let mut snapshot = store.snapshot().await?;
        if queries.live.is_empty() {
            queries.seen = snapshot.position();
        }
        pass::run(&mut queries, &mut snapshot, &self.0.hasher).await?;
        let started = self.0.join(&mut queries, &mut snapshot, question, start).await?;
        let number = queries.find(question.key()).and_then(|number| queries.live.get_mut(&number));
        if let Some(query) = number {
            query.listeners.push(Listener { subscription, mailbox: mailbox.clone() });
        }
        snapshot.end().await;
        Ok(started)
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
        let mut queries = self.0.queries.lock().await;
        let mut snapshot = store.snapshot().await?;
        pass::run(&mut queries, &mut snapshot, &self.0.hasher).await?;
        let outcome = self.0.switch(&mut queries, &mut snapshot, (old, new), (mailbox, subscription)).await;
        snapshot.end().await;
        outcome
    }

    /// Ends a subscription. It happens a moment later; a delta may still come.
    pub fn unsubscribe(&self, question: &Question, (mailbox, subscription): (&Mailbox, u64)) {
        if let Some(follower) = self.0.follower.get() {
            let departure = Departure { key: question.key().into(), mailbox: mailbox.clone(), subscription };
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

impl Inner {
    /// The query of the question, made where there is none, and what its new listener begins with.
    async fn join(
        &self,
        queries: &mut Queries,
        snapshot: &mut Snapshot,
        question: &Question,
        start: Start<'_>,
    ) -> Result<Started> {
        let resumed = match start {
            Start::Since(cursor) => self.has_missed_nothing(snapshot, question, cursor).await?,
            Start::Afresh => false,
        };
        let (number, snapshot) = match queries.find(question.key()) {
            Some(number) if resumed => (number, None),
            Some(number) => (number, Some(queries.live[&number].joined(snapshot).await?)),
            None => {
                let (query, bytes) = LiveQuery::begin(question.clone(), snapshot, &self.hasher).await?;
                (queries.add(query), Some(bytes))
            }
        };
        let query = &queries.live[&number];
        Ok(match (start, snapshot) {
            (Start::Since(_), Some(bytes)) if !resumed => Started::Resync(bytes),
            (Start::Since(_), _) => Started::Resumed(delta::write_nothing(query.total(), &query.cursor())),
            (Start::Afresh, bytes) => Started::Snapshot(bytes.unwrap_or_default()),
        })
    }

    async fn switch(
        &self,
        queries: &mut Queries,
        snapshot: &mut Snapshot,
        (old, new): (&Question, &Question),
        (mailbox, subscription): (&Mailbox, u64),
    ) -> Result<bool> {
        let before = queries.find(old.key()).and_then(|number| queries.live.get(&number));
        let Some(before) = before.filter(|query| query.has_listener(mailbox, subscription)) else { return Ok(false) };
        let before = before.state();
        if queries.find(new.key()).is_none() {
            let (query, _) = LiveQuery::begin(new.clone(), snapshot, &self.hasher).await?;
            queries.add(query);
        }
        let number = queries.find(new.key()).expect("it was added");
        let difference = queries.live[&number].difference_from(&before, snapshot).await?;
        queries.leave(old.key(), mailbox, subscription);
        let listener = Listener { subscription, mailbox: mailbox.clone() };
        let listens = difference.is_none_or(|body| listener.tell(&body));
        if let Some(query) = queries.live.get_mut(&number).filter(|_| listens) {
            query.listeners.push(listener);
        }
        queries.sweep([number]);
        Ok(listens)
    }

    /// Whether nothing that matters to the question has happened since the cursor was given.
    async fn has_missed_nothing(&self, snapshot: &mut Snapshot, question: &Question, cursor: &str) -> Result<bool> {
        let Some(position) = cursor::decode(cursor, question.key()) else { return Ok(false) };
        if position == snapshot.position() {
            return Ok(true);
        }
        if position > snapshot.position() {
            return Ok(false);
        }
        let news = snapshot.news(position).await?;
        let others = key::others(question.query(), question.visible());
        let own = &question.query().collection.name;
        let matters = news.collections.iter().any(|(name, _)| name == own || others.contains(name));
        Ok(news.is_whole && !matters)
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
                queries.leave(&departure.key, &departure.mailbox, departure.subscription);
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
        let mut queries = self.queries.lock().await;
        if queries.live.is_empty() {
            return Ok(());
        }
        let mut snapshot = store.snapshot().await?;
        pass::run(&mut queries, &mut snapshot, &self.hasher).await?;
        snapshot.end().await;
        Ok(())
    }
}

//! One connection: what its client asks, what it is told, and what happens when its caller or the schema changes.

mod channels;
mod rights;

use std::{collections::BTreeMap, future::pending, pin::Pin, time::Duration};

use actix_web::web::Data;
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseCode, CloseReason, ProtocolError};
use alyx_realtime::{Losses, Lost, Mailbox, Start};
use alyx_store::account::AccountChange;
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use tokio::{
    sync::{
        broadcast::{self, error::RecvError},
        watch,
    },
    time::{Instant, Interval, MissedTickBehavior, Sleep, interval, sleep},
};

use super::{
    channels::{self as channel, Desk, Event},
    message::{self, Asked, Message},
    outlet::{self, Body, Format, Gone, Outlet, Told},
    sockets::{News, Place},
    subscription::{self, Sent, Subscription},
};
use crate::{
    AppState,
    access::{Caller, RequestFacts},
    error::{ApiError, Code, Result as ApiResult},
    served::Served,
};

/// Time between two looks at rules that speak of the time.
const CLOCK: Duration = Duration::from_millis(500);

/// The end of a connection, with what its client is told.
struct End(Option<CloseReason>);

type Step = Result<(), End>;

impl From<Gone> for End {
    fn from(_: Gone) -> Self {
        Self(None)
    }
}

/// What can happen besides messages of the client.
enum Happened {
    Lost(Lost),
    Account(Result<AccountChange, RecvError>),
    Expired,
    News(Option<News>),
    Beat,
    Clock,
    Channel(Event),
    Gone,
}

/// Where a connection hears of what happens.
struct Changes {
    news: watch::Receiver<News>,
    accounts: broadcast::Receiver<AccountChange>,
    beat: Interval,
    clock: Interval,
    /// When the token expires, and what sleeps until then: a timer is made once, not for every message.
    expiry: Option<(Timestamp, Pin<Box<Sleep>>)>,
}

impl Changes {
    fn of(state: &AppState) -> Self {
        let (mut beat, mut clock) = (interval(state.options().realtime.ping_interval), interval(CLOCK));
        beat.reset();
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { news: state.sockets().news(), accounts: state.auth().account_events(), beat, clock, expiry: None }
    }
}

/// One connection.
pub(super) struct Connection {
    state: Data<AppState>,
    outlet: Outlet,
    caller: Caller,
    token: Option<Vec<u8>>,
    facts: RequestFacts,
    served: Served,
    /// By a number that a subscription changes when it begins again, so that deltas of before are known for such.
    subscriptions: BTreeMap<u64, Box<Subscription>>,
    next: u64,
    mailbox: Mailbox,
    lost: Losses,
    desk: Option<Box<Desk>>,
    /// What others call it.
    client: String,
    heard: Instant,
}

impl Connection {
    /// A connection, and the body of the answer that it goes out by.
    pub(super) fn new(
        state: Data<AppState>,
        format: Format,
        (caller, token): (Caller, Option<Vec<u8>>),
        facts: RequestFacts,
    ) -> (Self, Body) {
        let (mailbox, deltas, lost) = Mailbox::new(state.options().realtime.queue);
        let (outlet, body) = outlet::open(format, deltas, state.options().realtime.silence());
        let (served, client) = (state.served(), state.ids().short_id());
        let subscriptions = BTreeMap::new();
        let connection = Self {
            state,
            outlet,
            caller,
            token,
            facts,
            served,
            subscriptions,
            next: 0,
            mailbox,
            lost,
            desk: None,
            client,
            heard: Instant::now(),
        };
        (connection, body)
    }

    /// Serves a WebSocket until either side has enough. What is done now and then is boxed: the room that it takes is
    /// given back, while most connections wait.
    pub(super) async fn run(mut self, mut messages: AggregatedMessageStream, _place: Place) {
        let mut changes = Changes::of(&self.state);
        let mut begun = match self.greet().await {
            Ok(()) => Box::pin(self.look_again(&changes)).await,
            gone => gone,
        };
        while begun.is_ok() {
            self.let_deltas_through();
            begun = tokio::select! {
                message = messages.recv() => Box::pin(self.hear(message)).await,
                happened = self.wait(&mut changes) => Box::pin(self.heed(happened)).await,
            };
        }
        self.finish(begun).await;
    }

    /// Serves one query as events until the client is gone or the query fails.
    pub(super) async fn run_events(mut self, sent: Sent, since: Option<String>, _place: Place) {
        let mut changes = Changes::of(&self.state);
        let mut step = match Box::pin(self.look_again(&changes)).await {
            Ok(()) => Box::pin(self.subscribe(None, sent, since.as_deref())).await,
            gone => gone,
        };
        while step.is_ok() && !self.subscriptions.is_empty() {
            self.let_deltas_through();
            let happened = self.wait(&mut changes).await;
            step = Box::pin(self.heed(happened)).await;
        }
        self.finish(step).await;
    }

    /// Looks once more who calls and what is served: what changed before this connection heard of changes is not told
    /// again.
    async fn look_again(&mut self, changes: &Changes) -> Step {
        if changes.news.borrow().stopping {
            return Err(End(Some(CloseCode::Away.into())));
        }
        self.served = self.state.served();
        self.identify_again().await
    }

    async fn finish(self, step: Step) {
        for (number, subscription) in &self.subscriptions {
            self.served.live().unsubscribe(&subscription.question, (&self.mailbox, *number));
        }
        if let Err(End(Some(reason))) = step {
            self.outlet.close(reason).await;
        }
    }

    /// Waits for whatever happens besides messages of the client. Nothing is lost where the wait is given up; what
    /// happened is heeded apart from it, since a message that comes meanwhile must not stop that halfway.
    async fn wait(&mut self, changes: &mut Changes) -> Happened {
        let signed_in = matches!(self.caller, Caller::Account(_));
        let expires_at = self.caller.expires_at();
        if changes.expiry.as_ref().map(|(at, _)| *at) != expires_at {
            changes.expiry = expires_at.map(|at| (at, Box::pin(sleep(self.time_until(at)))));
        }
        let timed = self.served.looks_at_time() || self.desk.is_some() && self.served.channels_look_at_time();
        let Changes { news, accounts, beat, clock, expiry } = changes;
        tokio::select! {
            lost = self.lost.recv() => Happened::Lost(lost),
            event = next_event(accounts, signed_in) => Happened::Account(event),
            () = expired(expiry) => Happened::Expired,
            changed = news.changed() => Happened::News(changed.is_ok().then(|| *news.borrow_and_update())),
            _ = beat.tick() => Happened::Beat,
            _ = clock.tick(), if timed => Happened::Clock,
            event = channel::next(&mut self.desk) => Happened::Channel(event),
            () = self.outlet.gone() => Happened::Gone,
        }
    }

    async fn heed(&mut self, happened: Happened) -> Step {
        self.outlet.hold_deltas();
        match happened {
            Happened::Gone => Err(End(None)),
            Happened::Lost(lost) => self.begin_again(lost).await,
            Happened::Account(event) => self.account_changed(event).await,
            Happened::Expired => self.identify_again().await,
            Happened::News(Some(news)) => self.hear_news(news).await,
            Happened::News(None) => Err(End(None)),
            Happened::Beat => self.ping().await,
            Happened::Clock => self.look_at_clock().await,
            Happened::Channel(event) => self.heed_channels(event).await,
        }
    }

    /// Until something else happens, deltas go out by themselves.
    fn let_deltas_through(&self) {
        let named = self.subscriptions.iter().map(|(number, subscription)| (*number, subscription.id.as_str()));
        self.outlet.let_deltas_through(named);
    }

    async fn greet(&mut self) -> Step {
        let greeting = message::told("connected", None, &json!({"client_id": self.client}));
        self.send(greeting).await
    }

    async fn send(&mut self, told: Told) -> Step {
        Ok(self.outlet.tell(&told).await?)
    }

    async fn refuse(&mut self, id: Option<&Json>, subscription: Option<&str>, error: &ApiError) -> Step {
        if let Some(cause) = &error.cause {
            tracing::error!(%cause, "a live query failed");
        }
        self.send(message::error(id, subscription, error)).await
    }

    async fn hear(&mut self, message: Option<Result<AggregatedMessage, ProtocolError>>) -> Step {
        self.outlet.hold_deltas();
        self.heard = Instant::now();
        match message {
            Some(Ok(AggregatedMessage::Text(text))) => self.answer(Message::parse(&text)).await,
            Some(Ok(AggregatedMessage::Ping(bytes))) => Ok(self.outlet.answer_ping(&bytes).await?),
            Some(Ok(AggregatedMessage::Pong(_))) => Ok(()),
            Some(Ok(AggregatedMessage::Binary(_))) => Err(End(Some(CloseCode::Unsupported.into()))),
            Some(Ok(AggregatedMessage::Close(reason))) => Err(End(Some(reason.unwrap_or(CloseCode::Normal.into())))),
            // Pieces that are too long together come as `Io`; where it is anything else, nobody is left to be told.
            Some(Err(ProtocolError::Overflow | ProtocolError::Io(_))) => Err(End(Some(CloseCode::Size.into()))),
            Some(Err(_)) => Err(End(Some(CloseCode::Protocol.into()))),
            None => Err(End(None)),
        }
    }

    async fn ping(&mut self) -> Step {
        if self.outlet.is_socket() && self.heard.elapsed() > self.state.options().realtime.silence() {
            return Err(End(Some(CloseCode::Away.into())));
        }
        Ok(self.outlet.beat().await?)
    }

    async fn answer(&mut self, message: Message) -> Step {
        let id = message.id.as_ref();
        match message.asked {
            Ok(Asked::Subscribe { query, since }) => {
                self.subscribe(id, Sent::Message(query.to_string().into()), since.as_deref()).await
            }
            Ok(Asked::Unsubscribe { subscription }) => self.unsubscribe(id, &subscription).await,
            Ok(Asked::Auth { token }) => self.authenticate(id, token.into_bytes()).await,
            Ok(Asked::Ping) => self.send(Told { kind: "pong", text: Bytes::from_static(br#"{"type":"pong"}"#) }).await,
            Ok(Asked::Join { channel, presence }) => self.join(id, &channel, presence).await,
            Ok(Asked::Leave { channel }) => self.leave(id, &channel).await,
            Ok(Asked::Broadcast(sending)) => self.broadcast(id, sending).await,
            Ok(Asked::Presence { channel, state }) => self.be_present(id, &channel, state).await,
            Err(error) => self.refuse(id, None, &error).await,
        }
    }

    fn question(&self, sent: &Sent) -> ApiResult<alyx_realtime::Question> {
        let facts = self.facts.clone().at(self.state.clock().now());
        subscription::question(&self.served, (&self.caller, facts), sent)
    }

    async fn subscribe(&mut self, id: Option<&Json>, sent: Sent, since: Option<&str>) -> Step {
        let most = self.state.options().realtime.max_subscriptions;
        if most.is_some_and(|most| self.subscriptions.len() >= usize::try_from(most).unwrap_or(usize::MAX)) {
            let message = "this connection has as many subscriptions as it may have";
            return self.refuse(id, None, &ApiError::new(Code::RateLimited, message)).await;
        }
        let question = match self.question(&sent) {
            Ok(question) => question,
            Err(error) => return self.refuse(id, None, &error).await,
        };
        let name = format!("sub_{}", self.next + 1);
        let subscription = Box::new(Subscription { id: name, sent, question });
        self.start(id, subscription, since.map_or(Start::Afresh, Start::Since)).await
    }

    /// Begins a subscription under a new number.
    async fn start(&mut self, id: Option<&Json>, subscription: Box<Subscription>, start: Start<'_>) -> Step {
        self.next += 1;
        let live = self.served.live().clone();
        match live.subscribe(&subscription.question, (&self.mailbox, self.next), start).await {
            Ok(started) => {
                let messages = message::started(id, &subscription.id, &started);
                self.subscriptions.insert(self.next, subscription);
                for message in messages {
                    self.send(message).await?;
                }
                Ok(())
            }
            Err(error) => self.refuse(id, Some(&subscription.id), &error.into()).await,
        }
    }

    async fn unsubscribe(&mut self, id: Option<&Json>, name: &str) -> Step {
        let found =
            self.subscriptions.iter().find(|(_, subscription)| subscription.id == name).map(|(number, _)| *number);
        let Some(number) = found else {
            let error = ApiError::new(Code::NotFound, "there is no such subscription");
            return self.refuse(id, None, &error).await;
        };
        self.end(number);
        self.send(message::told("unsubscribed", id, &json!({"subscription_id": name}))).await
    }

    fn end(&mut self, number: u64) -> Option<Box<Subscription>> {
        let subscription = self.subscriptions.remove(&number)?;
        self.served.live().unsubscribe(&subscription.question, (&self.mailbox, number));
        Some(subscription)
    }

    /// Its deltas did not fit any more: it begins again.
    async fn begin_again(&mut self, Lost(number): Lost) -> Step {
        let Some(subscription) = self.subscriptions.remove(&number) else { return Ok(()) };
        self.resync(subscription).await
    }

    async fn resync(&mut self, subscription: Box<Subscription>) -> Step {
        let payload = json!({"subscription_id": subscription.id});
        self.send(message::told("resync", None, &payload)).await?;
        self.start(None, subscription, Start::Afresh).await
    }
}

/// The next change of an account; for who has none there is none.
async fn next_event(
    accounts: &mut broadcast::Receiver<AccountChange>,
    signed_in: bool,
) -> Result<AccountChange, RecvError> {
    if signed_in { accounts.recv().await } else { pending().await }
}

/// Waits for the token to expire, once.
async fn expired(expiry: &mut Option<(Timestamp, Pin<Box<Sleep>>)>) {
    match expiry {
        Some((_, sleep)) => sleep.as_mut().await,
        None => pending().await,
    }
    *expiry = None;
}

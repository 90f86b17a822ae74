//! What a client does in channels, and what it is told of them.

use alyx_realtime::channels::{Delivery, Letter};
use serde_json::{Value as Json, json};

use super::{Connection, Step};
use crate::{
    access::{RequestFacts, denied},
    error::{ApiError, Code, Result as ApiResult},
    realtime::{
        channels::{
            Desk, Event, Joined,
            right::{self, Rights},
            text,
        },
        message::{self, Sending},
        outlet::Told,
    },
};

/// Which channels are asked about again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    All,
    /// Those whose rights depend on documents.
    Asking,
}

impl Connection {
    pub(super) async fn join(&mut self, id: Option<&Json>, channel: &str, state: Option<String>) -> Step {
        let rights = match self.may_join(channel, state.is_some()).await {
            Ok(rights) => rights,
            Err(error) => return self.refuse(id, None, &error).await,
        };
        let number = self.enter(channel, rights);
        if let Some(state) = state {
            self.show(number, state);
        }
        let joined = self.desk().joined.get(&number).map(|joined| &joined.membership);
        let present = joined.filter(|_| rights.presence).map(alyx_realtime::channels::Membership::see);
        self.send(text::joined(id, channel, present.as_deref())).await
    }

    async fn may_join(&mut self, channel: &str, shows: bool) -> ApiResult<Rights> {
        let (joined, is_in) =
            self.desk.as_ref().map_or((0, false), |desk| (desk.joined.len(), desk.find(channel).is_some()));
        let most = self.state.options().realtime.max_channels;
        if !is_in && most.is_some_and(|most| joined >= usize::try_from(most).unwrap_or(usize::MAX)) {
            return Err(ApiError::new(Code::RateLimited, "this connection has joined as many channels as it may"));
        }
        let rights = self.rights(channel).await?;
        if !rights.join {
            return Err(denied(&self.caller));
        }
        if shows && !rights.presence {
            return Err(ApiError { message: "presence is not allowed in this channel".into(), ..denied(&self.caller) });
        }
        Ok(rights)
    }

    /// What the caller may do in a channel now; whatever is asked of documents, changes of them are heard of first.
    async fn rights(&mut self, channel: &str) -> ApiResult<Rights> {
        let changes = self.served.lookout().changes();
        let rights = right::rights(&self.served, (&self.caller, self.facts_now()), channel).await?;
        if rights.asks {
            self.desk().lookout.get_or_insert(changes);
        }
        Ok(rights)
    }

    fn facts_now(&self) -> RequestFacts {
        self.facts.clone().at(self.state.clock().now())
    }

    fn desk(&mut self) -> &mut Desk {
        let queue = self.state.options().realtime.queue;
        self.desk.get_or_insert_with(|| Box::new(Desk::new(queue)))
    }

    /// The number of the membership; one who is in already stays.
    fn enter(&mut self, channel: &str, rights: Rights) -> u64 {
        let channels = self.state.channels().clone();
        let desk = self.desk();
        let number = desk.find(channel).unwrap_or_else(|| {
            let membership = channels.join(channel, &desk.post);
            let number = membership.number();
            desk.joined.insert(number, Joined { membership, sees: false, shown: None, asks: false });
            number
        });
        if let Some(joined) = desk.joined.get_mut(&number) {
            joined.asks = rights.asks;
            if rights.presence { joined.sees = true } else { joined.veil() }
        }
        number
    }

    fn show(&mut self, number: u64, state: String) {
        let person = text::person(&self.client, &self.caller);
        let Some(joined) = self.desk.as_mut().and_then(|desk| desk.joined.get_mut(&number)) else { return };
        let is_new = joined.shown.is_none();
        joined.membership.show(text::shown(joined.membership.channel(), &person, &state, is_new));
        joined.shown = Some((person, state));
    }

    pub(super) async fn leave(&mut self, id: Option<&Json>, channel: &str) -> Step {
        let desk = self.desk.as_mut();
        let left = desk.and_then(|desk| desk.find(channel).and_then(|number| desk.joined.remove(&number)));
        match left {
            Some(joined) => {
                drop(joined);
                self.send(text::left(id, channel, None)).await
            }
            None => self.refuse(id, None, &not_joined()).await,
        }
    }

    pub(super) async fn broadcast(&mut self, id: Option<&Json>, sending: Sending) -> Step {
        let Sending { channel, event, data } = sending;
        let mut facts = self.facts_now();
        if right::looks_at_body(&self.served, &channel) {
            facts =
                facts.with_body([("event".into(), json!(event)), ("data".into(), data.clone())].into_iter().collect());
        }
        match right::may_broadcast(&self.served, (&self.caller, facts), &channel).await {
            Ok(true) => {}
            Ok(false) => return self.refuse(id, None, &denied(&self.caller)).await,
            Err(error) => return self.refuse(id, None, &error).await,
        }
        let own = self.desk.as_ref().and_then(|desk| desk.find(&channel));
        let from = || text::person(&self.client, &self.caller);
        self.state.channels().broadcast(&channel, own, || text::broadcast(&channel, (&event, &data), &from()));
        self.send(message::told("sent", id, &json!({"channel": channel}))).await
    }

    /// Shows the state from now on, or without one nothing.
    pub(super) async fn be_present(&mut self, id: Option<&Json>, channel: &str, state: Option<String>) -> Step {
        let found = self.desk.as_ref().and_then(|desk| desk.find(channel));
        let Some(number) = found else { return self.refuse(id, None, &not_joined()).await };
        match self.rights(channel).await {
            Ok(rights) if rights.join && rights.presence => _ = self.enter(channel, rights),
            Ok(_) => return self.refuse(id, None, &denied(&self.caller)).await,
            Err(error) => return self.refuse(id, None, &error).await,
        }
        match state {
            Some(state) => self.show(number, state),
            None => {
                if let Some(joined) = self.desk().joined.get_mut(&number) {
                    joined.membership.hide();
                    joined.shown = None;
                }
            }
        }
        self.send(message::told("sent", id, &json!({"channel": channel}))).await
    }

    pub(super) async fn heed_channels(&mut self, event: Event) -> Step {
        match event {
            Event::Delivery(Delivery::Letter(letter)) => self.deliver(letter).await,
            Event::Delivery(Delivery::Missed(number)) => {
                let Some(joined) = self.joined(number) else { return Ok(()) };
                let (count, present) = joined.membership.resume();
                let told = text::missed(joined.membership.channel(), count, present.as_deref());
                self.send(told).await
            }
            Event::Lookout => self.ask_channels_again(Again::Asking).await,
        }
    }

    fn joined(&self, number: u64) -> Option<&Joined> {
        self.desk.as_ref()?.joined.get(&number)
    }

    async fn deliver(&mut self, letter: Letter) -> Step {
        // Who has left meanwhile, or may not see any more who is there, has no use for it.
        let wanted = self.joined(letter.membership).is_some_and(|joined| joined.sees || !letter.is_presence);
        if !wanted {
            return Ok(());
        }
        let kind = if letter.is_presence { "presence" } else { "broadcast" };
        self.send(Told { kind, text: letter.text }).await
    }

    /// Asks whether the caller may stay; who may not is out, and is told.
    pub(super) async fn ask_channels_again(&mut self, again: Again) -> Step {
        let Some(desk) = &self.desk else { return Ok(()) };
        let asked = |joined: &Joined| again == Again::All || joined.asks;
        let names = desk.joined.iter().filter(|(_, joined)| asked(joined));
        let names: Vec<_> = names.map(|(number, joined)| (*number, joined.membership.channel().to_owned())).collect();
        for (number, name) in names {
            match self.rights(&name).await {
                Ok(rights) if rights.join => self.stay(number, &name, rights).await?,
                Ok(_) => self.expel(number, &name, &denied(&self.caller)).await?,
                // The store is closed: another one is served, or none, and this connection hears of that next.
                Err(ApiError { code: Code::Unavailable, .. }) => {}
                Err(error) => self.expel(number, &name, &error).await?,
            }
        }
        Ok(())
    }

    async fn expel(&mut self, number: u64, name: &str, reason: &ApiError) -> Step {
        if let Some(cause) = &reason.cause {
            tracing::error!(%cause, "the rights in a channel are not known");
        }
        self.desk().joined.remove(&number);
        self.send(text::left(None, name, Some(reason))).await
    }

    /// Stays in, as who the caller is now.
    async fn stay(&mut self, number: u64, name: &str, rights: Rights) -> Step {
        let person = text::person(&self.client, &self.caller);
        let Some(joined) = self.desk().joined.get_mut(&number) else { return Ok(()) };
        joined.asks = rights.asks;
        if !rights.presence && (joined.sees || joined.shown.is_some()) {
            joined.veil();
            let error = ApiError { message: "presence is not allowed any more".into(), ..denied(&self.caller) };
            return self.send(message::channel_error(name, &error)).await;
        }
        if let Some((_, state)) = joined.shown.take_if(|(shown, _)| *shown != person) {
            // It is known already, so that this is an update.
            joined.shown = Some((person, String::new()));
            self.show(number, state);
        }
        Ok(())
    }
}

fn not_joined() -> ApiError {
    ApiError::new(Code::NotFound, "this connection has not joined such a channel")
}

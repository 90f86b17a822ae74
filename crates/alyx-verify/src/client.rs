//! One client: who it is, its connection, its subscriptions, and what it makes of each message.

mod connect;
mod subscription;

use std::collections::{BTreeSet, VecDeque};

use alyx_testing::{Client as Http, Value, json};

pub(crate) use self::{
    connect::sign_in,
    subscription::{Phase, Subscription},
};
use crate::{
    counts::Counts,
    design::Design,
    fault::{Fault, Kind},
    link::{Heard, Link},
    model::{Model, judge::Who},
    server::Place,
};

/// Messages that are kept to be shown.
const KEPT: usize = 16;
/// Characters of them.
const SHOWN: usize = 1200;

/// What a message is judged by.
pub(crate) struct Scene<'a> {
    pub(crate) design: &'a Design,
    pub(crate) model: &'a Model,
    pub(crate) counts: &'a mut Counts,
    pub(crate) round: u64,
}

/// Whom a client signs in as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Account {
    Nobody,
    Person(usize),
    Admin,
}

/// A client.
pub(crate) struct Client {
    pub(crate) number: usize,
    pub(crate) account: Account,
    pub(crate) by_events: bool,
    pub(crate) token: Option<String>,
    pub(crate) refresh: Option<String>,
    pub(crate) link: Option<Link>,
    pub(crate) subscriptions: Vec<Subscription>,
    /// Who it may have been since everything was last quiet; who it is comes last.
    pub(crate) whos: Vec<Who>,
    /// It was told that its token is not good any more.
    pub(crate) is_nobody: bool,
    /// The last round in which what it may read may have changed otherwise than by documents.
    pub(crate) rights_round: u64,
    pub(crate) is_stalled: bool,
    /// It stays away for so many barriers.
    pub(crate) away: u32,
    /// It stays away until so many writes of the round are done.
    pub(crate) away_until: usize,
    pub(crate) was_connected: bool,
    resyncs: BTreeSet<String>,
    next: u64,
    heard: VecDeque<String>,
}

impl Client {
    pub(crate) fn new(number: usize, account: Account, by_events: bool) -> Self {
        Self {
            number,
            account,
            by_events,
            token: None,
            refresh: None,
            link: None,
            subscriptions: Vec::new(),
            whos: vec![Who::Nobody],
            is_nobody: false,
            rights_round: 0,
            is_stalled: false,
            away: 0,
            away_until: 0,
            was_connected: false,
            resyncs: BTreeSet::new(),
            next: 0,
            heard: VecDeque::new(),
        }
    }

    /// Who it is at the moment.
    pub(crate) fn who(&self) -> Who {
        self.whos.last().cloned().unwrap_or(Who::Nobody)
    }

    /// The connection ends without a word.
    pub(crate) fn drop_link(&mut self) {
        self.link = None;
        self.is_stalled = false;
        self.resyncs.clear();
        for subscription in &mut self.subscriptions {
            subscription.phase = Phase::Idle;
            subscription.id = None;
        }
    }

    /// Everything is quiet: what may have been before does not matter any more.
    pub(crate) fn settle(&mut self) {
        self.whos = vec![self.who()];
    }

    /// An HTTP client for the same caller.
    pub(crate) fn http(&self, place: &Place) -> Http {
        let http = Http::new(place.address());
        match &self.token {
            Some(token) => http.with_token(token),
            None => http,
        }
    }

    /// Sends a message under a number of its own, and gives that back.
    pub(crate) fn send(&mut self, kind: &str, payload: &Value) -> Value {
        self.next += 1;
        let id = json!(self.next);
        if let Some(Link::Socket(socket)) = &mut self.link
            && !socket.send(&json!({"id": id, "type": kind, "payload": payload}))
        {
            self.drop_link();
        }
        id
    }

    /// Reads everything that came; whether there was anything.
    pub(crate) fn read(&mut self, scene: &mut Scene<'_>) -> Result<bool, Fault> {
        let mut any = false;
        while let Some(link) = &mut self.link {
            match link.hear() {
                Heard::Message(message) => {
                    any = true;
                    self.remember(&message);
                    scene.counts.messages += 1;
                    self.take(&message, scene).map_err(|fault| fault.seen(&self.story()))?;
                }
                Heard::Nothing => break,
                Heard::Closed => self.drop_link(),
            }
        }
        Ok(any)
    }

    /// Keeps something that happened, to be told with a fault.
    pub(crate) fn note(&mut self, text: String) {
        if self.heard.len() == KEPT {
            self.heard.pop_front();
        }
        self.heard.push_back(text);
    }

    fn remember(&mut self, message: &Value) {
        let mut text: String = message.to_string();
        if text.len() > SHOWN {
            text = text.chars().take(SHOWN).chain("…".chars()).collect();
        }
        self.note(text);
    }

    /// Who this is and what it heard last.
    pub(crate) fn story(&self) -> String {
        let heard: Vec<&str> = self.heard.iter().map(String::as_str).collect();
        let over = if self.by_events { "events" } else { "a WebSocket" };
        let (number, account) = (self.number, self.account);
        format!("client {number}, {account:?} as {:?}, over {over}; last messages:\n{}", self.whos, heard.join("\n"))
    }

    fn take(&mut self, message: &Value, scene: &mut Scene<'_>) -> Result<(), Fault> {
        match message["type"].as_str() {
            Some("connected" | "pong" | "unsubscribed") => Ok(()),
            Some("authenticated") => {
                // What it may have heard meanwhile was about the token of before.
                self.is_nobody = false;
                self.whos.push(self.signed_in_as());
                Ok(())
            }
            Some("snapshot") => self.take_snapshot(message, scene),
            Some("delta") => self.take_delta(message, scene),
            Some("resync") => self.take_resync(message, scene),
            Some("error") => self.take_error(message, scene),
            _ => Err(Fault::new(Kind::Protocol, format!("what is this? {message}"))),
        }
    }

    /// The place of the subscription that a message is about.
    fn about(&self, message: &Value) -> Option<usize> {
        let (id, named) = (&message["id"], message["payload"]["subscription_id"].as_str());
        let subscriptions = self.subscriptions.iter();
        let asked = subscriptions.clone().position(|each| each.is_asked() && (self.by_events || each.asked == *id));
        asked.or_else(|| subscriptions.clone().position(|each| each.id.is_some() && each.id.as_deref() == named))
    }

    fn take_snapshot(&mut self, message: &Value, scene: &mut Scene<'_>) -> Result<(), Fault> {
        let payload = &message["payload"];
        let unknown = || Fault::new(Kind::Protocol, format!("a snapshot that nobody asked for: {payload}"));
        let named = payload["subscription_id"].as_str().unwrap_or_default().to_owned();
        let had_resync = self.resyncs.remove(&named);
        let Some(index) = self.about(message) else {
            // One that was on its way when its subscription was ended.
            return if had_resync { Ok(()) } else { Err(unknown()) };
        };
        let resumed = matches!(self.subscriptions[index].phase, Phase::Asked { since: true });
        match self.subscriptions[index].phase {
            Phase::Asked { since: false } => {}
            Phase::Asked { since: true } | Phase::Live if had_resync => {}
            _ => return Err(unknown()),
        }
        if resumed {
            self.may_begin_again(index)?;
            scene.counts.resumed_afresh += 1;
        }
        scene.counts.snapshots += 1;
        let (round, whos) = (scene.round, self.whos.clone());
        let subscription = &mut self.subscriptions[index];
        subscription.begun(named, round);
        subscription.copy.replace(payload)?;
        let documents: Vec<&Value> = subscription.copy.documents.values().collect();
        judge(scene, &whos, (subscription.query.collection, &documents))
    }

    /// A resume must be told by difference as long as the rights are those of the cursor.
    fn may_begin_again(&self, index: usize) -> Result<(), Fault> {
        let subscription = &self.subscriptions[index];
        if self.rights_round >= subscription.cursor_round {
            return Ok(());
        }
        let text = format!(
            "a resume with a fresh snapshot, though rights, schema and database are as they were; query {}",
            subscription.query.payload()
        );
        Err(Fault::new(Kind::Protocol, text))
    }

    fn take_delta(&mut self, message: &Value, scene: &mut Scene<'_>) -> Result<(), Fault> {
        let payload = &message["payload"];
        // One that was on its way when its subscription was ended.
        let Some(index) = self.about(message) else { return Ok(()) };
        let named = payload["subscription_id"].as_str().unwrap_or_default().to_owned();
        let (round, whos) = (scene.round, self.whos.clone());
        let subscription = &mut self.subscriptions[index];
        let resumed = match subscription.phase {
            Phase::Asked { since: true } => true,
            Phase::Live => false,
            _ => return Err(Fault::new(Kind::Protocol, format!("a delta without a snapshot: {payload}"))),
        };
        if self.resyncs.contains(&named) {
            return Err(Fault::new(Kind::Protocol, format!("a delta between resync and snapshot: {payload}")));
        }
        let changed = subscription.copy.change(payload)?;
        match (resumed, changed) {
            (true, true) => scene.counts.resumed_by_difference += 1,
            (true, false) => scene.counts.resumed_empty += 1,
            (false, true) => scene.counts.deltas += 1,
            // The order changed by a field that the query does not show.
            (false, false) => scene.counts.deltas_without_change += 1,
        }
        subscription.begun(named, round);
        let changes = &payload["changes"];
        let lists = [&changes["inserts"], &changes["updates"]];
        let documents: Vec<&Value> = lists.iter().filter_map(|list| list.as_array()).flatten().collect();
        judge(scene, &whos, (subscription.query.collection, &documents))
    }

    fn take_resync(&mut self, message: &Value, scene: &mut Scene<'_>) -> Result<(), Fault> {
        let named = message["payload"]["subscription_id"].as_str().unwrap_or_default();
        if self.subscriptions.iter().any(|each| each.id.as_deref() == Some(named)) {
            scene.counts.overflows += 1;
        }
        match self.resyncs.insert(named.to_owned()) {
            true => Ok(()),
            false => Err(Fault::new(Kind::Duplicated, format!("a resync after a resync: {message}"))),
        }
    }

    fn take_error(&mut self, message: &Value, scene: &mut Scene<'_>) -> Result<(), Fault> {
        let (payload, code) = (&message["payload"], message["payload"]["code"].as_str().unwrap_or_default());
        if let Some(index) = self.about(message) {
            scene.counts.refused += 1;
            let subscription = &mut self.subscriptions[index];
            subscription.phase = Phase::Refused;
            subscription.id = None;
            return match code {
                "UNAUTHORIZED" | "FORBIDDEN" => Ok(()),
                _ => Err(Fault::new(Kind::Protocol, format!("refused: {payload}: {}", subscription.query.payload()))),
            };
        }
        match code {
            "TOKEN_EXPIRED" | "INVALID_TOKEN" | "ACCOUNT_BANNED" => {
                self.rights_round = scene.round;
                self.whos.push(Who::Nobody);
                if message.get("id").is_none() {
                    self.is_nobody = true;
                } else {
                    // A token that was not good from the start: who it is now, only a new connection tells.
                    self.token = None;
                    self.drop_link();
                }
                Ok(())
            }
            "NOT_FOUND" if message.get("id").is_some() => Ok(()),
            _ => Err(Fault::new(Kind::Protocol, format!("an error that nothing explains: {payload}"))),
        }
    }
}

fn judge(scene: &mut Scene<'_>, whos: &[Who], (collection, documents): (&str, &[&Value])) -> Result<(), Fault> {
    let Some(collection) = scene.design.collection(collection) else { return Ok(()) };
    for document in documents {
        scene.counts.judged += 1;
        if let Some(objection) = scene.model.objection(scene.design, whos, (collection, document)) {
            return Err(Fault::new(Kind::Forbidden, format!("{objection}: {document}")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;

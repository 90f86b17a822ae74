//! How a client signs in, connects, and asks for its queries again.

use alyx_testing::{ADMIN_TOKEN, Client as Http, Value, json};

use super::{Account, Client, Phase};
use crate::{
    counts::Counts,
    link::{Events, Link, Refusal, Socket},
    model::judge::Who,
    names::{PASSWORD, email, person},
    random::Random,
    server::Place,
};

impl Client {
    /// Connects, and resumes what it had. It stays away where nobody is there.
    pub(crate) fn connect(&mut self, place: &Place, (random, round): (&mut Random, u64), counts: &mut Counts) {
        if self.token.is_none() || self.is_nobody {
            self.sign_in(place);
            // Also where a stream of events is refused, it is who it signed in as.
            self.is_nobody = false;
        }
        let before = self.who();
        let connected = match self.open(place, random) {
            Err(Refusal::Status(401 | 403)) if self.token.is_some() => {
                self.sign_in(place);
                self.open(place, random)
            }
            other => other,
        };
        if connected.is_err() {
            return;
        }
        self.note(format!(
            "-- connects, token {}",
            self.token.as_deref().map_or("none", |token| &token[token.len() - 6..])
        ));
        counts.reconnects += u64::from(self.was_connected);
        self.was_connected = true;
        self.is_nobody = false;
        let who = self.signed_in_as();
        if who != before {
            self.rights_round = round;
        }
        self.whos.push(who);
    }

    pub(super) fn signed_in_as(&self) -> Who {
        match (self.account, &self.token) {
            (_, None) | (Account::Nobody, _) => Who::Nobody,
            (Account::Person(number), Some(_)) => Who::Person(person(number)),
            (Account::Admin, Some(_)) => Who::Admin,
        }
    }

    /// Gets new tokens; none where the account is banned or there is no server.
    pub(crate) fn sign_in(&mut self, place: &Place) {
        (self.token, self.refresh) = match self.account {
            Account::Nobody => (None, None),
            Account::Admin => (Some(ADMIN_TOKEN.to_owned()), None),
            Account::Person(number) => match sign_in(place, number) {
                Some((access, refresh)) => (Some(access), Some(refresh)),
                None => (None, None),
            },
        };
    }

    fn open(&mut self, place: &Place, random: &mut Random) -> Result<(), Refusal> {
        if self.by_events {
            return self.open_events(place, random);
        }
        self.link = Some(Link::Socket(Box::new(Socket::open(place.address(), self.token.as_deref())?)));
        for index in 0..self.subscriptions.len() {
            self.ask(index, random.chance(90));
        }
        Ok(())
    }

    /// Asks for a query, since its cursor where it has one and `resume` says so.
    pub(crate) fn ask(&mut self, index: usize, resume: bool) {
        let Some(subscription) = self.subscriptions.get_mut(index) else { return };
        if !resume {
            subscription.forget();
        }
        let mut payload = subscription.query.payload();
        let since = subscription.copy.cursor.clone();
        subscription.phase = Phase::Asked { since: since.is_some() };
        if let Some(cursor) = since {
            payload["since"] = json!(cursor);
        }
        let id = self.send("subscribe", &payload);
        if let Some(subscription) = self.subscriptions.get_mut(index) {
            subscription.asked = id;
        }
    }

    fn open_events(&mut self, place: &Place, random: &mut Random) -> Result<(), Refusal> {
        let Some(subscription) = self.subscriptions.first_mut() else { return Ok(()) };
        if random.chance(10) {
            subscription.forget();
        }
        let last = subscription.copy.cursor.clone();
        let query = &subscription.query;
        let path = format!("/api/realtime/sse?collection={}&{}", query.collection, query.parameters());
        match Events::open(place.address(), &path, self.token.as_deref(), last.as_deref()) {
            Ok(events) => {
                self.link = Some(Link::Events(events));
                subscription.phase = Phase::Asked { since: last.is_some() };
                Ok(())
            }
            Err(refusal) => {
                if matches!(refusal, Refusal::Status(401 | 403)) {
                    subscription.phase = Phase::Refused;
                }
                Err(refusal)
            }
        }
    }
}

/// The tokens of somebody: access and refresh.
pub(crate) fn sign_in(place: &Place, number: usize) -> Option<(String, String)> {
    let body = json!({"email": email(number), "password": PASSWORD});
    let answer = Http::new(place.address()).try_send("POST", "/api/auth/login", Some(&body)).ok()?;
    let tokens: Value = serde_json::from_slice(&answer.body).ok()?;
    let token = |name: &str| tokens["tokens"][name].as_str().map(str::to_owned);
    Some((token("access_token")?, token("refresh_token")?))
}

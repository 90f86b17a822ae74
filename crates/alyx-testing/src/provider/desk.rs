//! What any provider keeps: the person, the lie of the hour, codes and tokens that it gave out, and its
//! complaints about the client.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::rand::{SecureRandom, SystemRandom};

use super::{Lie, Person};

/// The id of the one client of every provider.
pub(crate) const CLIENT_ID: &str = "alyx-test-client";

/// Its secret, with every letter that a careless client encodes wrongly.
pub(crate) const CLIENT_SECRET: &str = "s3cret/with+odd=letters&100%~:";

/// The state of a provider, shared by its connections.
#[derive(Debug)]
pub(crate) struct Desk {
    /// `http://127.0.0.1:PORT`
    pub(crate) origin: String,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    person: Person,
    lie: Option<Lie>,
    redirects: Vec<String>,
    codes: HashMap<String, Grant>,
    tokens: HashMap<String, Grant>,
    complaints: Vec<String>,
    time: Option<i64>,
}

/// What the person has agreed to.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) redirect: String,
    pub(crate) challenge: String,
    pub(crate) nonce: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) person: Person,
    /// How often the code was presented.
    pub(crate) uses: usize,
}

impl Grant {
    pub(crate) fn has_scope(&self, name: &str) -> bool {
        self.scopes.iter().any(|scope| scope == name)
    }
}

impl Desk {
    pub(super) fn new(origin: String) -> Self {
        Self { origin, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    pub(super) fn set_person(&self, person: Person) {
        self.state().person = person;
    }

    pub(super) fn set_lie(&self, lie: Option<Lie>) {
        self.state().lie = lie;
    }

    pub(super) fn set_time(&self, seconds: i64) {
        self.state().time = Some(seconds);
    }

    pub(super) fn allow_redirect(&self, url: &str) {
        self.state().redirects.push(url.to_owned());
    }

    pub(super) fn complaints(&self) -> Vec<String> {
        self.state().complaints.clone()
    }

    /// Notes what the client did wrong, and hands the words on.
    pub(crate) fn complain(&self, words: impl Into<String>) -> String {
        let words = words.into();
        self.state().complaints.push(words.clone());
        words
    }

    pub(crate) fn person(&self) -> Person {
        let state = self.state();
        state.person.clone().seen_through(state.lie)
    }

    pub(crate) fn lie(&self) -> Option<Lie> {
        self.state().lie
    }

    pub(crate) fn tells(&self, lie: Lie) -> bool {
        self.lie() == Some(lie)
    }

    /// Whether a person may be sent here; anywhere, where no address was registered.
    pub(crate) fn may_redirect_to(&self, url: &str) -> bool {
        let state = self.state();
        state.redirects.is_empty() || state.redirects.iter().any(|allowed| allowed == url)
    }

    /// Seconds since 1970: the clock's, or those that the test has set.
    pub(crate) fn now(&self) -> i64 {
        let clock = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let seconds = clock.map_or(0, |passed| i64::try_from(passed.as_secs()).unwrap_or(i64::MAX));
        self.state().time.unwrap_or(seconds)
    }

    pub(super) fn issue_code(&self, grant: Grant) -> String {
        let code = random_text();
        self.state().codes.insert(code.clone(), grant);
        code
    }

    /// The grant behind a code, with this presentation counted.
    pub(super) fn present_code(&self, code: &str) -> Option<Grant> {
        let mut state = self.state();
        let grant = state.codes.get_mut(code)?;
        grant.uses += 1;
        Some(grant.clone())
    }

    pub(crate) fn issue_token(&self, grant: &Grant) -> String {
        let token = random_text();
        self.state().tokens.insert(token.clone(), grant.clone());
        token
    }

    pub(super) fn grant_of_token(&self, token: &str) -> Option<Grant> {
        self.state().tokens.get(token).cloned()
    }
}

/// 32 letters that nobody can guess.
pub(crate) fn random_text() -> String {
    let mut bytes = [0; 24];
    SystemRandom::new().fill(&mut bytes).expect("the system gives random bytes");
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

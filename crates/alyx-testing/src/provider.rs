//! A provider that people sign in with, on loopback: what OpenID Connect and plain OAuth 2.0 share.
//!
//! [`OidcProvider`](crate::OidcProvider) and [`OAuthProvider`](crate::OAuthProvider) are this with their own pages.

use std::sync::Arc;

use crate::{
    Request,
    loopback::{Loopback, Reply},
};

mod authorize;
mod client;
mod desk;
mod lie;
mod person;
mod redeem;
mod trouble;

pub(crate) use authorize::{Terms, authorize};
pub(crate) use client::{SignedSecret, authenticate};
pub(crate) use desk::{CLIENT_ID, CLIENT_SECRET, Desk, Grant, random_text};
pub use lie::{Endpoint, Lie};
pub use person::Person;
pub(crate) use redeem::{Refusal, bearer, redeem};

/// A running provider; it ends with the value. Its person agrees to everything at once.
#[derive(Debug)]
pub struct Provider<Kind> {
    pub(crate) desk: Arc<Desk>,
    pub(crate) kind: Arc<Kind>,
    loopback: Loopback,
}

/// The pages of one kind of provider.
pub(crate) trait Pages: Send + Sync + 'static {
    /// Which endpoint of the client's stands at a path.
    fn endpoint(&self, path: &str) -> Option<Endpoint>;
    /// The answer, lies within it included.
    fn answer(&self, desk: &Desk, request: &Request) -> Reply;
}

impl<Kind> Provider<Kind> {
    pub(crate) fn serve(kind: Kind) -> Self
    where
        Kind: Pages,
    {
        let (listener, address) = Loopback::listen();
        let (desk, kind) = (Arc::new(Desk::new(format!("http://{address}"))), Arc::new(kind));
        let (their_desk, their_kind) = (Arc::clone(&desk), Arc::clone(&kind));
        let loopback = Loopback::serve(listener, move |request| answer(&their_desk, &*their_kind, request));
        Self { desk, kind, loopback }
    }

    /// Scheme, host and port; an issuer of OpenID Connect has this name.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.desk.origin
    }

    /// The id of its one client.
    #[must_use]
    pub fn client_id(&self) -> &'static str {
        CLIENT_ID
    }

    /// The client's secret.
    #[must_use]
    pub fn client_secret(&self) -> &'static str {
        CLIENT_SECRET
    }

    /// Who is signed in from now on.
    pub fn set_person(&self, person: Person) {
        self.desk.set_person(person);
    }

    /// Lies from now on.
    pub fn lie(&self, lie: Lie) {
        self.desk.set_lie(Some(lie));
    }

    /// Tells the truth from now on.
    pub fn be_honest(&self) {
        self.desk.set_lie(None);
    }

    /// Registers an address that people may be sent back to; without one, any is.
    pub fn allow_redirect(&self, url: &str) {
        self.desk.allow_redirect(url);
    }

    /// Takes this for the time, in seconds since 1970, for clients whose clock a test has set.
    pub fn set_time(&self, seconds: i64) {
        self.desk.set_time(seconds);
    }

    /// Everything that it was asked, by browsers and by the client.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.loopback.requests()
    }

    /// What it was asked at one path.
    #[must_use]
    pub fn requests_to(&self, path: &str) -> Vec<Request> {
        self.requests().into_iter().filter(|request| request.path() == path).collect()
    }

    /// What the client did wrong; empty after a good sign-in.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        self.desk.complaints()
    }

    /// The bytes of the longest answer that was taken: little, where the client stops reading an endless one.
    #[must_use]
    pub fn longest_answer(&self) -> u64 {
        self.loopback.longest_answer()
    }
}

fn answer(desk: &Desk, pages: &impl Pages, request: &Request) -> Reply {
    if let Some(rest) = request.target.strip_prefix(trouble::ELSEWHERE) {
        return pages.answer(desk, &Request { target: rest.to_owned(), ..request.clone() });
    }
    let trouble = pages.endpoint(request.path()).and_then(|endpoint| trouble::answer(desk, request, endpoint));
    trouble.unwrap_or_else(|| pages.answer(desk, request))
}

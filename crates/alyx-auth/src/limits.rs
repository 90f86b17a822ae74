//! Limits against guessing, kept per account and per address.
//!
//! A sign-in takes from three buckets and gives back when it succeeds: that of the account at this address, that of
//! the address, and that of the account from anywhere. The last one slows only addresses that the account was
//! never signed in from, so nobody can lock an owner out.

mod bucket;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use alyx_config::{
    section::RateLimit,
    value::{Limit, Rate},
};
use alyx_schema::clock::Clock;
use ring::digest;

use crate::{Client, Error, Result};
use bucket::Buckets;

/// An address may fail for several accounts, and an account at several addresses.
const WIDER: u32 = 10;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Failed sign-ins to an account from one address.
    LoginPair,
    /// Failed sign-ins from one address.
    LoginAddress,
    /// Failed sign-ins to an account.
    LoginAccount,
    /// New accounts.
    Register,
    /// Requests for a reset.
    Reset,
    /// Requests for a link that confirms an address.
    Verification,
    /// Wrong passwords of someone who is signed in.
    Password,
    /// Sign-ins with another provider that are begun.
    OAuth,
}

const KINDS: usize = 8;

/// A bucket: what is counted, and of whom.
type Key = (Kind, [u8; 16]);

/// All buckets.
pub(crate) struct Limits {
    clock: Arc<dyn Clock>,
    buckets: Mutex<[Option<Buckets>; KINDS]>,
}

/// Attempts that are counted until they are given back.
pub(crate) struct Reservation<'l> {
    limits: &'l Limits,
    taken: Vec<Key>,
}

impl Limits {
    pub(crate) fn new(settings: &RateLimit, clock: Arc<dyn Clock>) -> Self {
        let of = |limit: Limit<Rate>, times: u32| limit.value().map(|rate| Buckets::new(rate, times));
        let buckets = [
            of(settings.login, 1),
            of(settings.login, WIDER),
            of(settings.login, WIDER),
            of(settings.register, 1),
            of(settings.password_reset, 1),
            of(settings.password_reset, 1),
            of(settings.login, 1),
            of(settings.oauth, 1),
        ];
        Self { clock, buckets: Mutex::new(buckets) }
    }

    /// Counts a sign-in. `is_known` says whether the account was signed in from the client's address before; it
    /// is asked only when somebody seems to be guessing from everywhere.
    pub(crate) async fn login(
        &self,
        email: &str,
        client: &Client,
        is_known: impl Future<Output = Result<bool>>,
    ) -> Result<Reservation<'_>> {
        let account = key(Kind::LoginAccount, email, "");
        let narrow = match client.network() {
            Some(network) => {
                let network = network.to_string();
                vec![key(Kind::LoginPair, email, &network), key(Kind::LoginAddress, "", &network)]
            }
            None => vec![key(Kind::LoginPair, email, "")],
        };
        self.check(&narrow)?;
        if let Err(limited) = self.check(&[account]) {
            return if is_known.await? { self.reserve(narrow) } else { Err(limited) };
        }
        self.reserve([narrow, vec![account]].concat())
    }

    /// Counts a check of the password of someone who is signed in.
    pub(crate) fn password(&self, account: &str) -> Result<Reservation<'_>> {
        self.reserve(vec![key(Kind::Password, account, "")])
    }

    /// Counts a new account.
    pub(crate) fn register(&self, email: &str, client: &Client) -> Result<()> {
        self.count(Kind::Register, email, client)
    }

    /// Counts a request for a reset.
    pub(crate) fn reset(&self, email: &str, client: &Client) -> Result<()> {
        self.count(Kind::Reset, email, client)
    }

    /// Counts a request for a link that confirms an address.
    pub(crate) fn verification(&self, email: &str, client: &Client) -> Result<()> {
        self.count(Kind::Verification, email, client)
    }

    /// Counts a sign-in with another provider that is begun.
    pub(crate) fn oauth(&self, client: &Client) -> Result<()> {
        let network = client.network().map(|network| key(Kind::OAuth, "", &network.to_string()));
        self.reserve(network.into_iter().collect()).map(drop)
    }

    fn count(&self, kind: Kind, email: &str, client: &Client) -> Result<()> {
        let network = client.network().map(|network| key(kind, "", &network.to_string()));
        self.reserve(network.into_iter().chain([key(kind, email, "")]).collect()).map(drop)
    }

    /// Whether one more attempt would be let through by each of these.
    fn check(&self, keys: &[Key]) -> Result<()> {
        let now = self.now();
        wait(&mut self.lock(), keys, now)
    }

    /// Takes one attempt from each of these, or from none.
    fn reserve(&self, keys: Vec<Key>) -> Result<Reservation<'_>> {
        let now = self.now();
        let mut buckets = self.lock();
        wait(&mut buckets, &keys, now)?;
        for (kind, whose) in &keys {
            if let Some(buckets) = &mut buckets[*kind as usize] {
                buckets.take(*whose, now);
            }
        }
        Ok(Reservation { limits: self, taken: keys })
    }

    fn now(&self) -> i64 {
        self.clock.now().as_millisecond()
    }

    fn lock(&self) -> MutexGuard<'_, [Option<Buckets>; KINDS]> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reservation<'_> {
    /// The attempt succeeded, and so does not count.
    pub(crate) fn give_back(self) {
        let now = self.limits.now();
        let mut buckets = self.limits.lock();
        for (kind, whose) in &self.taken {
            if let Some(buckets) = &mut buckets[*kind as usize] {
                buckets.give_back(*whose, now);
            }
        }
    }
}

fn wait(buckets: &mut [Option<Buckets>; KINDS], keys: &[Key], now: i64) -> Result<()> {
    let waits = keys.iter().filter_map(|(kind, whose)| buckets[*kind as usize].as_mut()?.wait(*whose, now));
    match waits.max() {
        None => Ok(()),
        Some(milliseconds) => Err(Error::RateLimited { retry_after: milliseconds.div_ceil(1000).max(1) }),
    }
}

/// Of whom, in so many bytes whatever was sent.
fn key(kind: Kind, account: &str, network: &str) -> Key {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(account.as_bytes());
    context.update(&[0]);
    context.update(network.as_bytes());
    let mut short = [0; 16];
    short.copy_from_slice(&context.finish().as_ref()[..16]);
    (kind, short)
}

#[cfg(test)]
mod tests;

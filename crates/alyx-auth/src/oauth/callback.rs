//! The browser comes back from a provider: the account is found or made, and the browser goes on to the app with a
//! code, or with a word for what went wrong.

use std::time::Duration;

use alyx_store::Store;
use serde_json::{Map, Value as Json};
use url::Url;

use super::{
    Fault,
    identity::Identity,
    link::Arrival,
    provider::Provider,
    redirect,
    state::{self, Flow},
};
use crate::{AccountDraft, Auth, Client, Error, Result};

/// What came back with the browser. Shows nothing.
#[derive(Clone, Copy, Default)]
pub struct Callback<'a> {
    /// The state, as the provider got it.
    pub state: Option<&'a str>,
    /// The provider's code.
    pub code: Option<&'a str>,
    /// The provider's word for why there is no code.
    pub error: Option<&'a str>,
    /// Who the provider says it is.
    pub issuer: Option<&'a str>,
}

/// How long all calls to the provider may take together: less than a request may, so that the app hears of it.
const PATIENCE: Duration = Duration::from_secs(20);

/// Longest code that is passed on to the provider.
const LONGEST_CODE: usize = 4096;

const UNKNOWN: Error = Error::InvalidToken { why: "this browser has begun no such sign-in" };

/// Why the browser goes back to the app without a code.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The person, or the provider, said no.
    AccessDenied,
    /// The provider was of no use.
    Provider(Fault),
    /// The provider does not vouch for an address, and there is no other way to an account.
    EmailNotVerified,
    /// The account with this address has not shown that it is its owner's; mail to the address settles that.
    EmailUnconfirmed,
    /// As everywhere.
    Other(Error),
}

impl Refusal {
    /// The word that the app gets.
    fn code(&self) -> &'static str {
        match self {
            Self::AccessDenied => "ACCESS_DENIED",
            Self::Provider(_) => "PROVIDER_ERROR",
            Self::EmailNotVerified => "EMAIL_NOT_VERIFIED",
            Self::EmailUnconfirmed => "EMAIL_UNCONFIRMED",
            Self::Other(Error::Banned) => "ACCOUNT_BANNED",
            Self::Other(Error::Denied) => "FORBIDDEN",
            Self::Other(Error::Invalid(_)) => "VALIDATION_ERROR",
            Self::Other(Error::Taken { .. }) => "UNIQUE_VIOLATION",
            Self::Other(Error::Store(alyx_store::Error::Busy)) => "BUSY",
            Self::Other(_) => "INTERNAL",
        }
    }
}

impl<E: Into<Error>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

/// A sign-in that came back, and cannot again.
struct Returned<'p> {
    provider: &'p Provider,
    flow: Flow,
    page: Url,
    challenge: String,
}

impl Auth {
    /// Finishes a sign-in; the answer is the app's page to go on to. `judge` is asked before an account is made: it
    /// gets what is known of the person as a registration would send it, and judges the draft by the create rule.
    ///
    /// # Errors
    /// The browser did not begin this sign-in, or too long ago, or has finished it already: then there is no page.
    pub async fn oauth_callback<'h>(
        &self,
        store: &Store,
        (provider, callback): (&str, Callback<'_>),
        (cookies, client): (impl Iterator<Item = &'h str>, &Client),
        judge: impl Fn(&mut AccountDraft, &Map<String, Json>) -> bool,
    ) -> Result<String> {
        let returned = self.take(store, (provider, callback.state), cookies).await?;
        let finished = async {
            let identity = self.identify(&returned, callback).await?;
            self.welcome(store, &returned, (identity, client), judge).await
        };
        Ok(match finished.await {
            Ok(code) => redirect::with(&returned.page, "code", &code),
            Err(refusal) => {
                tell(&returned.provider.name, &refusal);
                redirect::with(&returned.page, "error", refusal.code())
            }
        })
    }

    /// The same call as an address, for a browser that came back with a form: from another site, and so without its
    /// cookie.
    ///
    /// # Errors
    /// There is no such provider, or nothing that a sign-in could be recognised by.
    pub fn oauth_callback_again(&self, provider: &str, callback: Callback<'_>) -> Result<String> {
        let provider = self.inner.oauth.provider(provider)?;
        callback.state.filter(|state| state::is_well_formed(state)).ok_or(UNKNOWN)?;
        let mut url = Url::parse(&self.oauth_callback_url(&provider.name)).map_err(|_| UNKNOWN)?;
        let Callback { state, code, error, issuer } = callback;
        let brought = [("state", state), ("code", code), ("error", error), ("iss", issuer)];
        let short = brought.into_iter().filter_map(|(name, value)| Some((name, value?)));
        url.query_pairs_mut().extend_pairs(short.filter(|(_, value)| value.len() <= LONGEST_CODE));
        Ok(url.into())
    }

    /// Takes the row of the sign-in, before anything is asked of the provider.
    async fn take<'h>(
        &self,
        store: &Store,
        (provider, state): (&str, Option<&str>),
        cookies: impl Iterator<Item = &'h str>,
    ) -> Result<Returned<'_>> {
        let provider = self.inner.oauth.provider(provider)?;
        let binding = state::binding(cookies, self.inner.links.is_https());
        let flow = Flow::resume(state, binding).ok_or(UNKNOWN)?;
        let (hash, now) = (flow.hash(), self.inner.clock.now());
        let taken = store
            .write_with(move |transaction| Box::pin(async move { transaction.take_oauth_state(&hash, now).await }))
            .await?;
        let taken = taken.filter(|taken| taken.provider == provider.name).ok_or(UNKNOWN)?;
        let text = |name: &str| taken.data.get(name).and_then(Json::as_str).map(str::to_owned);
        // The settings may have changed since it began.
        let page =
            text("redirect_to").and_then(|page| redirect::allowed(&self.inner.settings.allowed_redirects, &page));
        Ok(Returned { provider, flow, page: page.ok_or(UNKNOWN)?, challenge: text("code_challenge").ok_or(UNKNOWN)? })
    }

    async fn identify(&self, returned: &Returned<'_>, callback: Callback<'_>) -> Result<Identity, Refusal> {
        let Returned { provider, flow, .. } = returned;
        let (now, address) = (self.inner.clock.now(), self.oauth_callback_url(&provider.name));
        let asked = async {
            provider.check_origin(callback.issuer, now).await.map_err(Refusal::Provider)?;
            let code = match (callback.error, callback.code) {
                (Some("access_denied" | "user_cancelled_authorize"), _) => return Err(Refusal::AccessDenied),
                (None, Some(code)) if (1..=LONGEST_CODE).contains(&code.len()) => code,
                _ => return Err(Refusal::Provider(Fault::because("the browser came back without a code"))),
            };
            provider.identify(code, (flow, &address), now).await.map_err(Refusal::Provider)
        };
        let slow = |_| Err(Refusal::Provider(Fault::because("its answers together took too long")));
        tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(slow)
    }

    /// Finds or makes the account, and gives the code for the app.
    async fn welcome(
        &self,
        store: &Store,
        returned: &Returned<'_>,
        (identity, client): (Identity, &Client),
        judge: impl Fn(&mut AccountDraft, &Map<String, Json>) -> bool,
    ) -> Result<String, Refusal> {
        let arrival = Arrival {
            provider: returned.provider.name.clone(),
            title: returned.provider.title.clone(),
            identity,
            client: client.clone(),
            challenge: returned.challenge.clone(),
        };
        match self.admit(store, &arrival, None).await? {
            Some(code) => Ok(code),
            None => self.sign_up(store, &arrival, judge).await,
        }
    }
}

/// What the administrator reads of it; people's names and addresses are left out.
fn tell(provider: &str, refusal: &Refusal) {
    match refusal {
        Refusal::Provider(fault) => tracing::warn!(provider, %fault, "a sign-in with another provider failed"),
        Refusal::Other(error) if refusal.code() == "INTERNAL" => {
            tracing::error!(provider, %error, "a sign-in with another provider failed");
        }
        refused => tracing::debug!(provider, code = refused.code(), "a sign-in with another provider was refused"),
    }
}

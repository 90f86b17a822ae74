//! A sign-in with another provider begins: the browser is sent there.

use std::time::Duration;

use alyx_store::{Store, account::NewOAuthState};

use super::{
    provider::Provider,
    redirect,
    state::{self, Flow},
};
use crate::{Auth, Client, Error, Result, account::one_time, error::fault};

/// What an app asks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Start<'a> {
    /// The app's page to come back to.
    pub redirect_to: Option<&'a str>,
    /// SHA-256 of a secret of the app's, in base64url: only who knows the secret can trade the code.
    pub code_challenge: Option<&'a str>,
    /// How the challenge was made; nothing but `S256`.
    pub code_challenge_method: Option<&'a str>,
}

/// Where the browser is sent, and what it keeps.
#[derive(Clone)]
pub struct Started {
    /// The provider's page.
    pub location: String,
    /// A `Set-Cookie` header.
    pub cookie: String,
}

impl Auth {
    /// Begins a sign-in. `cookies` are the request's `Cookie` headers.
    ///
    /// # Errors
    /// There is no such provider, or it cannot be reached; the app asked wrongly; or there were too many attempts.
    pub async fn oauth_start<'h>(
        &self,
        store: &Store,
        (provider, start): (&str, Start<'_>),
        cookies: impl Iterator<Item = &'h str>,
        client: &Client,
    ) -> Result<Started> {
        let provider = self.inner.oauth.provider(provider)?;
        let (page, challenge) = self.checked(start)?;
        self.inner.limits.oauth(client)?;
        let is_https = self.inner.links.is_https();
        let flow = Flow::begin(&*self.inner.random, state::binding(cookies, is_https))?;
        let (now, callback) = (self.inner.clock.now(), self.oauth_callback_url(&provider.name));
        let location =
            provider.authorize_url(&flow, &callback, now).await.map_err(|fault| unusable(provider, &fault))?;
        let state = NewOAuthState {
            hash: flow.hash(),
            provider: provider.name.clone(),
            data: one_time::data(&[("redirect_to", &page), ("code_challenge", challenge)]),
            at: now,
            expires_at: self.inner.after(Duration::from_secs(state::LIFETIME)),
        };
        store
            .write_with(move |transaction| Box::pin(async move { transaction.insert_oauth_state(&state).await }))
            .await?;
        Ok(Started { location: location.into(), cookie: flow.cookie(is_https) })
    }

    /// Where providers send browsers back to: by the settings, never by what a request says of its host.
    #[must_use]
    pub fn oauth_callback_url(&self, provider: &str) -> String {
        format!("{}/api/auth/oauth/{provider}/callback", self.inner.links.base())
    }

    /// The page and the challenge, with every fault told at once.
    fn checked<'s>(&self, start: Start<'s>) -> Result<(String, &'s str)> {
        let mut faults = Vec::new();
        let page = start.redirect_to.and_then(|page| redirect::allowed(&self.inner.settings.allowed_redirects, page));
        if page.is_none() {
            let code = if start.redirect_to.is_some() { "NOT_ALLOWED" } else { "REQUIRED" };
            faults.push(fault("redirect_to", code, "must be a page that auth.allowed_redirects has"));
        }
        let challenge = start.code_challenge.filter(|challenge| state::is_well_formed(challenge));
        if challenge.is_none() {
            let code = if start.code_challenge.is_some() { "FORMAT" } else { "REQUIRED" };
            faults.push(fault("code_challenge", code, "must be the SHA-256 of the code_verifier in base64url"));
        }
        if start.code_challenge_method.is_some_and(|method| method != "S256") {
            faults.push(fault("code_challenge_method", "NOT_ALLOWED", "must be S256"));
        }
        match (page, challenge) {
            (Some(page), Some(challenge)) if faults.is_empty() => Ok((page.into(), challenge)),
            _ => Err(Error::Invalid(faults)),
        }
    }
}

fn unusable(provider: &Provider, fault: &super::Fault) -> Error {
    Error::Provider { name: provider.name.clone(), why: fault.to_string() }
}

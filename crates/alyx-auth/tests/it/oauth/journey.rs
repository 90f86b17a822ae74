//! A whole sign-in, step by step.

use std::fmt::Write;

use alyx_auth::{
    AccountDraft, Error, Result, SignedIn,
    oauth::{Callback, Start},
};
use alyx_query::Predicate;
use alyx_store::account::AccountQuery;
use alyx_testing::{Browser, OidcProvider};
use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use url::Url;

use crate::desk::{Desk, START, client, config, open};

/// The app's page.
pub(super) const PAGE: &str = "https://app.example.com/done";

/// The app's secret, and what it sends of it.
pub(super) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(super) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Where the server would answer.
const SERVER: &str = "http://127.0.0.1:8090/";

/// Settings with these providers, each under its name.
pub(super) fn settings(providers: &[(&str, &OidcProvider)]) -> String {
    let mut text = format!("auth:\n  allowed_redirects: [\"{PAGE}\"]\n  oauth:\n    oidc:\n");
    for (name, provider) in providers {
        let (issuer, id, secret) = (provider.issuer(), provider.client_id(), provider.client_secret());
        writeln!(text, "      {name}: {{issuer: \"{issuer}\", client_id: {id}, client_secret: \"{secret}\"}}").unwrap();
    }
    text
}

/// An honest provider whose clock is the desk's.
pub(super) fn provider() -> OidcProvider {
    let provider = OidcProvider::start();
    provider.set_time(START);
    provider
}

/// A browser, as far as this side sees it.
#[derive(Clone, Default)]
pub(super) struct Tab {
    pub(super) cookie: Option<String>,
}

/// What the browser brought back from the provider.
pub(super) struct Brought {
    url: Url,
}

impl Brought {
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        self.url.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
    }
}

/// Lets everybody in, as the create rule `true` does.
pub(super) fn judge(draft: &mut AccountDraft, _: &Map<String, Json>) -> bool {
    draft.judge(Predicate::TRUE);
    true
}

impl Desk {
    /// Begins, and lets the browser go to the provider and back.
    pub(super) async fn visit(&self, provider: &str, tab: &mut Tab) -> Result<Brought> {
        let start =
            Start { redirect_to: Some(PAGE), code_challenge: Some(CHALLENGE), code_challenge_method: Some("S256") };
        let cookie = tab.cookie.clone();
        let started = self
            .auth
            .oauth_start(&self.store, (provider, start), cookie.as_deref().into_iter(), &client("192.0.2.1"))
            .await?;
        tab.cookie = Some(started.cookie.split(';').next().unwrap().to_owned());
        let mut browser = Browser::new().stopping_at(SERVER);
        browser.open(&started.location).expect_status(302);
        Ok(Brought { url: browser.url().parse().unwrap() })
    }

    /// The browser is back; the page of the app that it goes on to.
    pub(super) async fn finish(&self, provider: &str, brought: &Brought, tab: &Tab) -> Result<Url> {
        self.finish_judged(provider, (brought, tab), judge).await
    }

    pub(super) async fn finish_judged(
        &self,
        provider: &str,
        (brought, tab): (&Brought, &Tab),
        judge: impl Fn(&mut AccountDraft, &Map<String, Json>) -> bool,
    ) -> Result<Url> {
        let [state, code, error, issuer] = ["state", "code", "error", "iss"].map(|name| brought.parameter(name));
        let callback = Callback {
            state: state.as_deref(),
            code: code.as_deref(),
            error: error.as_deref(),
            issuer: issuer.as_deref(),
        };
        let from = (tab.cookie.as_deref().into_iter(), &client("192.0.2.1"));
        let page = self.auth.oauth_callback(&self.store, (provider, callback), from, judge).await?;
        assert!(page.starts_with(PAGE), "{page}");
        Ok(page.parse().unwrap())
    }

    pub(super) async fn exchange(&self, code: &str) -> Result<SignedIn> {
        self.auth.oauth_exchange(&self.store, (code, VERIFIER), &client("192.0.2.1")).await
    }

    /// The code for the app; or the word that the app gets, or that the browser is stuck with.
    pub(super) async fn code_from(&self, provider: &str) -> Result<String, String> {
        self.code_judged(provider, judge).await
    }

    pub(super) async fn code_judged(
        &self,
        provider: &str,
        judge: impl Fn(&mut AccountDraft, &Map<String, Json>) -> bool,
    ) -> Result<String, String> {
        let mut tab = Tab::default();
        let said = |error: Error| match error {
            Error::Provider { .. } => "no start".to_owned(),
            Error::InvalidToken { .. } => "no state".to_owned(),
            other => panic!("{other}"),
        };
        let brought = self.visit(provider, &mut tab).await.map_err(said)?;
        let page = self.finish_judged(provider, (&brought, &tab), judge).await.map_err(said)?;
        let parameter =
            |name: &str| page.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned());
        parameter("code").ok_or_else(|| parameter("error").unwrap())
    }

    /// All of it.
    pub(super) async fn sign_in_with(&self, provider: &str) -> Result<SignedIn, String> {
        let code = self.code_from(provider).await?;
        Ok(self.exchange(&code).await.unwrap())
    }

    /// Opens the service anew with other settings, as after a restart; mail is kept no longer.
    pub(super) fn configure(&mut self, settings: &str) {
        self.config = config(settings);
        self.auth = open(&self.config, self.folder.path(), &self.clock, None).unwrap();
    }

    /// Accounts, links and sessions, how many there are of each.
    pub(super) async fn counts(&self) -> [usize; 3] {
        let query = AccountQuery { limit: 1000, ..AccountQuery::default() };
        let accounts = self.store.accounts(&query).await.unwrap().accounts;
        let (mut links, mut sessions) = (0, 0);
        for account in &accounts {
            links += self.store.oauth_accounts(&account.id).await.unwrap().len();
            sessions += self.store.sessions(&account.id, Timestamp::MIN).await.unwrap().len();
        }
        [accounts.len(), links, sessions]
    }
}

//! Sign-in with other providers: OpenID Connect and OAuth 2.0 by the authorization code with PKCE.
//!
//! The browser goes to the provider and comes back with a code of the provider's, which is traded for who somebody is;
//! it goes on to the app with a code of ours, which the app that began it trades for a session. What a provider says is
//! believed as far as its own rules let it be, and never more than the settings say of the provider.

mod apple_secret;
mod callback;
mod code_flow;
mod discovery;
mod exchange;
mod fault;
mod fetch;
mod id_token;
mod identity;
mod issuer;
mod key_set;
mod link;
mod openid;
mod provider;
mod reach;
mod redirect;
mod refreshed;
mod sign_up;
mod start;
mod state;

use alyx_config::section::OAuth as Settings;

pub use callback::Callback;
pub use start::{Start, Started};

use crate::{Auth, Error, Result};
use fault::Fault;
use provider::Provider;

/// A provider that people are offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its name in addresses.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Where a browser begins.
    pub url: String,
}

/// The providers.
pub(crate) struct OAuth {
    providers: Vec<Provider>,
}

impl OAuth {
    pub(crate) fn open(settings: &Settings) -> Result<Self> {
        let providers = provider::all(settings);
        Ok(Self { providers: providers.map_err(|(name, fault)| Error::Provider { name, why: fault.to_string() })? })
    }

    fn provider(&self, name: &str) -> Result<&Provider> {
        let found = self.providers.iter().find(|provider| provider.name == name);
        found.ok_or_else(|| Error::UnknownProvider { name: name.to_owned() })
    }
}

impl Auth {
    /// The providers that people can sign in with.
    #[must_use]
    pub fn providers(&self) -> Vec<Offer> {
        let offer = |provider: &Provider| Offer {
            name: provider.name.clone(),
            title: provider.title.clone(),
            url: format!("{}/api/auth/oauth/{}", self.inner.links.base(), provider.name),
        };
        self.inner.oauth.providers.iter().map(offer).collect()
    }
}

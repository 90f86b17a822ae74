//! The providers: one file each, and one table of them.

mod apple;
mod discord;
mod github;
mod gitlab;
mod google;
mod microsoft;
mod openid;

use alyx_config::{Secret, section::OAuth as Settings};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value as Json};
use url::Url;

use super::{
    Fault,
    apple_secret::AppleSecret,
    fetch::Fetch,
    identity::{Identity, VerifiedEmail, text},
    issuer::Issuer,
    openid::OpenId,
};

/// A provider that people can sign in with.
pub(super) struct Provider {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) client: String,
    pub(super) secret: ClientSecret,
    pub(super) scopes: Vec<String>,
    pub(super) fetch: Fetch,
    pub(super) protocol: Protocol,
}

/// What shows that we are the application.
pub(super) enum ClientSecret {
    /// A secret that the provider gave.
    Given(Secret),
    /// A key with which one is made each time.
    Signed(Box<AppleSecret>),
}

impl ClientSecret {
    pub(super) fn at(&self, now: Timestamp) -> Result<Secret, Fault> {
        match self {
            Self::Given(secret) => Ok(secret.clone()),
            Self::Signed(key) => key.sign(now),
        }
    }
}

/// What a provider speaks.
pub(super) enum Protocol {
    /// OpenID Connect.
    OpenId(Box<OpenId>),
    /// OAuth 2.0 alone: who somebody is, its API tells.
    OAuth(Box<Api>),
}

/// A provider without OpenID Connect.
pub(super) struct Api {
    /// Who vouches.
    pub(super) issuer: String,
    pub(super) authorize: Url,
    pub(super) token: Url,
    /// Asks who the bearer of an access token is.
    pub(super) identify: for<'a> fn(&'a Provider, &'a Api, &'a str) -> BoxFuture<'a, Result<Identity, Fault>>,
    /// Where the API is.
    pub(super) api: Url,
}

/// What is special about a provider with OpenID Connect.
pub(super) struct Rules {
    /// Ways in which its tokens may be signed; never with a secret.
    pub(super) algorithms: &'static [Algorithm],
    /// Whether its claims say that the address is verified.
    pub(super) is_verified: fn(&Map<String, Json>) -> bool,
    /// Whether userinfo may tell the address where the token does not.
    pub(super) asks_user_info: bool,
    /// Whether the browser comes back with a form.
    pub(super) posts_back: bool,
}

/// What a provider's file says of it.
struct Definition {
    name: String,
    title: String,
    client: String,
    secret: ClientSecret,
    scopes: Vec<String>,
    /// Where it is by the settings.
    homes: Vec<Url>,
    protocol: Protocol,
}

/// The providers that have what they need, in the order in which people are offered them.
pub(super) fn all(settings: &Settings) -> Result<Vec<Provider>, (String, Fault)> {
    let named = settings.oidc.iter().map(|(name, settings)| openid::definition(name, settings).map(Ok));
    let definitions = [
        google::definition(&settings.google).map(Ok),
        apple::definition(&settings.apple).transpose(),
        microsoft::definition(&settings.microsoft).map(Ok),
        github::definition(&settings.github).map(Ok),
        gitlab::definition(&settings.gitlab).map(Ok),
        discord::definition(&settings.discord).map(Ok),
    ];
    definitions.into_iter().chain(named).flatten().map(|definition| definition?.into_provider()).collect()
}

impl Definition {
    fn into_provider(self) -> Result<Provider, (String, Fault)> {
        let fetch = Fetch::new(&self.homes).map_err(|fault| (self.name.clone(), fault))?;
        Ok(Provider {
            name: self.name,
            title: self.title,
            client: self.client,
            secret: self.secret,
            scopes: self.scopes,
            fetch,
            protocol: self.protocol,
        })
    }
}

/// Id and secret, where both are there.
fn credentials(client: Option<&String>, secret: Option<&Secret>) -> Option<(String, ClientSecret)> {
    client.cloned().zip(secret.cloned().map(ClientSecret::Given))
}

/// What is asked for: what the settings say, or else this; with OpenID Connect `openid` too, whatever they say.
fn scopes(settings: &[String], usual: &[&str], is_openid: bool) -> Vec<String> {
    let mut scopes: Vec<String> = settings.to_vec();
    if scopes.is_empty() {
        scopes.extend(usual.iter().map(|scope| (*scope).to_owned()));
    }
    if is_openid && !scopes.iter().any(|scope| scope == "openid") {
        scopes.insert(0, "openid".to_owned());
    }
    scopes
}

/// The path below an address, whether that ends with a slash or not.
fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    url
}

/// `email_verified` as the standard has it.
fn email_verified(claims: &Map<String, Json>) -> bool {
    claims.get("email_verified") == Some(&Json::Bool(true))
}

/// Somebody, by the claims of OpenID Connect.
pub(super) fn identity(issuer: &str, claims: &Map<String, Json>, is_verified: bool) -> Result<Identity, Fault> {
    Ok(Identity {
        issuer: issuer.to_owned(),
        subject: super::id_token::subject(claims)?.to_owned(),
        email: VerifiedEmail::vouched(claims.get("email").and_then(Json::as_str), is_verified),
        name: text(claims, "name"),
        picture: text(claims, "picture"),
    })
}

#[cfg(test)]
mod tests;

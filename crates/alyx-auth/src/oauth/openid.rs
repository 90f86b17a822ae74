//! A provider with OpenID Connect: what it says of itself, its keys, and who somebody is by its tokens.

use std::sync::Arc;

use jiff::Timestamp;
use jsonwebtoken::Algorithm;
use serde_json::Value as Json;
use url::Url;

use super::{
    Fault,
    code_flow::Granted,
    discovery::Discovered,
    fetch::{ANSWER, DOCUMENT},
    id_token::{self, Claims, Expected, IdToken},
    identity::Identity,
    issuer::Issuer,
    key_set::KeySet,
    provider::{self, Provider, Rules},
    refreshed::{Pace, Refreshed},
};

/// What a provider says of itself is looked at again after an hour.
const HOURLY: Pace = Pace { oldest: 3600, pause: 10 };

/// A key that is not known is looked for once a minute at most, whoever names it.
const UNKNOWN_KEY: Pace = Pace { oldest: 60, pause: 60 };

/// A provider with OpenID Connect.
pub(super) struct OpenId {
    discovery: String,
    pub(super) issuer: Issuer,
    pub(super) rules: Rules,
    discovered: Refreshed<Discovered>,
    keys: Refreshed<KeySet>,
}

impl OpenId {
    /// `base` is what discovery is below.
    pub(super) fn new(base: &str, issuer: Issuer, rules: Rules) -> Self {
        let discovery = format!("{}/.well-known/openid-configuration", base.trim_end_matches('/'));
        Self { discovery, issuer, rules, discovered: Refreshed::new(), keys: Refreshed::new() }
    }

    pub(super) async fn discovered(&self, provider: &Provider, now: Timestamp) -> Result<Arc<Discovered>, Fault> {
        let fetch = async {
            let url = provider.fetch.address(&self.discovery)?;
            let document = provider.fetch.json(&url, None, DOCUMENT).await?;
            Discovered::read(&document, &self.issuer, &provider.fetch)
        };
        self.discovered.get(now, HOURLY, fetch).await
    }

    /// Who the token is about. `nonce` is that of this sign-in.
    pub(super) async fn identify(
        &self,
        provider: &Provider,
        granted: &Granted,
        (nonce, now): (&str, Timestamp),
    ) -> Result<Identity, Fault> {
        let discovered = self.discovered(provider, now).await?;
        let token = granted.id_token.as_deref().ok_or_else(|| Fault::because("there is no id token"))?;
        let token = IdToken::read(token, &self.algorithms(&discovered))?;
        let keys = self.keys(provider, &discovered.keys, (&token, now)).await?;
        let key = keys.find(token.key_id.as_deref(), token.algorithm)?;
        let access_token = granted.access_token.expose();
        let expected = Expected { issuer: &self.issuer, client: &provider.client, nonce, access_token, now };
        let mut claims = token.verify(key, &expected)?;
        let issuer = claims.get("iss").and_then(Json::as_str).unwrap_or_default().to_owned();
        let is_whole = claims.contains_key("email") && claims.contains_key("email_verified");
        if let Some(url) = discovered.user_info.as_ref().filter(|_| self.rules.asks_user_info && !is_whole) {
            claims = user_info(provider, url, (access_token, claims)).await?;
        }
        provider::identity(&issuer, &claims, (self.rules.is_verified)(&claims))
    }

    /// Ways of signing that we allow and that the provider says it uses.
    fn algorithms(&self, discovered: &Discovered) -> Vec<Algorithm> {
        let is_used =
            |algorithm: &Algorithm| discovered.algorithms.as_ref().is_none_or(|used| used.contains(algorithm));
        self.rules.algorithms.iter().copied().filter(is_used).collect()
    }

    async fn keys(
        &self,
        provider: &Provider,
        url: &Url,
        (token, now): (&IdToken<'_>, Timestamp),
    ) -> Result<Arc<KeySet>, Fault> {
        let fetch = async || KeySet::read(&provider.fetch.json(url, None, DOCUMENT).await?);
        let keys = self.keys.get(now, HOURLY, fetch()).await?;
        match &token.key_id {
            Some(id) if !keys.has(id) => self.keys.get(now, UNKNOWN_KEY, fetch()).await,
            _ => Ok(keys),
        }
    }
}

/// What userinfo tells besides; it must speak of the same person.
async fn user_info(
    provider: &Provider,
    url: &Url,
    (access_token, mut claims): (&str, Claims),
) -> Result<Claims, Fault> {
    let told = provider.fetch.json(url, Some(access_token), ANSWER).await?;
    let told = told.as_object().ok_or_else(|| Fault::because("userinfo is no object"))?;
    if id_token::subject(told)? != id_token::subject(&claims)? {
        return Err(Fault::because("userinfo speaks of another"));
    }
    // One and the same source tells the address and whether it is verified; else what was signed counts first.
    claims.retain(|name, _| !name.starts_with("email"));
    let mut all = told.clone();
    all.extend(claims);
    Ok(all)
}

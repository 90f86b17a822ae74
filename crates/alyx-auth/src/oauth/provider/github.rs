//! GitHub, that of the company or an Enterprise Server: <https://docs.github.com/apps/oauth-apps>
//!
//! The address in `/user` is what the person shows to everybody; only `/user/emails` tells whether one is verified.

use alyx_config::section::GitHub;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value as Json};
use url::Url;

use super::{Api, Definition, Fault, Identity, Protocol, Provider, VerifiedEmail, below, credentials, scopes, text};
use crate::oauth::fetch::ANSWER;

pub(super) fn definition(settings: &GitHub) -> Option<Definition> {
    let (client, secret) = credentials(settings.client_id.as_ref(), settings.client_secret.as_ref())?;
    let url = &settings.url;
    let api = settings.api_url.clone().unwrap_or_else(|| api_of(url));
    Some(Definition {
        name: "github".to_owned(),
        title: "GitHub".to_owned(),
        client,
        secret,
        scopes: scopes(&settings.scopes, &["read:user", "user:email"], false),
        homes: vec![url.clone(), api.clone()],
        protocol: Protocol::OAuth(Box::new(Api {
            issuer: url.as_str().trim_end_matches('/').to_owned(),
            authorize: below(url, "login/oauth/authorize"),
            token: below(url, "login/oauth/access_token"),
            identify,
            api,
        })),
    })
}

fn api_of(url: &Url) -> Url {
    match url.host_str() {
        Some("github.com") => Url::parse("https://api.github.com").expect("this is an address"),
        _ => below(url, "api/v3"),
    }
}

fn identify<'a>(provider: &'a Provider, api: &'a Api, token: &'a str) -> BoxFuture<'a, Result<Identity, Fault>> {
    Box::pin(async move {
        let user = provider.fetch.json(&below(&api.api, "user"), Some(token), ANSWER).await?;
        let emails = provider.fetch.json(&below(&api.api, "user/emails"), Some(token), ANSWER).await?;
        identity(&api.issuer, &user, &emails)
    })
}

pub(super) fn identity(issuer: &str, user: &Json, emails: &Json) -> Result<Identity, Fault> {
    let user = user.as_object().ok_or_else(|| Fault::because("/user is no object"))?;
    let id = user.get("id").and_then(Json::as_u64).filter(|id| *id > 0);
    Ok(Identity {
        issuer: issuer.to_owned(),
        subject: id.ok_or_else(|| Fault::because("/user names nobody"))?.to_string(),
        email: primary(emails.as_array().map_or(&[], Vec::as_slice)),
        name: text(user, "name"),
        picture: text(user, "avatar_url"),
    })
}

/// The address that is the first one and verified.
fn primary(emails: &[Json]) -> Option<VerifiedEmail> {
    let is_set = |entry: &Map<String, Json>, flag: &str| entry.get(flag) == Some(&Json::Bool(true));
    let entry = emails.iter().filter_map(Json::as_object).find(|entry| is_set(entry, "primary"))?;
    VerifiedEmail::vouched(entry.get("email").and_then(Json::as_str), is_set(entry, "verified"))
}

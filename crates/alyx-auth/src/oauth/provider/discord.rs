//! Discord: <https://docs.discord.com/developers/topics/oauth2>

use alyx_config::section::Discord;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value as Json};

use super::{Api, Definition, Fault, Identity, Protocol, Provider, VerifiedEmail, below, credentials, scopes, text};
use crate::oauth::fetch::ANSWER;

pub(super) fn definition(settings: &Discord) -> Option<Definition> {
    let (client, secret) = credentials(settings.client_id.as_ref(), settings.client_secret.as_ref())?;
    let url = &settings.url;
    Some(Definition {
        name: "discord".to_owned(),
        title: "Discord".to_owned(),
        client,
        secret,
        scopes: scopes(&settings.scopes, &["identify", "email"], false),
        homes: vec![url.clone()],
        protocol: Protocol::OAuth(Box::new(Api {
            issuer: url.as_str().trim_end_matches('/').to_owned(),
            authorize: below(url, "oauth2/authorize"),
            token: below(url, "api/oauth2/token"),
            identify,
            api: below(url, "api"),
        })),
    })
}

fn identify<'a>(provider: &'a Provider, api: &'a Api, token: &'a str) -> BoxFuture<'a, Result<Identity, Fault>> {
    Box::pin(async move {
        let user = provider.fetch.json(&below(&api.api, "users/@me"), Some(token), ANSWER).await?;
        identity(&api.issuer, &user)
    })
}

pub(super) fn identity(issuer: &str, user: &Json) -> Result<Identity, Fault> {
    let user = user.as_object().ok_or_else(|| Fault::because("/users/@me is no object"))?;
    let id = text(user, "id").filter(|id| id.bytes().all(|byte| byte.is_ascii_digit()));
    let id = id.ok_or_else(|| Fault::because("/users/@me names nobody"))?;
    let is_verified = user.get("verified") == Some(&Json::Bool(true));
    Ok(Identity {
        issuer: issuer.to_owned(),
        email: VerifiedEmail::vouched(user.get("email").and_then(Json::as_str), is_verified),
        name: text(user, "global_name").or_else(|| text(user, "username")),
        picture: picture(user, &id),
        subject: id,
    })
}

/// Discord tells the name of a picture, which is a number in hexadecimal digits, and `a_` before those that move.
fn picture(user: &Map<String, Json>, id: &str) -> Option<String> {
    let name = text(user, "avatar")?;
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_name.then(|| format!("https://cdn.discordapp.com/avatars/{id}/{name}.png"))
}

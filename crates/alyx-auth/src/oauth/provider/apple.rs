//! Apple: <https://developer.apple.com/documentation/signinwithapple>
//!
//! The browser comes back with a form, from another site, in which Apple puts a name and an address that anybody can
//! change on the way: those are not looked at.

use alyx_config::section::Apple;
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value as Json};

use super::{ClientSecret, Definition, Fault, Issuer, Protocol, Rules, scopes};
use crate::oauth::{apple_secret::AppleSecret, openid::OpenId};

const RULES: Rules = Rules { algorithms: &[Algorithm::RS256], is_verified, asks_user_info: false, posts_back: true };

pub(super) fn definition(settings: &Apple) -> Result<Option<Definition>, (String, Fault)> {
    let (Some(client), Some(team), Some(key_id), Some(private_key)) =
        (&settings.client_id, &settings.team_id, &settings.key_id, &settings.private_key)
    else {
        return Ok(None);
    };
    let issuer = settings.issuer.as_str();
    let secret = AppleSecret::new((client, team, key_id), private_key, issuer);
    Ok(Some(Definition {
        name: "apple".to_owned(),
        title: "Apple".to_owned(),
        client: client.clone(),
        secret: ClientSecret::Signed(Box::new(secret.map_err(|fault| ("apple".to_owned(), fault))?)),
        scopes: scopes(&settings.scopes, &["openid", "email"], true),
        homes: issuer.parse().into_iter().collect(),
        protocol: Protocol::OpenId(Box::new(OpenId::new(issuer, Issuer::Exact(issuer.to_owned()), RULES))),
    }))
}

/// Apple writes flags as text at times.
pub(super) fn is_verified(claims: &Map<String, Json>) -> bool {
    matches!(claims.get("email_verified"), Some(Json::Bool(true)))
        || claims.get("email_verified") == Some(&"true".into())
}

//! Google: <https://developers.google.com/identity/openid-connect/openid-connect>

use alyx_config::section::Google;
use jsonwebtoken::Algorithm;

use super::{Definition, Issuer, Protocol, Rules, credentials, email_verified, scopes};
use crate::oauth::openid::OpenId;

const RULES: Rules =
    Rules { algorithms: &[Algorithm::RS256], is_verified: email_verified, asks_user_info: true, posts_back: false };

pub(super) fn definition(settings: &Google) -> Option<Definition> {
    let (client, secret) = credentials(settings.client_id.as_ref(), settings.client_secret.as_ref())?;
    let issuer = settings.issuer.as_str();
    Some(Definition {
        name: "google".to_owned(),
        title: "Google".to_owned(),
        client,
        secret,
        scopes: scopes(&settings.scopes, &["openid", "email", "profile"], true),
        homes: issuer.parse().into_iter().collect(),
        protocol: Protocol::OpenId(Box::new(OpenId::new(issuer, Issuer::Exact(issuer.to_owned()), RULES))),
    })
}

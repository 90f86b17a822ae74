//! Any other provider with OpenID Connect, under a name that the project chose.

use alyx_config::section::OpenId as Settings;
use jsonwebtoken::Algorithm;

use super::{Definition, Issuer, Protocol, Rules, credentials, email_verified, scopes};
use crate::oauth::openid::OpenId;

const RULES: Rules = Rules {
    algorithms: &[
        Algorithm::RS256,
        Algorithm::RS384,
        Algorithm::RS512,
        Algorithm::PS256,
        Algorithm::PS384,
        Algorithm::PS512,
        Algorithm::ES256,
        Algorithm::ES384,
        Algorithm::EdDSA,
    ],
    is_verified: email_verified,
    asks_user_info: true,
    posts_back: false,
};

pub(super) fn definition(name: &str, settings: &Settings) -> Option<Definition> {
    let (client, secret) = credentials(settings.client_id.as_ref(), settings.client_secret.as_ref())?;
    let issuer = settings.issuer.as_ref()?.as_str();
    Some(Definition {
        name: name.to_owned(),
        title: settings.title.clone().unwrap_or_else(|| name.to_owned()),
        client,
        secret,
        scopes: scopes(&settings.scopes, &["openid", "email", "profile"], true),
        homes: issuer.parse().into_iter().collect(),
        protocol: Protocol::OpenId(Box::new(OpenId::new(issuer, Issuer::Exact(issuer.to_owned()), RULES))),
    })
}

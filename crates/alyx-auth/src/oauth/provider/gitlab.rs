//! GitLab, that of the company or one of your own: <https://docs.gitlab.com/integration/openid_connect_provider/>

use alyx_config::section::GitLab;
use jsonwebtoken::Algorithm;

use super::{Definition, Issuer, Protocol, Rules, credentials, email_verified, scopes};
use crate::oauth::openid::OpenId;

const RULES: Rules =
    Rules { algorithms: &[Algorithm::RS256], is_verified: email_verified, asks_user_info: true, posts_back: false };

pub(super) fn definition(settings: &GitLab) -> Option<Definition> {
    let (client, secret) = credentials(settings.client_id.as_ref(), settings.client_secret.as_ref())?;
    let issuer = settings.url.as_str().trim_end_matches('/');
    Some(Definition {
        name: "gitlab".to_owned(),
        title: "GitLab".to_owned(),
        client,
        secret,
        scopes: scopes(&settings.scopes, &["openid", "email", "profile"], true),
        homes: issuer.parse().into_iter().collect(),
        protocol: Protocol::OpenId(Box::new(OpenId::new(issuer, Issuer::Exact(issuer.to_owned()), RULES))),
    })
}

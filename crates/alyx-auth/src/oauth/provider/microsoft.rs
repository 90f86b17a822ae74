//! Microsoft: <https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc>
//!
//! Who administers a tenant can write any address into its accounts, so an address counts only where the optional claim
//! `xms_edov` says that the owner of its domain was verified. Userinfo does not tell that, and is not asked.

use alyx_config::section::Microsoft;
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value as Json};

use super::{Definition, Issuer, Protocol, Rules, credentials, scopes};
use crate::oauth::openid::OpenId;

/// The tenant of all accounts that are no organisation's.
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

const RULES: Rules =
    Rules { algorithms: &[Algorithm::RS256], is_verified: owns_domain, asks_user_info: false, posts_back: false };

pub(super) fn definition(settings: &Microsoft) -> Option<Definition> {
    let (client, secret) = credentials(settings.client_id.as_ref(), settings.client_secret.as_ref())?;
    let base = settings.url.as_str().trim_end_matches('/');
    let issuer = match settings.tenant.as_str() {
        "common" | "organizations" => Issuer::OfTenant { before: format!("{base}/"), after: "/v2.0" },
        "consumers" => Issuer::Exact(format!("{base}/{CONSUMERS}/v2.0")),
        tenant => Issuer::Exact(format!("{base}/{tenant}/v2.0")),
    };
    Some(Definition {
        name: "microsoft".to_owned(),
        title: "Microsoft".to_owned(),
        client,
        secret,
        scopes: scopes(&settings.scopes, &["openid", "email", "profile"], true),
        homes: vec![settings.url.clone()],
        protocol: Protocol::OpenId(Box::new(OpenId::new(&format!("{base}/{}/v2.0", settings.tenant), issuer, RULES))),
    })
}

/// The claim comes as a flag, a number or text.
pub(super) fn owns_domain(claims: &Map<String, Json>) -> bool {
    match claims.get("xms_edov") {
        Some(Json::Bool(is_owned)) => *is_owned,
        Some(Json::Number(number)) => number.as_u64() == Some(1),
        Some(Json::String(text)) => matches!(text.as_str(), "1" | "true"),
        _ => false,
    }
}

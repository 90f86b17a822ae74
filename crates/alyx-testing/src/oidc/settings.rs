//! What a test may set about a provider with OpenID Connect.

use super::{key::Algorithm, key_set::KeySet};
use crate::provider::SignedSecret;

#[derive(Debug)]
pub(super) struct Settings {
    pub(super) algorithm: Algorithm,
    pub(super) keys: KeySet,
    /// Whether the id token leaves the person's claims to userinfo.
    pub(super) is_terse: bool,
    /// Whether the one audience stands in a list, as some write it.
    pub(super) lists_audience: bool,
    /// The tenant of all tokens, where the issuer is a template as at Microsoft.
    pub(super) tenant: Option<String>,
    /// How the client signs its secret, where it must.
    pub(super) signed_secret: Option<SignedSecret>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            algorithm: Algorithm::Es256,
            keys: KeySet::new(),
            is_terse: false,
            lists_audience: false,
            tenant: None,
            signed_secret: None,
        }
    }
}

impl Settings {
    /// The issuer as discovery names it.
    pub(super) fn issuer(&self, origin: &str) -> String {
        if self.tenant.is_some() { format!("{origin}/{{tenantid}}/v2.0") } else { origin.to_owned() }
    }

    /// The issuer as tokens name it.
    pub(super) fn token_issuer(&self, origin: &str) -> String {
        self.tenant.as_ref().map_or_else(|| origin.to_owned(), |tenant| format!("{origin}/{tenant}/v2.0"))
    }
}

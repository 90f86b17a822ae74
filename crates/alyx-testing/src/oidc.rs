//! A provider with OpenID Connect: discovery, authorisation code with PKCE, signed id tokens, a key set, userinfo.

use std::sync::{Mutex, MutexGuard, PoisonError};

use ring::signature::KeyPair;

use crate::provider::{Provider, SignedSecret};

mod id_token;
mod key;
mod key_set;
mod pages;
mod settings;

pub use key::Algorithm;
use settings::Settings;

/// A provider with OpenID Connect on a free port of loopback, honest until told to [lie](crate::Lie).
///
/// ```no_run
/// use alyx_testing::{Lie, OidcProvider, Person};
///
/// let provider = OidcProvider::start();
/// provider.set_person(Person::new("1001", "alice@example.com"));
/// provider.lie(Lie::WrongAudience);
/// // … sign in through a `Browser`, and see it refused …
/// assert!(provider.complaints().is_empty());
/// ```
pub type OidcProvider = Provider<OpenId>;

/// What makes a provider one with OpenID Connect.
#[derive(Debug, Default)]
pub struct OpenId {
    settings: Mutex<Settings>,
}

impl OpenId {
    fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OidcProvider {
    /// Starts it.
    #[must_use]
    pub fn start() -> Self {
        Self::serve(OpenId::default())
    }

    /// The issuer that a client is configured with; discovery is below it.
    #[must_use]
    pub fn issuer(&self) -> String {
        let is_template = self.kind.settings().tenant.is_some();
        if is_template { format!("{}/common/v2.0", self.origin()) } else { self.origin().to_owned() }
    }

    /// Signs with another algorithm from now on; ES256 at first. The key set has a key of each.
    pub fn sign_with(&self, algorithm: Algorithm) {
        self.kind.settings().algorithm = algorithm;
    }

    /// Signs with other keys from now on, and publishes only those.
    pub fn rotate_keys(&self) {
        self.kind.settings().keys.rotate();
    }

    /// Leaves name, address and picture out of id tokens, so that the client has to ask userinfo.
    pub fn tell_in_user_info_only(&self) {
        self.kind.settings().is_terse = true;
    }

    /// Writes the audience of id tokens as a list of one, which is as good.
    pub fn list_audience(&self) {
        self.kind.settings().lists_audience = true;
    }

    /// Makes the issuer a template, as at Microsoft, with every token from this tenant.
    pub fn serve_tenant(&self, tenant: &str) {
        self.kind.settings().tenant = Some(tenant.to_owned());
    }

    /// Wants a secret that the client signs for itself, as at Apple, with the issuer as its audience. Gives the
    /// private key for the client, in PEM.
    #[must_use]
    pub fn require_signed_secret(&self, team: &str, key_id: &str) -> String {
        let private_key = key::new_p256_key();
        let signed = SignedSecret {
            team: team.to_owned(),
            key_id: key_id.to_owned(),
            public_key: key::es256_pair(&private_key).public_key().as_ref().to_vec(),
            audience: self.issuer(),
        };
        self.kind.settings().signed_secret = Some(signed);
        key::pem("PRIVATE KEY", &private_key)
    }
}

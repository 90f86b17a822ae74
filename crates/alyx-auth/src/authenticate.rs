//! Who the bearer of a token is: asked by every request, and answered from memory as long as nothing has changed.

use std::{fmt, sync::Arc};

use alyx_store::{
    Store,
    account::{Account, SessionId, StoredDeployToken},
};

use jiff::Timestamp;

use crate::{
    ADMINISTRATOR, Auth, Error, Permission, Result,
    auth::Inner,
    token::{self, deploy, refresh},
};

/// Milliseconds between two notes of a deploy token's use.
const NOTED_EVERY: i64 = 60_000;

/// The bearer of a token that is good.
#[derive(Clone, Debug)]
pub enum Principal {
    /// An account that is signed in.
    Account(AccountPrincipal),
    /// A machine that deploys.
    DeployToken(DeployPrincipal),
}

/// An account that is signed in.
#[derive(Clone)]
pub struct AccountPrincipal {
    /// The account as it is now.
    pub account: Arc<Account>,
    /// The session that the token belongs to.
    pub session: SessionId,
    /// Until when the token is good.
    pub expires_at: Timestamp,
}

impl AccountPrincipal {
    /// Whether the account may do everything.
    #[must_use]
    pub fn is_administrator(&self) -> bool {
        self.account.role == ADMINISTRATOR
    }
}

impl fmt::Debug for AccountPrincipal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountPrincipal").field("id", &self.account.id).field("role", &self.account.role).finish()
    }
}

/// A machine that deploys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeployPrincipal {
    /// The name of its token.
    pub name: String,
    /// What it may do.
    pub permissions: Vec<Permission>,
}

impl Auth {
    /// Who the bearer of this token is.
    ///
    /// # Errors
    /// The token is not good: a token that is sent is never ignored.
    pub async fn authenticate(&self, store: &Store, bearer: &str) -> Result<Principal> {
        if bearer.starts_with(deploy::PREFIX) {
            return self.deploy_principal(store, bearer).await.map(Principal::DeployToken);
        }
        if bearer.starts_with(refresh::PREFIX) {
            return Err(Error::InvalidToken { why: "a refresh token is no access token" });
        }
        self.inner.account_principal(store, bearer).await.map(Principal::Account)
    }

    async fn deploy_principal(&self, store: &Store, bearer: &str) -> Result<DeployPrincipal> {
        const UNKNOWN: Error = Error::InvalidToken { why: "it is no deploy token" };
        let found_by = deploy::found_by(bearer).ok_or(UNKNOWN)?;
        let StoredDeployToken { token, hash } = store.deploy_token(found_by).await?.ok_or(UNKNOWN)?;
        if !token::is_same(token::hash(bearer).as_bytes(), hash.as_bytes()) {
            return Err(UNKNOWN);
        }
        let now = self.inner.clock.now();
        if token.expires_at.is_some_and(|expires_at| expires_at <= now) {
            return Err(Error::TokenExpired);
        }
        self.note_use(store, &token.name);
        let permissions = token.permissions.iter().filter_map(|name| Permission::from_name(name)).collect();
        Ok(DeployPrincipal { name: token.name, permissions })
    }

    /// Notes in the background that the token was used, at most once a minute.
    fn note_use(&self, store: &Store, name: &str) {
        let now = self.inner.clock.now();
        let last = self.inner.noted.get(name);
        if last.is_some_and(|last| (0..NOTED_EVERY).contains(&(now.as_millisecond() - last))) {
            return;
        }
        self.inner.noted.insert(name.to_owned(), now.as_millisecond());
        let (store, name) = (store.clone(), name.to_owned());
        self.inner.background.run("use of a deploy token", async move {
            let noted = store.write_with(move |transaction| {
                Box::pin(async move { transaction.note_deploy_token_use(&name, now).await })
            });
            if let Err(error) = noted.await {
                tracing::warn!(%error, "the use of a deploy token was not noted");
            }
        });
    }
}

impl Inner {
    async fn account_principal(&self, store: &Store, bearer: &str) -> Result<AccountPrincipal> {
        let now = self.clock.now();
        let check = || self.access.verify(&self.keyring, bearer, now);
        let verified = self.verified.get_or(bearer, self.keyring.version(), check)?;
        if verified.expires_at <= now {
            return Err(Error::TokenExpired);
        }
        let account = self.remembered.account_of(store, &verified.session).await?;
        let account = account.filter(|account| account.id == verified.account);
        let account = account.ok_or(Error::InvalidToken { why: "its session has ended" })?;
        self.check_standing(&account)?;
        Ok(AccountPrincipal { account, session: verified.session, expires_at: verified.expires_at })
    }

    /// Whether the account may be signed in at all.
    pub(crate) fn check_standing(&self, account: &Account) -> Result<()> {
        match account {
            Account { banned: true, .. } => Err(Error::Banned),
            Account { verified: false, .. } if self.settings.require_verification => Err(Error::NotVerified),
            _ => Ok(()),
        }
    }
}

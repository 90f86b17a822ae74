//! Deploy tokens: made, listed, revoked. A token is shown once, to who makes it.

use alyx_store::{
    Store,
    account::{DeployToken, NewDeployToken},
};
use jiff::Timestamp;
use serde_json::json;

use crate::{
    Auth, Authority, Error, Permission, Result,
    error::fault,
    token::{self, deploy},
};

/// Longest name.
const LONGEST: usize = 100;

/// A deploy token that was made; `Debug` does not show it.
#[derive(Clone)]
pub struct CreatedDeployToken {
    /// What the machine sends.
    pub token: String,
    /// The rest, which can be seen again.
    pub details: DeployToken,
}

impl std::fmt::Debug for CreatedDeployToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CreatedDeployToken").field("details", &self.details).finish_non_exhaustive()
    }
}

impl Auth {
    /// Makes a deploy token.
    ///
    /// # Errors
    /// The name is taken, or name, permissions or expiry will not do.
    pub async fn create_deploy_token(
        &self,
        store: &Store,
        (name, permissions): (&str, &[String]),
        expires_at: Option<Timestamp>,
        authority: &Authority,
    ) -> Result<CreatedDeployToken> {
        let now = self.inner.clock.now();
        let permissions = check(name, permissions, expires_at.is_none_or(|expires_at| expires_at > now))?;
        let (token, prefix) = deploy::make(&*self.inner.random)?;
        let new = NewDeployToken {
            name: name.to_owned(),
            prefix,
            hash: token::hash(&token),
            permissions: permissions.iter().map(|permission| permission.name().to_owned()).collect(),
            created_by: authority.described(),
            at: now,
            expires_at,
        };
        let details = DeployToken {
            name: new.name.clone(),
            prefix: format!("{}{}", deploy::PREFIX, new.prefix),
            permissions: new.permissions.clone(),
            created_at: now,
            created_by: new.created_by.clone(),
            expires_at,
            last_used_at: None,
        };
        let entry = authority.note(("deploy_token.created", name), now, &[("permissions", json!(new.permissions))]);
        let stored = store.write_with(move |transaction| {
            Box::pin(async move {
                transaction.insert_deploy_token(&new).await?;
                transaction.insert_audit_entry(&entry).await
            })
        });
        stored.await?;
        Ok(CreatedDeployToken { token, details })
    }

    /// Every deploy token, without what opens anything.
    ///
    /// # Errors
    /// The store fails.
    pub async fn deploy_tokens(&self, store: &Store) -> Result<Vec<DeployToken>> {
        let mut tokens = store.deploy_tokens().await?;
        tokens.iter_mut().for_each(|token| token.prefix.insert_str(0, deploy::PREFIX));
        Ok(tokens)
    }

    /// Makes a deploy token worthless.
    ///
    /// # Errors
    /// There is no such token.
    pub async fn revoke_deploy_token(&self, store: &Store, name: &str, authority: &Authority) -> Result<()> {
        let entry = authority.note(("deploy_token.revoked", name), self.inner.clock.now(), &[]);
        let name = name.to_owned();
        let revoked = store.write_or_refuse(move |transaction| {
            Box::pin(async move {
                if !transaction.delete_deploy_token(&name).await? {
                    return Ok(Err(Error::UnknownDeployToken { name }));
                }
                transaction.insert_audit_entry(&entry).await.map(Ok)
            })
        });
        revoked.await?
    }
}

fn check(name: &str, permissions: &[String], is_good: bool) -> Result<Vec<Permission>> {
    let mut faults = Vec::new();
    let is_fit = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    if name.is_empty() || name.len() > LONGEST || !name.chars().all(is_fit) {
        faults.push(fault("name", "FORMAT", "must be up to 100 letters, digits, -, _ and ."));
    }
    let known: Vec<&str> = Permission::ALL.iter().map(|(_, name)| *name).collect();
    let mut granted = Vec::new();
    for name in permissions {
        match Permission::from_name(name) {
            Some(permission) if !granted.contains(&permission) => granted.push(permission),
            Some(_) => {}
            None => faults.push(fault("permissions", "UNKNOWN_PERMISSION", format!("must be of {}", known.join(", ")))),
        }
    }
    if permissions.is_empty() {
        faults.push(fault("permissions", "REQUIRED", "must not be empty"));
    }
    if !is_good {
        faults.push(fault("expires_at", "MIN", "must be in the future"));
    }
    if faults.is_empty() { Ok(granted) } else { Err(Error::Invalid(faults)) }
}

//! On whose authority something is done, and the note of it.

use alyx_store::{
    Store,
    account::{Actor, ActorKind, AuditEntry, AuditQuery, NewAuditEntry},
};
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use crate::{AccountPrincipal, Auth, Client, DeployPrincipal, Result};

/// Who acts, and from where.
#[derive(Clone, Debug)]
pub struct Authority {
    pub(crate) actor: Actor,
    pub(crate) client: Client,
}

impl Authority {
    /// An account, which its caller knows to be allowed.
    #[must_use]
    pub fn account(principal: &AccountPrincipal, client: &Client) -> Self {
        let (id, name) = (principal.account.id.to_string(), principal.account.email.clone());
        Self { actor: Actor { kind: ActorKind::Account, id: Some(id), name: Some(name) }, client: client.clone() }
    }

    /// The bearer of the administrator's token.
    #[must_use]
    pub fn admin_token(client: &Client) -> Self {
        Self { actor: Actor::unnamed(ActorKind::AdminToken), client: client.clone() }
    }

    /// A deploy token.
    #[must_use]
    pub fn deploy_token(principal: &DeployPrincipal, client: &Client) -> Self {
        let actor = Actor { kind: ActorKind::DeployToken, id: None, name: Some(principal.name.clone()) };
        Self { actor, client: client.clone() }
    }

    /// A command on the machine itself.
    #[must_use]
    pub fn cli() -> Self {
        Self { actor: Actor::unnamed(ActorKind::Cli), client: Client::default() }
    }

    pub(crate) fn of_kind(kind: ActorKind, client: &Client) -> Self {
        Self { actor: Actor::unnamed(kind), client: client.clone() }
    }

    /// Who acts, in a few words.
    pub(crate) fn described(&self) -> String {
        self.actor.name.clone().unwrap_or_else(|| self.actor.kind.as_str().to_owned())
    }

    /// The note of an act.
    pub(crate) fn note(&self, act: (&'static str, &str), at: Timestamp, details: &[(&str, Json)]) -> NewAuditEntry {
        NewAuditEntry {
            at,
            actor: self.actor.clone(),
            action: act.0,
            target: Some(act.1.to_owned()),
            details: details.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect::<Map<_, _>>(),
            ip: self.client.ip_text(),
            request_id: self.client.request_id.clone(),
        }
    }
}

impl Auth {
    /// Notes an act that changed nothing of accounts, such as a deployment. `details` hold no secret.
    ///
    /// # Errors
    /// The store fails.
    pub async fn note(
        &self,
        store: &Store,
        authority: &Authority,
        act: (&'static str, &str),
        details: &[(&str, Json)],
    ) -> Result<()> {
        let entry = authority.note(act, self.inner.clock.now(), details);
        store
            .write_with(move |transaction| Box::pin(async move { transaction.insert_audit_entry(&entry).await }))
            .await?;
        Ok(())
    }

    /// What was done, newest first.
    ///
    /// # Errors
    /// The store fails.
    pub async fn audit(&self, store: &Store, query: &AuditQuery) -> Result<Vec<AuditEntry>> {
        Ok(store.audit(query).await?)
    }
}

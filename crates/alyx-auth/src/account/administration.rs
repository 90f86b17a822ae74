//! What administrators do with accounts. Whether the caller is one is the caller's business; each act is noted in the
//! transaction of the act.

use alyx_config::Secret;
use alyx_store::{
    Store,
    account::{Account, AccountId, AccountQuery, AccountUpdate, Accounts, canonical_email},
};
use serde_json::{Map, Value as Json, json};

use super::create;
use crate::{AccountDraft, Auth, Authority, Error, Result, mail::Letter};

/// What an administrator sets; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct AccountChanges {
    /// The role.
    pub role: Option<String>,
    /// Whether the address is known to be the owner's.
    pub verified: Option<bool>,
    /// Whether the account is shut out; that ends its sessions.
    pub banned: Option<bool>,
    /// What is kept with it, all of it.
    pub metadata: Option<Map<String, Json>>,
    /// A new password; that ends its sessions.
    pub password: Option<Secret>,
}

impl Auth {
    /// Accounts, newest first.
    ///
    /// # Errors
    /// The store fails.
    pub async fn accounts(&self, store: &Store, query: &AccountQuery) -> Result<Accounts> {
        Ok(store.accounts(query).await?)
    }

    /// An account by its id.
    ///
    /// # Errors
    /// There is none.
    pub async fn account(&self, store: &Store, id: &str) -> Result<Account> {
        store.account(&AccountId::new(id)).await?.ok_or(Error::UnknownAccount)
    }

    /// An account by its address.
    ///
    /// # Errors
    /// There is none.
    pub async fn account_by_email(&self, store: &Store, email: &str) -> Result<Account> {
        let email = canonical_email(email).ok_or(Error::UnknownAccount)?;
        Ok(store.credentials_by_email(&email).await?.ok_or(Error::UnknownAccount)?.account)
    }

    /// Makes an account.
    ///
    /// # Errors
    /// Something unique is taken, or the profile refers to what does not exist.
    pub async fn create_account(&self, store: &Store, draft: AccountDraft, authority: &Authority) -> Result<Account> {
        let hash = match &draft.password {
            Some(password) => Some(self.inner.passwords.hash(password.expose().to_owned()).await?),
            None => None,
        };
        let now = self.inner.clock.now();
        let account = draft.account(hash, now);
        let details = [("email", json!(account.email)), ("role", json!(account.role))];
        let entry = authority.note(("account.created", account.id.as_str()), now, &details);
        let made = store.write_or_refuse(move |transaction| {
            Box::pin(async move {
                if let Err(refused) = create::insert(transaction, draft.profile, &account).await? {
                    return Ok(Err(refused));
                }
                transaction.insert_audit_entry(&entry).await?;
                let made = transaction.credentials(&account.id).await?;
                Ok(made.map(|made| made.account).ok_or(Error::UnknownAccount))
            })
        });
        made.await?
    }

    /// Sets role, state, metadata or password of an account.
    ///
    /// # Errors
    /// There is no such account or role, or the password is too weak.
    pub async fn update_account(
        &self,
        store: &Store,
        id: &str,
        changes: AccountChanges,
        authority: &Authority,
    ) -> Result<Account> {
        if let Some(role) = &changes.role {
            self.inner.check_role(role)?;
        }
        let password_hash = self.hash_new(changes.password.as_ref()).await?;
        let (id, now) = (AccountId::new(id), self.inner.clock.now());
        let (ends_sessions, has_password) = (changes.banned == Some(true), password_hash.is_some());
        let entry = authority.note(("account.updated", id.as_str()), now, &told(&changes));
        let AccountChanges { role, verified, banned, metadata, .. } = changes;
        let update = AccountUpdate { role, verified, banned, metadata, password_hash, email: None };
        let updated = store.write_or_refuse(move |transaction| {
            Box::pin(async move {
                if !transaction.update_account(&id, &update, now).await? {
                    return Ok(Err(Error::UnknownAccount));
                }
                if ends_sessions || has_password {
                    transaction.end_sessions(&id).await?;
                    transaction.drop_all_one_time_tokens(&id).await?;
                }
                transaction.insert_audit_entry(&entry).await?;
                let found = transaction.credentials(&id).await?;
                Ok(found.map(|found| found.account).ok_or(Error::UnknownAccount))
            })
        });
        let account = updated.await??;
        if has_password {
            self.inner.post(Letter::PasswordChanged, &account.email, &[]);
        }
        Ok(account)
    }

    /// Sends the owner of an account a link that sets a new password.
    ///
    /// # Errors
    /// There is no such account, or mail does not leave.
    pub async fn send_password_reset(&self, store: &Store, id: &str, authority: &Authority) -> Result<()> {
        if !self.inner.has_mail() {
            return Err(Error::Mail("there is no mail server in the settings (mail.host)".to_owned()));
        }
        let account = self.account(store, id).await?;
        let entry = authority.note(("account.reset_sent", account.id.as_str()), self.inner.clock.now(), &[]);
        self.inner.reset_mail(store, (&account.id, &account.email), Some(entry)).await
    }

    /// Ends all sessions of an account, and says how many there were.
    ///
    /// # Errors
    /// There is no such account.
    pub async fn sign_out_account(&self, store: &Store, id: &str, authority: &Authority) -> Result<u64> {
        let id = self.account(store, id).await?.id;
        let entry = authority.note(("account.signed_out", id.as_str()), self.inner.clock.now(), &[]);
        let ended = store.write_with(move |transaction| {
            Box::pin(async move {
                transaction.insert_audit_entry(&entry).await?;
                transaction.end_sessions(&id).await
            })
        });
        Ok(ended.await?)
    }

    /// The hash of a password that somebody sets, if it is good enough.
    async fn hash_new(&self, password: Option<&Secret>) -> Result<Option<String>> {
        let Some(password) = password else { return Ok(None) };
        self.inner.policy.check(password.expose())?;
        self.inner.passwords.hash(password.expose().to_owned()).await.map(Some)
    }
}

/// What the audit log tells of changes: never the password.
fn told(changes: &AccountChanges) -> Vec<(&'static str, Json)> {
    let AccountChanges { role, verified, banned, metadata, password } = changes;
    let mut told = Vec::new();
    told.extend(role.as_ref().map(|role| ("role", json!(role))));
    told.extend(verified.map(|verified| ("verified", json!(verified))));
    told.extend(banned.map(|banned| ("banned", json!(banned))));
    told.extend(metadata.as_ref().map(|metadata| ("metadata", json!(metadata))));
    told.extend(password.as_ref().map(|_| ("password", json!(true))));
    told
}

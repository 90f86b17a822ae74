//! A new password for who forgot the old one and reads the account's mail.

use alyx_store::{
    Store,
    account::{AccountId, AccountUpdate, Actor, ActorKind, NewAuditEntry, canonical_email},
};
use serde_json::Map;

use super::one_time::{self, Purpose};
use crate::{Auth, Authority, Client, Error, Result, auth::Inner, links::LinkTo, mail::Letter, token};

impl Auth {
    /// Sends a link that sets a new password, if the address has an account. The answer does not tell, and
    /// everything that would happens after it.
    ///
    /// # Errors
    /// There were too many requests.
    pub fn request_password_reset(&self, store: &Store, email: &str, client: &Client) -> Result<()> {
        let Some(email) = canonical_email(email) else { return Ok(()) };
        self.inner.limits.reset(&email, client)?;
        let (auth, store) = (self.clone(), store.clone());
        self.inner.put_off("password reset", async move {
            if let Err(error) = auth.send_reset(&store, &email).await {
                tracing::warn!(%error, "a link that sets a new password could not be made");
            }
        });
        Ok(())
    }

    async fn send_reset(&self, store: &Store, email: &str) -> Result<()> {
        let Some(found) = store.credentials_by_email(email).await? else { return Ok(()) };
        if found.account.banned {
            return Ok(());
        }
        self.inner.reset_mail(store, (&found.account.id, email), None).await
    }

    /// Sets the password of the account that the link was sent to. Every session ends.
    ///
    /// # Errors
    /// The token was used, is too old, or never was; or the password is too weak, and then the token stays good.
    pub async fn confirm_password_reset(
        &self,
        store: &Store,
        (token, password): (&str, &str),
        client: &Client,
    ) -> Result<()> {
        self.inner.policy.check(password)?;
        let (token, now, client) = (token::hash(token), self.inner.clock.now(), client.clone());
        one_time::check(store, (&token, Purpose::ResetPassword), now).await?;
        let hash = self.inner.passwords.hash(password.to_owned()).await?;
        let reset = store.write_or_refuse(move |transaction| {
            Box::pin(async move {
                let token = match one_time::take(transaction, (&token, Purpose::ResetPassword), now).await? {
                    Ok(token) => token,
                    Err(refused) => return Ok(Err(refused)),
                };
                let found = match &token.account {
                    Some(id) => transaction.credentials(id).await?,
                    None => None,
                };
                let Some(account) = found.map(|found| found.account) else { return Ok(Err(Error::UnknownAccount)) };
                if !account.verified {
                    // Nobody has shown until now whose address it is: what was linked before may be another's.
                    transaction.delete_oauth_accounts(&account.id).await?;
                }
                let update =
                    AccountUpdate { password_hash: Some(hash), verified: Some(true), ..AccountUpdate::default() };
                transaction.update_account(&account.id, &update, now).await?;
                transaction.end_sessions(&account.id).await?;
                transaction.drop_all_one_time_tokens(&account.id).await?;
                let name = Some(account.email.clone());
                let actor = Actor { kind: ActorKind::Account, id: Some(account.id.to_string()), name };
                let entry = Authority { actor, client }.note(("account.password_reset", account.id.as_str()), now, &[]);
                transaction.insert_audit_entry(&entry).await?;
                Ok(Ok(account.email))
            })
        });
        let email = reset.await??;
        self.inner.post(Letter::PasswordChanged, &email, &[]);
        Ok(())
    }
}

impl Inner {
    /// Makes the link and sends it; that of before is worthless then.
    pub(crate) async fn reset_mail(
        &self,
        store: &Store,
        (account, email): (&AccountId, &str),
        entry: Option<NewAuditEntry>,
    ) -> Result<()> {
        let lifetime = self.settings.reset_ttl;
        let (token, kept) = self.one_time_token(Purpose::ResetPassword, Some(account), (Map::new(), lifetime))?;
        let id = account.clone();
        let stored = store.write_with(move |transaction| {
            Box::pin(async move {
                transaction.drop_one_time_tokens(Some(&id), Purpose::ResetPassword.name()).await?;
                if let Some(entry) = &entry {
                    transaction.insert_audit_entry(entry).await?;
                }
                transaction.insert_one_time_token(&kept).await
            })
        });
        stored.await?;
        self.post_link((Letter::ResetPassword, LinkTo::ResetPassword), email, (&token, lifetime), &[]);
        Ok(())
    }
}

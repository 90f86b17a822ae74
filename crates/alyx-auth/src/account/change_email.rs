//! Another e-mail address, once it is shown that mail to it arrives.

use alyx_store::{
    Store,
    account::{AccountId, AccountUpdate, Actor, ActorKind, canonical_email},
};
use serde_json::json;

use super::one_time::{self, Purpose};
use crate::{
    AccountPrincipal, Auth, Authority, Client, Error, Result, error::fault, links::LinkTo, mail::Letter, token,
};

impl Auth {
    /// Sends a link to the new address and a notice to the old one. Whether the new one has an account already is
    /// told to nobody but its owner.
    ///
    /// # Errors
    /// The password is wrong, the address is none, or there were too many attempts.
    pub async fn request_email_change(
        &self,
        store: &Store,
        caller: &AccountPrincipal,
        (email, password): (&str, &str),
        client: &Client,
    ) -> Result<()> {
        let new = canonical_email(email)
            .ok_or_else(|| Error::Invalid(vec![fault("email", "FORMAT", "must be an e-mail address")]))?;
        self.inner.limits.verification(&new, client)?;
        self.check_password(store, &caller.account.id, password).await?;
        let (auth, store, account) = (self.clone(), store.clone(), caller.account.clone());
        self.inner.put_off("change of an address", async move {
            if let Err(error) = auth.send_change(&store, (&account.id, &account.email), &new).await {
                tracing::warn!(%error, "a link that changes an address could not be made");
            }
        });
        Ok(())
    }

    async fn send_change(&self, store: &Store, (id, old): (&AccountId, &str), new: &str) -> Result<()> {
        if store.credentials_by_email(new).await?.is_some() {
            self.inner.post(Letter::AccountExists, new, &[]);
            return Ok(());
        }
        let lifetime = self.inner.settings.verification_ttl;
        let data = one_time::data(&[("new_email", new)]);
        let (token, kept) = self.inner.one_time_token(Purpose::ChangeEmail, Some(id), (data, lifetime))?;
        let account = id.clone();
        let stored = store.write_with(move |transaction| {
            Box::pin(async move {
                transaction.drop_one_time_tokens(Some(&account), Purpose::ChangeEmail.name()).await?;
                transaction.insert_one_time_token(&kept).await
            })
        });
        stored.await?;
        let both = [("email", old), ("new_email", new)];
        self.inner.post_link((Letter::ChangeEmail, LinkTo::ChangeEmail), new, (&token, lifetime), &both);
        self.inner.post(Letter::EmailChangedNotice, old, &both);
        Ok(())
    }

    /// Changes the address to the one that the link was sent to. Every session ends, and every link that was sent
    /// before is worthless.
    ///
    /// # Errors
    /// The token was used, is too old, or never was; or another account has the address by now.
    pub async fn confirm_email_change(&self, store: &Store, token: &str, client: &Client) -> Result<()> {
        let (token, now, client) = (token::hash(token), self.inner.clock.now(), client.clone());
        let changed = store.write_or_refuse(move |transaction| {
            Box::pin(async move {
                let token = match one_time::take(transaction, (&token, Purpose::ChangeEmail), now).await? {
                    Ok(token) => token,
                    Err(refused) => return Ok(Err(refused)),
                };
                let (Some(id), Some(new)) = (&token.account, one_time::text_of(&token, "new_email")) else {
                    return Ok(Err(Error::UnknownAccount));
                };
                let Some(found) = transaction.credentials(id).await? else { return Ok(Err(Error::UnknownAccount)) };
                let old = found.account.email;
                let update =
                    AccountUpdate { email: Some(new.clone()), verified: Some(true), ..AccountUpdate::default() };
                transaction.update_account(id, &update, now).await?;
                transaction.end_sessions(id).await?;
                transaction.drop_all_one_time_tokens(id).await?;
                let actor = Actor { kind: ActorKind::Account, id: Some(id.to_string()), name: Some(old.clone()) };
                let details = [("from", json!(old)), ("to", json!(new))];
                let entry = Authority { actor, client }.note(("account.email_changed", id.as_str()), now, &details);
                transaction.insert_audit_entry(&entry).await?;
                Ok(Ok(()))
            })
        });
        changed.await??;
        Ok(())
    }
}

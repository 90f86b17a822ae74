//! Confirming that mail to an account's address reaches its owner.

use alyx_store::{
    Store,
    account::{Account, AccountId, AccountUpdate, canonical_email},
};
use serde_json::Map;

use super::one_time::{self, Purpose};
use crate::{Auth, Client, Error, Result, auth::Inner, links::LinkTo, mail::Letter, token};

impl Auth {
    /// Sends a link that confirms the address, if it has an account that needs one. The answer does not tell, and
    /// everything that would happens after it.
    ///
    /// # Errors
    /// There were too many requests.
    pub fn request_verification(&self, store: &Store, email: &str, client: &Client) -> Result<()> {
        let Some(email) = canonical_email(email) else { return Ok(()) };
        self.inner.limits.verification(&email, client)?;
        let (auth, store) = (self.clone(), store.clone());
        self.inner.put_off("verification", async move {
            let found = store.credentials_by_email(&email).await;
            match found {
                Ok(Some(found)) if !found.account.verified && !found.account.banned => {
                    auth.send_verification(&store, found.account.id, email);
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "an account could not be looked up"),
            }
        });
        Ok(())
    }

    /// Sends the link in the background.
    pub(crate) fn send_verification(&self, store: &Store, account: AccountId, email: String) {
        let (auth, store) = (self.clone(), store.clone());
        self.inner.background.run("verification", async move {
            let sent = auth.inner.verification_mail(&store, &account, &email).await;
            if let Err(error) = sent {
                tracing::warn!(%error, "a link that confirms an address could not be made");
            }
        });
    }

    /// Confirms the address of the account that the link was sent to.
    ///
    /// # Errors
    /// The token was used, is too old, or never was.
    pub async fn confirm_verification(&self, store: &Store, token: &str) -> Result<Account> {
        let (hash, now) = (token::hash(token), self.inner.clock.now());
        let confirmed = store.write_or_refuse(move |transaction| {
            Box::pin(async move {
                let mut token = one_time::take(transaction, (&hash, Purpose::VerifyEmail), now).await?;
                if token.is_err() {
                    token = one_time::take(transaction, (&hash, Purpose::VerifyRegistration), now).await?;
                }
                let token = match token {
                    Ok(token) => token,
                    Err(refused) => return Ok(Err(refused)),
                };
                let Some(id) = &token.account else { return Ok(Err(Error::UnknownAccount)) };
                let password_hash = one_time::text_of(&token, "password_hash");
                if password_hash.is_some() {
                    // What another had set up under this address was never its owner's.
                    transaction.end_sessions(id).await?;
                    transaction.delete_oauth_accounts(id).await?;
                }
                let update = AccountUpdate { verified: Some(true), password_hash, ..AccountUpdate::default() };
                transaction.update_account(id, &update, now).await?;
                for purpose in [Purpose::VerifyEmail, Purpose::VerifyRegistration] {
                    transaction.drop_one_time_tokens(Some(id), purpose.name()).await?;
                }
                let found = transaction.credentials(id).await?;
                Ok(found.map(|found| found.account).ok_or(Error::UnknownAccount))
            })
        });
        let account = confirmed.await??;
        Ok(account)
    }
}

impl Inner {
    /// Makes the link and sends it; that of before is worthless then.
    pub(crate) async fn verification_mail(&self, store: &Store, account: &AccountId, email: &str) -> Result<()> {
        let lifetime = self.settings.verification_ttl;
        let (token, kept) = self.one_time_token(Purpose::VerifyEmail, Some(account), (Map::new(), lifetime))?;
        let id = account.clone();
        let stored = store.write_with(move |transaction| {
            Box::pin(async move {
                transaction.drop_one_time_tokens(Some(&id), Purpose::VerifyEmail.name()).await?;
                transaction.insert_one_time_token(&kept).await
            })
        });
        stored.await?;
        self.post_link((Letter::VerifyEmail, LinkTo::VerifyEmail), email, (&token, lifetime), &[]);
        Ok(())
    }
}

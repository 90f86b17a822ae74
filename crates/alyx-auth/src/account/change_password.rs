//! Changing one's password, and the check of a password by someone who is signed in.

use alyx_store::{
    Store,
    account::{AccountId, AccountUpdate},
};

use crate::{AccountPrincipal, Auth, Authority, Client, Error, Result, SignedIn, mail::Letter};

impl Auth {
    /// Changes the password. Every session ends; the caller gets a new one.
    ///
    /// # Errors
    /// The current password is wrong, the new one too weak, or there were too many attempts.
    pub async fn change_password(
        &self,
        store: &Store,
        caller: &AccountPrincipal,
        (current, new): (&str, &str),
        client: &Client,
    ) -> Result<SignedIn> {
        self.inner.policy.check(new)?;
        let old_hash = self.check_password(store, &caller.account.id, current).await?;
        let hash = self.inner.passwords.hash(new.to_owned()).await?;
        let begun = self.inner.begin_session(&caller.account.id, client)?;
        let (id, now, session) = (caller.account.id.clone(), self.inner.clock.now(), begun.session);
        let entry = Authority::account(caller, client).note(("account.password_changed", id.as_str()), now, &[]);
        let changed = store.write_or_refuse(move |transaction| {
            Box::pin(async move {
                let found = transaction.credentials(&id).await?;
                if found.is_none_or(|found| found.password_hash.as_ref() != Some(&old_hash)) {
                    return Ok(Err(Error::InvalidCredentials));
                }
                let update = AccountUpdate { password_hash: Some(hash), ..AccountUpdate::default() };
                transaction.update_account(&id, &update, now).await?;
                transaction.end_sessions(&id).await?;
                transaction.drop_all_one_time_tokens(&id).await?;
                transaction.insert_session(&session).await?;
                transaction.insert_audit_entry(&entry).await?;
                let found = transaction.credentials(&id).await?;
                Ok(found.map(|found| found.account).ok_or(Error::UnknownAccount))
            })
        });
        let account = changed.await??;
        self.inner.post(Letter::PasswordChanged, &account.email, &[]);
        Ok(SignedIn { account, tokens: begun.tokens })
    }

    /// The hash that the password was checked against. Without a password none is right, at the same cost: a
    /// stolen access token is not enough to set one.
    pub(crate) async fn check_password(&self, store: &Store, id: &AccountId, password: &str) -> Result<String> {
        let attempt = self.inner.limits.password(id.as_str())?;
        let found = store.credentials(id).await?.ok_or(Error::UnknownAccount)?;
        let hash = found.password_hash;
        let verdict = self.inner.passwords.verify(password.to_owned(), hash.clone()).await?;
        match hash.filter(|_| verdict.matches) {
            Some(hash) => {
                attempt.give_back();
                Ok(hash)
            }
            None => Err(Error::InvalidCredentials),
        }
    }
}

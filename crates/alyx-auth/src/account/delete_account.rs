//! Deleting one's own account.

use alyx_store::{Store, account::AccountId};

use crate::{AccountPrincipal, Auth, Authority, Client, Error, Result};

impl Auth {
    /// Deletes the caller's account and profile. The password is asked for where there is one.
    ///
    /// # Errors
    /// The password is wrong, or documents of others must not lose the profile.
    pub async fn delete_own_account(
        &self,
        store: &Store,
        caller: &AccountPrincipal,
        password: Option<&str>,
        client: &Client,
    ) -> Result<()> {
        let found = store.credentials(&caller.account.id).await?.ok_or(Error::UnknownAccount)?;
        if found.account.has_password {
            self.check_password(store, &caller.account.id, password.unwrap_or_default()).await?;
        }
        self.delete_account(store, caller.account.id.as_str(), &Authority::account(caller, client)).await
    }

    /// Deletes an account and its profile.
    ///
    /// # Errors
    /// There is no such account, or documents of others must not lose the profile.
    pub async fn delete_account(&self, store: &Store, id: &str, authority: &Authority) -> Result<()> {
        let (id, now, authority) = (AccountId::new(id), self.inner.clock.now(), authority.clone());
        let schema = store.schema();
        let deleted = store.write_or_refuse(move |transaction| {
            Box::pin(async move {
                let Some(found) = transaction.credentials(&id).await? else { return Ok(Err(Error::UnknownAccount)) };
                transaction.delete_account(&schema, &id).await?;
                let details = [("email", found.account.email.into())];
                let entry = authority.note(("account.deleted", id.as_str()), now, &details);
                transaction.insert_audit_entry(&entry).await?;
                Ok(Ok(()))
            })
        });
        deleted.await??;
        Ok(())
    }
}

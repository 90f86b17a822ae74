//! Signing in with a password.
//!
//! An address without an account, an account without a password, a banned one and a wrong password all take the same
//! work and get the same answer; what is special about an account is told to who knows its password.

use std::{net::IpAddr, time::Instant};

use alyx_store::{
    Store,
    account::{AccountId, Credentials, canonical_email},
};

use super::begin::Begun;
use crate::{Auth, Client, Error, Result, SignedIn, client::network};

impl Auth {
    /// Signs in.
    ///
    /// # Errors
    /// Address or password are wrong, the account may not sign in, or there were too many attempts.
    pub async fn login(&self, store: &Store, email: &str, password: &str, client: &Client) -> Result<SignedIn> {
        let came = Instant::now();
        // What is no address has no account, and is counted like any other.
        let email = canonical_email(email).unwrap_or_else(|| email.to_lowercase());
        let is_known = is_known_address(store, &email, client);
        let attempt = self.inner.limits.login(&email, client, is_known).await?;
        let found = store.credentials_by_email(&email).await?;
        let hash = found.as_ref().and_then(|found| found.password_hash.clone());
        // To find an account takes longer than to miss one.
        self.pace(came).await;
        let verdict = match self.inner.passwords.verify(password.to_owned(), hash.clone()).await {
            Ok(verdict) => verdict,
            Err(error) => {
                // What was not checked is no guess.
                attempt.give_back();
                return Err(error);
            }
        };
        let (Some(found), Some(hash), true) = (found, hash, verdict.matches) else {
            return Err(Error::InvalidCredentials);
        };
        attempt.give_back();
        self.inner.check_standing(&found.account)?;
        let begun = self.inner.begin_session(&found.account.id, client)?;
        let signed_in = self.sign_in(store, (found.account.id.clone(), hash.clone()), begun).await?;
        if verdict.outdated {
            self.hash_anew(store, found.account.id, (password.to_owned(), hash));
        }
        Ok(signed_in)
    }

    /// Stores the session, if the account is still what the password was checked against.
    async fn sign_in(&self, store: &Store, (id, hash): (AccountId, String), begun: Begun) -> Result<SignedIn> {
        let (auth, now) = (self.clone(), self.inner.clock.now());
        let session = begun.session;
        let stored = store.write_or_refuse(move |transaction| {
            Box::pin(async move {
                let found = transaction.credentials(&id).await?;
                let Some(Credentials { account, .. }) = found.filter(|found| found.password_hash == Some(hash)) else {
                    return Ok(Err(Error::InvalidCredentials));
                };
                if let Err(refused) = auth.inner.check_standing(&account) {
                    return Ok(Err(refused));
                }
                transaction.insert_session(&session).await?;
                transaction.note_sign_in(&id, now).await?;
                Ok(Ok(account))
            })
        });
        let account = stored.await??;
        Ok(SignedIn { account, tokens: begun.tokens })
    }

    /// Puts a hash in place that is harder to guess, when nobody waits for it.
    fn hash_anew(&self, store: &Store, id: AccountId, (password, old): (String, String)) {
        let (auth, store) = (self.clone(), store.clone());
        self.inner.background.run("a new hash", async move {
            let replaced = async {
                let new = auth.inner.passwords.hash(password).await?;
                let write = store.write_with(move |transaction| {
                    Box::pin(async move { transaction.replace_password_hash(&id, (&old, &new)).await })
                });
                write.await.map_err(Error::from)
            };
            if let Err(error) = replaced.await {
                tracing::warn!(%error, "a password was not hashed anew");
            }
        });
    }
}

/// Whether the account has a session from the client's address, or is being guessed at from it for the first time.
async fn is_known_address(store: &Store, email: &str, client: &Client) -> Result<bool> {
    let Some(own) = client.network() else { return Ok(false) };
    let known = store.session_addresses(email).await?;
    Ok(known.iter().filter_map(|address| address.parse::<IpAddr>().ok()).any(|address| network(address) == own))
}

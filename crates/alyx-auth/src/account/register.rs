//! Registering.
//!
//! Where addresses must be confirmed, the answer is the same for an address that has an account: everything that
//! depends on it happens after the answer, and mail tells the rest.

use std::time::{Duration, Instant};

use alyx_store::{Store, account::AccountUpdate};

use super::{
    create,
    draft::Profile,
    one_time::{self, Purpose},
};
use crate::{AccountDraft, Auth, Client, Error, Result, SignedIn, links::LinkTo, mail::Letter, random};

/// What became of a registration.
#[derive(Clone, Debug)]
pub enum Registered {
    /// The account was made, and its owner is signed in.
    SignedIn(Box<SignedIn>),
    /// Mail tells the rest.
    Pending,
}

/// The answer comes at a multiple of this since the password was hashed: what a trial takes is not seen.
const BEAT: Duration = Duration::from_millis(25);

impl Auth {
    /// Makes an account and its profile.
    ///
    /// # Errors
    /// The create rule of the profile does not hold, something unique is taken, or there were too many attempts.
    pub async fn register(&self, store: &Store, draft: AccountDraft, client: &Client) -> Result<Registered> {
        self.inner.limits.register(&draft.email, client)?;
        // Without a profile there is no rule that would allow it.
        let (Some(_), Some(password)) = (&draft.profile, &draft.password) else { return Err(Error::Denied) };
        let hash = self.inner.passwords.hash(password.expose().to_owned()).await?;
        if self.inner.settings.require_verification {
            let start = Instant::now();
            let tried = self.try_out(store, draft.clone()).await;
            self.inner.pace.wait(start, BEAT).await;
            tried?;
            self.register_later(store, draft, hash);
            return Ok(Registered::Pending);
        }
        self.register_now(store, draft, (hash, client)).await.map(|signed_in| Registered::SignedIn(Box::new(signed_in)))
    }

    async fn register_now(
        &self,
        store: &Store,
        draft: AccountDraft,
        (hash, client): (String, &Client),
    ) -> Result<SignedIn> {
        let now = self.inner.clock.now();
        let account = draft.account(Some(hash), now);
        let begun = self.inner.begin_session(&account.id, client)?;
        let (id, profile, session) = (account.id.clone(), draft.profile, begun.session);
        let stored = store.write_or_refuse(move |transaction| {
            Box::pin(async move {
                if let Err(refused) = create::insert(transaction, profile, &account).await? {
                    return Ok(Err(refused));
                }
                transaction.insert_session(&session).await?;
                transaction.note_sign_in(&account.id, now).await?;
                let made = transaction.credentials(&account.id).await?;
                Ok(made.map(|made| made.account).ok_or(Error::UnknownAccount))
            })
        });
        let account = stored.await??;
        if self.inner.has_mail() {
            self.send_verification(store, id, account.email.clone());
        }
        Ok(SignedIn { account, tokens: begun.tokens })
    }

    /// Whether the registration would succeed if its address had no account: done in the same steps whether it has
    /// one or not, and taken back at the end.
    async fn try_out(&self, store: &Store, draft: AccountDraft) -> Result<()> {
        let now = self.inner.clock.now();
        let account = draft.account(None, now);
        let (email, profile) = (draft.email.clone(), draft.profile);
        let elsewhere = format!("{}@moved.invalid", random::token(&*self.inner.random)?);
        let tried = store.write_or_refuse::<(), _, _>(move |transaction| {
            Box::pin(async move {
                if let Some(other) = transaction.credentials_by_email(&email).await? {
                    let away = AccountUpdate { email: Some(elsewhere), ..AccountUpdate::default() };
                    transaction.update_account(&other.account.id, &away, now).await?;
                }
                // A refusal, whatever it says: nothing of this stays.
                Ok(Err(create::insert(transaction, profile, &account).await?))
            })
        });
        match tried.await? {
            Ok(()) | Err(Ok(())) => Ok(()),
            Err(Err(refused)) => Err(refused),
        }
    }

    fn register_later(&self, store: &Store, draft: AccountDraft, hash: String) {
        let (auth, store) = (self.clone(), store.clone());
        self.inner.put_off("registration", async move {
            if let Err(error) = auth.make_unverified(&store, draft, hash).await {
                tracing::warn!(%error, "a registration that was accepted could not be stored");
            }
        });
    }

    /// Makes the account; or, for an address that has one, tells its owner.
    async fn make_unverified(&self, store: &Store, draft: AccountDraft, hash: String) -> Result<()> {
        let account = draft.account(Some(hash.clone()), self.inner.clock.now());
        let (id, email) = (account.id.clone(), account.email.clone());
        let profile: Option<Profile> = draft.profile;
        let stored = store.write_or_refuse(move |transaction| {
            Box::pin(async move {
                if transaction.credentials_by_email(&account.email).await?.is_some() {
                    return Ok(Err(None));
                }
                Ok(create::insert(transaction, profile, &account).await?.map_err(Some))
            })
        });
        match stored.await? {
            Ok(()) => self.inner.verification_mail(store, &id, &email).await,
            Err(Some(refused)) => Err(refused),
            Err(None) => self.tell_owner(store, &email, hash).await,
        }
    }

    /// Somebody registered with an address that has an account. Who never confirmed it may do so with the password
    /// of this registration: each link brings its own, so nobody confirms another's password.
    async fn tell_owner(&self, store: &Store, email: &str, hash: String) -> Result<()> {
        let Some(known) = store.credentials_by_email(email).await? else { return Ok(()) };
        if known.account.verified {
            self.inner.post(Letter::AccountExists, email, &[]);
            return Ok(());
        }
        let data = one_time::data(&[("password_hash", &hash)]);
        let lifetime = self.inner.settings.verification_ttl;
        let (token, kept) =
            self.inner.one_time_token(Purpose::VerifyRegistration, Some(&known.account.id), (data, lifetime))?;
        let stored = store
            .write_with(move |transaction| Box::pin(async move { transaction.insert_one_time_token(&kept).await }));
        stored.await?;
        self.inner.post_link((Letter::VerifyEmail, LinkTo::VerifyEmail), email, (&token, lifetime), &[]);
        Ok(())
    }
}

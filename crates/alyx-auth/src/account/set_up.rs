//! The first administrator: made on the machine itself, or by who reads the link that a fresh server prints there.
//! Whoever registers first is a user like any other (row 37 of the attacks).

use std::time::Duration;

use alyx_config::Secret;
use alyx_schema::FieldFault;
use alyx_store::{
    Store,
    account::{Account, ActorKind},
};
use serde_json::{Map, Value as Json};

use super::{
    create,
    one_time::{self, Purpose},
};
use crate::{ADMINISTRATOR, AccountDraft, Auth, Authority, Client, Error, Result, SignedIn, token};

/// How long a set-up link is good; each start of a server makes another.
const LIFETIME: Duration = Duration::from_secs(86_400);

impl Auth {
    /// The link that makes the first administrator; nothing where there is one. The links of before are
    /// worthless then.
    ///
    /// # Errors
    /// The store fails.
    pub async fn set_up_link(&self, store: &Store) -> Result<Option<String>> {
        let (token, kept) = self.inner.one_time_token(Purpose::SetUp, None, (Map::new(), LIFETIME))?;
        let stored = store.write_with(move |transaction| {
            Box::pin(async move {
                if transaction.has_account_of_role(ADMINISTRATOR).await? {
                    return Ok(false);
                }
                transaction.drop_one_time_tokens(None, Purpose::SetUp.name()).await?;
                transaction.insert_one_time_token(&kept).await?;
                Ok(true)
            })
        });
        Ok(stored.await?.then(|| self.inner.links.page("set-up", &token)))
    }

    /// Makes the first administrator, of whom there is one whatever happens at once.
    ///
    /// # Errors
    /// The token is not good, there is an administrator, or address or password will not do.
    pub async fn set_up(
        &self,
        store: &Store,
        token: &str,
        (email, password): (&str, &str),
        client: &Client,
    ) -> Result<SignedIn> {
        let draft = self.draft_administrator(store, email, password)?;
        let (token, now) = (token::hash(token), self.inner.clock.now());
        if store.has_account_of_role(ADMINISTRATOR).await? {
            return Err(Error::AlreadySetUp);
        }
        one_time::check(store, (&token, Purpose::SetUp), now).await?;
        let hash = self.inner.passwords.hash(password.to_owned()).await?;
        let account = draft.account(Some(hash), now);
        let begun = self.inner.begin_session(&account.id, client)?;
        let session = begun.session;
        let authority = Authority::of_kind(ActorKind::Setup, client);
        let entry = authority.note(("account.created", account.id.as_str()), now, &described(&account.email));
        let made = store.write_or_refuse(move |transaction| {
            Box::pin(async move {
                if transaction.has_account_of_role(ADMINISTRATOR).await? {
                    return Ok(Err(Error::AlreadySetUp));
                }
                if let Err(refused) = one_time::take(transaction, (&token, Purpose::SetUp), now).await? {
                    return Ok(Err(refused));
                }
                if let Err(refused) = create::insert(transaction, draft.profile, &account).await? {
                    return Ok(Err(refused));
                }
                transaction.insert_session(&session).await?;
                transaction.note_sign_in(&account.id, now).await?;
                transaction.insert_audit_entry(&entry).await?;
                let made = transaction.credentials(&account.id).await?;
                Ok(made.map(|made| made.account).ok_or(Error::UnknownAccount))
            })
        });
        let account = made.await??;
        Ok(SignedIn { account, tokens: begun.tokens })
    }

    /// Makes an administrator, and says whether it has a profile: one that needs more than an address is left out.
    ///
    /// # Errors
    /// The address is taken, or address or password will not do.
    pub async fn create_administrator(
        &self,
        store: &Store,
        (email, password): (&str, &str),
        authority: &Authority,
    ) -> Result<(Account, bool)> {
        let draft = self.draft_administrator(store, email, password)?;
        let has_profile = draft.profile.is_some();
        Ok((self.create_account(store, draft, authority).await?, has_profile))
    }

    fn draft_administrator(&self, store: &Store, email: &str, password: &str) -> Result<AccountDraft> {
        let entries = [
            ("email", Json::from(email)),
            ("password", Json::from(password)),
            ("role", Json::from(ADMINISTRATOR)),
            ("verified", Json::from(true)),
        ];
        let body = entries.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
        let schema = store.schema();
        match self.draft_account(&schema, &body) {
            Err(Error::Invalid(faults)) if faults.iter().all(is_of_profile) => {
                let bare = self.draft_account(&alyx_schema::Schema::default(), &body)?;
                Ok(AccountDraft { password: Some(Secret::new(password)), ..bare })
            }
            drafted => drafted,
        }
    }
}

/// Whether a fault only says that the profile needs more than accounts have.
fn is_of_profile(fault: &FieldFault) -> bool {
    matches!(fault.code, "REQUIRED" | "SERVER_ONLY") && !matches!(fault.field.as_str(), "email" | "password")
}

fn described(email: &str) -> [(&'static str, Json); 2] {
    [("email", Json::from(email)), ("role", Json::from(ADMINISTRATOR))]
}

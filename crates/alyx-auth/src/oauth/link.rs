//! Which account somebody is who comes from a provider (rows 01 and 02 of the attacks), decided and stored in one
//! transaction:
//!
//! 1. The provider's account is linked: it is that account, whatever its address is by now.
//! 2. The provider vouches for no address: nobody.
//! 3. An account has the address, and its owner has confirmed it: it is linked, and its owner told.
//! 4. An account has the address and nobody has confirmed it: it may be somebody else's trap. Mail to the address lets
//!    its owner take it over, which undoes what was there.
//! 5. No account has the address: one is made, if the create rule of the profile lets that happen.

use std::time::Duration;

use alyx_store::{
    Store, Transaction,
    account::{Account, AccountId, Actor, ActorKind, NewAccount, NewOneTimeToken, OAuthAccount},
};
use jiff::Timestamp;
use serde_json::json;

use super::{callback::Refusal, identity::Identity};
use crate::{
    Auth, Authority, Client, Error,
    account::{
        create,
        draft::Profile,
        one_time::{self, Purpose},
    },
    mail::Letter,
};

/// How long the app has to trade its code.
const CODE_LIFETIME: Duration = Duration::from_secs(60);

/// Somebody who came from a provider.
#[derive(Clone)]
pub(super) struct Arrival {
    /// The provider, by its name and by what people call it.
    pub(super) provider: String,
    pub(super) title: String,
    pub(super) identity: Identity,
    pub(super) client: Client,
    /// The app's challenge, which goes with the code.
    pub(super) challenge: String,
}

/// An account that could be made, and its profile.
pub(super) type Prepared = (NewAccount, Option<Profile>);

/// How the account was found.
enum Found {
    /// It was linked before, or made for this.
    Own(AccountId),
    /// It has this address, and is linked from now on.
    ByAddress(AccountId, String),
}

impl Auth {
    /// The code for the app; nothing where there is no account and none is prepared.
    pub(super) async fn admit(
        &self,
        store: &Store,
        arrival: &Arrival,
        prepared: Option<Prepared>,
    ) -> Result<Option<String>, Refusal> {
        let data = one_time::data(&[("code_challenge", &arrival.challenge)]);
        let (code, kept) = self.inner.one_time_token(Purpose::OAuthCode, None, (data, CODE_LIFETIME))?;
        let (someone, link, now) = (arrival.clone(), self.inner.ids.uuid(), self.inner.clock.now());
        let stored = store.write_or_refuse(move |transaction| {
            Box::pin(async move {
                let found = match find(transaction, &someone, (prepared, &link), now).await? {
                    Ok(Some(found)) => found,
                    other => return Ok(other),
                };
                let (Found::Own(account) | Found::ByAddress(account, _)) = &found;
                let kept = NewOneTimeToken { account: Some(account.clone()), ..kept };
                transaction.insert_one_time_token(&kept).await?;
                Ok(Ok(Some(found)))
            })
        });
        match stored.await? {
            Ok(None) => return Ok(None),
            Ok(Some(Found::Own(_))) => {}
            Ok(Some(Found::ByAddress(_, email))) => {
                self.inner.post(Letter::ProviderLinked, &email, &[("provider", &arrival.title)]);
            }
            Err(refused) => {
                self.offer_takeover(store, arrival, &refused);
                return Err(refused);
            }
        }
        Ok(Some(code))
    }

    /// Sends who reads the mail of an address that nobody has confirmed the way to the account that has it.
    fn offer_takeover(&self, store: &Store, arrival: &Arrival, refused: &Refusal) {
        if let (Refusal::EmailUnconfirmed, Some(email)) = (refused, &arrival.identity.email)
            && let Err(error) = self.request_password_reset(store, email.as_str(), &arrival.client)
        {
            tracing::debug!(%error, "a link that sets a new password was not sent");
        }
    }
}

async fn find(
    transaction: &mut Transaction<'_>,
    someone: &Arrival,
    (prepared, link): (Option<Prepared>, &str),
    now: Timestamp,
) -> alyx_store::Result<Result<Option<Found>, Refusal>> {
    let Identity { issuer, subject, email, .. } = &someone.identity;
    if let Some(linked) = transaction.oauth_account((&someone.provider, issuer), subject).await? {
        return recognise(transaction, someone, &linked, now).await.map(|found| found.map(Some));
    }
    let Some(email) = email else { return Ok(Err(Refusal::EmailNotVerified)) };
    if let Some(found) = transaction.credentials_by_email(email.as_str()).await? {
        return join(transaction, someone, (found.account, link), now).await.map(|found| found.map(Some));
    }
    let Some((account, profile)) = prepared else { return Ok(Ok(None)) };
    if let Err(refused) = create::insert(transaction, profile, &account).await? {
        return Ok(Err(refused.into()));
    }
    transaction.insert_oauth_account(&new_link(someone, (&account.id, link), now)).await?;
    Ok(Ok(Some(Found::Own(account.id))))
}

/// The account that the provider's is linked to.
async fn recognise(
    transaction: &mut Transaction<'_>,
    someone: &Arrival,
    linked: &OAuthAccount,
    now: Timestamp,
) -> alyx_store::Result<Result<Found, Refusal>> {
    let account = transaction.credentials(&linked.account).await?.map(|found| found.account);
    match account {
        None => return Ok(Err(Error::UnknownAccount.into())),
        Some(account) if account.banned => return Ok(Err(Error::Banned.into())),
        Some(_) => {}
    }
    let email = someone.identity.email.as_ref().map(super::identity::VerifiedEmail::as_str);
    transaction.note_oauth_sign_in(&linked.id, now, email).await?;
    Ok(Ok(Found::Own(linked.account.clone())))
}

/// Links an account by its address, if both sides have shown whose that is.
async fn join(
    transaction: &mut Transaction<'_>,
    someone: &Arrival,
    (account, link): (Account, &str),
    now: Timestamp,
) -> alyx_store::Result<Result<Found, Refusal>> {
    if account.banned {
        return Ok(Err(Error::Banned.into()));
    }
    if !account.verified {
        return Ok(Err(Refusal::EmailUnconfirmed));
    }
    transaction.insert_oauth_account(&new_link(someone, (&account.id, link), now)).await?;
    let (id, email) = (account.id, account.email);
    let actor = Actor { kind: ActorKind::Account, id: Some(id.to_string()), name: Some(email.clone()) };
    let details = [("provider", json!(someone.provider)), ("issuer", json!(someone.identity.issuer))];
    let authority = Authority { actor, client: someone.client.clone() };
    let entry = authority.note(("account.provider_linked", id.as_str()), now, &details);
    transaction.insert_audit_entry(&entry).await?;
    Ok(Ok(Found::ByAddress(id, email)))
}

fn new_link(someone: &Arrival, (account, link): (&AccountId, &str), now: Timestamp) -> OAuthAccount {
    let Identity { issuer, subject, email, .. } = &someone.identity;
    OAuthAccount {
        id: link.to_owned(),
        account: account.clone(),
        provider: someone.provider.clone(),
        issuer: issuer.clone(),
        provider_user_id: subject.clone(),
        email: email.as_ref().map(|email| email.as_str().to_owned()),
        created_at: now,
    }
}

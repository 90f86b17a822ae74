//! One-time tokens: what they are for, and how they are made and used up.

use std::time::Duration;

use alyx_store::{
    Store, Transaction,
    account::{AccountId, NewOneTimeToken, OneTimeToken},
};
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use crate::{Error, Result, auth::Inner, random, token};

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    VerifyEmail,
    /// The same for one who registered an address that another had registered: it brings its own password.
    VerifyRegistration,
    ResetPassword,
    ChangeEmail,
    SetUp,
    /// What an app trades at the end of a sign-in with another provider.
    OAuthCode,
}

impl Purpose {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::VerifyRegistration => "verify_registration",
            Self::ResetPassword => "reset_password",
            Self::ChangeEmail => "change_email",
            Self::SetUp => "set_up",
            Self::OAuthCode => "oauth_code",
        }
    }
}

const REFUSED: Error = Error::InvalidToken { why: "it was used, is too old, or never was" };

impl Inner {
    /// A token that is good for so long, and what is kept of it.
    pub(crate) fn one_time_token(
        &self,
        purpose: Purpose,
        account: Option<&AccountId>,
        (data, lifetime): (Map<String, Json>, Duration),
    ) -> Result<(String, NewOneTimeToken)> {
        let token = random::token(&*self.random)?;
        let kept = NewOneTimeToken {
            hash: token::hash(&token),
            purpose: purpose.name(),
            account: account.cloned(),
            data,
            at: self.clock.now(),
            expires_at: self.after(lifetime),
        };
        Ok((token, kept))
    }
}

/// Passes where the token is good at the moment: what costs much is not done for who only guesses.
pub(crate) async fn check(store: &Store, (hash, purpose): (&str, Purpose), at: Timestamp) -> Result<()> {
    if store.is_one_time_token(hash, purpose.name(), at).await? { Ok(()) } else { Err(REFUSED) }
}

/// Uses a token up; of many who try at once, one succeeds.
pub(crate) async fn take(
    transaction: &mut Transaction<'_>,
    (hash, purpose): (&str, Purpose),
    at: Timestamp,
) -> alyx_store::Result<Result<OneTimeToken>> {
    let taken = transaction.take_one_time_token(hash, purpose.name(), at).await?;
    Ok(taken.ok_or(REFUSED))
}

/// What a token's data say under this name.
pub(crate) fn text_of(token: &OneTimeToken, name: &str) -> Option<String> {
    token.data.get(name).and_then(Json::as_str).map(str::to_owned)
}

/// The token's data.
pub(crate) fn data(entries: &[(&str, &str)]) -> Map<String, Json> {
    entries.iter().map(|(name, value)| ((*name).to_owned(), Json::from(*value))).collect()
}

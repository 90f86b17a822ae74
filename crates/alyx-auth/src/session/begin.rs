//! What a sign-in gives, however it was made: a session and its first tokens.

use alyx_store::account::{Account, AccountId, NewSession, Rotation, SessionId};

use crate::{
    Client, Result, Tokens,
    auth::Inner,
    random,
    token::{self, refresh},
};

/// Who is signed in now, and the tokens to prove it.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The account.
    pub account: Account,
    /// Its tokens.
    pub tokens: Tokens,
}

/// A session that is to be stored, and its tokens.
pub(crate) struct Begun {
    pub(crate) session: NewSession,
    pub(crate) tokens: Tokens,
}

impl Inner {
    /// A new session of the account.
    pub(crate) fn begin_session(&self, account: &AccountId, client: &Client) -> Result<Begun> {
        let (now, key) = (self.clock.now(), self.keyring.signing());
        let id = SessionId::new(&self.ids.uuid());
        let nonce = random::token(&*self.random)?;
        let refresh_token = refresh::derive(&key, &id, (0, &nonce));
        let (access_token, expires_at) = self.access.issue(&key, (account, &id), now, &*self.random)?;
        let rotation = Rotation {
            generation: 0,
            refresh_token_hash: token::hash(&refresh_token),
            key_id: key.id().to_owned(),
            recent_rotations: "[]".to_owned(),
            at: now,
            expires_at: self.after(self.settings.jwt.refresh_ttl),
        };
        let session = NewSession {
            id,
            account: account.clone(),
            rotation,
            nonce,
            user_agent: client.agent(),
            ip_address: client.ip_text(),
        };
        Ok(Begun { session, tokens: Tokens { access_token, refresh_token, expires_at } })
    }
}

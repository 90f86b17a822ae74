//! Trading a refresh token for the next pair.
//!
//! A token is good once. Within some seconds it gets the same successor again, since browsers ask twice at once; after
//! that, somebody else has it, and its session ends.

use alyx_store::{
    Store,
    account::{ActorKind, NewAuditEntry, RefreshState, Rotation},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    Auth, Authority, Client, Error, Result, SignedIn, Tokens,
    auth::Inner,
    token::{
        self,
        refresh::{Presented, derive},
    },
};

/// Milliseconds in which a token that was traded gets the same successor.
const GRACE: i64 = 10_000;

/// Rotations that are remembered; nobody needs more in so short a time.
const REMEMBERED: usize = 16;

/// One answer for all that is no good token, so that a forged one does not tell whether the session in it is one.
const REFUSED: Error = Error::InvalidToken { why: "it is no refresh token, or its session has ended" };

/// A rotation of the last seconds.
#[derive(Clone, Serialize, Deserialize)]
struct Recent {
    /// Of the token that was traded.
    generation: i64,
    /// The key that its successor was derived from.
    key_id: String,
    /// When it was, in milliseconds.
    at: i64,
}

/// What is to be done with a token.
enum Verdict {
    /// It is good: this is next.
    Rotate(Rotation, String),
    /// It was good a moment ago: this came next.
    Again(String),
    /// Somebody has it who should not.
    Reused,
}

impl Auth {
    /// The next pair of tokens for a refresh token.
    ///
    /// # Errors
    /// The token is not good, or its account may not be signed in. A token that was traded before ends its session.
    pub async fn refresh(&self, store: &Store, refresh_token: &str, client: &Client) -> Result<SignedIn> {
        let presented = Presented::parse(refresh_token).ok_or(REFUSED)?;
        let (auth, hash, client) = (self.clone(), token::hash(refresh_token), client.clone());
        let refreshed = store.write_with(move |transaction| {
            Box::pin(async move {
                let Some(state) = transaction.refresh_state(&presented.session).await? else {
                    return Ok(Err(REFUSED));
                };
                let successor = match auth.inner.judge(&presented, &hash, &state) {
                    Ok(Verdict::Again(successor)) => Some(successor),
                    Ok(Verdict::Rotate(next, successor)) => {
                        transaction.rotate_session(&presented.session, &next, client.ip_text().as_deref()).await?;
                        Some(successor)
                    }
                    Ok(Verdict::Reused) => {
                        transaction.end_session(&state.account.id, &presented.session).await?;
                        transaction.insert_audit_entry(&auth.inner.note_reuse(&presented, &state, &client)).await?;
                        None
                    }
                    Err(refused) => return Ok(Err(refused)),
                };
                Ok(Ok((state.account, presented.session, successor)))
            })
        });
        let (account, session, successor) = refreshed.await??;
        let Some(refresh_token) = successor else {
            // Which session it was, and never the token.
            tracing::warn!(session = %session, account = %account.id, "a refresh token was used a second time; its session was ended");
            return Err(Error::InvalidToken { why: "it was used before, so its session has ended" });
        };
        let (key, now) = (self.inner.keyring.signing(), self.inner.clock.now());
        let (access_token, expires_at) =
            self.inner.access.issue(&key, (&account.id, &session), now, &*self.inner.random)?;
        Ok(SignedIn { account, tokens: Tokens { access_token, refresh_token, expires_at } })
    }
}

impl Inner {
    fn judge(&self, presented: &Presented, hash: &str, state: &RefreshState) -> Result<Verdict> {
        let key = self.keyring.find(&presented.key_id).ok_or(REFUSED)?;
        if !presented.is_genuine(&key, &state.nonce) {
            return Err(REFUSED);
        }
        let now = self.clock.now();
        if state.expires_at <= now {
            return Err(Error::TokenExpired);
        }
        self.check_standing(&state.account)?;
        let mut recent: Vec<Recent> = serde_json::from_str(&state.recent_rotations).unwrap_or_default();
        recent.retain(|rotation| now.as_millisecond() - rotation.at <= GRACE);
        if presented.generation == state.generation
            && token::is_same(hash.as_bytes(), state.refresh_token_hash.as_bytes())
        {
            return Ok(self.rotate(presented, state, recent));
        }
        let again = recent.iter().find(|rotation| rotation.generation == presented.generation);
        match again.and_then(|rotation| self.keyring.find(&rotation.key_id)) {
            Some(key) => {
                let successor = derive(&key, &presented.session, (presented.generation + 1, &state.nonce));
                Ok(Verdict::Again(successor))
            }
            None => Ok(Verdict::Reused),
        }
    }

    fn rotate(&self, presented: &Presented, state: &RefreshState, mut recent: Vec<Recent>) -> Verdict {
        let (now, key) = (self.clock.now(), self.keyring.signing());
        recent.push(Recent { generation: state.generation, key_id: key.id().to_owned(), at: now.as_millisecond() });
        recent.drain(..recent.len().saturating_sub(REMEMBERED));
        let generation = state.generation + 1;
        let successor = derive(&key, &presented.session, (generation, &state.nonce));
        let next = Rotation {
            generation,
            refresh_token_hash: token::hash(&successor),
            key_id: key.id().to_owned(),
            recent_rotations: serde_json::to_string(&recent).unwrap_or_else(|_| "[]".to_owned()),
            at: now,
            expires_at: self.after(self.settings.jwt.refresh_ttl),
        };
        Verdict::Rotate(next, successor)
    }

    /// Row 13 of the attacks: who stole a token, or who lost it, is out.
    fn note_reuse(&self, presented: &Presented, state: &RefreshState, client: &Client) -> NewAuditEntry {
        let (session, account) = (presented.session.as_str(), state.account.id.as_str());
        let authority = Authority::of_kind(ActorKind::System, client);
        let details = [("session_id", json!(session)), ("generation", json!(presented.generation))];
        authority.note(("session.refresh_token_reused", account), self.clock.now(), &details)
    }
}

//! One's own sessions.

use alyx_store::{
    Store,
    account::{Session, SessionId},
};

use crate::{AccountPrincipal, Auth, Error, Result};

impl Auth {
    /// The account's sessions, newest first, each with whether it is the caller's own.
    ///
    /// # Errors
    /// The store fails.
    pub async fn sessions(&self, store: &Store, caller: &AccountPrincipal) -> Result<Vec<(Session, bool)>> {
        let sessions = store.sessions(&caller.account.id, self.inner.clock.now()).await?;
        Ok(sessions
            .into_iter()
            .map(|session| (session.id == caller.session, session))
            .map(|(own, s)| (s, own))
            .collect())
    }

    /// Ends one of the caller's sessions.
    ///
    /// # Errors
    /// The caller has no such session.
    pub async fn end_session(&self, store: &Store, caller: &AccountPrincipal, session: &str) -> Result<()> {
        let (account, session) = (caller.account.id.clone(), SessionId::new(session));
        let ended = store
            .write_with(move |transaction| Box::pin(async move { transaction.end_session(&account, &session).await }));
        if !ended.await? {
            return Err(Error::UnknownSession);
        }
        Ok(())
    }

    /// Ends all of the caller's sessions.
    ///
    /// # Errors
    /// The store fails.
    pub async fn end_sessions(&self, store: &Store, caller: &AccountPrincipal) -> Result<()> {
        let account = caller.account.id.clone();
        let ended =
            store.write_with(move |transaction| Box::pin(async move { transaction.end_sessions(&account).await }));
        ended.await?;
        Ok(())
    }
}

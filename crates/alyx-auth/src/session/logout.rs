//! Signing out.

use alyx_store::Store;

use crate::{Auth, Result, token::refresh::Presented};

impl Auth {
    /// Ends the session of a refresh token. A token that is not good ends nothing, and is told nothing.
    ///
    /// # Errors
    /// The store fails.
    pub async fn logout(&self, store: &Store, refresh_token: &str) -> Result<()> {
        let Some(presented) = Presented::parse(refresh_token) else { return Ok(()) };
        let Some(key) = self.inner.keyring.find(&presented.key_id) else { return Ok(()) };
        let ended = store.write_with(move |transaction| {
            Box::pin(async move {
                let Some(state) = transaction.refresh_state(&presented.session).await? else { return Ok(()) };
                if presented.is_genuine(&key, &state.nonce) {
                    transaction.end_session(&state.account.id, &presented.session).await?;
                }
                Ok(())
            })
        });
        ended.await?;
        Ok(())
    }
}

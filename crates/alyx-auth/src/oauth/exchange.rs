//! The app trades the code that a sign-in ended with. Whoever presents it uses it up, whether they know the secret
//! behind its challenge or not (row 05 of the attacks).

use alyx_store::{Store, Transaction, account::Account};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::digest;

use crate::{
    Auth, Client, Error, Result, SignedIn, Tokens,
    account::one_time::{self, Purpose},
    token,
};

impl Auth {
    /// Signs in with the code; `verifier` is the secret that the app began with.
    ///
    /// # Errors
    /// The code was used, is too old, or never was; the secret is another; or the account may not sign in.
    pub async fn oauth_exchange(
        &self,
        store: &Store,
        (code, verifier): (&str, &str),
        client: &Client,
    ) -> Result<SignedIn> {
        let (auth, client, code) = (self.clone(), client.clone(), token::hash(code));
        let challenge = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()));
        // A refusal is stored too: the code is gone then.
        let traded = store.write_with(move |transaction| {
            Box::pin(async move { auth.trade(transaction, (&code, &challenge), &client).await })
        });
        let (account, tokens) = traded.await??;
        Ok(SignedIn { account, tokens })
    }

    async fn trade(
        &self,
        transaction: &mut Transaction<'_>,
        (code, challenge): (&str, &str),
        client: &Client,
    ) -> alyx_store::Result<Result<(Account, Tokens)>> {
        let now = self.inner.clock.now();
        let taken = match one_time::take(transaction, (code, Purpose::OAuthCode), now).await? {
            Ok(taken) => taken,
            Err(refused) => return Ok(Err(refused)),
        };
        let expected = one_time::text_of(&taken, "code_challenge").unwrap_or_default();
        if !token::is_same(expected.as_bytes(), challenge.as_bytes()) {
            return Ok(Err(Error::InvalidToken { why: "another app began this sign-in" }));
        }
        let found = match &taken.account {
            Some(id) => transaction.credentials(id).await?,
            None => None,
        };
        let Some(account) = found.map(|found| found.account) else { return Ok(Err(Error::UnknownAccount)) };
        if let Err(refused) = self.inner.check_standing(&account) {
            return Ok(Err(refused));
        }
        let begun = match self.inner.begin_session(&account.id, client) {
            Ok(begun) => begun,
            Err(failed) => return Ok(Err(failed)),
        };
        transaction.insert_session(&begun.session).await?;
        transaction.note_sign_in(&account.id, now).await?;
        Ok(Ok((account, begun.tokens)))
    }
}

//! An account and its profile stored, both or none.

use alyx_store::{Transaction, account::NewAccount};

use super::draft::Profile;
use crate::{Error, Result};

/// Stores both inside a transaction; a profile that its collection's rule does not allow is refused.
pub(crate) async fn insert(
    transaction: &mut Transaction<'_>,
    profile: Option<Profile>,
    account: &NewAccount,
) -> alyx_store::Result<Result<()>> {
    // The profile first: it is then in line with its account from the start.
    if let Some(Profile { collection, document, guard, may_exist }) = profile {
        let exists = may_exist && transaction.has_profile(&collection, &account.id).await?;
        if !exists && !transaction.insert_profile(&collection, document, &guard).await? {
            return Ok(Err(Error::Denied));
        }
    }
    transaction.insert_account(account).await.map(Ok)
}

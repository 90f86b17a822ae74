//! `GET` and `DELETE /api/auth/me`

use actix_web::HttpResponse;

use super::{AuthCall, account_json, done};
use crate::{error::Result, query_string};

/// The account that is signed in.
pub(super) fn me(call: &AuthCall) -> Result<HttpResponse> {
    query_string::no_parameters(&call.request)?;
    Ok(HttpResponse::Ok().json(account_json(&call.caller.account()?.account)))
}

/// Deletes one's account and profile; takes the password where there is one.
pub(super) async fn delete(mut call: AuthCall) -> Result<HttpResponse> {
    call.caller.account()?;
    let mut fields = call.fields().await?;
    let password = fields.optional_text("password");
    fields.finish()?;
    let (auth, store, account) = (call.state.auth(), call.served.store(), call.caller.account()?);
    auth.delete_own_account(store, account, password.as_deref(), &call.client).await?;
    Ok(done())
}

//! `POST /api/auth/change-password`, `request-password-reset` and `confirm-password-reset`

use actix_web::HttpResponse;

use super::{AuthCall, accepted, done, of_link, signed_in};
use crate::error::{Result, rename_field};

/// Changes one's password, ends every session and begins a new one.
pub(super) async fn change(mut call: AuthCall) -> Result<HttpResponse> {
    call.caller.account()?;
    let mut fields = call.fields().await?;
    let (current, new) = (fields.secret("current_password"), fields.secret("new_password"));
    fields.finish()?;
    let (auth, store, account) = (call.state.auth(), call.served.store(), call.caller.account()?);
    let changed = auth.change_password(store, account, (current.expose(), new.expose()), &call.client).await;
    Ok(signed_in(HttpResponse::Ok(), &changed.map_err(|error| rename_field(error, "new_password"))?))
}

/// Sends a link to the address, if it has an account.
pub(super) async fn request_reset(mut call: AuthCall) -> Result<HttpResponse> {
    let mut fields = call.fields().await?;
    let email = fields.text("email");
    fields.finish()?;
    call.state.auth().request_password_reset(call.served.store(), &email, &call.client)?;
    Ok(accepted())
}

/// Sets a new password with what the link carried.
pub(super) async fn confirm_reset(mut call: AuthCall) -> Result<HttpResponse> {
    let mut fields = call.fields().await?;
    let (token, password) = (fields.secret("token"), fields.secret("password"));
    fields.finish()?;
    let (auth, store) = (call.state.auth(), call.served.store());
    auth.confirm_password_reset(store, (token.expose(), password.expose()), &call.client).await.map_err(of_link)?;
    Ok(done())
}

//! `POST /api/auth/change-email` and `confirm-email-change`

use actix_web::HttpResponse;

use super::{AuthCall, accepted, done, of_link};
use crate::error::Result;

/// Sends a link to the new address and a notice to the old one.
pub(super) async fn request_change(mut call: AuthCall) -> Result<HttpResponse> {
    call.caller.account()?;
    let mut fields = call.fields().await?;
    let (email, password) = (fields.text("email"), fields.secret("password"));
    fields.finish()?;
    let (auth, store, account) = (call.state.auth(), call.served.store(), call.caller.account()?);
    auth.request_email_change(store, account, (&email, password.expose()), &call.client).await?;
    Ok(accepted())
}

/// Changes the address with what the link carried; every session ends.
pub(super) async fn confirm_change(mut call: AuthCall) -> Result<HttpResponse> {
    let mut fields = call.fields().await?;
    let token = fields.secret("token");
    fields.finish()?;
    let (auth, store) = (call.state.auth(), call.served.store());
    auth.confirm_email_change(store, token.expose(), &call.client).await.map_err(of_link)?;
    Ok(done())
}

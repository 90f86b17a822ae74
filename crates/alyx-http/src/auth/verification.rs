//! `POST /api/auth/request-verification` and `confirm-verification`

use actix_web::HttpResponse;

use super::{AuthCall, accepted, done, of_link};
use crate::error::Result;

/// Sends a link to the address, if it has an account that is not confirmed.
pub(super) async fn request(mut call: AuthCall) -> Result<HttpResponse> {
    let mut fields = call.fields().await?;
    let email = fields.text("email");
    fields.finish()?;
    call.state.auth().request_verification(call.served.store(), &email, &call.client)?;
    Ok(accepted())
}

/// Confirms an address with what the link carried.
pub(super) async fn confirm(mut call: AuthCall) -> Result<HttpResponse> {
    let mut fields = call.fields().await?;
    let token = fields.secret("token");
    fields.finish()?;
    call.state.auth().confirm_verification(call.served.store(), token.expose()).await.map_err(of_link)?;
    Ok(done())
}

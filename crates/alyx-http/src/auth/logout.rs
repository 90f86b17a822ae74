//! `POST /api/auth/logout`

use actix_web::HttpResponse;

use super::{AuthCall, done};
use crate::error::Result;

/// Ends the session that a refresh token belongs to.
pub(super) async fn logout(mut call: AuthCall) -> Result<HttpResponse> {
    let mut fields = call.fields().await?;
    let token = fields.secret("refresh_token");
    fields.finish()?;
    call.state.auth().logout(call.served.store(), token.expose()).await?;
    Ok(done())
}

//! `POST /api/auth/refresh`

use actix_web::HttpResponse;

use super::{AuthCall, signed_in};
use crate::error::Result;

/// Trades a refresh token for the next pair.
pub(super) async fn refresh(mut call: AuthCall) -> Result<HttpResponse> {
    let mut fields = call.fields().await?;
    let token = fields.secret("refresh_token");
    fields.finish()?;
    let made = call.state.auth().refresh(call.served.store(), token.expose(), &call.client).await?;
    Ok(signed_in(HttpResponse::Ok(), &made))
}

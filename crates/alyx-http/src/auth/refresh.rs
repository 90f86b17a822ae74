//! `POST /api/auth/refresh`

use std::time::Instant;

use actix_web::HttpResponse;

use super::{AuthCall, signed_in};
use crate::error::Result;

/// Trades a refresh token for the next pair.
pub(super) async fn refresh(mut call: AuthCall) -> Result<HttpResponse> {
    let mut fields = call.fields().await?;
    let token = fields.secret("refresh_token");
    fields.finish()?;
    let came = Instant::now();
    match call.state.auth().refresh(call.served.store(), token.expose(), &call.client).await {
        Ok(made) => Ok(signed_in(HttpResponse::Ok(), &made)),
        Err(refused) => {
            // A forged token must not tell whether the session in it is one.
            call.state.auth().pace(came).await;
            Err(refused.into())
        }
    }
}

//! `POST /api/admin/setup`

use actix_web::HttpResponse;

use crate::{
    auth::{AuthCall, of_link, signed_in},
    error::Result,
};

/// Makes the first administrator with what the printed link carried.
pub(super) async fn set_up(mut call: AuthCall) -> Result<HttpResponse> {
    let mut fields = call.fields().await?;
    let (token, email, password) = (fields.secret("token"), fields.text("email"), fields.secret("password"));
    fields.finish()?;
    let (auth, store) = (call.state.auth(), call.served.store());
    let made = auth.set_up(store, token.expose(), (&email, password.expose()), &call.client).await.map_err(of_link)?;
    Ok(signed_in(HttpResponse::Created(), &made))
}

//! `POST /api/auth/login`

use actix_web::HttpResponse;

use super::{AuthCall, signed_in};
use crate::error::Result;

/// Signs in with a password.
pub(super) async fn login(mut call: AuthCall) -> Result<HttpResponse> {
    let mut fields = call.fields().await?;
    let (email, password) = (fields.text("email"), fields.secret("password"));
    fields.finish()?;
    let store = call.served.store();
    let made = call.state.auth().login(store, &email, password.expose(), &call.client).await?;
    Ok(signed_in(HttpResponse::Ok(), &made))
}

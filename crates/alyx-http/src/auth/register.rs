//! `POST /api/auth/register`

use actix_web::HttpResponse;
use alyx_auth::Registered;
use alyx_rules::Operation;

use super::{AuthCall, accepted, signed_in};
use crate::{
    access::{Access, RequestFacts, denied},
    error::Result,
};

/// Makes an account and its profile, judged by the create rule of the profile's collection.
pub(super) async fn register(mut call: AuthCall) -> Result<HttpResponse> {
    let mut body = call.fields().await?.into_map();
    let served = &call.served;
    let (options, now) = (call.state.options(), call.state.clock().now());
    let facts = RequestFacts::of(&call.request, &options.trusted_proxies, now, served.looks_at_headers());
    let access = Access::new(served, &call.caller, facts);
    let profile = served.schema().collections.values().find(|collection| collection.is_auth);
    // Without a profile there is no rule that would open registration.
    let profile = profile.ok_or_else(|| denied(&call.caller))?;
    access.may(Operation::Create, profile)?;
    let drafted = call.state.auth().draft_registration(served.schema(), &body);
    // Rules have no business with a password.
    body.remove("password");
    let access = access.with_body(body);
    let mut draft = drafted.map_err(|error| match access.is_shut(Operation::Create, profile) {
        true => denied(&call.caller),
        false => error.into(),
    })?;
    if let Some((collection, document)) = draft.profile() {
        let guard = access.create_guard(collection, document);
        guard.check(&call.caller)?;
        draft.judge(guard.whole());
    }
    match call.state.auth().register(served.store(), draft, &call.client).await {
        Ok(Registered::SignedIn(made)) => Ok(signed_in(HttpResponse::Created(), &made)),
        Ok(Registered::Pending) => Ok(accepted()),
        Err(alyx_auth::Error::Denied) => Err(denied(&call.caller)),
        Err(error) => Err(error.into()),
    }
}

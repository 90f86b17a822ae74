//! An account for somebody who came from a provider and has none: without a password, with a confirmed address, and
//! judged by the create rule like any registration. Name and picture go to the profile where it has a place for them.

use alyx_schema::{Collection, Schema};
use alyx_store::Store;
use serde_json::{Map, Value as Json};

use super::{
    callback::Refusal,
    identity::{Identity, VerifiedEmail},
    link::Arrival,
};
use crate::{AccountDraft, Auth, Error};

impl Auth {
    /// Makes the account, and gives the code for the app.
    pub(super) async fn sign_up(
        &self,
        store: &Store,
        arrival: &Arrival,
        judge: impl Fn(&mut AccountDraft, &Map<String, Json>) -> bool,
    ) -> Result<String, Refusal> {
        let email = arrival.identity.email.as_ref().ok_or(Refusal::EmailNotVerified)?;
        let schema = store.schema();
        let mut known = known_fields(&schema, &arrival.identity);
        loop {
            let body = body(email, &known);
            let mut draft = match self.draft_vouched_for(&schema, &body) {
                Err(Error::Invalid(faults))
                    if leave_out(&mut known, faults.iter().map(|fault| fault.field.as_str())) =>
                {
                    continue;
                }
                drafted => drafted?,
            };
            // Without a profile there is no rule that would allow it.
            if draft.profile().is_none() || !judge(&mut draft, &body) {
                return Err(Error::Denied.into());
            }
            let account = draft.account(None, self.inner.clock.now());
            match self.admit(store, arrival, Some((account, draft.profile))).await {
                Err(Refusal::Other(Error::Taken { fields }))
                    if leave_out(&mut known, fields.iter().map(String::as_str)) => {}
                settled => return settled?.ok_or(Refusal::Other(Error::Denied)),
            }
        }
    }
}

/// What a registration would have sent.
fn body(email: &VerifiedEmail, known: &Map<String, Json>) -> Map<String, Json> {
    let mut body = known.clone();
    body.insert("email".to_owned(), email.as_str().into());
    body
}

/// What the provider tells and the profile has a place for. A field with a write rule is for who may write it.
fn known_fields(schema: &Schema, identity: &Identity) -> Map<String, Json> {
    let Some(profile) = schema.collections.values().find(|collection| collection.is_auth) else { return Map::new() };
    let picture = if has_place(profile, "avatar_url") { "avatar_url" } else { "picture" };
    let told = [("name", &identity.name), (picture, &identity.picture)];
    let told = told.into_iter().filter(|(name, _)| has_place(profile, name));
    told.filter_map(|(name, value)| Some((name.to_owned(), Json::from(value.as_deref()?)))).collect()
}

fn has_place(profile: &Collection, name: &str) -> bool {
    let field = profile.field(name);
    field.is_some_and(|field| !field.internal && field.rules.write.is_none() && !profile.mirrors_account(field))
}

/// Leaves out what does not fit or is taken; whether that was any of it.
fn leave_out<'f>(known: &mut Map<String, Json>, fields: impl Iterator<Item = &'f str>) -> bool {
    fields.filter(|field| known.remove(*field).is_some()).count() > 0
}

//! The account that goes with a profile in a seed.

use std::sync::Arc;

use alyx_schema::{Collection, Document, Schema, Value, clock::Clock};
use serde_json::{Map, Value as Json};

use crate::{
    SystemClock,
    account::{AccountId, NewAccount, canonical_email},
};

/// Hashes a password, or says what is wrong with it.
pub type PasswordHasher = dyn Fn(&str) -> Result<String, String> + Send + Sync;

/// The role of who has none.
const DEFAULT_ROLE: &str = "user";

/// What a seed calls the password of an account.
const PASSWORD: &str = "password";

/// Takes passwords out of documents while they are read, so that hashing keeps nobody waiting.
pub(super) struct Passwords {
    /// The collection of profiles, unless its profiles have a field of that name.
    profiles: Option<String>,
    hasher: Option<Arc<PasswordHasher>>,
}

impl Passwords {
    pub(super) fn new(schema: &Schema, hasher: Option<Arc<PasswordHasher>>) -> Self {
        let profile = schema.collections.values().find(|collection| collection.is_auth);
        let profile = profile.filter(|collection| collection.field(PASSWORD).is_none());
        Self { profiles: profile.map(|collection| collection.name.as_str().to_owned()), hasher }
    }

    /// The hash of the document's password, which it then has no more; or what is wrong with it.
    pub(super) fn take(&self, collection: &str, document: &mut Json) -> Option<Result<String, String>> {
        self.profiles.as_ref().filter(|profiles| *profiles == collection)?;
        let password = document.as_object_mut()?.remove(PASSWORD)?;
        Some(match (&self.hasher, password.as_str()) {
            (Some(hash), Some(password)) => hash(password),
            (Some(_), None) => Err("must be text".to_owned()),
            (None, _) => Err("passwords are not taken here".to_owned()),
        })
    }
}

/// What a document says of its account, before it is a document.
pub(super) struct Draft {
    email: Option<String>,
    role: Option<Json>,
    verified: Option<Json>,
    password_hash: Option<String>,
}

impl Draft {
    /// Reads what is the account's and leaves what is the profile's; else the field that is wrong and why.
    pub(super) fn take(
        collection: &Collection,
        body: &mut Map<String, Json>,
        password: Option<Result<String, String>>,
    ) -> Result<Self, (&'static str, String)> {
        let password_hash = password.transpose().map_err(|wrong| (PASSWORD, wrong))?;
        let email = match body.get("email").filter(|email| !email.is_null()) {
            Some(email) => {
                let email = email.as_str().and_then(canonical_email);
                Some(email.ok_or(("email", "must be an e-mail address".to_owned()))?)
            }
            None => None,
        };
        if email.is_none() && password_hash.is_some() {
            return Err(("email", "is required where there is a password".to_owned()));
        }
        let mut own = |name: &str| match collection.field(name) {
            Some(_) => body.get(name).cloned(),
            None => body.remove(name),
        };
        let draft = Self { role: own("role"), verified: own("verified"), email: email.clone(), password_hash };
        own("email");
        if let (Some(email), Some(_)) = (email, collection.field("email")) {
            body.insert("email".to_owned(), Json::from(email));
        }
        Ok(draft)
    }

    /// The account of the finished profile; none where there is no address.
    pub(super) fn finish(
        self,
        collection: &Collection,
        profile: &Document,
    ) -> Result<Option<NewAccount>, (&'static str, String)> {
        let (Some(email), Value::Text(id)) = (self.email, &profile.values[collection.primary]) else { return Ok(None) };
        let stored = |name: &str| collection.field_index(name).map(|index| &profile.values[index]);
        let role = match (stored("role").map(Value::to_json).or(self.role)).unwrap_or_default() {
            Json::String(role) => role,
            Json::Null => DEFAULT_ROLE.to_owned(),
            _ => return Err(("role", "must be text".to_owned())),
        };
        let verified = match (stored("verified").map(Value::to_json).or(self.verified)).unwrap_or_default() {
            Json::Bool(verified) => verified,
            Json::Null => false,
            _ => return Err(("verified", "must be true or false".to_owned())),
        };
        let (id, metadata, at) = (AccountId::new(id), Map::new(), SystemClock.now());
        Ok(Some(NewAccount { id, email, password_hash: self.password_hash, role, verified, metadata, at }))
    }
}

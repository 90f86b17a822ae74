//! An account that is to be made, with its profile: everything that was sent is checked, all faults at once, before
//! the database is asked.

use std::sync::Arc;

use alyx_config::Secret;
use alyx_query::Predicate;
use alyx_schema::{Collection, Document, FieldFault, FieldType, Schema, Value, Writer};
use alyx_store::account::{AccountId, NewAccount, canonical_email};
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use crate::{Auth, Error, Result, USER, auth::Inner, error::fault};

/// Who wants the account.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum AskedBy {
    /// Its owner, who may say nothing of what an account may do.
    Owner,
    /// Its owner, whose address a provider vouches for: it needs no password.
    Provider,
    /// Somebody who may.
    Administrator,
}

/// An account that is to be made. Shows no password.
#[derive(Clone, Debug)]
pub struct AccountDraft {
    pub(crate) id: AccountId,
    pub(crate) email: String,
    pub(crate) password: Option<Secret>,
    pub(crate) role: String,
    pub(crate) verified: bool,
    pub(crate) metadata: Map<String, Json>,
    pub(crate) profile: Option<Profile>,
}

/// The document that goes with it.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    pub(crate) collection: Arc<Collection>,
    pub(crate) document: Document,
    pub(crate) guard: Predicate,
    /// A document of this id may be there already, and then it becomes the profile.
    pub(crate) may_exist: bool,
}

impl AccountDraft {
    /// The profile as it would be stored, for the create rule to judge.
    #[must_use]
    pub fn profile(&self) -> Option<(&Arc<Collection>, &Document)> {
        self.profile.as_ref().map(|profile| (&profile.collection, &profile.document))
    }

    /// What is left of the create rule: a predicate that speaks of other documents alone. Until it is given, a draft
    /// of an owner is refused.
    pub fn judge(&mut self, guard: Predicate) {
        if let Some(profile) = &mut self.profile {
            profile.guard = guard;
        }
    }

    pub(crate) fn account(&self, password_hash: Option<String>, at: Timestamp) -> NewAccount {
        NewAccount {
            id: self.id.clone(),
            email: self.email.clone(),
            password_hash,
            role: self.role.clone(),
            verified: self.verified,
            metadata: self.metadata.clone(),
            at,
        }
    }
}

impl Auth {
    /// The account that a registration asks for: `email`, `password`, and fields of the profile.
    ///
    /// # Errors
    /// Everything that is wrong with what was sent.
    pub fn draft_registration(&self, schema: &Schema, body: &Map<String, Json>) -> Result<AccountDraft> {
        Drafting { inner: &self.inner, asked_by: AskedBy::Owner, faults: Vec::new() }.draft(schema, body.clone())
    }

    /// The account that an administrator wants: also `id`, `role`, `verified` and `metadata`; `password` may be absent.
    ///
    /// # Errors
    /// Everything that is wrong with what was sent.
    pub fn draft_account(&self, schema: &Schema, body: &Map<String, Json>) -> Result<AccountDraft> {
        Drafting { inner: &self.inner, asked_by: AskedBy::Administrator, faults: Vec::new() }
            .draft(schema, body.clone())
    }
}

impl Auth {
    /// The account of somebody whose address a provider vouches for: `email`, and fields of the profile.
    pub(crate) fn draft_vouched_for(&self, schema: &Schema, body: &Map<String, Json>) -> Result<AccountDraft> {
        Drafting { inner: &self.inner, asked_by: AskedBy::Provider, faults: Vec::new() }.draft(schema, body.clone())
    }
}

struct Drafting<'a> {
    inner: &'a Inner,
    asked_by: AskedBy,
    faults: Vec<FieldFault>,
}

impl Drafting<'_> {
    fn draft(mut self, schema: &Schema, mut body: Map<String, Json>) -> Result<AccountDraft> {
        let profile = schema.collections.values().find(|collection| collection.is_auth);
        let email = self.email(body.remove("email").as_ref());
        let password = self.password(body.remove("password"));
        let (role, verified, metadata) = match self.asked_by {
            AskedBy::Owner => (USER.to_owned(), false, Map::new()),
            AskedBy::Provider => (USER.to_owned(), true, Map::new()),
            AskedBy::Administrator => {
                let has_own = profile.is_some_and(|collection| collection.field("metadata").is_some());
                let metadata = if has_own { None } else { body.remove("metadata") };
                (self.role(body.remove("role")), self.flag(body.remove("verified").as_ref()), self.metadata(metadata))
            }
        };
        let given_id = profile.and_then(|collection| self.given_id(collection, &mut body));
        let id = given_id.clone().unwrap_or_else(|| self.new_id(profile.map(AsRef::as_ref)));
        let mut draft =
            AccountDraft { id: AccountId::new(&id), email, password, role, verified, metadata, profile: None };
        match profile {
            Some(collection) => {
                let document = self.document(collection, body, &draft);
                let guard = match self.asked_by {
                    AskedBy::Owner | AskedBy::Provider => Predicate::FALSE,
                    AskedBy::Administrator => Predicate::TRUE,
                };
                let may_exist = given_id.is_some();
                if let Some(Value::Text(id)) = document.as_ref().map(|document| &document.values[collection.primary]) {
                    // In canonical form.
                    draft.id = AccountId::new(id);
                }
                let collection = Arc::clone(collection);
                draft.profile = document.map(|document| Profile { collection, document, guard, may_exist });
            }
            None => self.faults.extend(body.keys().take(20).map(|name| fault(name, "UNKNOWN_FIELD", "is no field"))),
        }
        if self.faults.is_empty() { Ok(draft) } else { Err(Error::Invalid(self.faults)) }
    }

    fn email(&mut self, given: Option<&Json>) -> String {
        let wrong = match given {
            None => fault("email", "REQUIRED", "is required"),
            Some(Json::String(text)) => match canonical_email(text) {
                Some(email) => return email,
                None => fault("email", "FORMAT", "must be an e-mail address such as \"ada@example.com\""),
            },
            Some(_) => fault("email", "TYPE", "must be an e-mail address such as \"ada@example.com\""),
        };
        self.faults.push(wrong);
        String::new()
    }

    fn password(&mut self, given: Option<Json>) -> Option<Secret> {
        match given {
            Some(Json::String(password)) => {
                let faults = self.inner.policy.faults(&password);
                self.faults.extend(faults.into_iter().map(|broken| broken.in_field("password")));
                return Some(Secret::new(password));
            }
            None if self.asked_by != AskedBy::Owner => {}
            None => self.faults.push(fault("password", "REQUIRED", "is required")),
            Some(_) => self.faults.push(fault("password", "TYPE", "must be text")),
        }
        None
    }

    fn role(&mut self, given: Option<Json>) -> String {
        match given {
            None => return USER.to_owned(),
            Some(Json::String(role)) => match self.inner.check_role(&role) {
                Ok(()) => return role,
                Err(error) => self.faults.push(fault("role", "UNKNOWN_ROLE", role_message(&error))),
            },
            Some(_) => self.faults.push(fault("role", "TYPE", "must be text")),
        }
        String::new()
    }

    fn flag(&mut self, given: Option<&Json>) -> bool {
        match given {
            None => false,
            Some(Json::Bool(flag)) => *flag,
            Some(_) => {
                self.faults.push(fault("verified", "TYPE", "must be true or false"));
                false
            }
        }
    }

    fn metadata(&mut self, given: Option<Json>) -> Map<String, Json> {
        match given {
            None | Some(Json::Null) => Map::new(),
            Some(Json::Object(metadata)) => metadata,
            Some(_) => {
                self.faults.push(fault("metadata", "TYPE", "must be an object"));
                Map::new()
            }
        }
    }

    /// The id that an administrator chose. Nobody else does: an id of an account that is gone would open what it left.
    fn given_id(&mut self, collection: &Collection, body: &mut Map<String, Json>) -> Option<String> {
        let name = collection.primary_field().name.as_str();
        let given = body.remove(name)?;
        match (self.asked_by, given) {
            (AskedBy::Administrator, Json::String(id)) => return Some(id),
            (AskedBy::Administrator, _) => self.faults.push(fault(name, "TYPE", "must be text")),
            (AskedBy::Owner | AskedBy::Provider, _) => {
                self.faults.push(fault(name, "READ_ONLY", "is made by the server"));
            }
        }
        None
    }

    fn new_id(&self, profile: Option<&Collection>) -> String {
        match profile.map(|collection| collection.primary_field().value_type) {
            Some(FieldType::Id) => self.inner.ids.short_id(),
            _ => self.inner.ids.uuid(),
        }
    }

    /// The profile, its mirrors filled in from the account; nothing where something is wrong with it.
    fn document(&mut self, collection: &Collection, body: Map<String, Json>, draft: &AccountDraft) -> Option<Document> {
        // What mirrors the account is written here, and by no other hand; then it is a field like any other.
        let mut open = collection.clone();
        let mut fields = body;
        for field in &mut open.fields {
            if !collection.mirrors_account(field) {
                continue;
            }
            field.internal = false;
            let name = field.name.as_str();
            let mirrored = match name {
                "email" => Json::from(draft.email.as_str()),
                "role" => Json::from(draft.role.as_str()),
                _ => Json::from(draft.verified),
            };
            if fields.insert(name.to_owned(), mirrored).is_some() {
                self.faults.push(fault(name, "READ_ONLY", "follows the account and is not written"));
            }
        }
        open.is_auth = false;
        let primary = open.primary_field();
        fields.insert(primary.name.as_str().to_owned(), Json::from(draft.id.as_str()));
        let document = open.draft(&fields, Writer::Client, &*self.inner.clock, &*self.inner.ids);
        document.map_err(|faults| self.tell_once(faults)).ok()
    }
}

impl Drafting<'_> {
    /// A mirror of what is wrong is wrong too, which needs no saying.
    fn tell_once(&mut self, faults: Vec<FieldFault>) {
        for broken in faults {
            if self.faults.iter().all(|told| told.field != broken.field) {
                self.faults.push(broken);
            }
        }
    }
}

impl Inner {
    /// Whether the project has this role.
    pub(crate) fn check_role(&self, role: &str) -> Result<()> {
        let known = &self.settings.roles;
        if known.iter().any(|known| known == role) {
            return Ok(());
        }
        Err(Error::UnknownRole { role: role.to_owned(), known: known.clone() })
    }
}

fn role_message(error: &Error) -> String {
    match error {
        Error::UnknownRole { known, .. } => format!("must be one of {}", known.join(", ")),
        other => other.to_string(),
    }
}

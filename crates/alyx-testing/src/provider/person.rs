//! The person whom a provider vouches for.

use serde_json::{Map, Value, json};

use crate::Lie;

/// Who is signed in at the provider's own site.
#[derive(Clone, Debug)]
pub struct Person {
    /// The provider's own name for the person; GitHub wants a number.
    pub subject: String,
    /// The address, where there is one.
    pub email: Option<String>,
    /// Whether the provider calls it verified: `true`, `false`, or text as Apple sends it.
    pub email_verified: Value,
    /// More addresses, and whether they are verified (GitHub lists them).
    pub other_emails: Vec<(String, bool)>,
    /// The full name.
    pub name: Option<String>,
    /// The address of a picture.
    pub picture: Option<String>,
    /// Claims besides these; they win over those made of the fields above.
    pub claims: Map<String, Value>,
}

impl Person {
    /// A person with a verified address and nothing else.
    #[must_use]
    pub fn new(subject: &str, email: &str) -> Self {
        Self {
            subject: subject.to_owned(),
            email: Some(email.to_owned()),
            email_verified: Value::Bool(true),
            other_emails: Vec::new(),
            name: None,
            picture: None,
            claims: Map::new(),
        }
    }

    /// The same person with another word on whether the address is verified; null leaves it out.
    #[must_use]
    pub fn with_email_verified(mut self, verified: Value) -> Self {
        self.email_verified = verified;
        self
    }

    /// The same person with a name and a picture.
    #[must_use]
    pub fn with_profile(mut self, name: &str, picture: &str) -> Self {
        self.name = Some(name.to_owned());
        self.picture = Some(picture.to_owned());
        self
    }

    /// The same person with one more address.
    #[must_use]
    pub fn with_other_email(mut self, email: &str, is_verified: bool) -> Self {
        self.other_emails.push((email.to_owned(), is_verified));
        self
    }

    /// The same person with one more claim.
    #[must_use]
    pub fn with_claim(mut self, name: &str, value: Value) -> Self {
        self.claims.insert(name.to_owned(), value);
        self
    }

    /// Whether the address counts as verified, in either spelling.
    pub(crate) fn is_verified(&self) -> bool {
        self.email_verified == json!(true) || self.email_verified == json!("true")
    }

    /// The person as a provider with this lie presents them.
    pub(crate) fn seen_through(mut self, lie: Option<Lie>) -> Self {
        match lie {
            Some(Lie::EmailNotVerified) => self.email_verified = Value::Bool(false),
            Some(Lie::NoEmail) => self.email = None,
            Some(Lie::EmailOfSomebodyElse) => {
                self.email = Some(Lie::VICTIM.to_owned());
                self.email_verified = Value::Bool(false);
            }
            _ => {}
        }
        self
    }

    /// The standard claims that these scopes give (OpenID Connect Core, section 5.4), but for `sub`.
    pub(crate) fn scoped_claims(&self, scopes: &[String]) -> Map<String, Value> {
        let mut claims = Map::new();
        let has = |scope: &str| scopes.iter().any(|given| given == scope);
        if let (true, Some(email)) = (has("email"), &self.email) {
            claims.insert("email".to_owned(), json!(email));
            claims.insert("email_verified".to_owned(), self.email_verified.clone());
        }
        if has("profile") {
            claims.insert("name".to_owned(), json!(self.name));
            claims.insert("picture".to_owned(), json!(self.picture));
        }
        claims.retain(|_, value| !value.is_null());
        claims.extend(self.claims.clone());
        claims
    }
}

impl Default for Person {
    fn default() -> Self {
        Self::new("1001", "alice@example.com").with_profile("Alice Example", "https://images.example.com/alice.png")
    }
}

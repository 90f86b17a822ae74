//! Who calls, and what they may do.
//!
//! A collection's operation is open to all where its rule is literally `true`; everything else
//! answers to the administrator alone. A rule that says anything more never opens.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{AUTHORIZATION, HeaderMap},
    web::Data,
};
use alyx_query::{Predicate, Visible};
use alyx_schema::{Collection, Rule};

use crate::{
    AppState,
    error::{ApiError, Code, Result},
    options::AdminToken,
};

/// Who sent a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// No token at all.
    Anonymous,
    /// The bearer of the administrator's token.
    Admin,
}

/// What a request wants to do with a collection.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Operation {
    Create,
    Read,
    Update,
    Delete,
}

impl Caller {
    /// Passes where this caller may do this to documents of the collection.
    pub(crate) fn require(self, operation: Operation, collection: &Collection) -> Result<()> {
        if self == Self::Admin || is_open(rule(operation, collection)) { Ok(()) } else { Err(unauthorized()) }
    }

    /// Passes for the administrator alone.
    pub(crate) fn require_admin(self) -> Result<()> {
        if self == Self::Admin { Ok(()) } else { Err(unauthorized()) }
    }

    fn identify(headers: &HeaderMap, admin: Option<&AdminToken>) -> Result<Self> {
        let mut values = headers.get_all(AUTHORIZATION);
        let Some(value) = values.next() else { return Ok(Self::Anonymous) };
        let token = bearer(value.as_bytes()).filter(|_| values.next().is_none());
        let known = token.is_some_and(|token| admin.is_some_and(|admin| admin.matches(token)));
        if known { Ok(Self::Admin) } else { Err(ApiError::new(Code::InvalidToken, "the token is not valid")) }
    }
}

impl Visible for Caller {
    fn readable(&self, collection: &Collection) -> Predicate {
        match self.require(Operation::Read, collection) {
            Ok(()) => Predicate::TRUE,
            Err(_) => Predicate::FALSE,
        }
    }
}

impl FromRequest for Caller {
    type Error = ApiError;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let state = request.app_data::<Data<AppState>>();
        let admin = state.and_then(|state| state.options().admin_token.as_ref());
        ready(Self::identify(request.headers(), admin))
    }
}

fn rule(operation: Operation, collection: &Collection) -> Option<&Rule> {
    let rules = &collection.rules;
    match operation {
        Operation::Create => rules.create.as_ref(),
        Operation::Read => rules.read.as_ref(),
        Operation::Update => rules.update.as_ref(),
        Operation::Delete => rules.delete.as_ref(),
    }
}

/// Whether anyone passes: only the literal `true` does that.
pub(crate) fn is_open(rule: Option<&Rule>) -> bool {
    rule.is_some_and(|rule| rule.text == "true")
}

fn unauthorized() -> ApiError {
    ApiError::new(Code::Unauthorized, "a token is needed: send Authorization: Bearer TOKEN")
}

/// The token of `Bearer TOKEN`; the scheme ignores case (RFC 9110, section 11.1).
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked(7)?;
    (scheme.eq_ignore_ascii_case(b"bearer ") && !token.is_empty()).then(|| token.trim_ascii())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    const TOKEN: &str = "0123456789abcdef0123456789abcdef";

    #[track_caller]
    fn check(values: &[&str], expected: Option<Caller>) {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        assert_eq!(Caller::identify(&headers, Some(&AdminToken::new(TOKEN))).ok(), expected);
    }

    #[test]
    fn only_the_exact_token_is_the_administrator() {
        check(&[], Some(Caller::Anonymous));
        check(&[&format!("Bearer {TOKEN}")], Some(Caller::Admin));
        check(&[&format!("bearer  {TOKEN} ")], Some(Caller::Admin));
        check(&[&format!("Bearer {TOKEN}0")], None);
        check(&[&format!("Basic {TOKEN}")], None);
        check(&["Bearer", "Bearer "], None);
        check(&["Bearer "], None);
        check(&[""], None);
        check(&[&format!("Bearer {TOKEN}"), &format!("Bearer {TOKEN}")], None);
    }

    #[test]
    fn without_an_administrator_no_token_is_valid() {
        let mut headers = HeaderMap::new();
        headers.append(AUTHORIZATION, HeaderValue::from_static("Bearer "));
        assert!(Caller::identify(&headers, None).is_err());
    }
}

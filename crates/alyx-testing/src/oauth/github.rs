//! GitHub's manners: a form unless JSON is asked for, errors with status 200, addresses on a page of their own.

use serde_json::{Value, json};
use url::form_urlencoded;

use super::Dialect;
use crate::{
    Request,
    loopback::Reply,
    provider::{Desk, Grant, bearer},
};

pub(super) const DIALECT: Dialect = Dialect {
    authorize: "/login/oauth/authorize",
    token: "/login/oauth/access_token",
    scope_separators: &[' ', ','],
    granted,
    refused,
    api: &[("/user", user), ("/user/emails", emails)],
};

fn granted(request: &Request, grant: &Grant, token: &str) -> Reply {
    in_either_form(request, &[("access_token", token), ("scope", &grant.scopes.join(",")), ("token_type", "bearer")])
}

fn refused(request: &Request, refusal: &str) -> Reply {
    let error = if refusal == "invalid_grant" { "bad_verification_code" } else { "incorrect_client_credentials" };
    in_either_form(request, &[("error", error), ("error_description", "The code passed is incorrect or expired.")])
}

fn in_either_form(request: &Request, pairs: &[(&str, &str)]) -> Reply {
    if request.header("accept").is_some_and(|kinds| kinds.contains("application/json")) {
        let body: Value = pairs.iter().map(|(name, value)| (*name, *value)).collect();
        return Reply::json(200, &body);
    }
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    Reply::text(200, "application/x-www-form-urlencoded; charset=utf-8", body)
}

fn user(desk: &Desk, request: &Request) -> Reply {
    api(desk, request, |grant| {
        let person = &grant.person;
        let id: u64 = person.subject.parse().expect("a subject at GitHub is a number");
        // The address here is the one that the person shows to everybody; most show none.
        let mut body = json!({"login": "octo", "id": id, "name": person.name, "email": null});
        body["avatar_url"] = json!(person.picture);
        for (name, value) in &person.claims {
            body[name] = value.clone();
        }
        Some(body)
    })
}

fn emails(desk: &Desk, request: &Request) -> Reply {
    api(desk, request, |grant| {
        let person = &grant.person;
        let may_see = grant.has_scope("user:email") || grant.has_scope("user");
        let entry = |email: &str, is_primary: bool, is_verified: bool| {
            let visibility = is_primary.then_some("private");
            json!({"email": email, "primary": is_primary, "verified": is_verified, "visibility": visibility})
        };
        let others = person.other_emails.iter().map(|(email, is_verified)| entry(email, false, *is_verified));
        let first = person.email.iter().map(|email| entry(email, true, person.is_verified()));
        // The primary address comes last, so that a client has to look for it.
        may_see.then(|| others.chain(first).collect())
    })
}

/// A page of the API, which wants a token and the name of a program; 404 where the scopes do not reach.
fn api(desk: &Desk, request: &Request, page: impl FnOnce(&Grant) -> Option<Value>) -> Reply {
    if request.header("user-agent").is_none() {
        desk.complain("the API is asked without User-Agent");
        return Reply::html(403, "Request forbidden by administrative rules.");
    }
    let Some(grant) = bearer(desk, request) else {
        return Reply::json(401, &json!({"message": "Bad credentials"}));
    };
    page(&grant).map_or_else(|| Reply::json(404, &json!({"message": "Not Found"})), |body| Reply::json(200, &body))
}

//! Discord's manners: numbers as text, and one page that tells the address too, where the scope was given.

use serde_json::{Value, json};

use super::Dialect;
use crate::{
    Request,
    loopback::Reply,
    provider::{Desk, Grant, bearer},
};

pub(super) const DIALECT: Dialect = Dialect {
    authorize: "/oauth2/authorize",
    token: "/api/oauth2/token",
    scope_separators: &[' '],
    granted,
    refused,
    api: &[("/api/users/@me", me)],
};

fn granted(_request: &Request, grant: &Grant, token: &str) -> Reply {
    let scope = grant.scopes.join(" ");
    Reply::json(200, &json!({"access_token": token, "token_type": "Bearer", "expires_in": 604_800, "scope": scope}))
}

fn refused(_request: &Request, refusal: &str) -> Reply {
    let status = if refusal == "invalid_client" { 401 } else { 400 };
    Reply::json(status, &json!({"error": refusal, "error_description": "Invalid \"code\" in request."}))
}

fn me(desk: &Desk, request: &Request) -> Reply {
    let Some(grant) = bearer(desk, request).filter(|grant| grant.has_scope("identify")) else {
        return Reply::json(401, &json!({"message": "401: Unauthorized", "code": 0}));
    };
    let person = &grant.person;
    let mut body = json!({"id": person.subject, "username": "octo", "global_name": person.name, "avatar": null});
    if grant.has_scope("email") {
        body["email"] = json!(person.email);
        body["verified"] = Value::Bool(person.is_verified());
    }
    for (name, value) in &person.claims {
        body[name] = value.clone();
    }
    Reply::json(200, &body)
}

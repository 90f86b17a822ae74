//! What the calls about accounts take and answer.
// tidy: table (one entry a schema)

use serde_json::{Map, Value as Json, json};

use super::reference;

/// The name of a schema of this file among all; no collection can be called so.
pub(super) fn name(short: &str) -> String {
    format!("alyx.{short}")
}

type Named = (&'static str, Json);

/// All of them; a registration is a body for the profile, with the account.
pub(super) fn schemas(profile: Option<Json>) -> Map<String, Json> {
    let all = [account_answers(), administration_answers(), account_bodies(profile), administration_bodies()];
    all.into_iter().flatten().map(|(short, schema)| (name(short), schema)).collect()
}

fn of(short: &str) -> Json {
    reference(&name(short))
}

fn text() -> Json {
    json!({"type": "string"})
}

fn time() -> Json {
    json!({"type": "string", "format": "date-time"})
}

fn maybe(schema: &Json) -> Json {
    json!({"anyOf": [schema, {"type": "null"}]})
}

fn list(key: &str, item: &str) -> Json {
    answer(&json!({key: {"type": "array", "items": of(item)}}))
}

fn email() -> Json {
    json!({"type": "string", "format": "email", "maxLength": 254})
}

fn password() -> Json {
    json!({"type": "string", "minLength": 1, "maxLength": 1024, "format": "password"})
}

fn code() -> Json {
    json!({"type": "string", "minLength": 1, "maxLength": 1024})
}

fn user() -> Json {
    json!({
        "id": text(), "email": text(), "verified": {"type": "boolean"}, "role": text(),
        "metadata": {"type": "object"}, "created_at": time(), "updated_at": time(),
    })
}

fn deploy_token() -> Json {
    json!({
        "name": text(), "prefix": text(), "permissions": {"type": "array", "items": text()}, "created_at": time(),
        "created_by": text(), "expires_at": maybe(&time()), "last_used_at": maybe(&time()),
    })
}

fn account_answers() -> Vec<Named> {
    let tokens = json!({
        "access_token": text(), "refresh_token": text(), "expires_at": time(), "token_type": {"const": "Bearer"},
    });
    let session = json!({
        "id": text(), "created_at": time(), "last_used_at": time(), "expires_at": time(), "user_agent": maybe(&text()),
        "ip_address": maybe(&text()), "current": {"type": "boolean"},
    });
    let keys = json!({"keys": {"type": "array", "items": {"type": "object"}}});
    vec![
        ("User", answer(&user())),
        ("Tokens", answer(&tokens)),
        ("SignedIn", answer(&json!({"user": of("User"), "tokens": of("Tokens")}))),
        ("Session", answer(&session)),
        ("Sessions", list("sessions", "Session")),
        ("Provider", answer(&json!({"name": text(), "title": text(), "url": text()}))),
        ("Providers", list("providers", "Provider")),
        ("Keys", json!({"type": "object", "properties": keys, "required": ["keys"]})),
    ]
}

fn administration_answers() -> Vec<Named> {
    let admin_user = json!({
        "banned": {"type": "boolean"}, "has_password": {"type": "boolean"}, "last_sign_in_at": maybe(&time()),
    });
    let admin_users = json!({
        "users": {"type": "array", "items": of("AdminUser")}, "total": {"type": "integer"},
        "limit": {"type": "integer"}, "offset": {"type": "integer"},
    });
    let migration = json!({
        "version": maybe(&json!({"type": "integer"})), "name": text(), "kind": text(), "applied_at": time(),
        "changes": {"type": "array", "items": text()},
    });
    let audit_entry = json!({
        "id": {"type": "integer"}, "at": time(), "action": text(), "target": maybe(&text()),
        "details": {"type": "object"}, "actor": {"type": "object"}, "ip": maybe(&text()), "request_id": maybe(&text()),
    });
    let audit_entries = json!({
        "entries": {"type": "array", "items": of("AuditEntry")}, "limit": {"type": "integer"},
        "next_before": maybe(&json!({"type": "integer"})),
    });
    vec![
        ("AdminUser", answer(&joined(&user(), &admin_user))),
        ("AdminUsers", answer(&admin_users)),
        ("DeployToken", answer(&deploy_token())),
        ("DeployTokens", list("tokens", "DeployToken")),
        ("CreatedDeployToken", answer(&joined(&json!({"token": text()}), &deploy_token()))),
        ("SchemaText", answer(&json!({"schema": text(), "hash": text()}))),
        ("Migration", answer(&migration)),
        ("Migrations", list("migrations", "Migration")),
        ("Figures", json!({"type": "object"})),
        ("Settings", json!({"type": "object"})),
        ("AuditEntry", answer(&audit_entry)),
        ("AuditEntries", answer(&audit_entries)),
    ]
}

fn account_bodies(profile: Option<Json>) -> Vec<Named> {
    let signing_in = body(&json!({"email": email(), "password": password()}), &["email", "password"]);
    let registration = profile.map_or_else(|| signing_in.clone(), |profile| extended(profile, &signing_in));
    let change = json!({"current_password": password(), "new_password": password()});
    vec![
        ("Registration", registration),
        ("Login", signing_in.clone()),
        ("RefreshToken", body(&json!({"refresh_token": text()}), &["refresh_token"])),
        ("PasswordOnly", body(&json!({"password": password()}), &[])),
        ("PasswordChange", body(&change, &["current_password", "new_password"])),
        ("EmailChange", signing_in),
        ("Code", body(&json!({"token": code()}), &["token"])),
        ("Email", body(&json!({"email": text()}), &["email"])),
        ("PasswordReset", body(&json!({"token": code(), "password": password()}), &["token", "password"])),
        ("OAuthCode", body(&json!({"code": code(), "code_verifier": code()}), &["code", "code_verifier"])),
    ]
}

/// The body that makes a profile, with what an administrator says of the account.
pub(super) fn with_account(profile: Json) -> Json {
    let account = body(&new_user(), &["email", "password"]);
    extended(profile, &account)
}

/// A body with the fields of another one; those of its own stay as they are.
fn extended(mut body: Json, other: &Json) -> Json {
    body["properties"] = joined(&other["properties"], &body["properties"]);
    let required = [&body["required"], &other["required"]].into_iter().flat_map(|names| names.as_array().cloned());
    body["required"] = required.flatten().collect();
    body
}

fn new_user() -> Json {
    json!({
        "email": email(), "password": password(), "role": {"type": "string", "minLength": 1},
        "verified": {"type": "boolean"}, "metadata": {"type": "object"},
    })
}

fn administration_bodies() -> Vec<Named> {
    let flag = json!({"type": "boolean"});
    let metadata = json!({"type": "object"});
    let role = json!({"type": "string", "minLength": 1});
    let setup = json!({"token": code(), "email": email(), "password": password()});
    let token = json!({
        "name": {"type": "string", "minLength": 1, "maxLength": 100},
        "permissions": {"type": "array", "items": text()}, "expires_at": time(),
    });
    vec![
        ("Setup", body(&setup, &["token", "email", "password"])),
        ("NewUser", body(&new_user(), &["email"])),
        ("UserUpdate", body(&json!({"role": role, "verified": flag, "banned": flag, "metadata": metadata}), &[])),
        ("NewDeployToken", body(&token, &["name", "permissions"])),
    ]
}

/// An object whose properties are all there.
fn answer(properties: &Json) -> Json {
    let required: Vec<&String> = properties.as_object().into_iter().flat_map(Map::keys).collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

fn body(properties: &Json, required: &[&str]) -> Json {
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

fn joined(first: &Json, second: &Json) -> Json {
    let entries = [first, second].into_iter().filter_map(Json::as_object).flatten();
    entries.map(|(key, value)| (key.clone(), value.clone())).collect::<Map<_, _>>().into()
}

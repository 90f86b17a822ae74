//! What the calls about accounts take and answer.
// tidy: table (one entry a schema)

use serde_json::{Map, Value as Json, json};

use super::reference;

/// The name of a schema of this file among all; no collection can be called so.
pub(super) fn name(short: &str) -> String {
    format!("alyx.{short}")
}

/// All of them. A registration may carry the fields of the profile, which are those of its collection.
pub(super) fn schemas(profile: Option<&Json>) -> Map<String, Json> {
    let of = |short: &str| reference(&name(short));
    let text = json!({"type": "string"});
    let time = json!({"type": "string", "format": "date-time"});
    let maybe = |schema: &Json| json!({"anyOf": [schema, {"type": "null"}]});
    let list = |key: &str, item: &str| answer(&json!({key: {"type": "array", "items": of(item)}}));
    let email = json!({"type": "string", "format": "email", "maxLength": 254});
    let password = json!({"type": "string", "minLength": 1, "maxLength": 1024, "format": "password"});
    let code = json!({"type": "string", "minLength": 1, "maxLength": 1024});
    let user = json!({
        "id": text, "email": text, "verified": {"type": "boolean"}, "role": text, "metadata": {"type": "object"},
        "created_at": time, "updated_at": time,
    });
    let admin_user = joined(&user, &json!({
        "banned": {"type": "boolean"}, "has_password": {"type": "boolean"}, "last_sign_in_at": maybe(&time),
    }));
    let deploy_token = json!({
        "name": text, "prefix": text, "permissions": {"type": "array", "items": text}, "created_at": time,
        "created_by": text, "expires_at": maybe(&time), "last_used_at": maybe(&time),
    });
    let metadata = json!({"type": "object"});
    let role = json!({"type": "string", "minLength": 1});
    let flag = json!({"type": "boolean"});
    let mut registration = body(&json!({"email": email, "password": password}), &["email", "password"]);
    if let Some(fields) = profile {
        registration["properties"] = joined(fields, &registration["properties"]);
    }
    let all = [
        ("User", answer(&user)),
        ("Tokens", answer(&json!({
            "access_token": text, "refresh_token": text, "expires_at": time, "token_type": {"const": "Bearer"},
        }))),
        ("SignedIn", answer(&json!({"user": of("User"), "tokens": of("Tokens")}))),
        ("Session", answer(&json!({
            "id": text, "created_at": time, "last_used_at": time, "expires_at": time, "user_agent": maybe(&text),
            "ip_address": maybe(&text), "current": {"type": "boolean"},
        }))),
        ("Sessions", list("sessions", "Session")),
        ("Provider", answer(&json!({"name": text, "title": text, "url": text}))),
        ("Providers", list("providers", "Provider")),
        ("Keys", json!({"type": "object", "properties": {"keys": {"type": "array", "items": {"type": "object"}}}, "required": ["keys"]})),
        ("AdminUser", answer(&admin_user)),
        ("AdminUsers", answer(&json!({
            "users": {"type": "array", "items": of("AdminUser")}, "total": {"type": "integer"}, "limit": {"type": "integer"},
            "offset": {"type": "integer"},
        }))),
        ("DeployToken", answer(&deploy_token)),
        ("DeployTokens", list("tokens", "DeployToken")),
        ("CreatedDeployToken", answer(&joined(&json!({"token": text}), &deploy_token))),
        ("SchemaText", answer(&json!({"schema": text, "hash": text}))),
        ("Migration", answer(&json!({
            "version": {"anyOf": [{"type": "integer"}, {"type": "null"}]}, "name": text, "kind": text, "applied_at": time,
            "changes": {"type": "array", "items": text},
        }))),
        ("Migrations", list("migrations", "Migration")),
        ("Figures", json!({"type": "object"})),
        ("Settings", json!({"type": "object"})),
        ("AuditEntry", answer(&json!({
            "id": {"type": "integer"}, "at": time, "action": text, "target": maybe(&text), "details": {"type": "object"},
            "actor": {"type": "object"}, "ip": maybe(&text), "request_id": maybe(&text),
        }))),
        ("AuditEntries", answer(&json!({
            "entries": {"type": "array", "items": of("AuditEntry")}, "limit": {"type": "integer"},
            "next_before": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        }))),
        ("Registration", registration),
        ("Login", body(&json!({"email": email, "password": password}), &["email", "password"])),
        ("RefreshToken", body(&json!({"refresh_token": code}), &["refresh_token"])),
        ("PasswordOnly", body(&json!({"password": password}), &[])),
        ("PasswordChange", body(&json!({"current_password": password, "new_password": password}), &["current_password", "new_password"])),
        ("EmailChange", body(&json!({"email": email, "password": password}), &["email", "password"])),
        ("Code", body(&json!({"token": code}), &["token"])),
        ("Email", body(&json!({"email": email}), &["email"])),
        ("PasswordReset", body(&json!({"token": code, "password": password}), &["token", "password"])),
        ("OAuthCode", body(&json!({"code": code, "code_verifier": code}), &["code"])),
        ("Setup", body(&json!({"token": code, "email": email, "password": password}), &["token", "email", "password"])),
        ("NewUser", body(&json!({
            "email": email, "password": password, "role": role, "verified": flag, "metadata": metadata,
        }), &["email"])),
        ("UserUpdate", body(&json!({"role": role, "verified": flag, "banned": flag, "metadata": metadata}), &[])),
        ("NewDeployToken", body(&json!({
            "name": {"type": "string", "minLength": 1, "maxLength": 100}, "permissions": {"type": "array", "items": text},
            "expires_at": time,
        }), &["name", "permissions"])),
    ];
    all.into_iter().map(|(short, schema)| (name(short), schema)).collect()
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

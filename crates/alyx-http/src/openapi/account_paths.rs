//! The calls about accounts: signing in and out, one's own account, and what administrators do with them.
// tidy: table (one entry a call)

use serde_json::{Map, Value as Json, json};

use super::{account_schemas::name, object, reference, responses::errors};
use crate::routes::Route;

/// Who a call is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum For {
    Anyone,
    SignedIn,
    Administrators,
}

/// One call.
struct Call {
    route: Route,
    method: &'static str,
    id: &'static str,
    summary: &'static str,
    caller: For,
    /// The schema of the body.
    body: Option<&'static str>,
    /// Status and schema of success; none has no body.
    success: (u16, Option<&'static str>),
    /// Statuses besides those that every call has.
    errors: &'static [u16],
}

const EVERY: [u16; 6] = [400, 401, 408, 431, 500, 503];

#[rustfmt::skip]
const CALLS: &[Call] = &[
    Call { route: Route::Register, method: "post", id: "register", summary: "Make an account and its profile", caller: For::Anyone,
        body: Some("Registration"), success: (201, Some("SignedIn")), errors: &[403, 409, 413, 429] },
    Call { route: Route::Login, method: "post", id: "login", summary: "Sign in with a password", caller: For::Anyone,
        body: Some("Login"), success: (200, Some("SignedIn")), errors: &[403, 413, 429] },
    Call { route: Route::Refresh, method: "post", id: "refresh", summary: "Trade a refresh token for the next pair", caller: For::Anyone,
        body: Some("RefreshToken"), success: (200, Some("SignedIn")), errors: &[403, 413] },
    Call { route: Route::Logout, method: "post", id: "logout", summary: "End the session of a refresh token", caller: For::Anyone,
        body: Some("RefreshToken"), success: (204, None), errors: &[413] },
    Call { route: Route::Me, method: "get", id: "me", summary: "The account that is signed in", caller: For::SignedIn,
        body: None, success: (200, Some("User")), errors: &[403] },
    Call { route: Route::Me, method: "delete", id: "delete_me", summary: "Delete one's account and its profile", caller: For::SignedIn,
        body: Some("PasswordOnly"), success: (204, None), errors: &[403, 409, 413, 429] },
    Call { route: Route::Sessions, method: "get", id: "sessions", summary: "One's sessions", caller: For::SignedIn,
        body: None, success: (200, Some("Sessions")), errors: &[403] },
    Call { route: Route::Sessions, method: "delete", id: "end_sessions", summary: "End all one's sessions", caller: For::SignedIn,
        body: None, success: (204, None), errors: &[403] },
    Call { route: Route::Session, method: "delete", id: "end_session", summary: "End one of one's sessions", caller: For::SignedIn,
        body: None, success: (204, None), errors: &[403, 404] },
    Call { route: Route::ChangePassword, method: "post", id: "change_password", summary: "Change one's password; ends every session",
        caller: For::SignedIn, body: Some("PasswordChange"), success: (200, Some("SignedIn")), errors: &[403, 413, 429] },
    Call { route: Route::ChangeEmail, method: "post", id: "change_email", summary: "Ask for another e-mail address; mail to it brings the code",
        caller: For::SignedIn, body: Some("EmailChange"), success: (202, None), errors: &[403, 413, 429] },
    Call { route: Route::ConfirmEmailChange, method: "post", id: "confirm_email_change", summary: "Change the address with the code; ends every session",
        caller: For::Anyone, body: Some("Code"), success: (204, None), errors: &[409, 413] },
    Call { route: Route::RequestPasswordReset, method: "post", id: "request_password_reset", summary: "Ask for a code that sets a new password, by mail",
        caller: For::Anyone, body: Some("Email"), success: (202, None), errors: &[413, 429] },
    Call { route: Route::ConfirmPasswordReset, method: "post", id: "confirm_password_reset", summary: "Set a new password with the code; ends every session",
        caller: For::Anyone, body: Some("PasswordReset"), success: (204, None), errors: &[413] },
    Call { route: Route::RequestVerification, method: "post", id: "request_verification", summary: "Ask for a code that confirms the address, by mail",
        caller: For::Anyone, body: Some("Email"), success: (202, None), errors: &[413, 429] },
    Call { route: Route::ConfirmVerification, method: "post", id: "confirm_verification", summary: "Confirm the address with the code",
        caller: For::Anyone, body: Some("Code"), success: (204, None), errors: &[413] },
    Call { route: Route::Providers, method: "get", id: "providers", summary: "Providers to sign in with", caller: For::Anyone,
        body: None, success: (200, Some("Providers")), errors: &[] },
    Call { route: Route::OAuthExchange, method: "post", id: "oauth_exchange", summary: "Trade the code that a provider's sign-in ended with",
        caller: For::Anyone, body: Some("OAuthCode"), success: (200, Some("SignedIn")), errors: &[403, 413] },
    Call { route: Route::Jwks, method: "get", id: "jwks", summary: "Public keys of access tokens (RFC 7517)", caller: For::Anyone,
        body: None, success: (200, Some("Keys")), errors: &[] },

    Call { route: Route::AdminUsers, method: "get", id: "admin_users", summary: "List accounts", caller: For::Administrators,
        body: None, success: (200, Some("AdminUsers")), errors: &[403] },
    Call { route: Route::AdminUsers, method: "post", id: "admin_create_user", summary: "Make an account", caller: For::Administrators,
        body: Some("NewUser"), success: (201, Some("AdminUser")), errors: &[403, 409, 413] },
    Call { route: Route::AdminUser, method: "get", id: "admin_user", summary: "One account", caller: For::Administrators,
        body: None, success: (200, Some("AdminUser")), errors: &[403, 404] },
    Call { route: Route::AdminUser, method: "patch", id: "admin_update_user", summary: "Set role, verified, banned or metadata of an account",
        caller: For::Administrators, body: Some("UserUpdate"), success: (200, Some("AdminUser")), errors: &[403, 404, 409, 413] },
    Call { route: Route::AdminUser, method: "delete", id: "admin_delete_user", summary: "Delete an account and its profile",
        caller: For::Administrators, body: None, success: (204, None), errors: &[403, 404, 409] },
    Call { route: Route::AdminTokens, method: "get", id: "admin_tokens", summary: "List deploy tokens", caller: For::Administrators,
        body: None, success: (200, Some("DeployTokens")), errors: &[403] },
    Call { route: Route::AdminTokens, method: "post", id: "admin_create_token", summary: "Make a deploy token, which is shown once",
        caller: For::Administrators, body: Some("NewDeployToken"), success: (201, Some("CreatedDeployToken")), errors: &[403, 409, 413] },
    Call { route: Route::AdminToken, method: "delete", id: "admin_delete_token", summary: "Make a deploy token worthless",
        caller: For::Administrators, body: None, success: (204, None), errors: &[403, 404] },
    Call { route: Route::AdminSchema, method: "get", id: "admin_schema", summary: "The data model that is served", caller: For::Administrators,
        body: None, success: (200, Some("SchemaText")), errors: &[403] },
    Call { route: Route::AdminMigrations, method: "get", id: "admin_migrations", summary: "What was done to the data model", caller: For::Administrators,
        body: None, success: (200, Some("Migrations")), errors: &[403] },
    Call { route: Route::AdminStats, method: "get", id: "admin_stats", summary: "Figures of the server and its data", caller: For::Administrators,
        body: None, success: (200, Some("Figures")), errors: &[403] },
    Call { route: Route::AdminConfig, method: "get", id: "admin_config", summary: "The settings in force, without secrets", caller: For::Administrators,
        body: None, success: (200, Some("Settings")), errors: &[403] },
    Call { route: Route::AdminAudit, method: "get", id: "admin_audit", summary: "Administrative acts, newest first", caller: For::Administrators,
        body: None, success: (200, Some("AuditEntries")), errors: &[403] },
    Call { route: Route::AdminSetup, method: "post", id: "admin_setup", summary: "Make the first administrator with the code that the server printed",
        caller: For::Anyone, body: Some("Setup"), success: (201, Some("SignedIn")), errors: &[409, 413] },
];

/// Every path with its calls.
pub(super) fn paths() -> Map<String, Json> {
    let mut paths = Map::new();
    for call in CALLS {
        let path = paths.entry(call.route.pattern()).or_insert_with(|| json!({}));
        path[call.method] = describe(call);
    }
    paths.extend(browser_paths());
    paths
}

fn describe(call: &Call) -> Json {
    let mut described = json!({
        "operationId": format!("auth.{}", call.id),
        "summary": call.summary,
        "tags": [if call.caller == For::Administrators { "administration" } else { "accounts" }],
        "security": match call.caller {
            For::Anyone => json!([]),
            For::SignedIn | For::Administrators => json!([{"bearer": []}]),
        },
        "responses": responses(call),
    });
    let parameters = parameters(call);
    if !parameters.is_empty() {
        described["parameters"] = parameters.into();
    }
    if let Some(body) = call.body {
        let content = json!({"application/json": {"schema": reference(&name(body))}});
        described["requestBody"] = json!({"required": true, "content": content});
    }
    described
}

fn responses(call: &Call) -> Json {
    let (status, schema) = call.success;
    let mut all = errors(&[&EVERY, call.errors].concat());
    let mut success = json!({"description": if status == 202 { "It is on its way, if there is somebody to send it to." } else { "Success." }});
    if let Some(schema) = schema {
        success["content"] = json!({"application/json": {"schema": reference(&name(schema))}});
    }
    all.insert(status.to_string(), success);
    if call.route == Route::Register {
        let accepted = "With `auth.require_verification`: mail tells the rest.";
        all.insert("202".to_owned(), json!({"description": accepted}));
    }
    Json::Object(all)
}

/// Parameters in the path, from its pattern, and those of lists.
fn parameters(call: &Call) -> Vec<Json> {
    let parts = call.route.pattern().split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Json> = parts
        .map(|part| json!({"name": part, "in": "path", "required": true, "schema": {"type": "string", "minLength": 1}}))
        .collect();
    let query = |name: &str, schema: Json| json!({"name": name, "in": "query", "schema": schema});
    let page = || {
        [
            query("limit", json!({"type": "integer", "minimum": 1, "maximum": 1000, "default": 100})),
            query("offset", json!({"type": "integer", "minimum": 0, "maximum": 1_000_000_000, "default": 0})),
        ]
    };
    match (call.route, call.method) {
        (Route::AdminUsers, "get") => {
            parameters.extend(page());
            parameters.push(query("email", json!({"type": "string", "description": "A part of the address."})));
            parameters.push(query("role", json!({"type": "string"})));
            parameters.push(query("banned", json!({"type": "boolean"})));
        }
        (Route::AdminAudit, "get") => {
            parameters.extend(page());
            parameters.push(query(
                "before",
                json!({"type": "integer", "minimum": 1, "description": "Only entries before this one."}),
            ));
            parameters.push(query("action", json!({"type": "string"})));
            parameters.push(query("target", json!({"type": "string"})));
        }
        _ => {}
    }
    parameters
}

/// The two calls that browsers make themselves, and that answer with redirections.
fn browser_paths() -> Map<String, Json> {
    let provider =
        json!({"name": "provider", "in": "path", "required": true, "schema": {"type": "string", "minLength": 1}});
    let query = |name: &str, required: bool, summary: &str| json!({"name": name, "in": "query", "required": required, "description": summary, "schema": {"type": "string"}});
    let redirection = |id: &str, summary: &str, parameters: Json| {
        let mut all = errors(&[400, 404, 408, 429, 431, 500, 503]);
        all.extend(object(json!({"303": {"description": "On to the next page.", "headers": {"Location": {"schema": {"type": "string"}}}}})));
        json!({
            "operationId": format!("auth.{id}"), "summary": summary, "tags": ["accounts"], "security": [],
            "parameters": parameters, "responses": all,
        })
    };
    let start = json!([
        provider,
        query("redirect_to", true, "The app's page to come back to; one that `auth.allowed_redirects` has."),
        query(
            "code_challenge",
            true,
            "SHA-256 of a secret of the app's, base64url (RFC 7636): only who knows it can trade the code."
        ),
        query("code_challenge_method", false, "`S256`, and nothing else."),
    ]);
    let back = json!([
        provider,
        query("state", false, "As the provider got it."),
        query("code", false, "The provider's code."),
        query("error", false, "Why the provider did not sign in."),
        query("iss", false, "Who the provider says it is (RFC 9207)."),
    ]);
    let text = json!({"type": "string"});
    let form = json!({"type": "object", "properties": {"state": text, "code": text, "error": text, "iss": text}});
    let mut posted = redirection("oauth_callback_form", "Where a provider sends a form to (Apple)", json!([provider]));
    posted["requestBody"] = json!({"content": {"application/x-www-form-urlencoded": {"schema": form}}});
    object(json!({
        Route::OAuthStart.pattern(): {"get": redirection("oauth_start", "Sign in with a provider: for browsers, not for fetch", start)},
        Route::OAuthCallback.pattern(): {"get": redirection("oauth_callback", "Where a provider sends the browser back to", back), "post": posted},
    }))
}

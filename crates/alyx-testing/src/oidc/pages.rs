//! The pages of a provider with OpenID Connect.

use ring::digest::{SHA256, SHA512, digest};
use serde_json::{Map, Value, json};

use super::{
    OpenId, id_token,
    key::{Algorithm, base64url},
    settings::Settings,
};
use crate::{
    Request,
    loopback::Reply,
    provider::{CLIENT_ID, Desk, Endpoint, Grant, Lie, Pages, Refusal, Terms, authenticate, authorize, bearer, redeem},
};

/// How long an id token is good for, in seconds.
const LIFETIME: i64 = 600;

impl Pages for OpenId {
    fn endpoint(&self, path: &str) -> Option<Endpoint> {
        match path {
            "/jwks" => Some(Endpoint::Keys),
            "/token" => Some(Endpoint::Token),
            "/userinfo" => Some(Endpoint::UserInfo),
            path if path.ends_with("/.well-known/openid-configuration") => Some(Endpoint::Discovery),
            _ => None,
        }
    }

    fn answer(&self, desk: &Desk, request: &Request) -> Reply {
        let settings = self.settings();
        match request.path() {
            "/authorize" => authorize(desk, request, &terms(&settings, desk)),
            "/jwks" => Reply::json(200, &settings.keys.document(desk.lie())),
            "/token" => match token(desk, &settings, request) {
                Ok(tokens) => Reply::json(200, &tokens),
                Err(refusal) => Reply::json(400, &json!({"error": refusal})),
            },
            "/userinfo" => user_info(desk, request),
            path if path == discovery_path(&settings) => Reply::json(200, &discovery(desk, &settings)),
            _ => Reply::not_found(),
        }
    }
}

fn terms(settings: &Settings, desk: &Desk) -> Terms {
    let issuer = settings.tenant.is_none().then(|| settings.token_issuer(&desk.origin));
    Terms { is_openid: true, issuer, scope_separators: &[' '] }
}

fn discovery_path(settings: &Settings) -> &'static str {
    match settings.tenant {
        Some(_) => "/common/v2.0/.well-known/openid-configuration",
        None => "/.well-known/openid-configuration",
    }
}

fn discovery(desk: &Desk, settings: &Settings) -> Value {
    let issuer = match desk.lie() {
        Some(Lie::AnotherIssuerInDiscovery) => "https://accounts.example.com".to_owned(),
        _ => settings.issuer(&desk.origin),
    };
    json!({
        "issuer": issuer,
        "authorization_endpoint": endpoint(desk, "/authorize"),
        "token_endpoint": endpoint(desk, "/token"),
        "userinfo_endpoint": endpoint(desk, "/userinfo"),
        "jwks_uri": endpoint(desk, "/jwks"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "subject_types_supported": ["public"],
        "scopes_supported": ["openid", "email", "profile"],
        "id_token_signing_alg_values_supported": Algorithm::ALL.map(Algorithm::name),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": settings.tenant.is_none(),
    })
}

/// Where discovery says that a page is.
fn endpoint(desk: &Desk, path: &str) -> String {
    match (desk.lie(), path) {
        (Some(Lie::KeysOnAnotherHost), "/jwks")
        | (Some(Lie::TokenOnAnotherHost), "/token")
        | (Some(Lie::UserInfoOnAnotherHost), "/userinfo") => format!("http://169.254.169.254/latest{path}"),
        (Some(Lie::AuthorizePageIsScript), "/authorize") => "javascript:alert(document.domain)//".to_owned(),
        _ => desk.url(path),
    }
}

fn token(desk: &Desk, settings: &Settings, request: &Request) -> Result<Value, Refusal> {
    authenticate(desk, request, settings.signed_secret.as_ref())?;
    let grant = redeem(desk, request)?;
    let access_token = desk.issue_token(&grant);
    let claims = claims(desk, settings, &grant, &access_token);
    let id_token = id_token::write(claims, &settings.keys, settings.algorithm, desk.lie(), desk.now());
    let mut tokens = json!({"access_token": access_token, "token_type": "Bearer", "expires_in": LIFETIME});
    if let Some(id_token) = id_token {
        tokens["id_token"] = json!(id_token);
    }
    Ok(tokens)
}

/// The honest claims.
fn claims(desk: &Desk, settings: &Settings, grant: &Grant, access_token: &str) -> Map<String, Value> {
    let now = desk.now();
    let own = json!({
        "iss": settings.token_issuer(&desk.origin),
        "aud": if settings.lists_audience { json!([CLIENT_ID]) } else { json!(CLIENT_ID) },
        "sub": grant.person.subject,
        "iat": now,
        "exp": now + LIFETIME,
        "nonce": grant.nonce,
        "at_hash": half_hash(settings.algorithm, access_token),
        "tid": settings.tenant,
    });
    let mut claims = if settings.is_terse { Map::new() } else { grant.person.scoped_claims(&grant.scopes) };
    claims.extend(own.as_object().cloned().unwrap_or_default());
    claims.retain(|_, value| !value.is_null());
    claims
}

/// The left half of the access token's hash (OpenID Connect Core, section 3.1.3.6).
fn half_hash(algorithm: Algorithm, access_token: &str) -> String {
    let hash = if algorithm == Algorithm::EdDsa { &SHA512 } else { &SHA256 };
    let hash = digest(hash, access_token.as_bytes());
    base64url(&hash.as_ref()[..hash.as_ref().len() / 2])
}

fn user_info(desk: &Desk, request: &Request) -> Reply {
    let Some(grant) = bearer(desk, request) else {
        return Reply::json(401, &json!({"error": "invalid_token"}));
    };
    let mut claims = grant.person.scoped_claims(&grant.scopes);
    claims.insert("sub".to_owned(), json!(grant.person.subject));
    let says_another = desk.tells(Lie::AnotherSubjectInUserInfo);
    if says_another || desk.tells(Lie::MissingSubjectInUserInfo) {
        claims.insert("sub".to_owned(), json!("somebody-else"));
        claims.retain(|name, _| says_another || name != "sub");
        claims.insert("email".to_owned(), json!(Lie::VICTIM));
        claims.insert("email_verified".to_owned(), json!(true));
    }
    Reply::json(200, &Value::Object(claims))
}

//! A client of OpenID Connect that checks everything there is to check, and says what it found wrong.

use alyx_testing::{Browser, Client, OidcProvider, Response, Value, encode, json};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use ring::{digest, signature};
use url::Url;

pub(crate) const REDIRECT: &str = "http://app.localhost/callback";
pub(crate) const VERIFIER: &str = "a-verifier-of-forty-three-letters-or-even-more";
const STATE: &str = "a-state-of-one-sign-in";
const NONCE: &str = "a-nonce-of-one-sign-in";

/// What is wrong with the provider.
pub(crate) type Fault = &'static str;

/// Where a client is that has started to sign somebody in.
#[derive(Debug)]
pub(crate) struct Started {
    pub(crate) discovery: Value,
    pub(crate) code: String,
}

/// Signs the provider's person in; the claims of the id token and of userinfo together.
pub(crate) fn sign_in(provider: &OidcProvider) -> Result<Value, Fault> {
    let started = start(provider)?;
    let fields = token_fields(provider, &started.code);
    let tokens = good_json(&post_form(&token_endpoint(&started), &fields, None), "token")?;
    let id_token = tokens["id_token"].as_str().ok_or("no id token")?;
    let access_token = tokens["access_token"].as_str().ok_or("no access token")?;
    let keys = keys(&started.discovery)?;
    let mut claims = verified(id_token, &keys)?;
    check(&claims, provider, id_token, access_token)?;
    let user_info = user_info(&started.discovery, access_token)?;
    if user_info["sub"] != claims["sub"] {
        return Err("userinfo of another");
    }
    claims.as_object_mut().unwrap().extend(user_info.as_object().unwrap().clone());
    Ok(claims)
}

/// From discovery to the code in the callback.
pub(crate) fn start(provider: &OidcProvider) -> Result<Started, Fault> {
    let url = format!("{}/.well-known/openid-configuration", provider.issuer());
    let discovery = good_json(&get(&url, None), "discovery")?;
    let is_template = provider.issuer().ends_with("/common/v2.0");
    if !is_template && discovery["issuer"] != provider.issuer() {
        return Err("another issuer in discovery");
    }
    check_endpoints(&discovery)?;
    let mut browser = Browser::new().stopping_at(REDIRECT);
    browser.open(&authorize_url(provider, "openid email profile")).expect_status(302);
    callback(&browser, &discovery)
}

fn check_endpoints(discovery: &Value) -> Result<(), Fault> {
    let endpoints = [
        ("authorization_endpoint", "authorize page on another host"),
        ("token_endpoint", "token on another host"),
        ("userinfo_endpoint", "userinfo on another host"),
        ("jwks_uri", "keys on another host"),
    ];
    let is_here = |name: &str| discovery[name].as_str().is_some_and(|url| url.starts_with("http://127.0.0.1:"));
    endpoints.into_iter().find(|(name, _)| !is_here(name)).map_or(Ok(()), |(_, fault)| Err(fault))
}

/// The address to which the browser is sent.
pub(crate) fn authorize_url(provider: &OidcProvider, scope: &str) -> String {
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, VERIFIER.as_bytes()));
    let parameters = [
        ("response_type", "code"),
        ("client_id", provider.client_id()),
        ("redirect_uri", REDIRECT),
        ("scope", scope),
        ("state", STATE),
        ("nonce", NONCE),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    Url::parse_with_params(&format!("{}/authorize", provider.origin()), parameters).unwrap().into()
}

fn callback(browser: &Browser, discovery: &Value) -> Result<Started, Fault> {
    if browser.parameter("state").ok_or("no state")? != STATE {
        return Err("another state");
    }
    if browser.parameter("error").is_some() {
        return Err("denied");
    }
    let promised = discovery["authorization_response_iss_parameter_supported"] == true;
    match browser.parameter("iss") {
        Some(issuer) if discovery["issuer"] != issuer => return Err("another issuer in the callback"),
        None if promised => return Err("no issuer in the callback"),
        _ => {}
    }
    let code = browser.parameter("code").ok_or("no code")?;
    Ok(Started { discovery: discovery.clone(), code })
}

/// The code that an address of the provider's leads to.
pub(crate) fn code_for(url: &str) -> String {
    let mut browser = Browser::new().stopping_at(REDIRECT);
    browser.open(url).expect_status(302);
    browser.parameter("code").unwrap()
}

/// The form that a code is redeemed with.
pub(crate) fn token_fields(provider: &OidcProvider, code: &str) -> Vec<(&'static str, String)> {
    vec![
        ("grant_type", "authorization_code".to_owned()),
        ("code", code.to_owned()),
        ("redirect_uri", REDIRECT.to_owned()),
        ("code_verifier", VERIFIER.to_owned()),
        ("client_id", provider.client_id().to_owned()),
        ("client_secret", provider.client_secret().to_owned()),
    ]
}

pub(crate) fn token_endpoint(started: &Started) -> String {
    started.discovery["token_endpoint"].as_str().unwrap().to_owned()
}

/// The header of HTTP Basic for the provider's client.
pub(crate) fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", encode(id), encode(secret))))
}

pub(crate) fn post_form(url: &str, fields: &[(&str, String)], authorization: Option<&str>) -> Response {
    let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    let kind = ("Content-Type", "application/x-www-form-urlencoded");
    send("POST", url, &[kind, ("Accept", "application/json")], authorization, &body.join("&"))
}

pub(crate) fn get(url: &str, authorization: Option<&str>) -> Response {
    send("GET", url, &[("User-Agent", "test")], authorization, "")
}

fn send(method: &str, url: &str, headers: &[(&str, &str)], authorization: Option<&str>, body: &str) -> Response {
    let url = Url::parse(url).unwrap();
    let address = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap()).parse().unwrap();
    let mut headers = headers.to_vec();
    headers.extend(authorization.map(|value| ("Authorization", value)));
    let path = &url[url::Position::BeforePath..];
    Client::new(address).try_send_bytes(method, path, &headers, body.as_bytes()).unwrap()
}

fn good_json(response: &Response, fault: Fault) -> Result<Value, Fault> {
    let is_json = response.header("content-type") == Some("application/json");
    let body = serde_json::from_slice(&response.body).ok();
    body.filter(|_| response.status == 200 && is_json).ok_or(fault)
}

fn keys(discovery: &Value) -> Result<Value, Fault> {
    good_json(&get(discovery["jwks_uri"].as_str().unwrap(), None), "keys")
}

fn user_info(discovery: &Value, access_token: &str) -> Result<Value, Fault> {
    let url = discovery["userinfo_endpoint"].as_str().unwrap();
    good_json(&get(url, Some(&format!("Bearer {access_token}"))), "userinfo")
}

/// The claims of a token that one of the keys has signed.
fn verified(token: &str, keys: &Value) -> Result<Value, Fault> {
    let parts: Vec<&str> = token.split('.').collect();
    let [head, claims, seal] = parts[..] else { return Err("no token") };
    let header: Value = serde_json::from_slice(&decoded(head)).map_err(|_| "no token")?;
    let algorithm = header["alg"].as_str().unwrap_or_default();
    if !["ES256", "RS256", "EdDSA"].contains(&algorithm) {
        return Err("alg");
    }
    if header.get("crit").is_some() {
        return Err("crit");
    }
    let keys = keys["keys"].as_array().unwrap();
    let key = keys.iter().find(|key| key["kid"] == header["kid"] && key["alg"] == algorithm).ok_or("kid")?;
    let message = format!("{head}.{claims}");
    if !is_signed(key, message.as_bytes(), &decoded(seal)) {
        return Err("signature");
    }
    Ok(serde_json::from_slice(&decoded(claims)).unwrap())
}

fn is_signed(key: &Value, message: &[u8], seal: &[u8]) -> bool {
    let part = |name: &str| decoded(key[name].as_str().unwrap());
    match key["kty"].as_str().unwrap() {
        "RSA" => signature::RsaPublicKeyComponents { n: part("n"), e: part("e") }
            .verify(&signature::RSA_PKCS1_2048_8192_SHA256, message, seal)
            .is_ok(),
        "EC" => {
            let point = [vec![4], part("x"), part("y")].concat();
            signature::UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point).verify(message, seal).is_ok()
        }
        _ => signature::UnparsedPublicKey::new(&signature::ED25519, part("x")).verify(message, seal).is_ok(),
    }
}

fn check(claims: &Value, provider: &OidcProvider, id_token: &str, access_token: &str) -> Result<(), Fault> {
    let issuer = match claims["tid"].as_str() {
        Some(tenant) => format!("{}/{tenant}/v2.0", provider.origin()),
        None => provider.issuer(),
    };
    let id = provider.client_id();
    let now = i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
    let time = |name: &str| claims[name].as_i64();
    let is_ours = claims["aud"] == id || claims["aud"].as_array().is_some_and(|all| all.contains(&json!(id)));
    let checks = [
        (claims["iss"] == issuer, "iss"),
        (is_ours, "aud"),
        (claims["aud"].as_array().is_none_or(|all| all.len() == 1) || claims.get("azp").is_some(), "no azp"),
        (claims.get("azp").is_none_or(|party| party == id), "azp"),
        (claims["nonce"] == NONCE, "nonce"),
        (time("exp").is_some_and(|expiry| expiry > now), "exp"),
        (time("iat").is_some_and(|issued| issued <= now + 60), "iat"),
        (time("nbf").is_none_or(|start| start <= now + 60), "nbf"),
        (claims["sub"].as_str().is_some_and(|subject| !subject.is_empty()), "sub"),
        (claims["at_hash"] == access_token_hash(id_token, access_token), "at_hash"),
    ];
    checks.into_iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, fault)| Err(fault))
}

fn access_token_hash(id_token: &str, access_token: &str) -> String {
    let header: Value = serde_json::from_slice(&decoded(id_token.split('.').next().unwrap())).unwrap();
    let algorithm = if header["alg"] == "EdDSA" { &digest::SHA512 } else { &digest::SHA256 };
    let hash = digest::digest(algorithm, access_token.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
}

/// A part of a token, or of a key.
pub(crate) fn decoded(part: &str) -> Vec<u8> {
    BASE64_URL_SAFE_NO_PAD.decode(part).unwrap_or_default()
}

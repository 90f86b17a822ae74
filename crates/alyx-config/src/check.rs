//! What no single setting can say: settings that do not go together, and secrets that are none.

mod oauth;

use std::time::Duration;

use url::Url;

use crate::{
    Config, check_secret,
    raw::Settings,
    section::{Algorithm, Runtime},
    value::Origin,
};

/// Longest password that is taken, in bytes.
const LONGEST_PASSWORD: u32 = 1024;

/// Reports every contradiction between settings that are each right.
pub(crate) fn check(config: &Config, settings: &mut Settings) {
    let mut checks = Checks { settings };
    server(config, &mut checks);
    tokens(config, &mut checks);
    passwords(config, &mut checks);
    links(config, &mut checks);
    roles(config, &mut checks);
    oauth::check(&config.auth.oauth, &mut checks);
    let functions = &config.functions;
    for (path, runtime) in
        [("functions.node", &functions.node), ("functions.python", &functions.python), ("functions.go", &functions.go)]
    {
        workers(path, runtime, &mut checks);
    }
    pages(config, &mut checks);
}

struct Checks<'a> {
    settings: &'a mut Settings,
}

impl Checks<'_> {
    /// Reports at the first of `paths` that was given, unless one of them is wrong by itself.
    fn refuse(&mut self, paths: &[&str], message: &str, hint: &str) {
        if paths.iter().any(|path| self.settings.is_wrong(path)) {
            return;
        }
        let given = paths.iter().find(|path| self.settings.get(path).is_some()).or(paths.first());
        let place = self.settings.place(given.map_or("", |path| path));
        self.settings.report(place.fault("config_conflict", message).with_hint(Some(hint.to_owned())));
    }
}

fn server(config: &Config, checks: &mut Checks<'_>) {
    let server = &config.server;
    if server.cors.credentials && server.cors.origins.contains(&Origin::Any) {
        let paths = ["server.cors.credentials", "server.cors.origins"];
        checks.refuse(&paths, "server.cors.credentials cannot be true for any origin", "name the origins instead of *");
    }
    match (&server.tls.cert, &server.tls.key) {
        (Some(_), None) => {
            checks.refuse(
                &["server.tls.cert", "server.tls.key"],
                "server.tls.cert needs server.tls.key",
                "set both or none",
            );
        }
        (None, Some(_)) => {
            checks.refuse(
                &["server.tls.key", "server.tls.cert"],
                "server.tls.key needs server.tls.cert",
                "set both or none",
            );
        }
        _ => {}
    }
    let public = server.public_url.as_ref();
    if public.is_some_and(|url| url.query().is_some() || url.fragment().is_some()) {
        let message = "server.public_url must not have a query or a fragment";
        checks.refuse(&["server.public_url"], message, "end it before the ? or #");
    }
    for (path, duration) in [
        ("realtime.poll_interval", config.realtime.poll_interval),
        ("realtime.ping_interval", config.realtime.ping_interval),
        ("dev.debounce", config.dev.debounce),
    ] {
        if duration < Duration::from_millis(1) {
            checks.refuse(&[path], &format!("{path} must be 1ms or more"), "50ms is usual");
        }
    }
}

fn tokens(config: &Config, checks: &mut Checks<'_>) {
    let jwt = &config.auth.jwt;
    if let Some(Err(weak)) = jwt.secret.as_ref().map(|secret| check_secret(secret.expose())) {
        let hint = "make one with `openssl rand -base64 48`, or leave it out and Alyx makes one";
        checks.refuse(&["auth.jwt.secret"], &format!("auth.jwt.secret {weak}"), hint);
    }
    if let Some(weak) = jwt.previous_secrets.iter().find_map(|secret| check_secret(secret.expose()).err()) {
        let hint = "take it out; who it was given to must sign in again";
        checks.refuse(&["auth.jwt.previous_secrets"], &format!("one of auth.jwt.previous_secrets {weak}"), hint);
    }
    if jwt.algorithm == Algorithm::EdDsa && jwt.secret.is_some() {
        let message = "auth.jwt.secret is for HS256; keys of EdDSA are made and kept in the data folder";
        let hint = "take it out, or put it into auth.jwt.previous_secrets so that tokens that it signed stay good";
        checks.refuse(&["auth.jwt.secret", "auth.jwt.algorithm"], message, hint);
    }
    let lifetimes = [
        ("auth.jwt.access_ttl", jwt.access_ttl),
        ("auth.jwt.refresh_ttl", jwt.refresh_ttl),
        ("auth.verification_ttl", config.auth.verification_ttl),
        ("auth.reset_ttl", config.auth.reset_ttl),
    ];
    for (path, ttl) in lifetimes {
        if ttl < Duration::from_secs(1) {
            checks.refuse(&[path], &format!("{path} must be 1s or more"), "a token that is never good serves nobody");
        }
    }
    if jwt.refresh_ttl < jwt.access_ttl {
        let message = "auth.jwt.refresh_ttl must not be shorter than auth.jwt.access_ttl";
        checks.refuse(&["auth.jwt.refresh_ttl", "auth.jwt.access_ttl"], message, "15m and 7d are the defaults");
    }
}

fn passwords(config: &Config, checks: &mut Checks<'_>) {
    let password = &config.auth.password;
    if !(4..=15).contains(&password.bcrypt_cost) {
        let message = "auth.password.bcrypt_cost must be a whole number from 4 to 15";
        checks.refuse(&["auth.password.bcrypt_cost"], message, "10 takes some 50ms, and each step doubles it");
    }
    if password.min_length.get() > LONGEST_PASSWORD {
        let message = format!("auth.password.min_length must be {LONGEST_PASSWORD} or less");
        checks.refuse(&["auth.password.min_length"], &message, "8 is the default");
    }
}

fn links(config: &Config, checks: &mut Checks<'_>) {
    let links = &config.auth.links;
    for (path, link) in [
        ("auth.links.verify_email", &links.verify_email),
        ("auth.links.reset_password", &links.reset_password),
        ("auth.links.change_email", &links.change_email),
    ] {
        let Some(link) = link else { continue };
        let is_page =
            Url::parse(&link.replace("{token}", "t")).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if !is_page || link.matches("{token}").count() != 1 {
            let message = format!("{path} must be a URL with {{token}} in it");
            checks.refuse(&[path], &message, "such as https://app.example.com/reset?token={token}");
        }
    }
}

fn roles(config: &Config, checks: &mut Checks<'_>) {
    let roles = &config.auth.roles;
    for needed in ["user", "admin"] {
        if !roles.iter().any(|role| role == needed) {
            checks.refuse(&["auth.roles"], &format!("auth.roles must have {needed}"), "user and admin always exist");
        }
    }
    let letters =
        |role: &String| role.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    for role in roles.iter().filter(|role| !letters(role)) {
        let message = format!("\"{}\" is no name for a role", role.escape_debug());
        checks.refuse(&["auth.roles"], &message, "small letters, digits and _");
    }
}

fn workers(path: &str, runtime: &Runtime, checks: &mut Checks<'_>) {
    if runtime.min_warm > runtime.max_instances.get() {
        let [warm, most] = [format!("{path}.min_warm"), format!("{path}.max_instances")];
        let message = format!("{warm} must not be more than {most}");
        checks.refuse(&[&warm, &most], &message, "raise max_instances");
    }
}

fn pages(config: &Config, checks: &mut Checks<'_>) {
    let mail = &config.mail;
    if mail.host.is_some() && mail.from.is_none() {
        checks.refuse(&["mail.host", "mail.from"], "mail.host needs mail.from", "such as Blog <noreply@example.com>");
    }
    if mail.from.as_ref().is_some_and(|from| !from.contains('@') || from.contains(['\r', '\n'])) {
        let message = "mail.from must be a mail address";
        checks.refuse(&["mail.from"], message, "such as Blog <noreply@example.com>");
    }
    let frontend = &config.frontend;
    if !frontend.root.starts_with('/') {
        checks.refuse(&["frontend.root"], "frontend.root must start with /", "/ serves it at the top");
    }
    let taken = ["/api", "/internal", "/_admin", "/health", "/metrics"];
    if taken.iter().any(|path| frontend.root == *path || frontend.root.starts_with(&format!("{path}/"))) {
        checks.refuse(&["frontend.root"], "frontend.root is a path of the server's own", "/ or /app, for example");
    }
    if frontend.build_command.is_some() && frontend.source.is_none() {
        let paths = ["frontend.build_command", "frontend.source"];
        checks.refuse(&paths, "frontend.build_command needs frontend.source", "the folder that it runs in");
    }
}

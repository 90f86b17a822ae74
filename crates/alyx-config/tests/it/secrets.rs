//! Row 38 of the attacks: default secrets never start a server, and secrets never show.

use crate::support::Given;

#[track_caller]
fn refused(secret: &str) {
    let variables = [("ALYX_AUTH_JWT_SECRET", secret)];
    let said = Given { variables: &variables, ..Given::default() }.resolve().expect_err(secret);
    assert!(said.starts_with("ALYX_AUTH_JWT_SECRET: auth.jwt.secret "), "{said}");
    assert!(secret.len() < 8 || !said.contains(secret), "{said}");
}

#[test]
fn ac38_known_secrets_are_refused_wherever_they_come_from() {
    refused("changeme");
    refused("secret");
    refused("password");
    refused("your-secret-key-min-32-characters-long!!");
    refused(&"0".repeat(64));
    refused("8 chars?");
    let file = "auth:\n  jwt:\n    secret: change-me-change-me-change-me-change-me\n";
    let said = Given { file: Some(file), ..Given::default() }.resolve().unwrap_err();
    assert!(said.starts_with("alyx.yaml:3:13: auth.jwt.secret is a known sample"), "{said}");
}

#[test]
fn secrets_show_neither_in_debug_nor_in_json() {
    let secret = "rG7vKp2xWq9LmZ4tNc8YbHd3FsJ6uTe1";
    let variables = [
        ("ALYX_AUTH_JWT_SECRET", secret),
        ("ALYX_MAIL_PASSWORD", secret),
        ("ALYX_AUTH_OAUTH_GITHUB_CLIENT_ID", "id"),
        ("ALYX_AUTH_OAUTH_GITHUB_CLIENT_SECRET", secret),
    ];
    let config = Given { variables: &variables, ..Given::default() }.resolve().unwrap();
    assert!(config.auth.oauth.github.client_secret.is_some() && config.auth.oauth.google.client_secret.is_none());
    let shown = format!("{config:?} {}", config.redacted_json());
    assert!(!shown.contains(secret), "{shown}");
    assert_eq!(config.redacted_json()["auth"]["jwt"]["secret"], "…");
}

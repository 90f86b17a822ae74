//! Mail through a mail server.

use std::fs;

use alyx_testing::SmtpSink;
use serde_json::json;

use crate::desk::{Desk, PASSWORD, USERS, client, open};

async fn posting(sink: &SmtpSink, settings: &str) -> (Desk, alyx_auth::Auth) {
    let mail = format!(
        "mail: {{host: 127.0.0.1, port: {}, encryption: none, from: 'Blög <noreply@example.com>'}}\n{settings}",
        sink.port()
    );
    let desk = Desk::with(&mail, USERS).await;
    let auth = open(&desk.config, desk.folder.path(), &desk.clock, None).unwrap();
    (desk, auth)
}

#[tokio::test]
async fn a_reset_goes_through_the_mail_server() {
    let sink = SmtpSink::start();
    let (desk, auth) = posting(&sink, "server: {public_url: 'https://blog.example.com'}").await;
    desk.make(json!({"email": "ada@example.com"})).await.unwrap();
    auth.request_password_reset(&desk.store, "ada@example.com", &client("192.0.2.1")).unwrap();
    let mail = tokio::task::spawn_blocking(move || (sink.wait_for("ada@example.com"), sink)).await.unwrap().0;
    assert_eq!(
        (mail.from.as_str(), mail.subject.as_str()),
        ("noreply@example.com", "Set a new password for blog.example.com")
    );
    let token = mail.after("https://blog.example.com/_auth/reset-password#token=");
    assert!(mail.html.contains(&format!("href=\"https://blog.example.com/_auth/reset-password#token={token}\"")));
    assert!(mail.raw.contains("Auto-Submitted: auto-generated") && mail.raw.contains("Message-ID: "));
    auth.confirm_password_reset(&desk.store, (&token, PASSWORD), &client("192.0.2.1")).await.unwrap();
    assert!(auth.login(&desk.store, "ada@example.com", PASSWORD, &client("192.0.2.1")).await.is_ok());
}

#[tokio::test]
async fn links_lead_where_the_app_wants_them_and_texts_are_the_projects_own() {
    let sink = SmtpSink::start();
    let settings = "auth: {links: {verify_email: 'https://app.example.com/verify?token={token}&from=mail'}}";
    let (desk, _) = posting(&sink, settings).await;
    let folder = desk.folder.path().join("mail");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("verify-email.subject.txt"), "Grüße von {{ site }}").unwrap();
    fs::write(folder.join("verify-email.txt"), "Hier: {{ link }} für {{ email }}").unwrap();
    let auth = open(&desk.config, desk.folder.path(), &desk.clock, None).unwrap();
    desk.make(json!({"email": "ada@example.com"})).await.unwrap();
    auth.request_verification(&desk.store, "ada@example.com", &client("192.0.2.1")).unwrap();
    let mail = tokio::task::spawn_blocking(move || (sink.wait_for("ada@example.com"), sink)).await.unwrap().0;
    assert_eq!(mail.subject, "Grüße von 127.0.0.1:8090");
    assert!(
        mail.text.starts_with("Hier: https://app.example.com/verify?token=")
            && mail.text.ends_with("&from=mail für ada@example.com"),
        "{mail:?}"
    );
    fs::write(folder.join("verify-email.txt"), "{{ lnik }}").unwrap();
    let said = open(&desk.config, desk.folder.path(), &desk.clock, None).err().unwrap().to_string();
    assert!(said.starts_with("mail/verify-email.txt:1:1: there is no \"lnik\" in this mail"), "{said}");
}

#[tokio::test]
async fn a_mail_that_must_be_encrypted_does_not_leave_in_the_clear() {
    let sink = SmtpSink::start();
    let (mut desk, _) = posting(&sink, "").await;
    desk.config.mail.encryption = alyx_config::section::Encryption::Starttls;
    let auth = open(&desk.config, desk.folder.path(), &desk.clock, None).unwrap();
    desk.make(json!({"email": "ada@example.com"})).await.unwrap();
    auth.request_password_reset(&desk.store, "ada@example.com", &client("192.0.2.1")).unwrap();
    // The server offers no encryption, which is no passing trouble: the mail is given up.
    auth.settle().await;
    assert_eq!(sink.mails(), []);
}

#[tokio::test]
async fn without_a_mail_server_nothing_is_sent_and_nothing_fails() {
    let desk = Desk::new().await;
    let auth = open(&desk.config, desk.folder.path(), &desk.clock, None).unwrap();
    desk.make(json!({"email": "ada@example.com"})).await.unwrap();
    auth.request_password_reset(&desk.store, "ada@example.com", &client("192.0.2.1")).unwrap();
    auth.settle().await;
}

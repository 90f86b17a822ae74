//! Row 45 of the attacks: what is logged opens nothing.

use std::{
    fmt::{Debug, Write},
    sync::{Arc, Mutex},
};

use alyx_auth::{Console, Mail, MailFault, Mailer};
use futures_util::future::{BoxFuture, ready};
use serde_json::json;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

use crate::desk::{Desk, PASSWORD, client, open};

/// Keeps every field of every event as text.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<String>>);

impl Visit for Kept {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0.lock().unwrap(), "{}={value:?} ", field.name()).unwrap();
    }
}

impl Subscriber for Kept {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        attributes.record(&mut self.clone());
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
        self.0.lock().unwrap().push('\n');
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// A mail server that is never there.
struct Broken;

impl Mailer for Broken {
    fn send<'m>(&'m self, _: &'m Mail) -> BoxFuture<'m, Result<(), MailFault>> {
        Box::pin(ready(Err(MailFault { reason: "no".to_owned(), is_final: true })))
    }
}

#[tokio::test]
async fn ac45_no_log_holds_what_opens_anything() {
    let kept = Kept::default();
    let _guard = tracing::subscriber::set_default(kept.clone());
    let desk = Desk::new().await;
    let ada = desk.register("ada@example.com").await;
    let verify = Desk::token_in(&desk.mails().await, "verify-email", "ada@example.com");
    let _ = desk.login("ada@example.com", "a wrong password").await;
    let next = desk.refresh(&ada.tokens.refresh_token).await.unwrap();
    desk.pass(60);
    desk.refresh(&ada.tokens.refresh_token).await.unwrap_err();
    let link = desk.auth.set_up_link(&desk.store).await.unwrap().unwrap();
    let broken = alyx_auth::Auth::open(alyx_auth::AuthOptions {
        mailer: Some(Arc::new(Broken)),
        ..alyx_auth::AuthOptions::new(&desk.config, desk.folder.path())
    });
    broken.unwrap().request_password_reset(&desk.store, "ada@example.com", &client("192.0.2.1")).unwrap();
    let mute = open(&desk.config, desk.folder.path(), &desk.clock, None::<Console>).unwrap();
    mute.request_password_reset(&desk.store, "ada@example.com", &client("192.0.2.1")).unwrap();
    mute.settle().await;
    desk.make(json!({"email": "eve@example.com", "password": PASSWORD})).await.unwrap();
    while !kept.0.lock().unwrap().contains("a mail did not leave") {
        tokio::task::yield_now().await;
    }
    let logged = kept.0.lock().unwrap().clone();
    for told in ["used a second time", "a mail did not leave", "a mail was not sent"] {
        assert!(logged.contains(told), "{told}: {logged}");
    }
    let hash = desk.store.credentials_by_email("ada@example.com").await.unwrap().unwrap().password_hash.unwrap();
    let set_up = link.split_once("token=").unwrap().1;
    let secrets = [
        PASSWORD,
        "a wrong password",
        &verify,
        set_up,
        &hash,
        "alyx_rt_",
        &ada.tokens.access_token,
        &next.tokens.access_token,
    ];
    for secret in secrets {
        assert!(!logged.contains(secret), "{secret}: {logged}");
    }
}

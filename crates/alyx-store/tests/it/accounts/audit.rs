//! The audit log is written once and never changed.

use alyx_store::account::{Actor, ActorKind, AuditQuery, NewAuditEntry};
use serde_json::{Map, json};

use super::{PLAIN, noon};
use crate::fixture::Fixture;

#[tokio::test]
async fn the_audit_log_cannot_be_changed() {
    let fixture = Fixture::open(PLAIN).await;
    let note = |action| {
        let new = NewAuditEntry {
            at: noon(),
            actor: Actor {
                kind: ActorKind::Account,
                id: Some("ada".to_owned()),
                name: Some("ada@example.com".to_owned()),
            },
            action,
            target: Some("bob".to_owned()),
            details: Map::from_iter([("role".to_owned(), json!("admin"))]),
            ip: Some("192.0.2.1".to_owned()),
            request_id: None,
        };
        fixture.store.write_with(move |transaction| Box::pin(async move { transaction.insert_audit_entry(&new).await }))
    };
    note("account.role_changed").await.unwrap();
    note("account.banned").await.unwrap();
    for statement in [
        "UPDATE _alyx_audit SET action = 'x'",
        "DELETE FROM _alyx_audit",
        "DELETE FROM _alyx_audit WHERE id = 1",
        "INSERT OR REPLACE INTO _alyx_audit (id, at, actor_kind, action) VALUES (1, '', '', '')",
        "REPLACE INTO _alyx_audit (id, at, actor_kind, action) VALUES (1, '', '', '')",
        "INSERT INTO _alyx_audit (id, at, actor_kind, action) VALUES (1, '', '', '') ON CONFLICT DO UPDATE SET action = 'x'",
    ] {
        let refused =
            fixture.store.write_with(move |transaction| Box::pin(async move { transaction.script(statement).await }));
        assert!(refused.await.is_err(), "{statement}");
    }
    let entries = fixture.store.audit(&AuditQuery { limit: 10, ..AuditQuery::default() }).await.unwrap();
    let actions: Vec<_> = entries.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["account.banned", "account.role_changed"]);
    assert_eq!(entries[1].details["role"], "admin");
    let before = AuditQuery { before: Some(entries[0].id), limit: 10, ..AuditQuery::default() };
    assert_eq!(fixture.store.audit(&before).await.unwrap().len(), 1);
    let of_action = AuditQuery { action: Some("account.banned".to_owned()), limit: 10, ..AuditQuery::default() };
    assert_eq!(fixture.store.audit(&of_action).await.unwrap().len(), 1);
}

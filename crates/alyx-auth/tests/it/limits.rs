//! The limits as callers meet them.

use alyx_auth::Error;
use serde_json::json;

use crate::desk::{Desk, PASSWORD, USERS, client};

const LIMITED: &str = "auth: {rate_limit: {login: 5/minute, register: 3/minute, password_reset: 3/hour}}";

#[tokio::test]
async fn ac17_a_guesser_is_slowed_and_the_owner_is_not_locked_out() {
    let desk = Desk::with(LIMITED, USERS).await;
    let home = client("203.0.113.7");
    desk.register("ada@example.com").await;
    let login =
        async |password: &str, ip: &str| desk.auth.login(&desk.store, "ada@example.com", password, &client(ip)).await;
    desk.auth.login(&desk.store, "ada@example.com", PASSWORD, &home).await.unwrap();
    let work = desk.auth.password_work();
    for number in 0..300 {
        let _ = login("wrong horse", &format!("198.51.100.{}", number % 100)).await;
    }
    assert_eq!((desk.auth.password_work() - work) / 16, 50, "the others were not even checked");
    assert!(
        matches!(login(PASSWORD, "198.51.100.200").await, Err(Error::RateLimited { .. })),
        "not from an address it was never at"
    );
    for _ in 0..20 {
        assert!(desk.auth.login(&desk.store, "ada@example.com", PASSWORD, &home).await.is_ok());
    }
    desk.pass(60);
    assert!(login(PASSWORD, "198.51.100.200").await.is_ok());
}

#[tokio::test]
async fn ac17_parallel_guesses_do_not_race() {
    let desk = Desk::with(LIMITED, USERS).await;
    desk.register("ada@example.com").await;
    let tries = (0..50).map(|_| async { desk.login("ada@example.com", "wrong horse").await });
    let tried = futures_util::future::join_all(tries).await;
    let checked = tried.iter().filter(|tried| matches!(tried, Err(Error::InvalidCredentials))).count();
    assert_eq!(checked, 5);
    assert!(
        tried
            .iter()
            .all(|tried| matches!(tried, Err(Error::InvalidCredentials | Error::RateLimited { retry_after: 12 })))
    );
}

#[tokio::test]
async fn ac16_the_limit_does_not_tell_whether_there_is_an_account() {
    let desk = Desk::with(LIMITED, USERS).await;
    desk.register("ada@example.com").await;
    for email in ["ada@example.com", "nobody@example.com"] {
        let mut answers = Vec::new();
        for number in 0..60 {
            let ip = format!("198.51.100.{number}");
            answers
                .push(desk.auth.login(&desk.store, email, "wrong horse", &client(&ip)).await.unwrap_err().to_string());
        }
        assert_eq!(answers.iter().filter(|answer| answer.starts_with("the e-mail")).count(), 50, "{email}");
        desk.pass(60);
    }
}

#[tokio::test]
async fn a_stolen_token_does_not_guess_the_password() {
    let desk = Desk::with(LIMITED, USERS).await;
    let ada = desk.register("ada@example.com").await;
    let caller = desk.authenticate(&ada.tokens.access_token).await.unwrap();
    for _ in 0..5 {
        let tried = desk
            .auth
            .change_password(&desk.store, &caller, ("wrong horse", "battery staple"), &client("192.0.2.1"))
            .await;
        assert!(matches!(tried, Err(Error::InvalidCredentials)));
    }
    let tried = desk.auth.delete_own_account(&desk.store, &caller, Some(PASSWORD), &client("192.0.2.2")).await;
    assert!(matches!(tried, Err(Error::RateLimited { .. })));
}

#[tokio::test]
async fn registrations_and_requests_are_counted_all() {
    let desk = Desk::with(LIMITED, USERS).await;
    for number in 0..3 {
        desk.register(&format!("u{number}@example.com")).await;
        desk.auth.request_password_reset(&desk.store, "nobody@example.com", &client("192.0.2.1")).unwrap();
    }
    let refused = desk.try_register(json!({"email": "u9@example.com", "password": PASSWORD})).await;
    assert!(matches!(refused, Err(Error::RateLimited { retry_after: 20 })));
    let refused = desk.auth.request_password_reset(&desk.store, "nobody@example.com", &client("192.0.2.1"));
    assert!(matches!(refused, Err(Error::RateLimited { retry_after: 1200 })));
}

//! Guessers are slowed, owners are not locked out.

use std::sync::atomic::{AtomicI64, Ordering};

use alyx_config::Config;
use jiff::Timestamp;

use super::*;

#[derive(Default)]
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + self.0.load(Ordering::Relaxed)).unwrap()
    }
}

fn limits() -> (Limits, Arc<Hands>) {
    let clock = Arc::<Hands>::default();
    (Limits::new(&Config::default().auth.rate_limit, Arc::<Hands>::clone(&clock)), clock)
}

fn client(ip: &str) -> Client {
    Client { ip: Some(ip.parse().unwrap()), ..Client::default() }
}

async fn guess(limits: &Limits, email: &str, ip: &str, is_known: bool) -> bool {
    limits.login(email, &client(ip), async { Ok(is_known) }).await.is_ok()
}

#[tokio::test]
async fn ac17_one_address_guesses_five_times_a_minute() {
    let (limits, clock) = limits();
    for _ in 0..5 {
        assert!(guess(&limits, "ada", "192.0.2.1", false).await);
    }
    let refused = limits.login("ada", &client("192.0.2.1"), async { Ok(true) }).await.err().unwrap();
    assert!(matches!(refused, Error::RateLimited { retry_after: 12 }));
    assert!(guess(&limits, "bob", "192.0.2.1", false).await, "another account");
    assert!(guess(&limits, "ada", "192.0.2.2", false).await, "another address");
    clock.0.store(12, Ordering::Relaxed);
    assert!(guess(&limits, "ada", "192.0.2.1", false).await);
    assert!(!guess(&limits, "ada", "192.0.2.1", false).await);
}

#[tokio::test]
async fn ac17_one_address_does_not_try_every_account() {
    let (limits, _) = limits();
    let mut passed = 0;
    for number in 0..200 {
        passed += usize::from(guess(&limits, &format!("user{number}"), "2001:db8::1", false).await);
    }
    assert_eq!(passed, 50);
    assert!(!guess(&limits, "other", "2001:db8::ffff", false).await, "the same customer");
    assert!(guess(&limits, "other", "2001:db8:0:1::1", false).await);
}

#[tokio::test]
async fn ac17_many_addresses_slow_each_other_and_never_the_owner() {
    let (limits, _) = limits();
    let mut passed = 0;
    for number in 0..200 {
        passed += usize::from(guess(&limits, "ada", &format!("198.51.100.{number}"), false).await);
    }
    assert_eq!(passed, 50);
    assert!(!guess(&limits, "ada", "203.0.113.1", false).await);
    assert!(guess(&limits, "ada", "203.0.113.1", true).await, "the account was signed in from here before");
}

#[tokio::test]
async fn a_sign_in_that_succeeds_does_not_count_and_one_under_way_does() {
    let (limits, _) = limits();
    for _ in 0..100 {
        limits.login("ada", &client("192.0.2.1"), async { Ok(false) }).await.unwrap().give_back();
    }
    let mut under_way = Vec::new();
    for _ in 0..5 {
        under_way.push(limits.login("ada", &client("192.0.2.1"), async { Ok(false) }).await.unwrap());
    }
    assert!(!guess(&limits, "ada", "192.0.2.1", false).await, "parallel guesses do not race");
    under_way.pop().unwrap().give_back();
    assert!(guess(&limits, "ada", "192.0.2.1", false).await);
}

#[test]
fn other_calls_count_every_attempt() {
    let (limits, clock) = limits();
    for number in 0..3 {
        limits.register(&format!("a{number}"), &client("192.0.2.1")).unwrap();
        limits.reset("ada", &client(&format!("192.0.2.{number}"))).unwrap();
        limits.verification("ada", &client(&format!("192.0.2.{number}"))).unwrap();
    }
    assert!(limits.register("a9", &client("192.0.2.1")).is_err(), "of one address");
    assert!(limits.register("a9", &client("192.0.2.2")).is_ok());
    assert!(
        matches!(limits.reset("ada", &client("192.0.2.9")), Err(Error::RateLimited { retry_after: 1200 })),
        "of one account"
    );
    assert!(limits.reset("bob", &client("192.0.2.9")).is_ok());
    assert!(limits.verification("ada", &client("192.0.2.9")).is_err());
    clock.0.store(1200, Ordering::Relaxed);
    assert!(limits.reset("ada", &client("192.0.2.9")).is_ok());
    for _ in 0..5 {
        assert!(limits.password("ada").is_ok());
    }
    assert!(limits.password("ada").is_err() && limits.password("bob").is_ok());
}

#[tokio::test]
async fn limits_can_be_off() {
    let mut settings = Config::default().auth.rate_limit;
    (settings.login, settings.register, settings.password_reset) = (Limit::Off, Limit::Off, Limit::Off);
    let limits = Limits::new(&settings, Arc::<Hands>::default());
    for _ in 0..1000 {
        assert!(guess(&limits, "ada", "192.0.2.1", false).await);
        assert!(
            limits.register("ada", &client("192.0.2.1")).is_ok() && limits.reset("ada", &client("192.0.2.1")).is_ok()
        );
    }
}

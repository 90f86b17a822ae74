//! A provider's keys: they rotate, they are asked for seldom, and what is known serves on.

use alyx_testing::{Algorithm, Endpoint, Lie};
use futures_util::future::join_all;

use super::journey::{provider, settings};
use crate::desk::{Desk, START, USERS};

#[tokio::test]
async fn keys_rotate() {
    for algorithm in [Algorithm::Es256, Algorithm::Rs256, Algorithm::EdDsa] {
        let mine = provider();
        mine.sign_with(algorithm);
        let desk = Desk::with(&settings(&[("mine", &mine)]), USERS).await;
        desk.sign_in_with("mine").await.unwrap();
        mine.rotate_keys();
        assert_eq!(
            desk.sign_in_with("mine").await.err().as_deref(),
            Some("PROVIDER_ERROR"),
            "they were fetched just now"
        );
        desk.pass(60);
        mine.set_time(START + 60);
        desk.sign_in_with("mine").await.unwrap();
        assert_eq!(mine.requests_to("/jwks").len(), 2);
    }
}

#[tokio::test]
async fn keys_that_nobody_knows_are_looked_for_once_a_minute() {
    let mine = provider();
    let desk = Desk::with(&settings(&[("mine", &mine)]), USERS).await;
    desk.sign_in_with("mine").await.unwrap();
    mine.lie(Lie::UnknownKeyId);
    for minute in 1..4 {
        desk.pass(60);
        mine.set_time(START + minute * 60);
        let told = join_all((0..20).map(|_| desk.code_from("mine"))).await;
        assert!(told.iter().all(|told| *told == Err("PROVIDER_ERROR".to_owned())));
        assert_eq!(mine.requests_to("/jwks").len(), 1 + usize::try_from(minute).unwrap());
    }
    mine.be_honest();
    desk.sign_in_with("mine").await.unwrap();
}

#[tokio::test]
async fn what_is_known_serves_on_where_it_cannot_be_refreshed() {
    let mine = provider();
    let desk = Desk::with(&settings(&[("mine", &mine)]), USERS).await;
    desk.sign_in_with("mine").await.unwrap();
    for lie in [Lie::Refuses(Endpoint::Keys), Lie::Refuses(Endpoint::Discovery), Lie::HtmlPage(Endpoint::Keys)] {
        desk.pass(3601);
        mine.set_time(desk.now());
        mine.lie(lie);
        desk.sign_in_with("mine").await.unwrap_or_else(|told| panic!("{lie:?}: {told}"));
    }
    assert!(mine.requests_to("/jwks").len() > 1 && mine.requests_to("/.well-known/openid-configuration").len() > 1);
}

#[tokio::test]
async fn a_provider_that_was_down_is_asked_again_after_a_while() {
    let mine = provider();
    let desk = Desk::with(&settings(&[("mine", &mine)]), USERS).await;
    mine.lie(Lie::Refuses(Endpoint::Discovery));
    let told = join_all((0..20).map(|_| desk.code_from("mine"))).await;
    assert!(told.iter().all(|told| *told == Err("no start".to_owned())));
    assert_eq!(mine.requests_to("/.well-known/openid-configuration").len(), 1);
    mine.be_honest();
    assert_eq!(desk.code_from("mine").await, Err("no start".to_owned()));
    desk.pass(10);
    mine.set_time(desk.now());
    desk.sign_in_with("mine").await.unwrap();
}

#[tokio::test]
async fn a_clock_that_is_off_by_a_minute_does_no_harm() {
    let mine = provider();
    let desk = Desk::with(&settings(&[("mine", &mine)]), USERS).await;
    for (off, is_good) in [(60, true), (-59, true), (61, false), (-659, true), (-660, false)] {
        mine.set_time(START + off);
        assert_eq!(desk.sign_in_with("mine").await.is_ok(), is_good, "{off}");
    }
}

//! The way there and back: once, in time, by the browser that began and for the app that began.

use alyx_auth::{
    Error,
    oauth::{Callback, Start},
};
use alyx_testing::Person;
use futures_util::future::join_all;

use super::journey::{CHALLENGE, PAGE, Tab, VERIFIER, provider, settings};
use crate::desk::{Desk, USERS, client, faults};

#[tokio::test]
async fn somebody_new_is_signed_in() {
    let mine = provider();
    let desk = Desk::with(&settings(&[("mine", &mine)]), USERS).await;
    let signed_in = desk.sign_in_with("mine").await.unwrap();
    let account = &signed_in.account;
    assert_eq!((account.email.as_str(), account.role.as_str(), account.verified), ("alice@example.com", "user", true));
    assert!(!account.has_password && account.metadata.is_empty());
    assert_eq!(desk.authenticate(&signed_in.tokens.access_token).await.unwrap().account.id, account.id);
    let again = desk.sign_in_with("mine").await.unwrap();
    assert_eq!(again.account.id, account.id);
    assert_eq!(desk.counts().await, [1, 1, 2]);
    assert_eq!(mine.complaints(), [""; 0]);
    assert!(desk.mails().await.is_empty());
    let [asked, _] = &mine.requests_to("/authorize")[..] else { panic!("it was asked twice") };
    let asked = |name: &str| asked.parameter(name);
    assert_eq!(asked("redirect_uri").as_deref(), Some("http://127.0.0.1:8090/api/auth/oauth/mine/callback"));
    assert_eq!(asked("scope").as_deref(), Some("openid email profile"));
    assert_eq!(mine.requests_to("/.well-known/openid-configuration").len(), 1, "it is remembered");
    assert_eq!((mine.requests_to("/jwks").len(), mine.requests_to("/userinfo").len()), (1, 0));
}

#[tokio::test]
async fn an_app_asks_with_a_page_and_a_challenge() {
    let mine = provider();
    let desk = Desk::with(&settings(&[("mine", &mine)]), USERS).await;
    let start = async |provider: &str, start: Start<'_>| {
        desk.auth.oauth_start(&desk.store, (provider, start), std::iter::empty(), &client("192.0.2.1")).await
    };
    let good = Start { redirect_to: Some(PAGE), code_challenge: Some(CHALLENGE), code_challenge_method: None };
    assert!(start("mine", good).await.is_ok());
    let check = async |wrong: Start<'_>, expected: &[&str]| {
        assert_eq!(faults(&start("mine", wrong).await.err().unwrap()), expected);
    };
    check(Start::default(), &["redirect_to REQUIRED", "code_challenge REQUIRED"]).await;
    check(Start { redirect_to: Some("https://evil.example"), ..good }, &["redirect_to NOT_ALLOWED"]).await;
    for challenge in ["", "short", &CHALLENGE[1..], &format!("{CHALLENGE}A"), &CHALLENGE.replace('-', "+")] {
        check(Start { code_challenge: Some(challenge), ..good }, &["code_challenge FORMAT"]).await;
    }
    check(Start { code_challenge_method: Some("plain"), ..good }, &["code_challenge_method NOT_ALLOWED"]).await;
    for name in ["", "Mine", "other", "mine/callback", "exchange"] {
        assert!(matches!(start(name, good).await, Err(Error::UnknownProvider { .. })), "{name}");
    }
    assert_eq!(mine.requests_to("/authorize").len(), 0);
}

#[tokio::test]
async fn ac05_a_sign_in_comes_back_once_in_time_and_to_its_own_browser() {
    let (mine, other) = (provider(), provider());
    let desk = Desk::with(&settings(&[("mine", &mine), ("other", &other)]), USERS).await;
    let (mut tab, mut stranger) = (Tab::default(), Tab::default());
    let brought = desk.visit("mine", &mut tab).await.unwrap();
    desk.visit("mine", &mut stranger).await.unwrap();
    let asked = mine.requests_to("/token").len();
    let refused = async |provider: &str, tab: &Tab| {
        let refused = desk.finish(provider, &brought, tab).await;
        assert!(matches!(refused, Err(Error::InvalidToken { .. })), "{refused:?}");
    };
    refused("mine", &Tab::default()).await;
    refused("mine", &stranger).await;
    // A stranger has not used it up, and nothing was asked on their behalf.
    assert_eq!(mine.requests_to("/token").len(), asked);
    let page = desk.finish("mine", &brought, &tab).await.unwrap();
    assert!(page.query().unwrap().starts_with("code="), "{page}");
    refused("mine", &tab).await;
    assert_eq!(mine.requests_to("/token").len(), asked + 1);

    let brought = desk.visit("mine", &mut tab).await.unwrap();
    desk.pass(601);
    let late = desk.finish("mine", &brought, &tab).await;
    assert!(matches!(late, Err(Error::InvalidToken { .. })));
    assert_eq!(desk.counts().await, [1, 1, 0]);
}

#[tokio::test]
async fn ac05_what_one_provider_began_no_other_ends() {
    let (mine, other) = (provider(), provider());
    let desk = Desk::with(&settings(&[("mine", &mine), ("other", &other)]), USERS).await;
    let mut tab = Tab::default();
    let brought = desk.visit("mine", &mut tab).await.unwrap();
    assert!(matches!(desk.finish("other", &brought, &tab).await, Err(Error::InvalidToken { .. })));
    assert_eq!((other.requests_to("/token").len(), mine.requests_to("/token").len()), (0, 0), "no code went astray");
    assert!(matches!(desk.finish("mine", &brought, &tab).await, Err(Error::InvalidToken { .. })), "it is gone");
}

#[tokio::test]
async fn two_tabs_of_a_browser_do_not_disturb_each_other() {
    let mine = provider();
    let desk = Desk::with(&settings(&[("mine", &mine)]), USERS).await;
    let mut tab = Tab::default();
    let first = desk.visit("mine", &mut tab).await.unwrap();
    let cookie = tab.cookie.clone();
    let second = desk.visit("mine", &mut tab).await.unwrap();
    assert_eq!(tab.cookie, cookie);
    for brought in [second, first] {
        assert!(desk.finish("mine", &brought, &tab).await.unwrap().query().unwrap().starts_with("code="));
    }
}

#[tokio::test]
async fn ac05_of_a_hundred_that_come_back_at_once_one_does() {
    let mine = provider();
    let desk = Desk::with(&settings(&[("mine", &mine)]), USERS).await;
    let mut tab = Tab::default();
    let brought = desk.visit("mine", &mut tab).await.unwrap();
    let pages = join_all((0..100).map(|_| desk.finish("mine", &brought, &tab))).await;
    let codes: Vec<_> = pages.into_iter().filter_map(Result::ok).collect();
    assert_eq!((codes.len(), mine.requests_to("/token").len()), (1, 1));
    assert_eq!(mine.complaints(), [""; 0]);
}

#[tokio::test]
async fn ac05_of_a_hundred_exchanges_at_once_one_succeeds() {
    let mine = provider();
    let desk = Desk::with(&settings(&[("mine", &mine)]), USERS).await;
    let code = desk.code_from("mine").await.unwrap();
    let exchanged = join_all((0..100).map(|_| desk.exchange(&code))).await;
    assert_eq!(exchanged.iter().filter(|signed_in| signed_in.is_ok()).count(), 1);
    assert!(
        exchanged
            .iter()
            .flat_map(|signed_in| signed_in.as_ref().err())
            .all(|error| matches!(error, Error::InvalidToken { .. }))
    );
    assert_eq!(desk.counts().await, [1, 1, 1]);
}

#[tokio::test]
async fn ac05_a_code_is_for_the_app_that_began_and_a_guess_burns_it() {
    let mine = provider();
    let desk = Desk::with(&settings(&[("mine", &mine)]), USERS).await;
    for verifier in ["", "guessed", CHALLENGE, &VERIFIER[1..]] {
        let code = desk.code_from("mine").await.unwrap();
        let refused = desk.auth.oauth_exchange(&desk.store, (&code, verifier), &client("192.0.2.1")).await;
        assert!(matches!(refused, Err(Error::InvalidToken { .. })), "{verifier}");
        assert!(matches!(desk.exchange(&code).await, Err(Error::InvalidToken { .. })), "it is burnt");
    }
    let code = desk.code_from("mine").await.unwrap();
    desk.pass(61);
    assert!(matches!(desk.exchange(&code).await, Err(Error::InvalidToken { .. })), "it is too old");
    for code in ["", "guessed", VERIFIER] {
        assert!(matches!(desk.exchange(code).await, Err(Error::InvalidToken { .. })), "{code}");
    }
    assert_eq!(desk.counts().await, [1, 1, 0]);
}

#[tokio::test]
async fn a_code_is_no_other_token_and_no_other_token_is_a_code() {
    let mine = provider();
    let desk = Desk::with(&settings(&[("mine", &mine)]), USERS).await;
    let code = desk.code_from("mine").await.unwrap();
    assert!(desk.auth.confirm_verification(&desk.store, &code).await.is_err());
    assert!(
        desk.auth.confirm_password_reset(&desk.store, (&code, "another horse"), &client("192.0.2.1")).await.is_err()
    );
    assert!(desk.authenticate(&code).await.is_err() && desk.refresh(&code).await.is_err());
    assert!(desk.exchange(&code).await.is_ok(), "it was not used up by that");
    desk.auth.request_password_reset(&desk.store, "alice@example.com", &client("192.0.2.1")).unwrap();
    let reset = Desk::token_in(&desk.mails().await, "reset-password", "alice@example.com");
    assert!(desk.exchange(&reset).await.is_err());
}

#[tokio::test]
async fn ac09_who_is_banned_in_between_is_not_signed_in() {
    let mine = provider();
    let desk = Desk::with(&settings(&[("mine", &mine)]), USERS).await;
    let code = desk.code_from("mine").await.unwrap();
    desk.sql("UPDATE _alyx_users SET banned = 1").await;
    assert!(matches!(desk.exchange(&code).await, Err(Error::Banned)));
    assert_eq!(desk.code_from("mine").await, Err("ACCOUNT_BANNED".to_owned()));
    assert_eq!(desk.counts().await, [1, 1, 0]);
}

#[tokio::test]
async fn ac17_starts_are_limited_per_address() {
    let mine = provider();
    let limited = format!("{}  rate_limit: {{oauth: 3/minute}}\n", settings(&[("mine", &mine)]));
    let desk = Desk::with(&limited, USERS).await;
    let start = async |ip: &str| {
        let start = Start { redirect_to: Some(PAGE), code_challenge: Some(CHALLENGE), code_challenge_method: None };
        desk.auth.oauth_start(&desk.store, ("mine", start), std::iter::empty(), &client(ip)).await
    };
    for _ in 0..3 {
        assert!(start("192.0.2.1").await.is_ok());
    }
    assert!(matches!(start("192.0.2.1").await, Err(Error::RateLimited { retry_after: 20 })));
    assert!(start("192.0.2.2").await.is_ok());
}

#[tokio::test]
async fn a_page_that_is_allowed_no_longer_is_not_gone_to() {
    let mine = provider();
    let mut desk = Desk::with(&settings(&[("mine", &mine)]), USERS).await;
    let mut tab = Tab::default();
    let brought = desk.visit("mine", &mut tab).await.unwrap();
    desk.configure(&settings(&[("mine", &mine)]).replace(PAGE, "https://other.example.com/"));
    assert!(matches!(desk.finish("mine", &brought, &tab).await, Err(Error::InvalidToken { .. })));
}

#[tokio::test]
async fn somebody_who_says_no_is_sent_back_with_our_word_for_it() {
    let mine = provider();
    mine.lie(alyx_testing::Lie::AccessDenied);
    let desk = Desk::with(&settings(&[("mine", &mine)]), USERS).await;
    assert_eq!(desk.code_from("mine").await, Err("ACCESS_DENIED".to_owned()));
    mine.be_honest();
    mine.set_person(Person::new("1001", "alice@example.com"));
    assert!(desk.sign_in_with("mine").await.is_ok());
}

#[tokio::test]
async fn a_form_goes_round_by_get_with_what_a_sign_in_needs_and_no_more() {
    let mine = provider();
    let desk = Desk::with(&settings(&[("mine", &mine)]), USERS).await;
    let again = |provider: &str, callback: Callback<'_>| desk.auth.oauth_callback_again(provider, callback);
    let whole = Callback { state: Some(CHALLENGE), code: Some("a b&c=\r\n"), error: None, issuer: Some("https://x/") };
    let callback = "http://127.0.0.1:8090/api/auth/oauth/mine/callback";
    assert_eq!(
        again("mine", whole).unwrap(),
        format!("{callback}?state={CHALLENGE}&code=a+b%26c%3D%0D%0A&iss=https%3A%2F%2Fx%2F")
    );
    let long = "x".repeat(5000);
    let without = Callback { code: Some(&long), error: Some("access_denied"), issuer: None, ..whole };
    assert_eq!(again("mine", without).unwrap(), format!("{callback}?state={CHALLENGE}&error=access_denied"));
    for state in [None, Some(""), Some("short"), Some("a&b=cdefghijklmnopqrstuvwxyz0123456789-_ABCDE")] {
        assert!(matches!(again("mine", Callback { state, ..whole }), Err(Error::InvalidToken { .. })), "{state:?}");
    }
    for name in ["", "other", "mine/../other", "exchange"] {
        assert!(matches!(again(name, whole), Err(Error::UnknownProvider { .. })), "{name}");
    }
}

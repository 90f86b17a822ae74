//! Every way in which a provider can lie, under every algorithm (rows 01 to 05 of the attacks).

use alyx_testing::{Algorithm, Endpoint, Lie, OidcProvider, Person};
use futures_util::future::join_all;
use serde_json::json;

use super::journey::{provider, settings};
use crate::desk::{Desk, PASSWORD, USERS};

/// What the app gets to hear, or where the browser is stuck: where all that is to be told of this person is in the
/// token, or only in userinfo. Nothing where the person is signed in.
fn expected(lie: Lie, is_terse: bool) -> Option<&'static str> {
    match lie {
        Lie::AccessDenied => Some("ACCESS_DENIED"),
        Lie::WrongState | Lie::MissingState => Some("no state"),
        Lie::EmailNotVerified | Lie::NoEmail | Lie::EmailOfSomebodyElse => Some("EMAIL_NOT_VERIFIED"),
        // There is no form here; a code that the provider takes twice is taken once by us.
        Lie::AnotherEmailInForm | Lie::CodeAnsweredTwice => None,
        Lie::AnotherIssuerInDiscovery
        | Lie::KeysOnAnotherHost
        | Lie::TokenOnAnotherHost
        | Lie::UserInfoOnAnotherHost
        | Lie::AuthorizePageIsScript => Some("no start"),
        lie if is_about(lie, Endpoint::Discovery) => Some("no start"),
        lie if is_of_user_info(lie) && !is_terse => None,
        _ => Some("PROVIDER_ERROR"),
    }
}

fn is_about(lie: Lie, endpoint: Endpoint) -> bool {
    let all = [Lie::Refuses, Lie::Redirects, Lie::Endless, Lie::Hangs, Lie::Trickles, Lie::NotJson, Lie::HtmlPage];
    all.iter().any(|of| of(endpoint) == lie)
}

fn is_of_user_info(lie: Lie) -> bool {
    matches!(lie, Lie::AnotherSubjectInUserInfo | Lie::MissingSubjectInUserInfo) || is_about(lie, Endpoint::UserInfo)
}

/// A provider for each lie, all of them configured at one desk, at which the victim has an account.
async fn desk(lies: &[Lie], set_up: impl Fn(&OidcProvider)) -> (Desk, Vec<(String, OidcProvider, Lie)>) {
    let liars: Vec<_> = lies
        .iter()
        .enumerate()
        .map(|(number, lie)| {
            let liar = provider();
            set_up(&liar);
            liar.lie(*lie);
            (format!("liar{number}"), liar, *lie)
        })
        .collect();
    let listed: Vec<_> = liars.iter().map(|(name, liar, _)| (name.as_str(), liar)).collect();
    let desk = Desk::with(&settings(&listed), USERS).await;
    desk.make(json!({"email": Lie::VICTIM, "password": PASSWORD, "verified": true})).await.unwrap();
    (desk, liars)
}

/// All lies at once, since some take as long as we wait for an answer.
async fn check(set_up: impl Fn(&OidcProvider), is_terse: bool) {
    let (desk, liars) = desk(&Lie::all(), set_up).await;
    let told = join_all(liars.iter().map(|(name, ..)| desk.code_from(name))).await;
    let mut signed_in = 0;
    for ((_, liar, lie), told) in liars.iter().zip(told) {
        let expected = expected(*lie, is_terse);
        assert_eq!(told.as_ref().err().map(String::as_str), expected, "{lie:?}");
        let counts = !is_of_user_info(*lie) || is_terse;
        assert!(!(lie.must_be_refused() && counts && told.is_ok()), "{lie:?}");
        assert_eq!(liar.requests().iter().filter(|asked| asked.path().starts_with("/elsewhere")).count(), 0, "{lie:?}");
        assert!(liar.longest_answer() < 16 << 20, "{lie:?}: {} bytes were taken", liar.longest_answer());
        signed_in += usize::from(told.is_ok());
    }
    // The victim's account, and that of the one person whom all of them vouch for.
    assert_eq!(desk.counts().await, [2, signed_in, 0]);
    let victim = desk.auth.account_by_email(&desk.store, Lie::VICTIM).await.unwrap();
    assert!(desk.store.oauth_accounts(&victim.id).await.unwrap().is_empty());
}

/// Nothing is made where a lie must be refused, not even on the way there.
async fn check_nothing_is_left() {
    let lies: Vec<Lie> = Lie::all().into_iter().filter(|lie| lie.must_be_refused()).collect();
    let (desk, liars) = desk(&lies, OidcProvider::tell_in_user_info_only).await;
    let told = join_all(liars.iter().map(|(name, ..)| desk.code_from(name))).await;
    assert!(told.iter().all(Result::is_err));
    assert_eq!(desk.counts().await, [1, 0, 0]);
    assert!(desk.mails().await.is_empty() && desk.audit().await.iter().all(|entry| !entry.contains("provider")));
}

/// One test for all, since each waits for answers that do not come.
#[tokio::test]
async fn ac03_ac04_every_lie_is_refused_under_every_algorithm() {
    let of = |algorithm| check(move |liar| liar.sign_with(algorithm), false);
    tokio::join!(
        of(Algorithm::Es256),
        of(Algorithm::Rs256),
        of(Algorithm::EdDsa),
        check(OidcProvider::tell_in_user_info_only, true),
        check_nothing_is_left(),
    );
}

#[tokio::test]
async fn ac01_an_unverified_address_links_nothing_even_where_it_was_linked_before() {
    let mine = provider();
    let desk = Desk::with(&settings(&[("mine", &mine)]), USERS).await;
    let victim = desk.make(json!({"email": Lie::VICTIM, "password": PASSWORD, "verified": true})).await.unwrap();
    let alice = desk.sign_in_with("mine").await.unwrap();
    mine.lie(Lie::EmailOfSomebodyElse);
    let again = desk.sign_in_with("mine").await.unwrap();
    assert_eq!(again.account.id, alice.account.id, "who somebody is at the provider decides, not their address");
    mine.set_person(Person::new("1002", "eve@example.com"));
    assert_eq!(desk.sign_in_with("mine").await.err().as_deref(), Some("EMAIL_NOT_VERIFIED"));
    assert!(desk.store.oauth_accounts(&victim.id).await.unwrap().is_empty());
}

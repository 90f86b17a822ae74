//! Every way in which a provider can lie, against the running server (rows 01 to 05).

use std::thread;

use alyx_testing::{Lie, OidcProvider, Person, TestServer, json};

use super::journey::{accounts, browser, code, named, register, schema, set, settings};

/// Where the token leaves the address to userinfo, lies that are told there count too.
fn liar(lie: Lie) -> OidcProvider {
    let liar = OidcProvider::start();
    liar.tell_in_user_info_only();
    liar.set_person(Person::new("1001", "alice@example.com"));
    liar.lie(lie);
    liar
}

#[test]
fn ac01_ac03_ac04_ac05_every_lie_is_refused_and_links_nothing() {
    let lies = Lie::all();
    let liars: Vec<(String, OidcProvider)> =
        lies.iter().enumerate().map(|(number, lie)| (format!("liar{number}"), liar(*lie))).collect();
    let listed: Vec<_> = liars.iter().map(|(name, liar)| (name.as_str(), liar)).collect();
    let mut server = TestServer::with_schema(&schema("true")).config(&settings(&named(&listed), "")).start();
    let victim = register(&server, Lie::VICTIM);
    set(&server, &victim, &json!({"verified": true}));
    // All at once, since some take as long as the server waits for an answer.
    let told: Vec<Result<String, String>> = thread::scope(|scope| {
        let going = liars.iter().map(|(name, _)| scope.spawn(|| code(&mut browser(&server), name)));
        let going: Vec<_> = going.collect();
        going.into_iter().map(|visit| visit.join().expect("the browser ended somewhere")).collect()
    });
    let known = [
        "ACCESS_DENIED",
        "EMAIL_NOT_VERIFIED",
        "INVALID_CODE",
        "INVALID_QUERY",
        "PROVIDER_ERROR",
        "PROVIDER_UNAVAILABLE",
    ];
    for ((lie, told), (_, liar)) in lies.iter().zip(&told).zip(&liars) {
        assert_eq!(told.is_err(), lie.must_be_refused() || is_of_email(*lie), "{lie:?}: {told:?}");
        assert!(told.as_ref().err().is_none_or(|word| known.contains(&word.as_str())), "{lie:?}: {told:?}");
        assert!(liar.requests().iter().all(|asked| !asked.path().starts_with("/elsewhere")), "{lie:?}");
        assert!(liar.longest_answer() < 16 << 20, "{lie:?}: {} bytes were taken", liar.longest_answer());
    }
    assert!(told.iter().filter(|told| told.is_err()).count() > 60);
    // The victim, and the one person whom all of the others vouch for.
    let mut emails: Vec<String> =
        accounts(&server).iter().map(|account| account["email"].as_str().unwrap_or_default().to_owned()).collect();
    emails.sort();
    assert_eq!(emails, ["alice@example.com", Lie::VICTIM]);
    let links = server.admin().get("/api/admin/audit?action=account.provider_linked&limit=1000").json();
    let victims = |entry: &&alyx_testing::Value| entry["target"] == victim["user"]["id"];
    assert_eq!(links["entries"].as_array().unwrap().iter().filter(victims).count(), 0);
    assert!(server.process().is_running());
}

/// Lies about whose address it is: the person is who they say, and has no account by it.
fn is_of_email(lie: Lie) -> bool {
    matches!(lie, Lie::EmailNotVerified | Lie::NoEmail | Lie::EmailOfSomebodyElse)
}

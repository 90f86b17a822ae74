//! A first sign-in makes an account only where the create rule of the profile lets somebody register.

use alyx_testing::{OidcProvider, TestServer, json};

use super::journey::{Back, accounts, named, parameter, schema, settings, sign_in};

/// What the app is told, under this rule, of somebody who has no account.
fn told(provider: &OidcProvider, rule: &str) -> Result<(), String> {
    let settings = settings(&named(&[("mine", provider)]), "");
    let server = TestServer::with_schema(&schema(rule)).config(&settings).start();
    let made = sign_in(&server, "mine").map(drop);
    assert_eq!(accounts(&server).len(), usize::from(made.is_ok()), "{rule}");
    made
}

#[test]
fn ac25_the_create_rule_judges_who_comes_by_a_provider() {
    let mine = OidcProvider::start();
    for open in [
        "true",
        "auth.id == null",
        "doc.email.endsWith('@example.com') && doc.verified && doc.role == 'user'",
        "request.body.email == 'alice@example.com' && request.body.name == 'Alice Example'",
        "request.method == 'POST' && request.ip != ''",
    ] {
        assert_eq!(told(&mine, open), Ok(()), "{open}");
    }
    for shut in [
        "false",
        "auth.id != null",
        "auth.role == 'admin'",
        "doc.email.endsWith('@elsewhere.example')",
        "request.query.state != ''",
        "has(request.body.password)",
    ] {
        assert_eq!(told(&mine, shut), Err("FORBIDDEN".to_owned()), "{shut}");
    }
    assert_eq!(mine.complaints(), [""; 0]);
}

#[test]
fn ac25_without_a_rule_or_without_profiles_nobody_is_made() {
    let mine = OidcProvider::start();
    let settings = settings(&named(&[("mine", &mine)]), "");
    for schema in [schema("true").replace("create: \"true\", ", ""), "version: 1\ncollections: {}\n".to_owned()] {
        let server = TestServer::with_schema(&schema).config(&settings).start();
        assert_eq!(sign_in(&server, "mine").err().as_deref(), Some("FORBIDDEN"), "{schema}");
        // Who has an account is asked for no rule.
        let made = json!({"email": "alice@example.com", "verified": true});
        server.admin().post("/api/admin/users", &made).expect_status(201);
        assert!(sign_in(&server, "mine").is_ok(), "{schema}");
    }
}

#[test]
fn ac25_a_rule_that_asks_other_documents_is_asked_when_the_account_is_made() {
    let mine = OidcProvider::start();
    let settings = settings(&named(&[("mine", &mine)]), "");
    let rule = "exists_in('invitations', i, i.email == doc.email)";
    let server = TestServer::with_schema(&schema(rule)).config(&settings).start();
    assert_eq!(sign_in(&server, "mine").err().as_deref(), Some("FORBIDDEN"));
    server.admin().post("/api/collections/invitations", &json!({"email": "alice@example.com"})).expect_status(201);
    assert!(sign_in(&server, "mine").is_ok());
}

#[test]
fn ac23_what_is_added_to_the_address_on_the_way_back_is_no_part_of_the_registration() {
    let mine = OidcProvider::start();
    let settings = settings(&named(&[("mine", &mine)]), "");
    let rule = "request.query.invited == 'yes' || request.body.role == 'admin'";
    let server = TestServer::with_schema(&schema(rule)).config(&settings).start();
    let mut back = Back::from(&server, "mine");
    back.path.push_str("&invited=yes&role=admin");
    let answer = back.ask(&server.client(), Some(&back.cookie)).expect_status(303);
    assert_eq!(parameter(&answer, "error").as_deref(), Some("FORBIDDEN"));
    assert!(accounts(&server).is_empty());
}

//! What each provider's word is worth.

use alyx_config::{Config, SourceFile, Sources};
use serde_json::json;

use super::*;

fn settings(text: &str) -> Settings {
    let file = Some(SourceFile { name: "alyx.yaml", text });
    Config::resolve(&Sources { file, ..Sources::default() }).unwrap_or_else(|faults| panic!("{faults:?}")).auth.oauth
}

fn claims(json: &Json) -> Map<String, Json> {
    json.as_object().unwrap().clone()
}

#[test]
fn ac02_each_provider_says_verified_in_its_own_way() {
    let check = |is_verified: fn(&Map<String, Json>) -> bool, name: &str, yes: &[Json], no: &[Json]| {
        yes.iter().for_each(|value| assert!(is_verified(&claims(&json!({ name: value }))), "{name}: {value}"));
        no.iter().for_each(|value| assert!(!is_verified(&claims(&json!({ name: value }))), "{name}: {value}"));
        assert!(!is_verified(&Map::new()));
    };
    let [yes, no, one] = [json!(true), json!(false), json!(1)];
    let [text, other] = [json!("true"), json!("false")];
    check(
        email_verified,
        "email_verified",
        std::slice::from_ref(&yes),
        &[no.clone(), text.clone(), one.clone(), Json::Null, json!([true])],
    );
    check(
        apple::is_verified,
        "email_verified",
        &[yes.clone(), text.clone()],
        &[no.clone(), other.clone(), one.clone(), json!("TRUE")],
    );
    check(
        microsoft::owns_domain,
        "xms_edov",
        &[yes, text, one, json!("1")],
        &[no, other, json!(0), json!(2), json!("yes"), Json::Null],
    );
    assert!(
        !microsoft::owns_domain(&claims(&json!({"email_verified": true}))),
        "who administers a tenant can write that"
    );
}

#[test]
fn ac02_github_vouches_for_the_first_address_alone() {
    let email = |emails: Json| {
        github::identity("https://github.com", &json!({"id": 7, "email": "shown@example.com"}), &emails).unwrap().email
    };
    let entry =
        |email: &str, primary: Json, verified: Json| json!({"email": email, "primary": primary, "verified": verified});
    let first = entry("ada@example.com", json!(true), json!(true));
    let told = email(json!([entry("old@example.com", json!(false), json!(true)), first]));
    assert_eq!(told.as_ref().map(VerifiedEmail::as_str), Some("ada@example.com"));
    for emails in [
        json!([
            entry("ada@example.com", json!(true), json!(false)),
            entry("other@example.com", json!(false), json!(true))
        ]),
        json!([entry("ada@example.com", json!(false), json!(true))]),
        json!([entry("ada@example.com", json!("true"), json!("true"))]),
        json!([]),
        json!({}),
        json!(["ada@example.com"]),
        Json::Null,
    ] {
        assert_eq!(email(emails.clone()), None, "{emails}");
    }
    for user in [json!({}), json!({"id": "7"}), json!({"id": 0}), json!({"id": -7}), json!({"id": 7.5}), json!([])] {
        assert!(github::identity("https://github.com", &user, &json!([])).is_err(), "{user}");
    }
}

#[test]
fn ac02_discord_vouches_where_it_says_verified() {
    let told = |user: Json| discord::identity("https://discord.com", &user);
    let nelly =
        told(json!({"id": "80351110224678912", "username": "nelly", "avatar": "a_8342729096ea3675442027381ff50dfe",
        "email": "nelly@example.com", "verified": true}))
        .unwrap();
    assert_eq!(nelly.email.as_ref().map(VerifiedEmail::as_str), Some("nelly@example.com"));
    assert_eq!((nelly.subject.as_str(), nelly.name.as_deref()), ("80351110224678912", Some("nelly")));
    let picture = "https://cdn.discordapp.com/avatars/80351110224678912/a_8342729096ea3675442027381ff50dfe.png";
    assert_eq!(nelly.picture.as_deref(), Some(picture));
    let other =
        told(json!({"id": "8", "username": "x", "avatar": "../../x", "email": "nelly@example.com", "verified": false}))
            .unwrap();
    assert_eq!((other.email, other.picture), (None, None));
    for user in [json!({}), json!({"id": 8}), json!({"id": ""}), json!({"id": "8/x"}), json!(null)] {
        assert!(told(user.clone()).is_err(), "{user}");
    }
}

#[test]
fn a_provider_is_offered_where_it_has_what_it_needs() {
    assert!(all(&settings("{}")).unwrap().is_empty());
    let given = "auth: {oauth: {github: {client_id: a, client_secret: b}, google: {client_id: a, client_secret: b, scopes: [email]},
        oidc: {corp: {issuer: \"https://login.corp.example\", client_id: a, client_secret: b, title: Corporation}}}}";
    let providers = all(&settings(given)).unwrap();
    let told: Vec<_> = providers
        .iter()
        .map(|provider| format!("{} {} {}", provider.name, provider.title, provider.scopes.join(" ")))
        .collect();
    assert_eq!(
        told,
        ["google Google openid email", "github GitHub read:user user:email", "corp Corporation openid email profile"]
    );
}

#[test]
fn github_has_its_api_elsewhere_and_an_enterprise_below_itself() {
    let api = |text: &str| match all(&settings(text)).unwrap().remove(0).protocol {
        Protocol::OAuth(api) => format!("{} {} {}", api.issuer, api.token, below(&api.api, "user")),
        Protocol::OpenId(_) => panic!(),
    };
    let given = |more: &str| format!("auth: {{oauth: {{github: {{client_id: a, client_secret: b{more}}}}}}}");
    assert_eq!(
        api(&given("")),
        "https://github.com https://github.com/login/oauth/access_token https://api.github.com/user"
    );
    assert_eq!(
        api(&given(", url: \"https://git.corp.example/\"")),
        "https://git.corp.example https://git.corp.example/login/oauth/access_token https://git.corp.example/api/v3/user"
    );
}

#[test]
fn ac03_microsoft_signs_for_the_tenants_that_were_asked_for() {
    let issuer = |tenant: &str| {
        let given = format!("auth: {{oauth: {{microsoft: {{client_id: a, client_secret: b, tenant: {tenant}}}}}}}");
        match all(&settings(&given)).unwrap().remove(0).protocol {
            Protocol::OpenId(openid) => openid.issuer.in_discovery(),
            Protocol::OAuth(_) => panic!(),
        }
    };
    assert_eq!(issuer("common"), "https://login.microsoftonline.com/{tenantid}/v2.0");
    assert_eq!(issuer("consumers"), "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0");
    let one = "72f988bf-86f1-41af-91ab-2d7cd011db47";
    assert_eq!(issuer(one), format!("https://login.microsoftonline.com/{one}/v2.0"));
}

#[test]
fn apples_key_must_be_one() {
    let given = "auth: {oauth: {apple: {client_id: a, team_id: b, key_id: c, private_key: \"-----BEGIN PRIVATE KEY-----\\\\nAAAA\\\\n-----END PRIVATE KEY-----\"}}}";
    let (name, fault) = all(&settings(given)).err().unwrap();
    assert_eq!((name.as_str(), fault.to_string().as_str()), ("apple", "private_key is no key for ES256 in PEM"));
}

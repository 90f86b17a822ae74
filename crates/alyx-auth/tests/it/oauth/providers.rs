//! The providers that have names of their own, each in its manners. Apple needs a browser and is tested with the server.

use alyx_auth::oauth::Offer;
use alyx_testing::{Algorithm, Lie, OAuthProvider, OidcProvider, Person};
use serde_json::json;

use super::journey::{PAGE, provider, settings};
use crate::desk::{Desk, PASSWORD, USERS};

/// Settings with one provider that has a name of its own.
fn named(provider: &str, secret: &str, more: &str) -> String {
    let client = format!("client_id: alyx-test-client, client_secret: \"{secret}\"");
    format!("auth:\n  allowed_redirects: [\"{PAGE}\"]\n  oauth:\n    {provider}: {{{client}, {more}}}\n")
}

fn github(provider: &OAuthProvider) -> String {
    let origin = provider.origin();
    named("github", provider.client_secret(), &format!("url: \"{origin}\", api_url: \"{origin}\""))
}

#[tokio::test]
async fn github_signs_in() {
    let hub = OAuthProvider::github();
    let person = Person::new("583231", "octo@example.com").with_other_email("old@example.com", false);
    hub.set_person(person.with_profile("Octo", "https://images.example.com/octo.png"));
    let desk = Desk::with(&github(&hub), USERS).await;
    let signed_in = desk.sign_in_with("github").await.unwrap();
    assert_eq!(signed_in.account.email, "octo@example.com");
    assert_eq!(desk.profile(signed_in.account.id.as_str()).await.unwrap()["name"], "Octo");
    let [link] = &desk.store.oauth_accounts(&signed_in.account.id).await.unwrap()[..] else { panic!("one link") };
    assert_eq!((link.issuer.as_str(), link.provider_user_id.as_str()), (hub.origin(), "583231"));
    assert_eq!(hub.complaints(), [""; 0]);
    assert_eq!(
        hub.requests_to("/login/oauth/authorize")[0].parameter("scope").as_deref(),
        Some("read:user user:email")
    );
}

#[tokio::test]
async fn discord_signs_in() {
    let hub = OAuthProvider::discord();
    hub.set_person(Person::new("80351110224678912", "nelly@example.com"));
    let desk = Desk::with(&named("discord", hub.client_secret(), &format!("url: \"{}\"", hub.origin())), USERS).await;
    assert_eq!(desk.sign_in_with("discord").await.unwrap().account.email, "nelly@example.com");
    assert_eq!(hub.complaints(), [""; 0]);
}

#[tokio::test]
async fn ac01_github_and_discord_lie_too() {
    for (name, hub) in [("github", OAuthProvider::github()), ("discord", OAuthProvider::discord())] {
        hub.set_person(Person::new("1001", "alice@example.com"));
        let given = if name == "github" {
            github(&hub)
        } else {
            named(name, hub.client_secret(), &format!("url: \"{}\"", hub.origin()))
        };
        let desk = Desk::with(&given, USERS).await;
        let victim = desk.make(json!({"email": Lie::VICTIM, "password": PASSWORD, "verified": true})).await.unwrap();
        // What does not end is the same code for all providers, and tested with OpenID Connect.
        let lies = Lie::all().into_iter().filter(|lie| !lie.needs_openid());
        for lie in lies.filter(|lie| !matches!(lie, Lie::Hangs(_) | Lie::Trickles(_) | Lie::CodeAnsweredTwice)) {
            hub.lie(lie);
            let told = desk.code_from(name).await.unwrap_err();
            let expected = match lie {
                Lie::AccessDenied => "ACCESS_DENIED",
                Lie::WrongState | Lie::MissingState => "no state",
                Lie::EmailNotVerified | Lie::NoEmail | Lie::EmailOfSomebodyElse => "EMAIL_NOT_VERIFIED",
                _ => "PROVIDER_ERROR",
            };
            assert_eq!(told, expected, "{lie:?} of {name}");
            assert!(hub.requests().iter().all(|asked| !asked.path().starts_with("/elsewhere")), "{lie:?} of {name}");
        }
        assert!(hub.longest_answer() < 16 << 20);
        assert!(desk.store.oauth_accounts(&victim.id).await.unwrap().is_empty());
        assert_eq!(desk.counts().await, [1, 0, 0]);
        hub.be_honest();
        assert!(desk.sign_in_with(name).await.is_ok(), "after all that");
    }
}

#[tokio::test]
async fn a_secret_that_the_provider_does_not_take_signs_nobody_in() {
    let hub = OAuthProvider::github();
    hub.set_person(Person::new("583231", "octo@example.com"));
    let desk = Desk::with(&github(&hub).replace("s3cret", "another"), USERS).await;
    assert_eq!(desk.code_from("github").await, Err("PROVIDER_ERROR".to_owned()));
    assert_eq!(hub.complaints().len(), 1);
}

#[tokio::test]
async fn google_and_gitlab_sign_in_with_rs256_alone() {
    for (name, setting) in [("google", "issuer"), ("gitlab", "url")] {
        let id = provider();
        let desk =
            Desk::with(&named(name, id.client_secret(), &format!("{setting}: \"{}\"", id.issuer())), USERS).await;
        assert_eq!(desk.code_from(name).await, Err("PROVIDER_ERROR".to_owned()), "ES256 is not {name}'s");
        id.sign_with(Algorithm::Rs256);
        assert_eq!(desk.sign_in_with(name).await.unwrap().account.email, "alice@example.com");
        assert_eq!(id.complaints(), [""; 0]);
    }
}

fn microsoft(id: &OidcProvider) -> String {
    named("microsoft", id.client_secret(), &format!("url: \"{}\"", id.origin()))
}

fn entra() -> OidcProvider {
    let id = provider();
    id.sign_with(Algorithm::Rs256);
    id.serve_tenant("72f988bf-86f1-41af-91ab-2d7cd011db47");
    id
}

#[tokio::test]
async fn ac02_microsoft_vouches_for_an_address_whose_domain_is_owned() {
    let id = entra();
    let desk = Desk::with(&microsoft(&id), USERS).await;
    assert_eq!(
        desk.code_from("microsoft").await,
        Err("EMAIL_NOT_VERIFIED".to_owned()),
        "email_verified is not Microsoft's word"
    );
    id.set_person(Person::new("1001", "alice@example.com").with_claim("xms_edov", json!(false)));
    assert_eq!(desk.code_from("microsoft").await, Err("EMAIL_NOT_VERIFIED".to_owned()));
    id.set_person(Person::new("1001", "alice@example.com").with_claim("xms_edov", json!(true)));
    let signed_in = desk.sign_in_with("microsoft").await.unwrap();
    let [link] = &desk.store.oauth_accounts(&signed_in.account.id).await.unwrap()[..] else { panic!("one link") };
    assert_eq!(link.issuer, format!("{}/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0", id.origin()));
    assert_eq!((id.complaints(), id.requests_to("/userinfo").len()), (Vec::new(), 0));
}

#[tokio::test]
async fn ac03_microsofts_tenants_are_told_apart() {
    let id = entra();
    let person = Person::new("1001", "alice@example.com").with_claim("xms_edov", json!(true));
    id.set_person(person.clone());
    let desk = Desk::with(&microsoft(&id), USERS).await;
    let alice = desk.sign_in_with("microsoft").await.unwrap();
    for lie in [Lie::WrongIssuer, Lie::SimilarIssuer, Lie::IssuerOfAnotherTenant, Lie::WrongAudience, Lie::WrongNonce] {
        id.lie(lie);
        assert_eq!(desk.code_from("microsoft").await, Err("PROVIDER_ERROR".to_owned()), "{lie:?}");
    }
    id.be_honest();
    // The same subject in another tenant is somebody else.
    id.serve_tenant("another-tenant");
    id.set_person(Person::new("1001", "eve@example.com").with_claim("xms_edov", json!(true)));
    assert_ne!(desk.sign_in_with("microsoft").await.unwrap().account.id, alice.account.id);
}

#[tokio::test]
async fn an_audience_may_be_a_list_and_a_secret_may_go_into_a_header() {
    let id = provider();
    id.list_audience();
    let desk = Desk::with(&settings(&[("mine", &id)]), USERS).await;
    assert!(desk.sign_in_with("mine").await.is_ok());
    assert_eq!(id.complaints(), [""; 0]);
}

#[tokio::test]
async fn the_rest_is_asked_of_userinfo_where_the_token_leaves_it_out() {
    let id = provider();
    id.tell_in_user_info_only();
    let desk = Desk::with(&settings(&[("mine", &id)]), USERS).await;
    let signed_in = desk.sign_in_with("mine").await.unwrap();
    assert_eq!(signed_in.account.email, "alice@example.com");
    assert_eq!(desk.profile(signed_in.account.id.as_str()).await.unwrap()["name"], "Alice Example");
    assert_eq!((id.complaints(), id.requests_to("/userinfo").len()), (Vec::new(), 1));
}

#[tokio::test]
async fn people_are_offered_what_is_configured() {
    let (hub, id) = (OAuthProvider::github(), provider());
    let more = format!(
        "    oidc: {{corp: {{issuer: \"{}\", client_id: a, client_secret: b, title: Corporation}}}}\n",
        id.issuer()
    );
    let desk =
        Desk::with(&format!("{}{more}server: {{public_url: \"https://api.example.com/\"}}\n", github(&hub)), USERS)
            .await;
    let offer = |name: &str, title: &str| Offer {
        name: name.to_owned(),
        title: title.to_owned(),
        url: format!("https://api.example.com/api/auth/oauth/{name}"),
    };
    assert_eq!(desk.auth.providers(), [offer("github", "GitHub"), offer("corp", "Corporation")]);
    assert_eq!(desk.auth.oauth_callback_url("corp"), "https://api.example.com/api/auth/oauth/corp/callback");
    assert!(Desk::new().await.auth.providers().is_empty());
}

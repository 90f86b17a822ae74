//! Whose account it is that a provider's word opens (rows 01, 02, 03 and 09).

use alyx_testing::{OidcProvider, Person, SmtpSink, TestServer, Value, json};

use super::journey::{
    API, Back, PASSWORD, VERIFIER, accounts, browser, code, exchange, mail, named, parameter, register, schema, set,
    settings, sign_in, text,
};

const ALICE: &str = "alice@example.com";

struct Scene {
    provider: OidcProvider,
    sink: SmtpSink,
    server: TestServer,
}

impl Scene {
    fn set() -> Self {
        let (provider, sink) = (OidcProvider::start(), SmtpSink::start());
        let server = TestServer::with_schema(&schema("true")).config(&config(&provider, &sink)).start();
        Self { provider, sink, server }
    }

    #[track_caller]
    fn sign_in(&self) -> Result<Value, String> {
        sign_in(&self.server, "mine")
    }

    fn login(&self, password: &str) -> u16 {
        self.server.post("/api/auth/login", &json!({"email": ALICE, "password": password})).status
    }

    /// The code of the next mail that sets a password.
    #[track_caller]
    fn reset_code(&self) -> String {
        let mark = format!("{API}/_auth/reset-password#token=");
        loop {
            let mail = self.sink.wait_for(ALICE);
            if mail.text.contains(&mark) {
                return mail.after(&mark);
            }
        }
    }

    /// Neither token of the sign-in opens anything.
    #[track_caller]
    fn expect_signed_out(&self, signed_in: &Value) {
        let tokens = &signed_in["tokens"];
        self.server.client().with_token(&text(&tokens["access_token"])).get("/api/auth/me").expect_status(401);
        self.server.post("/api/auth/refresh", &json!({"refresh_token": tokens["refresh_token"]})).expect_status(401);
    }

    /// How often an account was linked.
    fn links(&self) -> usize {
        let entries = self.server.admin().get("/api/admin/audit?action=account.provider_linked").expect_status(200);
        entries.json()["entries"].as_array().map_or(usize::MAX, Vec::len)
    }
}

fn config(provider: &OidcProvider, sink: &SmtpSink) -> String {
    settings(&named(&[("mine", provider)]), &mail(sink))
}

#[test]
fn ac01_a_trap_under_somebodys_address_is_not_linked_and_undone_by_its_owner() {
    let scene = Scene::set();
    let trap = register(&scene.server, ALICE);
    assert_eq!(scene.sign_in().err().as_deref(), Some("EMAIL_UNCONFIRMED"));
    assert_eq!((scene.links(), accounts(&scene.server).len()), (0, 1));
    let reset = scene.reset_code();
    let body = json!({"token": reset, "password": "her own password"});
    scene.server.post("/api/auth/confirm-password-reset", &body).expect_status(204);
    scene.expect_signed_out(&trap);
    assert_eq!((scene.login(PASSWORD), scene.login("her own password")), (401, 200));
    let alice = scene.sign_in().unwrap();
    assert_eq!((&alice["user"]["id"], &alice["user"]["verified"]), (&trap["user"]["id"], &json!(true)));
    assert_eq!(scene.links(), 1);
    assert_eq!(scene.provider.complaints(), [""; 0]);
}

#[test]
fn ac02_who_registers_after_the_owner_came_by_a_provider_gets_nothing() {
    let scene = Scene::set();
    let alice = scene.sign_in().unwrap();
    for email in [ALICE, "ALICE@EXAMPLE.COM"] {
        let body = json!({"email": email, "password": "evil password"});
        scene.server.post("/api/auth/register", &body).expect_status(409);
    }
    assert_eq!([scene.login("evil password"), scene.login(""), scene.login(PASSWORD)], [401; 3]);
    assert_eq!(scene.sign_in().unwrap()["user"]["id"], alice["user"]["id"]);
    assert_eq!(accounts(&scene.server).len(), 1);
}

#[test]
fn ac02_a_link_from_before_the_owner_came_is_dropped() {
    let scene = Scene::set();
    scene.provider.set_person(Person::new("666", ALICE));
    let trap = scene.sign_in().unwrap();
    set(&scene.server, &trap, &json!({"verified": false}));
    scene.provider.set_person(Person::new("1001", ALICE));
    assert_eq!(scene.sign_in().err().as_deref(), Some("EMAIL_UNCONFIRMED"));
    let body = json!({"token": scene.reset_code(), "password": "her own password"});
    scene.server.post("/api/auth/confirm-password-reset", &body).expect_status(204);
    scene.expect_signed_out(&trap);
    scene.sign_in().unwrap();
    // The trap's own account at the provider opens it no more.
    scene.provider.set_person(Person::new("666", ALICE).with_email_verified(json!(false)));
    assert_eq!(scene.sign_in().err().as_deref(), Some("EMAIL_NOT_VERIFIED"));
}

#[test]
fn ac02_no_address_but_the_providers_counts() {
    let scene = Scene::set();
    let victim = register(&scene.server, "victim@example.com");
    set(&scene.server, &victim, &json!({"verified": true}));
    let mut browser = browser(&scene.server);
    let code = code(&mut browser, "mine").unwrap();
    let with_email = json!({"code": code, "code_verifier": VERIFIER, "email": "victim@example.com"});
    scene.server.post("/api/auth/oauth/exchange", &with_email).expect_status(400);
    let callback = Back::from(&scene.server, "mine");
    let path = format!("{}&email=victim@example.com&user={{\"email\":\"victim@example.com\"}}", callback.path);
    let back = Back { path: path.replace(['{', '}', '"'], "%22"), cookie: callback.cookie };
    let answer = back.ask(&scene.server.client(), Some(&back.cookie)).expect_status(303);
    let code = parameter(&answer, "code").unwrap();
    assert_eq!(exchange(&scene.server.client(), &code).json()["user"]["email"], ALICE);
    assert_eq!(scene.links(), 0);
}

#[test]
fn a_confirmed_account_is_linked_and_its_owner_told_once() {
    let scene = Scene::set();
    let alice = register(&scene.server, ALICE);
    set(&scene.server, &alice, &json!({"verified": true, "role": "moderator"}));
    for _ in 0..2 {
        let signed_in = scene.sign_in().unwrap();
        assert_eq!((&signed_in["user"]["id"], &signed_in["user"]["role"]), (&alice["user"]["id"], &json!("moderator")));
    }
    assert_eq!((scene.links(), scene.login(PASSWORD)), (1, 200));
    let told = |mails: &[alyx_testing::ReceivedMail]| mails.iter().filter(|mail| mail.text.contains("mine")).count();
    let mut seen = Vec::new();
    while told(&seen) == 0 {
        seen.push(scene.sink.wait_for(ALICE));
    }
    assert_eq!(told(&scene.sink.mails()), 0);
}

#[test]
fn ac03_another_issuer_under_the_same_name_vouches_for_nobody_of_before() {
    let Scene { provider, sink, mut server } = Scene::set();
    let alice = sign_in(&server, "mine").unwrap();
    let under_way = Back::from(&server, "mine");
    let usurper = OidcProvider::start();
    usurper.set_person(Person::new("1001", ALICE).with_email_verified(json!(false)));
    server.project().write("alyx.yaml", &config(&usurper, &sink));
    server.restart();
    assert_eq!(sign_in(&server, "mine").err().as_deref(), Some("EMAIL_NOT_VERIFIED"), "the same subject is another's");
    let answer = under_way.ask(&server.client(), Some(&under_way.cookie)).expect_status(303);
    assert!(parameter(&answer, "code").is_none(), "what began with the one does not end with the other");
    usurper.set_person(Person::new("1001", "eve@example.com"));
    assert_ne!(sign_in(&server, "mine").unwrap()["user"]["id"], alice["user"]["id"]);
    server.project().write("alyx.yaml", &config(&provider, &sink));
    server.restart();
    assert_eq!(sign_in(&server, "mine").unwrap()["user"]["id"], alice["user"]["id"]);
}

#[test]
fn ac09_who_is_banned_comes_in_by_no_provider() {
    let scene = Scene::set();
    let alice = scene.sign_in().unwrap();
    let code = code(&mut browser(&scene.server), "mine").unwrap();
    set(&scene.server, &alice, &json!({"banned": true}));
    // The ban takes codes that are on their way.
    let refused = exchange(&scene.server.client(), &code).expect_status(400);
    assert_eq!(refused.error_code(), "INVALID_CODE");
    scene.expect_signed_out(&alice);
    assert_eq!(scene.sign_in().err().as_deref(), Some("ACCOUNT_BANNED"));
    scene.provider.set_person(Person::new("1002", ALICE));
    assert_eq!(scene.sign_in().err().as_deref(), Some("ACCOUNT_BANNED"), "nor by another account with the address");
    set(&scene.server, &alice, &json!({"banned": false}));
    exchange(&scene.server.client(), &code).expect_status(400);
    assert!(scene.sign_in().is_ok());
    scene.provider.set_person(Person::new("1001", ALICE));
    assert_eq!(scene.sign_in().unwrap()["user"]["id"], alice["user"]["id"]);
}

#[test]
fn a_deleted_account_is_not_opened_by_what_was_under_way() {
    let scene = Scene::set();
    let alice = scene.sign_in().unwrap();
    let code = code(&mut browser(&scene.server), "mine").unwrap();
    let id = text(&alice["user"]["id"]);
    scene.server.admin().delete(&format!("/api/admin/users/{id}")).expect_status(204);
    assert_eq!(exchange(&scene.server.client(), &code).expect_status(400).error_code(), "INVALID_CODE");
    assert_ne!(scene.sign_in().unwrap()["user"]["id"], alice["user"]["id"]);
}

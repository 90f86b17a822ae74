//! A server of its own for each flow, with a mail server beside it, and the accounts that a flow asks about.

use alyx_testing::{Client, SmtpSink, TestServer, Value, json};
use anyhow::{Context, Result};

use crate::{arguments::Arguments, message::Message, random::Random};

/// The password of every account that has one.
pub(crate) const PASSWORD: &str = "correct horse battery";
/// As long as that, and wrong.
pub(crate) const WRONG_PASSWORD: &str = "correct horse battary";

/// Accounts of one kind that a flow asks about in turn; one alone might be special by chance.
const MOST_ACCOUNTS: usize = 32;

const SCHEMA: &str = include_str!("../schema.yaml");

/// Whether an address must be confirmed before its account can sign in; then alone does registering hide who is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verification {
    Optional,
    Required,
}

/// A fresh server and what is on it.
pub(crate) struct World {
    server: TestServer,
    admin: Client,
    /// It is sent mail as long as the server runs.
    _mail: SmtpSink,
    pub(crate) random: Random,
    accounts: usize,
}

/// An account that was made.
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) email: String,
}

impl World {
    /// Starts the server; the more samples there will be, the more accounts there are of each kind.
    pub(crate) fn start(verification: Verification, arguments: &Arguments) -> Self {
        let mail = SmtpSink::start();
        let settings = settings(verification, arguments.bcrypt_cost, mail.port());
        let server = TestServer::with_schema(SCHEMA).config(&settings).start();
        let admin = server.admin();
        let accounts = MOST_ACCOUNTS.min(arguments.samples as usize);
        Self { server, admin, _mail: mail, random: Random::new(), accounts }
    }

    /// The connection that is measured.
    pub(crate) fn client(&self) -> Client {
        self.server.client()
    }

    /// The server's process.
    pub(crate) fn process(&mut self) -> u32 {
        self.server.process().id()
    }

    /// Makes accounts with a password, whose addresses are confirmed; `more` says what else they are.
    pub(crate) fn accounts(&mut self, more: &Value) -> Vec<Account> {
        (0..self.accounts).map(|_| self.account(json!({"password": PASSWORD, "verified": true}), more)).collect()
    }

    /// The same without a password, as sign-in by another provider makes them.
    pub(crate) fn accounts_without_password(&mut self) -> Vec<Account> {
        (0..self.accounts).map(|_| self.account(json!({"verified": true}), &json!({}))).collect()
    }

    /// Addresses that have no account, as many as there would be accounts.
    pub(crate) fn nobody(&mut self) -> Vec<String> {
        (0..self.accounts).map(|_| self.random.email()).collect()
    }

    fn account(&mut self, mut body: Value, more: &Value) -> Account {
        let email = self.random.email();
        body["email"] = json!(email);
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        let made = self.admin.post("/api/admin/users", &body).expect_status(201).json();
        Account { id: made["id"].as_str().unwrap_or_default().to_owned(), email }
    }

    /// Shuts an account out.
    pub(crate) fn ban(&self, account: &Account) {
        self.admin.patch(&format!("/api/admin/users/{}", account.id), &json!({"banned": true})).expect_status(200);
    }

    /// Signs in; the tokens.
    pub(crate) fn sign_in(&self, account: &Account) -> Result<Tokens> {
        let body = json!({"email": account.email, "password": PASSWORD});
        let answer = self.server.post("/api/auth/login", &body).expect_status(200).json();
        let token = |name: &str| answer["tokens"][name].as_str().map(str::to_owned).context("a sign-in gives tokens");
        Ok(Tokens { access: token("access_token")?, refresh: token("refresh_token")? })
    }

    /// Ends the session of a refresh token.
    pub(crate) fn sign_out(&self, refresh: &str) {
        self.server.post("/api/auth/logout", &json!({"refresh_token": refresh})).expect_status(204);
    }

    /// Makes a document as the administrator; its id.
    pub(crate) fn document(&self, collection: &str, document: &Value) -> String {
        let made = self.admin.post(&format!("/api/collections/{collection}"), document).expect_status(201).json();
        made["id"].as_str().unwrap_or_default().to_owned()
    }

    /// The server's own administrator's token.
    pub(crate) fn admin_token(&self) -> &'static str {
        alyx_testing::ADMIN_TOKEN
    }

    /// One of them by chance, each time it is called.
    pub(crate) fn any_of(messages: Vec<Message>) -> impl FnMut() -> Message {
        let mut random = Random::new();
        move || messages[random.below(messages.len())].clone()
    }
}

/// What a sign-in gives.
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

/// Limits would answer in place of what is measured. All else is as it comes.
fn settings(verification: Verification, bcrypt_cost: u32, mail_port: u16) -> String {
    let required = verification == Verification::Required;
    format!(
        "auth:\n  require_verification: {required}\n  password: {{bcrypt_cost: {bcrypt_cost}}}\n  jwt: {{access_ttl: 12h}}\n  \
         rate_limit: {{login: off, register: off, password_reset: off, oauth: off}}\n\
         mail: {{host: 127.0.0.1, port: {mail_port}, encryption: none, from: alyx@example.com}}\n"
    )
}

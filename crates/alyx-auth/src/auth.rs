//! The service: what it is made of, and how it is opened.

use std::{
    future::Future,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use alyx_config::{Config, section::Auth as Settings};
use alyx_schema::clock::{Clock, IdGenerator};
use alyx_store::{SystemClock, SystemIds, WeakStore, account::AccountChange};
use jiff::Timestamp;
use serde_json::Value as Json;
use tokio::sync::broadcast;

use crate::{
    Mailer, PasswordFault, Random, Result, SystemRandom,
    background::Background,
    cache::Cache,
    jwt_crypto::install_crypto,
    keyring::Keyring,
    limits::Limits,
    links::{LinkTo, Links, in_words},
    mail::{Letter, Letters, Outbox, Smtp},
    oauth::OAuth,
    pace::{self, Pace},
    password::{Policy, Pool},
    random,
    remembered::Remembered,
    token::access::AccessTokens,
    verified::VerifiedTokens,
};

/// The role of administrators.
pub const ADMINISTRATOR: &str = "admin";

/// The role that a new account has.
pub const USER: &str = "user";

/// What the service is made of.
pub struct AuthOptions<'a> {
    /// The settings of the project.
    pub config: &'a Config,
    /// The project folder.
    pub project: &'a Path,
    /// Where the server answers, for links where `server.public_url` is not set.
    pub address: Option<&'a str>,
    /// How mail leaves; `None` is the way that the settings say.
    pub mailer: Option<Arc<dyn Mailer>>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids.
    pub ids: Arc<dyn IdGenerator>,
    /// Makes what nobody can guess.
    pub random: Arc<dyn Random>,
    /// Threads that hash passwords; `None` is half of the cores.
    pub password_threads: Option<usize>,
}

impl<'a> AuthOptions<'a> {
    /// The real time, ids and randomness.
    #[must_use]
    pub fn new(config: &'a Config, project: &'a Path) -> Self {
        Self {
            config,
            project,
            address: None,
            mailer: None,
            clock: Arc::new(SystemClock),
            ids: Arc::new(SystemIds),
            random: Arc::new(SystemRandom::default()),
            password_threads: None,
        }
    }
}

/// Accounts and sessions. Cheap to clone.
///
/// Calls take the store, since a server may get another one while it runs.
#[derive(Clone)]
pub struct Auth {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) settings: Settings,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdGenerator>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) keyring: Keyring,
    pub(crate) access: AccessTokens,
    pub(crate) verified: VerifiedTokens,
    pub(crate) passwords: Pool,
    pub(crate) policy: Policy,
    pub(crate) limits: Limits,
    pub(crate) links: Links,
    pub(crate) oauth: OAuth,
    pub(crate) remembered: Remembered,
    pub(crate) background: Background,
    pub(crate) pace: Pace,
    /// When the use of a deploy token was last noted, in milliseconds.
    pub(crate) noted: Cache<String, i64>,
    letters: Letters,
    outbox: Outbox,
}

/// Time in which what is put off begins.
const PUT_OFF: Duration = Duration::from_millis(500);

impl Inner {
    /// Runs what must not show, at some moment soon that nobody can foresee: right after the answer, it would slow
    /// down the next request and so tell that there is something to do.
    pub(crate) fn put_off(&self, what: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let moment = random::bytes(&*self.random).map_or(u16::MAX, u16::from_le_bytes);
        self.background.run_after(PUT_OFF * u32::from(moment) / u32::from(u16::MAX), what, task);
    }
}

impl Auth {
    /// Opens the service: reads keys and texts, and starts the threads that hash passwords.
    ///
    /// # Errors
    /// Keys cannot be read or made, or a text of mail is wrong.
    pub fn open(options: AuthOptions<'_>) -> Result<Self> {
        install_crypto();
        let (config, settings) = (options.config, options.config.auth.clone());
        let data = config.data_folder(options.project);
        let keyring = Keyring::open(&settings.jwt, &data, (&options.clock, &*options.random))?;
        let mailer = match options.mailer {
            Some(mailer) => Some(mailer),
            None => Smtp::new(&config.mail)?.map(|smtp| Arc::new(smtp) as Arc<dyn Mailer>),
        };
        if mailer.is_none() && settings.require_verification {
            tracing::warn!(
                "auth.require_verification is on and no mail leaves (mail.host): nobody who registers can sign in"
            );
        }
        let background = Background::new();
        let inner = Inner {
            access: AccessTokens::new(&settings.jwt),
            verified: VerifiedTokens::new(),
            passwords: Pool::start(settings.password.bcrypt_cost, options.password_threads)?,
            policy: Policy::new(&settings.password),
            limits: Limits::new(&settings.rate_limit, Arc::clone(&options.clock)),
            links: Links::new(config, options.address),
            oauth: OAuth::open(&settings.oauth)?,
            remembered: Remembered::new(),
            pace: Pace::default(),
            letters: Letters::load(options.project)?,
            outbox: Outbox::new(mailer, background.clone()),
            noted: Cache::new(1000),
            clock: options.clock,
            ids: options.ids,
            random: options.random,
            background,
            keyring,
            settings,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The settings of accounts.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Waits until a request that came then may be answered, however long it took to find out why it is refused.
    pub async fn pace(&self, came: Instant) {
        self.inner.pace.wait(came, pace::STEP).await;
    }

    /// The public keys of access tokens, for `/.well-known/jwks.json`; none where a secret signs them.
    #[must_use]
    pub fn public_keys(&self) -> Json {
        self.inner.keyring.public()
    }

    /// Every rule that a password breaks.
    #[must_use]
    pub fn password_faults(&self, password: &str) -> Vec<PasswordFault> {
        self.inner.policy.faults(password)
    }

    /// Rounds of bcrypt so far, for metrics; a password at cost 10 has 1024.
    #[must_use]
    pub fn password_work(&self) -> u64 {
        self.inner.passwords.work()
    }

    /// Hears of every change of an account or session: role, ban, address, sign-out, deletion.
    ///
    /// Somebody must [`follow`](Self::follow) the store for changes to come by themselves.
    #[must_use]
    pub fn account_events(&self) -> broadcast::Receiver<AccountChange> {
        self.inner.remembered.events()
    }

    /// Tells of changes as they are committed, by this process or another, until the store is closed.
    pub async fn follow(&self, store: &WeakStore) {
        let Some(mut made) = store.upgrade().map(|store| store.account_changes_made().clone()) else { return };
        while let Some(store) = store.upgrade() {
            self.inner.remembered.catch_up(&store).await;
            drop(store);
            if made.changed().await.is_err() {
                return;
            }
        }
    }

    /// Waits until mail and what else runs in the background has ended.
    pub async fn settle(&self) {
        self.inner.background.settle().await;
    }
}

impl Inner {
    /// The time so long from now.
    pub(crate) fn after(&self, duration: Duration) -> Timestamp {
        self.clock.now().checked_add(duration).unwrap_or(Timestamp::MAX)
    }

    /// Whether mail leaves at all.
    pub(crate) fn has_mail(&self) -> bool {
        self.outbox.is_open()
    }

    /// Sends a mail without a link.
    pub(crate) fn post(&self, letter: Letter, to: &str, more: &[(&'static str, &str)]) {
        let mut values = vec![("site", self.links.site()), ("url", self.links.base()), ("email", to)];
        // The first value of a name counts.
        values.splice(0..0, more.iter().copied());
        self.outbox.post(self.letters.write(letter, to, &values));
    }

    /// Sends a mail with a link that is good for so long.
    pub(crate) fn post_link(
        &self,
        (letter, link): (Letter, LinkTo),
        to: &str,
        (token, lifetime): (&str, Duration),
        more: &[(&'static str, &str)],
    ) {
        let (link, expires_in) = (self.links.with_token(link, token), in_words(lifetime));
        let own = [("link", link.as_str()), ("token", token), ("expires_in", expires_in.as_str())];
        self.post(letter, to, &[&own, more].concat());
    }
}

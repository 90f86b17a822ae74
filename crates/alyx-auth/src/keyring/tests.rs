//! Keys are made once, kept from others, and change under a running server without signing anyone out.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use alyx_config::{Config, Secret, section::Algorithm};
use alyx_schema::clock::Clock;
use jiff::Timestamp;

use super::{Keyring, rotate_keys};
use crate::{Error, SystemRandom};

#[derive(Default)]
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + self.0.load(Ordering::Relaxed)).unwrap()
    }
}

fn jwt(algorithm: Algorithm) -> alyx_config::section::Jwt {
    alyx_config::section::Jwt { algorithm, ..Config::default().auth.jwt }
}

fn open(jwt: &alyx_config::section::Jwt, folder: &Path, clock: &Arc<Hands>) -> Keyring {
    let clock: Arc<dyn Clock> = Arc::<Hands>::clone(clock);
    Keyring::open(jwt, folder, (&clock, &SystemRandom::default())).unwrap()
}

#[test]
fn a_key_is_made_once_and_for_its_owner_alone() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Arc::default());
    let first = open(&jwt(Algorithm::Hs256), folder.path(), &clock).signing().id().to_owned();
    assert_eq!(open(&jwt(Algorithm::Hs256), folder.path(), &clock).signing().id(), first);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |name: &str| std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("secrets"), mode("secrets/token_keys.json")), (0o700, 0o600));
        let file = folder.path().join("secrets/token_keys.json");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        open(&jwt(Algorithm::Hs256), folder.path(), &clock);
        assert_eq!(mode("secrets/token_keys.json"), 0o600);
    }
    assert_eq!(std::fs::read_dir(folder.path().join("secrets")).unwrap().count(), 1, "nothing else is left");
}

#[test]
fn many_that_start_at_once_have_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let ids: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| open(&jwt(Algorithm::EdDsa), path, &Arc::default()).signing().id().to_owned()))
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[test]
fn a_rotated_key_is_noticed_and_the_old_one_counts_until_all_of_it_has_expired() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Arc::<Hands>::default());
    let jwt = jwt(Algorithm::Hs256);
    let ring = open(&jwt, folder.path(), &clock);
    let old = ring.signing().id().to_owned();
    let rotate = || rotate_keys(&jwt, folder.path(), &*clock, &SystemRandom::default()).unwrap();
    let new = rotate();
    assert_eq!((new.previous, new.removed), (1, 0));
    assert_eq!(ring.signing().id(), old, "it looks at most once a second");
    assert!(ring.find(&new.id).is_none());
    clock.0.store(2, Ordering::Relaxed);
    assert!(ring.find(&new.id).is_some(), "an id that it does not know makes it look");
    assert_eq!(ring.signing().id(), new.id);
    assert!(ring.find(&old).is_some());
    clock.0.store(2 + 7 * 86_400, Ordering::Relaxed);
    let newest = rotate();
    assert_eq!((newest.previous, newest.removed), (1, 1));
    clock.0.fetch_add(2, Ordering::Relaxed);
    assert!(ring.find(&newest.id).is_some() && ring.find(&new.id).is_some() && ring.find(&old).is_none());
}

#[test]
fn a_file_that_is_damaged_stops_the_start_and_not_a_server_that_runs() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Arc::<Hands>::default());
    let jwt = jwt(Algorithm::Hs256);
    let ring = open(&jwt, folder.path(), &clock);
    let id = ring.signing().id().to_owned();
    std::fs::write(folder.path().join("secrets/token_keys.json"), "{\"version\":1,\"keys\":\"hunter2\"}").unwrap();
    clock.0.store(5, Ordering::Relaxed);
    assert_eq!(ring.signing().id(), id);
    let clock: Arc<dyn Clock> = clock;
    let error = Keyring::open(&jwt, folder.path(), (&clock, &SystemRandom::default())).err().unwrap();
    assert!(matches!(error, Error::Keys { .. }) && !format!("{error:?}").contains("hunter2"));
}

#[test]
fn a_configured_secret_signs_and_those_of_before_count() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Arc::<Hands>::default());
    let made = open(&jwt(Algorithm::Hs256), folder.path(), &clock).signing().id().to_owned();
    let secret = |text: &str| Secret::new(format!("{text}rG7vKp2xWq9LmZ4tNc8YbHd3FsJ6uTe1"));
    let mut with = jwt(Algorithm::Hs256);
    with.secret = Some(secret("a"));
    let first = open(&with, folder.path(), &clock);
    let id = first.signing().id().to_owned();
    assert_eq!(
        open(&with, tempfile::tempdir().unwrap().path(), &clock).signing().id(),
        id,
        "it follows from the secret"
    );
    assert!(first.find(&made).is_some(), "who has a token of the key that was made stays signed in");
    (with.secret, with.previous_secrets) = (Some(secret("b")), vec![secret("a")]);
    let second = open(&with, folder.path(), &clock);
    assert_ne!(second.signing().id(), id);
    assert!(second.find(&id).is_some());
    let refused = rotate_keys(&with, folder.path(), &*clock, &SystemRandom::default());
    assert!(matches!(refused, Err(Error::KeyIsConfigured)));
}

#[test]
fn only_public_halves_are_published() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Arc::<Hands>::default());
    let secret = open(&jwt(Algorithm::Hs256), folder.path(), &clock).public();
    assert_eq!(secret, serde_json::json!({"keys": []}));
    let ring = open(&jwt(Algorithm::EdDsa), folder.path(), &clock);
    let public = ring.public();
    assert_eq!(public["keys"].as_array().unwrap().len(), 1);
    let key = public["keys"][0].as_object().unwrap();
    assert_eq!(key["kid"], ring.signing().id());
    let mut names: Vec<_> = key.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x"], "never d");
}

//! What it costs to know who the bearer of a token is: remembered, as for nearly every request, and for the first time.

use alyx_auth::{Auth, AuthOptions, Authority, Client};
use alyx_config::Config;
use alyx_schema::parse_schema;
use alyx_store::{Database, Store, StoreOptions};
use divan::Bencher;
use serde_json::json;
use tokio::runtime::Runtime;

struct World {
    auth: Auth,
    store: Store,
    token: String,
    runtime: Runtime,
    folder: tempfile::TempDir,
}

fn main() {
    divan::main();
}

fn world() -> World {
    let runtime = Runtime::new().expect("a runtime starts");
    let folder = tempfile::tempdir().expect("there is room");
    let mut config = Config::default();
    config.auth.password.bcrypt_cost = 4;
    let auth = Auth::open(AuthOptions::new(&config, folder.path())).expect("it opens");
    let (store, token) = runtime.block_on(async {
        let schema = parse_schema("schema.yaml", "version: 1\ncollections: {}").expect("it is a schema");
        let database = Database::open(&StoreOptions::new(folder.path().join("alyx.db"))).await.expect("it opens");
        let store = database.into_store(schema.into()).await.expect("it starts");
        let body = json!({"email": "ada@example.com", "password": "correct horse"});
        let body = body.as_object().cloned().unwrap_or_default();
        let draft = auth.draft_account(&store.schema(), &body).expect("it is right");
        auth.create_account(&store, draft, &Authority::cli()).await.expect("it is new");
        let client = Client::default();
        let signed_in = auth.login(&store, "ada@example.com", "correct horse", &client).await.expect("it signs in");
        (store, signed_in.tokens.access_token)
    });
    World { auth, store, token, runtime, folder }
}

#[divan::bench]
fn remembered(bencher: Bencher<'_, '_>) {
    let world = world();
    let once = || world.runtime.block_on(world.auth.authenticate(&world.store, &world.token)).expect("it is good");
    once();
    bencher.bench_local(once);
}

#[divan::bench]
fn after_a_start(bencher: Bencher<'_, '_>) {
    let world = world();
    let config = Config::default();
    let open =
        || Auth::open(AuthOptions { password_threads: Some(1), ..AuthOptions::new(&config, world.folder.path()) });
    bencher.with_inputs(|| open().expect("it opens")).bench_local_values(|auth| {
        world.runtime.block_on(auth.authenticate(&world.store, &world.token)).expect("it is good")
    });
}

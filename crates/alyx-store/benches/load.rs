//! What a whole store costs under load: operations a second and CPU an operation, 64 callers on two
//! single-threaded runtimes as a web server has them. `cargo bench -p alyx-store --bench load [NAME…]`;
//! `ALYX_BENCH_POSTS` says how many posts (100,000).

#![expect(clippy::print_stdout, reason = "a benchmark tells its figures")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use alyx_query::{Comparison, Everything, Expand, FieldRef, Predicate, Query, Relation, SortKey};
use alyx_schema::{Collection, Document, Order, Value, clock::IdGenerator, parse_schema};
use alyx_store::{Database, Projection, Store, StoreOptions, SystemIds};

const SCHEMA: &str = "
version: 1
collections:
  users:
    fields:
      id: {type: uuid, primary: true, default: auto}
      email: {type: string, unique: true, index: true}
      name: {type: string, nullable: true}
      role: {type: string, default: user}
      created_at: {type: timestamp, default: now}
      updated_at: {type: timestamp, default: now, onUpdate: now}
  posts:
    fields:
      id: {type: uuid, primary: true, default: auto}
      title: {type: string}
      slug: {type: string, unique: true}
      content: {type: text}
      author_id: {type: uuid, references: users.id, onDelete: cascade, index: true}
      published: {type: bool, default: false}
      view_count: {type: int, default: 0}
      tags: {type: json, nullable: true}
      created_at: {type: timestamp, default: now}
      updated_at: {type: timestamp, default: now, onUpdate: now}
    indexes:
      - {name: idx_posts_published, fields: [published, created_at], order: desc}
";

const AUTHORS: usize = 100;
const CALLERS: usize = 64;
const THREADS: usize = 2;

struct World {
    store: Store,
    posts: Arc<Collection>,
    users: Arc<Collection>,
    authors: Vec<String>,
    ids: Vec<String>,
    serial: AtomicU64,
}

fn main() {
    // `cargo test --benches` only asks whether it builds.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let count: usize = std::env::var("ALYX_BENCH_POSTS").ok().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let asked: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let main = runtime();
    let started = Instant::now();
    let world = Arc::new(main.block_on(World::fill(StoreOptions::new(folder.path().join("alyx.db")), count)));
    println!("filled with {count} posts in {:.1?}", started.elapsed());
    for name in ["get", "list", "expand", "feed", "feed-nototal", "update", "mixed", "insert", "insert1"] {
        if asked.is_empty() || asked.iter().any(|asked| asked == name) {
            measure(&world, name);
        }
    }
    main.block_on(world.store.close());
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

impl World {
    async fn fill(options: StoreOptions, count: usize) -> Self {
        let schema = Arc::new(parse_schema("schema.yaml", SCHEMA).expect("the schema is right"));
        let mut database = Database::open(&options).await.expect("a database");
        database.create_collections(&schema).await.expect("tables");
        let store = database.into_store(schema.clone()).await.expect("a store");
        let collection = |name: &str| schema.collection(name).expect("it is in the schema").clone();
        let mut world = Self {
            store,
            posts: collection("posts"),
            users: collection("users"),
            authors: (0..AUTHORS).map(|_| SystemIds.uuid()).collect(),
            ids: Vec::new(),
            serial: AtomicU64::new(0),
        };
        for author in &world.authors {
            let values = [author.as_str(), author, "Somebody", "user", &time(0), &time(0)];
            let values = values.into_iter().map(|text| Value::Text(text.to_owned())).collect();
            world.store.create(&world.users, Document { values }, &Predicate::TRUE, &Everything).await.expect("a user");
        }
        while world.ids.len() < count {
            let batch: Vec<Document> = (0..200).map(|_| world.post()).collect();
            for document in &batch {
                if let (Value::Text(id), Value::Bool(true)) = (&document.values[0], &document.values[5]) {
                    world.ids.push(id.clone());
                } else {
                    world.ids.push(String::new());
                }
            }
            let writes = batch
                .into_iter()
                .map(|document| world.store.create(&world.posts, document, &Predicate::TRUE, &Everything));
            for written in futures_util::future::join_all(writes).await {
                written.expect("a post");
            }
        }
        world.ids.retain(|id| !id.is_empty());
        world
    }

    fn post(&self) -> Document {
        let serial = self.serial.fetch_add(1, Ordering::Relaxed);
        let text = Value::Text;
        let index = usize::try_from(serial).unwrap_or_default();
        Document {
            values: vec![
                text(SystemIds.uuid()),
                text(format!("river copper quiet {serial}")),
                text(format!("slug-{serial}")),
                text("lantern orbit velvet cinder ".repeat(37)),
                text(self.authors[index % AUTHORS].clone()),
                Value::Bool(!(index / AUTHORS).is_multiple_of(5)),
                Value::Int(i64::try_from(serial % 1000).unwrap_or_default()),
                Value::Json(serde_json::json!(["maple", "tundra", "saffron"])),
                text(time(serial)),
                text(time(serial)),
            ],
        }
    }

    fn field(&self, name: &str) -> FieldRef {
        FieldRef::named(&self.posts, name).expect("it is in the schema")
    }

    fn list(&self, author: Option<&str>, total: bool, expand: bool) -> Query {
        let equals =
            |name: &str, value| Predicate::Compare { field: self.field(name), comparison: Comparison::Eq, value };
        let mut parts = vec![equals("published", Value::Bool(true))];
        parts.extend(author.map(|author| equals("author_id", Value::Text(author.to_owned()))));
        let descending = |name: &str| SortKey { field: self.field(name), order: Order::Descending };
        let author = Expand {
            name: "author".to_owned(),
            relation: Relation::ToOne { field: self.field("author_id"), target_field: FieldRef::primary(&self.users) },
            target: self.users.clone(),
            nested: Vec::new(),
        };
        Query {
            collection: self.posts.clone(),
            predicate: Predicate::all(parts),
            sort: vec![descending("created_at"), descending("id")],
            limit: 30,
            offset: 0,
            cursor: None,
            fields: None,
            expand: if expand { vec![author] } else { Vec::new() },
            total,
        }
    }
}

/// Timestamps a few of which are the same, as in life.
fn time(serial: u64) -> String {
    let milliseconds = serial / 8;
    format!(
        "2026-01-{:02}T08:{:02}:{:02}.{:03}Z",
        1 + milliseconds / 3_600_000,
        milliseconds / 60_000 % 60,
        milliseconds / 1000 % 60,
        milliseconds % 1000
    )
}

/// splitmix64.
fn random(state: &mut u64) -> usize {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    usize::try_from((mixed ^ (mixed >> 31)) >> 1).unwrap_or_default()
}

async fn operation(world: &World, name: &str, state: &mut u64) -> usize {
    let author = |state: &mut u64| world.authors[random(state) % AUTHORS].clone();
    let id = |state: &mut u64| Value::Text(world.ids[random(state) % world.ids.len()].clone());
    let list = async |query: &Query| world.store.list(query, &Everything).await.expect("a list").docs.len();
    match name {
        "get" => {
            let found = world.store.get(&world.posts, &id(state), &Projection::default(), &Everything).await;
            found.expect("a read").expect("a post").len()
        }
        "list" => list(&world.list(Some(&author(state)), true, false)).await,
        "expand" => list(&world.list(Some(&author(state)), true, true)).await,
        "feed" => list(&world.list(None, true, false)).await,
        "feed-nototal" => list(&world.list(None, false, false)).await,
        "update" => {
            let views = i64::try_from(random(state) % 1_000_000).unwrap_or_default();
            let now = Value::Text(time(u64::try_from(random(state)).unwrap_or_default() % 10_000_000));
            let changes = vec![(world.field("view_count"), Value::Int(views)), (world.field("updated_at"), now)];
            let written = world.store.update(&world.posts, &id(state), changes, &Predicate::TRUE, &Everything).await;
            written.expect("a write").expect("a post").json.len()
        }
        "insert" | "insert1" => world
            .store
            .create(&world.posts, world.post(), &Predicate::TRUE, &Everything)
            .await
            .expect("a write")
            .expect("it is allowed")
            .json
            .len(),
        _ => match random(state) % 10 {
            0 => Box::pin(operation(world, "insert", state)).await,
            1 => Box::pin(operation(world, "update", state)).await,
            2..6 => Box::pin(operation(world, "get", state)).await,
            _ => Box::pin(operation(world, "list", state)).await,
        },
    }
}

fn measure(world: &Arc<World>, name: &'static str) {
    let callers = if name == "insert1" { 1 } else { CALLERS };
    run(world, name, callers, Duration::from_millis(500));
    let (cpu, started) = (cpu(), Instant::now());
    let (done, bytes) = run(world, name, callers, Duration::from_secs(3));
    let seconds = started.elapsed().as_secs_f64();
    let cpu = self::cpu() - cpu;
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let (rate, each, size) = (done as f64 / seconds, cpu * 1e6 / done as f64, bytes / done.max(1));
    println!("{name:<13} {rate:>9.0}/s {each:>8.1} us CPU {size:>7} bytes  {:?}", world.store.stats());
}

fn run(world: &Arc<World>, name: &'static str, callers: usize, time: Duration) -> (u64, u64) {
    let end = Instant::now() + time;
    let threads: Vec<_> = (0..THREADS.min(callers))
        .map(|thread| {
            let world = world.clone();
            std::thread::spawn(move || {
                let tasks = tokio::task::LocalSet::new();
                let handles: Vec<_> = (0..callers.div_ceil(THREADS))
                    .map(|caller| {
                        let world = world.clone();
                        let mut state = u64::try_from(thread * 1000 + caller).unwrap_or_default();
                        tasks.spawn_local(async move {
                            let (mut done, mut bytes) = (0u64, 0u64);
                            while Instant::now() < end {
                                bytes += operation(&world, name, &mut state).await as u64;
                                done += 1;
                            }
                            (done, bytes)
                        })
                    })
                    .collect();
                runtime().block_on(tasks.run_until(async {
                    let mut sum = (0, 0);
                    for handle in handles {
                        let (done, bytes) = handle.await.expect("a caller");
                        sum = (sum.0 + done, sum.1 + bytes);
                    }
                    sum
                }))
            })
        })
        .collect();
    threads.into_iter().map(|thread| thread.join().expect("a thread")).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
}

/// Seconds of CPU this process has used, of threads that are gone too; 0 where /proc is not.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: Vec<f64> = after_name.split_whitespace().skip(11).take(2).filter_map(|text| text.parse().ok()).collect();
    ticks.iter().sum::<f64>() / 100.0
}

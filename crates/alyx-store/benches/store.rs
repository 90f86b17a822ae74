//! Single steps: a list query is lowered and run, one document is written, one is read.

use std::sync::Arc;

use alyx_query::{Everything, Predicate, Query};
use alyx_schema::{Collection, Document, Value, clock::IdGenerator, parse_schema};
use alyx_store::{Database, Projection, Store, StoreOptions, SystemIds};
use divan::Bencher;

const SCHEMA: &str = "
version: 1
collections:
  posts:
    fields:
      id: {type: uuid, primary: true}
      title: {type: string}
      author: {type: string, index: true}
      published: {type: bool}
      views: {type: int}
";

struct World {
    runtime: tokio::runtime::Runtime,
    store: Store,
    posts: Arc<Collection>,
    _folder: tempfile::TempDir,
}

fn main() {
    divan::main();
}

fn world(count: usize) -> World {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let schema = Arc::new(parse_schema("schema.yaml", SCHEMA).expect("the schema is right"));
    let posts = schema.collection("posts").expect("it is in the schema").clone();
    let store = runtime.block_on(async {
        let options = StoreOptions::new(folder.path().join("alyx.db"));
        let mut database = Database::open(&options).await.expect("a database");
        database.create_collections(&schema).await.expect("tables");
        let store = database.into_store(schema).await.expect("a store");
        let documents = (0..count).map(|_| store.create(&posts, post(), &Predicate::TRUE, &Everything));
        for written in futures_util::future::join_all(documents).await {
            written.expect("a post");
        }
        store
    });
    World { runtime, store, posts, _folder: folder }
}

fn post() -> Document {
    let text = |text: &str| Value::Text(text.to_owned());
    Document {
        values: vec![Value::Text(SystemIds.uuid()), text("A title"), text("anna"), Value::Bool(true), Value::Int(3)],
    }
}

#[divan::bench]
fn insert_one(bencher: Bencher) {
    let world = world(0);
    bencher.with_inputs(post).bench_local_values(|post| {
        world.runtime.block_on(world.store.create(&world.posts, post, &Predicate::TRUE, &Everything)).expect("a write")
    });
}

#[divan::bench]
fn read_one(bencher: Bencher) {
    let world = world(0);
    let post = post();
    let id = post.values[0].clone();
    world.runtime.block_on(world.store.create(&world.posts, post, &Predicate::TRUE, &Everything)).expect("a write");
    bencher.bench_local(|| {
        let read = async { world.store.get(&world.posts, &id, &Projection::default(), &Everything).await };
        world.runtime.block_on(read).expect("a read").expect("the post")
    });
}

/// A predicate of many parts that finds nothing: parsing aside, its cost is lowering and the index.
#[divan::bench(args = [1, 10, 100])]
fn lower_and_list(bencher: Bencher, conditions: usize) {
    let world = world(1);
    let filters = (0..conditions).map(|number| ("filter".to_owned(), format!("views:ne:{number}")));
    let parameters: Vec<_> = filters.chain([("filter".to_owned(), "author:eq:nobody".to_owned())]).collect();
    let query = Query::from_parameters(&world.store.schema(), world.posts.clone(), &parameters).expect("a query");
    bencher.bench_local(|| world.runtime.block_on(world.store.list(&query, &Everything)).expect("a list"));
}

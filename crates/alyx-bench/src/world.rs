//! The seeded world: users, posts, and the tokens that the workloads act with.

mod seed;

use std::{sync::Arc, time::Instant};

use anyhow::Result;
use serde_json::{Value, json};

use self::seed::{CreatePosts, CreateUsers};
pub(crate) use self::seed::{Job, SignIn, spread};
use crate::{arguments::Arguments, data::Random, http::Connection, procfs::rounded, product::Product};

/// A seeded post.
#[derive(Clone, Debug)]
pub(crate) struct SeededPost {
    pub(crate) id: String,
    pub(crate) published: bool,
}

/// What the workloads run on.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) product: Arc<dyn Product>,
    pub(crate) address: String,
    pub(crate) pid: Option<u32>,
    pub(crate) arguments: Arguments,
    /// One token a connection, of users `0..connections`.
    pub(crate) tokens: Vec<String>,
    pub(crate) users: Vec<String>,
    /// Seeded posts by author; the authors are users `0..authors`.
    pub(crate) posts: Vec<Vec<SeededPost>>,
    /// How long the seeding took.
    pub(crate) seeding: Value,
}

impl World {
    /// Seeds a fresh server and signs in.
    pub(crate) async fn build(product: &Arc<dyn Product>, pid: Option<u32>, arguments: &Arguments) -> Result<Self> {
        let address = arguments.address()?.to_owned();
        let mut connection = Connection::new(&address);
        product.prepare(&mut connection).await?;
        let started = Instant::now();
        let users = spread(&address, 8, arguments.accounts(), CreateUsers(Arc::clone(product))).await?;
        let users_s = rounded(started.elapsed().as_secs_f64());
        let token = product.seed_token(&mut connection).await?;
        let started = Instant::now();
        let posts = CreatePosts::new(product, arguments, &users, token).run_all(&address).await?;
        let posts_s = rounded(started.elapsed().as_secs_f64());
        let tokens = spread(&address, 8, arguments.connections, SignIn(Arc::clone(product))).await?;
        eprintln!("seeded {} users in {users_s} s, {} posts in {posts_s} s", users.len(), arguments.rows);
        let seeding = json!({"users_s": users_s, "posts_s": posts_s, "batch": product.batch_size()});
        let (product, arguments) = (Arc::clone(product), arguments.clone());
        Ok(Self { product, address, pid, arguments, tokens, users, posts, seeding })
    }

    /// The id of any published seeded post.
    pub(crate) fn any_published(&self, random: &mut Random) -> &str {
        loop {
            let posts = &self.posts[random.below(self.posts.len())];
            let post = &posts[random.below(posts.len())];
            if post.published {
                return &post.id;
            }
        }
    }
}

//! The jobs that fill a fresh server, spread over several connections.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use async_trait::async_trait;
use tokio::task::JoinSet;

use super::SeededPost;
use crate::{arguments::Arguments, data::Post, http::Connection, product::Product};

/// Work that falls into numbered parts.
#[async_trait]
pub(crate) trait Job: Send + Sync + 'static {
    /// What one part gives.
    type Output: Send + 'static;
    async fn run(&self, connection: &mut Connection, number: usize) -> Result<Self::Output>;
}

/// Runs all parts of a job over several connections; the results in order.
pub(crate) async fn spread<J: Job>(address: &str, connections: usize, parts: usize, job: J) -> Result<Vec<J::Output>> {
    let job = Arc::new(job);
    let mut lanes = JoinSet::new();
    for lane in 0..connections {
        let (job, mut connection) = (Arc::clone(&job), Connection::new(address));
        lanes.spawn(async move {
            let mut results = Vec::new();
            for number in (lane..parts).step_by(connections) {
                results.push((number, job.run(&mut connection, number).await?));
            }
            anyhow::Ok(results)
        });
    }
    let mut all = Vec::new();
    while let Some(results) = lanes.join_next().await {
        all.extend(results??);
    }
    all.sort_by_key(|(number, _)| *number);
    Ok(all.into_iter().map(|(_, result)| result).collect())
}

/// Makes user after user; gives their ids.
pub(super) struct CreateUsers(pub(super) Arc<dyn Product>);

#[async_trait]
impl Job for CreateUsers {
    type Output = String;
    async fn run(&self, connection: &mut Connection, number: usize) -> Result<String> {
        self.0.create_user(connection, number).await
    }
}

/// Signs in user after user; gives their tokens.
pub(crate) struct SignIn(pub(crate) Arc<dyn Product>);

#[async_trait]
impl Job for SignIn {
    type Output = String;
    async fn run(&self, connection: &mut Connection, number: usize) -> Result<String> {
        self.0.sign_in(connection, number).await
    }
}

/// Makes the posts, a batch a part; gives their ids.
pub(super) struct CreatePosts {
    product: Arc<dyn Product>,
    owners: Vec<String>,
    token: String,
    rows: usize,
    step: usize,
}

impl CreatePosts {
    pub(super) fn new(product: &Arc<dyn Product>, arguments: &Arguments, users: &[String], token: String) -> Self {
        Self {
            product: Arc::clone(product),
            owners: users[..arguments.authors].to_vec(),
            token,
            rows: arguments.rows,
            step: product.batch_size(),
        }
    }

    /// The new posts by author.
    pub(super) async fn run_all(self, address: &str) -> Result<Vec<Vec<SeededPost>>> {
        let (authors, batches) = (self.owners.len(), self.rows.div_ceil(self.step));
        // Few connections where a request carries a batch (one writer), many where it does not (group commit).
        let connections = if self.step > 1 { 4 } else { 64 };
        let ids = spread(address, connections, batches, self).await?;
        let mut posts = vec![Vec::new(); authors];
        for (number, id) in ids.into_iter().flatten().enumerate() {
            posts[number % authors].push(SeededPost { id, published: published(number, authors) });
        }
        Ok(posts)
    }

    fn post(&self, number: usize) -> Post {
        let authors = self.owners.len();
        Post::new("seed", number, &self.owners[number % authors], published(number, authors))
    }
}

#[async_trait]
impl Job for CreatePosts {
    type Output = Vec<String>;
    async fn run(&self, connection: &mut Connection, batch: usize) -> Result<Vec<String>> {
        let numbers = batch * self.step..((batch + 1) * self.step).min(self.rows);
        let posts: Vec<Post> = numbers.map(|number| self.post(number)).collect();
        let answer = connection.call(&self.product.batch(&posts), Some(&self.token)).await?;
        let ids = self.product.batch_ids(&answer).context("an answer of the preload has no ids")?;
        ensure!(ids.len() == posts.len(), "the preload made {} of {} posts", ids.len(), posts.len());
        Ok(ids)
    }
}

/// One in five of every author's posts is a draft.
fn published(number: usize, authors: usize) -> bool {
    !(number / authors).is_multiple_of(5)
}

//! What a product must be able to say. The workloads know nothing else of it.

mod alyx;
mod pocketbase;

use std::sync::Arc;

use anyhow::Result;
use async_trait::async_trait;
use serde_json::Value;

use crate::{
    arguments::{Arguments, ProductName},
    data::Post,
    functions::is_about_functions,
    http::{Connection, Request},
    subscriber::{Live, Subscriber},
};

/// A list of published posts, newest first.
#[derive(Clone, Copy)]
pub(crate) struct ListQuery<'a> {
    pub(crate) author: Option<&'a str>,
    pub(crate) limit: usize,
    pub(crate) expand: bool,
    pub(crate) total: bool,
}

/// A list as it was answered.
pub(crate) struct Page {
    pub(crate) items: Vec<Value>,
    pub(crate) total: Option<u64>,
}

/// One server under test.
#[async_trait]
pub(crate) trait Product: Send + Sync {
    /// The request that tells whether the server is up.
    fn health(&self) -> Request;
    /// Makes the collections and settings exist where they do not come with the start.
    async fn prepare(&self, connection: &mut Connection) -> Result<()>;
    /// Makes a user; their id.
    async fn create_user(&self, connection: &mut Connection, number: usize) -> Result<String>;
    /// A token of this user.
    async fn sign_in(&self, connection: &mut Connection, number: usize) -> Result<String>;
    /// The request of that.
    fn login(&self, number: usize) -> Request;
    /// The token of somebody whom no rule binds, where a token alone says so.
    fn administrator(&self) -> Option<&str> {
        None
    }
    /// Whether the product can be asked for this workload at all.
    fn has(&self, workload: &str) -> bool {
        let is_ours = ["get-open", "list-open", "feed-open", "two-hop"].contains(&workload);
        self.administrator().is_some() || !is_ours && !is_about_functions(workload)
    }
    /// A token for the preload.
    async fn seed_token(&self, connection: &mut Connection) -> Result<String>;

    fn create(&self, post: &Post) -> Request;
    fn get(&self, id: &str) -> Request;
    fn set_view_count(&self, id: &str, count: u64) -> Request;
    fn list(&self, query: ListQuery<'_>) -> Request;
    /// A comment on a post.
    fn comment(&self, post: &str, author: &str, content: &str) -> Request;
    /// A connection that follows these posts, past what it begins with. `connection` is for what else is to be sent.
    async fn subscribe(
        &self,
        connection: &mut Connection,
        address: &str,
        token: &str,
        live: &Live,
    ) -> Result<Subscriber>;
    fn read_page(&self, answer: Value) -> Option<Page>;

    /// How many creates one request of the preload may carry.
    fn batch_size(&self) -> usize {
        1
    }
    /// A request that creates all of these.
    fn batch(&self, posts: &[Post]) -> Request;
    /// The ids in its answer.
    fn batch_ids(&self, answer: &Value) -> Option<Vec<String>>;
}

/// The product that the command line names.
pub(crate) fn named(arguments: &Arguments) -> Result<Arc<dyn Product>> {
    Ok(match arguments.product {
        ProductName::Alyx => Arc::new(alyx::Alyx::new(arguments.token.as_deref())?),
        ProductName::PocketBase => Arc::new(pocketbase::PocketBase::new(&arguments.superuser)?),
    })
}

/// The id of a document that was just created or read.
pub(crate) fn document_id(answer: &Value) -> Option<String> {
    text(&answer["id"])
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

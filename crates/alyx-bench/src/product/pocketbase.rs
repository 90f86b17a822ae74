//! PocketBase. Needs a superuser made on its command line before the start.

use anyhow::{Context, Result};
use async_trait::async_trait;
use serde_json::{Value, json};

use super::{ListQuery, Page, Product, document_id, text};
use crate::{
    data::{PASSWORD, Post, email},
    http::{Connection, Request, encode},
    subscriber::{Events, Live, Subscriber},
};

const POSTS: &str = "/api/collections/posts/records";
const USERS: &str = "/api/collections/users";
const READ_RULE: &str = "published = true || author_id = @request.auth.id || @request.auth.role = 'admin'";

/// A PocketBase server.
pub(crate) struct PocketBase {
    identity: String,
    password: String,
}

impl PocketBase {
    pub(crate) fn new(superuser: &str) -> Result<Self> {
        let (identity, password) = superuser.split_once(':').context("--superuser wants EMAIL:PASSWORD")?;
        Ok(Self { identity: identity.to_owned(), password: password.to_owned() })
    }

    /// Batches are off by default; only the preload uses them.
    async fn allow_batches(&self, connection: &mut Connection, token: &str) -> Result<()> {
        let settings = json!({"batch": {"enabled": true, "maxRequests": 500, "timeout": 60}});
        connection.call(&Request::json("PATCH", "/api/settings", &settings), Some(token)).await?;
        Ok(())
    }

    /// Opens registration and gives users a role; the id of the collection.
    async fn extend_users(&self, connection: &mut Connection, token: &str) -> Result<Value> {
        let mut users = connection.call(&Request::get(USERS), Some(token)).await?;
        let fields = users["fields"].as_array_mut().context("users has no fields")?;
        fields.push(json!({"name": "role", "type": "text"}));
        let patch = json!({"fields": users["fields"], "createRule": "",
            "listRule": "@request.auth.id != ''", "viewRule": "@request.auth.id != ''"});
        connection.call(&Request::json("PATCH", USERS, &patch), Some(token)).await?;
        Ok(users["id"].take())
    }
}

/// The collection of posts, with the fields, rules and indexes that `schema.yaml` gives to Alyx.
fn posts_collection(users: &Value) -> Value {
    json!({
        "name": "posts", "type": "base", "listRule": READ_RULE, "viewRule": READ_RULE,
        "createRule": "@request.auth.id != ''", "updateRule": "author_id = @request.auth.id",
        "deleteRule": "author_id = @request.auth.id",
        "fields": [
            {"name": "title", "type": "text", "required": true},
            {"name": "slug", "type": "text", "required": true},
            {"name": "content", "type": "text"},
            {"name": "author_id", "type": "relation", "required": true, "maxSelect": 1, "collectionId": users,
                "cascadeDelete": true},
            {"name": "published", "type": "bool"},
            {"name": "view_count", "type": "number", "onlyInt": true},
            {"name": "tags", "type": "json"},
            {"name": "created_at", "type": "autodate", "onCreate": true, "onUpdate": false},
            {"name": "updated_at", "type": "autodate", "onCreate": true, "onUpdate": true},
        ],
        "indexes": [
            "CREATE UNIQUE INDEX idx_posts_slug ON posts (slug)",
            "CREATE INDEX idx_posts_author ON posts (author_id)",
            "CREATE INDEX idx_posts_published ON posts (published, created_at)",
        ],
    })
}

/// Comments on posts, which the realtime workloads write and nobody follows.
fn comments_collection(users: &Value, posts: &Value) -> Value {
    let relation = |name: &str, collection: &Value| json!({"name": name, "type": "relation", "required": true, "maxSelect": 1, "collectionId": collection, "cascadeDelete": true});
    json!({
        "name": "comments", "type": "base", "listRule": "", "viewRule": "",
        "createRule": "@request.auth.id != ''", "updateRule": "author_id = @request.auth.id",
        "deleteRule": "author_id = @request.auth.id",
        "fields": [
            relation("post_id", posts),
            relation("author_id", users),
            {"name": "content", "type": "text"},
            {"name": "created_at", "type": "autodate", "onCreate": true, "onUpdate": false},
        ],
        "indexes": ["CREATE INDEX idx_comments_post ON comments (post_id)"],
    })
}

/// What a subscription follows, with its filter.
fn topic(live: &Live) -> String {
    let filter = match live {
        Live::All => return "posts/*".to_owned(),
        Live::Published => "published=true".to_owned(),
        Live::Author(author) => format!("author_id='{author}'"),
        Live::Viewed(author, views) => format!("author_id='{author}' && view_count>={views}"),
    };
    format!("posts/*?options={}", encode(&json!({"query": {"filter": filter}}).to_string()))
}

#[async_trait]
impl Product for PocketBase {
    fn health(&self) -> Request {
        Request::get("/api/health")
    }

    async fn prepare(&self, connection: &mut Connection) -> Result<()> {
        let token = self.seed_token(connection).await?;
        self.allow_batches(connection, &token).await?;
        let users = self.extend_users(connection, &token).await?;
        let create = |collection: &Value| Request::json("POST", "/api/collections", collection);
        let posts = connection.call(&create(&posts_collection(&users)), Some(&token)).await?;
        connection.call(&create(&comments_collection(&users, &posts["id"])), Some(&token)).await?;
        Ok(())
    }

    async fn create_user(&self, connection: &mut Connection, number: usize) -> Result<String> {
        let body = json!({"email": email(number), "password": PASSWORD, "passwordConfirm": PASSWORD, "role": "user"});
        let answer = connection.call(&Request::json("POST", format!("{USERS}/records"), &body), None).await?;
        document_id(&answer).context("the new user has no id")
    }

    async fn sign_in(&self, connection: &mut Connection, number: usize) -> Result<String> {
        text(&connection.call(&self.login(number), None).await?["token"]).context("the sign-in gave no token")
    }

    fn login(&self, number: usize) -> Request {
        let body = json!({"identity": email(number), "password": PASSWORD});
        Request::json("POST", format!("{USERS}/auth-with-password"), &body)
    }

    async fn seed_token(&self, connection: &mut Connection) -> Result<String> {
        let body = json!({"identity": self.identity, "password": self.password});
        let request = Request::json("POST", "/api/collections/_superusers/auth-with-password", &body);
        text(&connection.call(&request, None).await?["token"]).context("the superuser's sign-in gave no token")
    }

    fn create(&self, post: &Post) -> Request {
        Request::json("POST", POSTS, &post.body())
    }

    fn get(&self, id: &str) -> Request {
        Request::get(format!("{POSTS}/{id}"))
    }

    fn set_view_count(&self, id: &str, count: u64) -> Request {
        Request::json("PATCH", format!("{POSTS}/{id}"), &json!({"view_count": count}))
    }

    fn list(&self, query: ListQuery<'_>) -> Request {
        let by_author = query.author.map_or_else(String::new, |author| format!(" && author_id='{author}'"));
        let filter = encode(&format!("published=true{by_author}"));
        let expand = if query.expand { "&expand=author_id" } else { "" };
        let total = if query.total { "" } else { "&skipTotal=1" };
        Request::get(format!("{POSTS}?perPage={}&sort=-created_at&filter={filter}{expand}{total}", query.limit))
    }

    fn comment(&self, post: &str, author: &str, content: &str) -> Request {
        let comment = json!({"post_id": post, "author_id": author, "content": content});
        Request::json("POST", "/api/collections/comments/records", &comment)
    }

    async fn subscribe(
        &self,
        connection: &mut Connection,
        address: &str,
        token: &str,
        live: &Live,
    ) -> Result<Subscriber> {
        let mut events = Events::connect(address, "/api/realtime", token).await?;
        let hello = events.next().await?;
        let hello = String::from_utf8_lossy(&hello);
        let data = hello.lines().find_map(|line| line.strip_prefix("data:")).context("the first event has no data")?;
        let client = text(&serde_json::from_str::<Value>(data)?["clientId"]).context("no id of a client")?;
        let subscription = json!({"clientId": client, "subscriptions": [topic(live)]});
        connection.call(&Request::json("POST", "/api/realtime", &subscription), Some(token)).await?;
        Ok(Subscriber::Events(events))
    }

    fn read_page(&self, mut answer: Value) -> Option<Page> {
        let total = answer["totalItems"].as_u64();
        let Value::Array(items) = answer["items"].take() else { return None };
        Some(Page { items, total })
    }

    fn batch_size(&self) -> usize {
        200
    }

    fn batch(&self, posts: &[Post]) -> Request {
        let creates: Vec<Value> =
            posts.iter().map(|post| json!({"method": "POST", "url": POSTS, "body": post.body()})).collect();
        Request::json("POST", "/api/batch", &json!({"requests": creates}))
    }

    fn batch_ids(&self, answer: &Value) -> Option<Vec<String>> {
        answer.as_array()?.iter().map(|result| document_id(&result["body"])).collect()
    }
}

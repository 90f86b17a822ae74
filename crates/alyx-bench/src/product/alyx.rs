//! Alyx. It is started on a folder with this crate's `schema.yaml` and `alyx.yaml`; the workloads are asked by users who
//! are signed in, and the administrator's token makes the rest.

use anyhow::{Context, Result, ensure};
use async_trait::async_trait;
use serde_json::{Value, json};

use super::{ListQuery, Page, Product, document_id, text};
use crate::{
    data::{PASSWORD, Post, email},
    http::{Connection, Request},
    subscriber::{Live, Socket, Subscriber},
};

const POSTS: &str = "/api/collections/posts";

/// An Alyx server.
pub(crate) struct Alyx {
    token: String,
}

impl Alyx {
    pub(crate) fn new(token: Option<&str>) -> Result<Self> {
        let token = token.context("alyx wants --token or ALYX_ADMIN_TOKEN")?;
        Ok(Self { token: token.to_owned() })
    }
}

fn filter(live: &Live) -> Value {
    match live {
        Live::All => json!({}),
        Live::Published => json!({"published": true}),
        Live::Author(author) => json!({"author_id": author}),
        Live::Viewed(author, views) => json!({"author_id": author, "view_count": {"$gte": views}}),
    }
}

/// Takes the next message, which must be of this type.
async fn expect(socket: &mut Socket, kind: &str) -> Result<()> {
    let message = socket.next().await?;
    let head = format!("{{\"type\":\"{kind}\",");
    let text = || String::from_utf8_lossy(&message).chars().take(300).collect::<String>();
    let is_it = message.starts_with(head.as_bytes()) || serde_json::from_slice::<Value>(&message)?["type"] == kind;
    ensure!(is_it, "wanted {kind}: {}", text());
    Ok(())
}

#[async_trait]
impl Product for Alyx {
    fn health(&self) -> Request {
        Request::get("/health/ready")
    }

    async fn prepare(&self, _connection: &mut Connection) -> Result<()> {
        Ok(())
    }

    async fn create_user(&self, connection: &mut Connection, number: usize) -> Result<String> {
        let body = json!({"email": email(number), "password": PASSWORD, "name": format!("User {number}")});
        let answer = connection.call(&Request::json("POST", "/api/auth/register", &body), None).await?;
        document_id(&answer["user"]).context("the new user has no id")
    }

    async fn sign_in(&self, connection: &mut Connection, number: usize) -> Result<String> {
        let answer = connection.call(&self.login(number), None).await?;
        text(&answer["tokens"]["access_token"]).context("the sign-in gave no token")
    }

    fn login(&self, number: usize) -> Request {
        Request::json("POST", "/api/auth/login", &json!({"email": email(number), "password": PASSWORD}))
    }

    fn administrator(&self) -> Option<&str> {
        Some(&self.token)
    }

    async fn seed_token(&self, _connection: &mut Connection) -> Result<String> {
        Ok(self.token.clone())
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
        let mut path = format!("{POSTS}?sort=-created_at&limit={}&offset=0&filter=published:eq:true", query.limit);
        if let Some(author) = query.author {
            path.push_str("&filter=author_id:eq:");
            path.push_str(author);
        }
        if query.expand {
            path.push_str("&expand=author_id");
        }
        if !query.total {
            path.push_str("&total=false");
        }
        Request::get(path)
    }

    fn comment(&self, post: &str, author: &str, content: &str) -> Request {
        let comment = json!({"post_id": post, "author_id": author, "content": content});
        Request::json("POST", "/api/collections/comments", &comment)
    }

    async fn subscribe(&self, _: &mut Connection, address: &str, token: &str, live: &Live) -> Result<Subscriber> {
        let mut socket = Socket::connect(address, "/api/realtime", token).await?;
        let payload = json!({"collection": "posts", "filter": filter(live), "sort": ["-created_at"], "limit": 50});
        expect(&mut socket, "connected").await?;
        socket.send(&json!({"type": "subscribe", "payload": payload}).to_string()).await?;
        expect(&mut socket, "snapshot").await?;
        socket.shrink();
        Ok(Subscriber::Socket(socket))
    }

    fn read_page(&self, mut answer: Value) -> Option<Page> {
        let total = answer["total"].as_u64();
        let Value::Array(items) = answer["docs"].take() else { return None };
        Some(Page { items, total })
    }

    fn batch(&self, posts: &[Post]) -> Request {
        self.create(&posts[0])
    }

    fn batch_ids(&self, answer: &Value) -> Option<Vec<String>> {
        document_id(answer).map(|id| vec![id])
    }
}

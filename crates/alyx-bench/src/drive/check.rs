//! Whether an answer says what was asked. Writes are read back over the same connection.

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::{
    http::Connection,
    product::{Page, Product, document_id},
};

/// What an answer must look like.
#[derive(Clone)]
pub(crate) enum Check {
    /// The document with this id.
    Id(String),
    /// Published posts, newest first.
    List { author: Option<String>, expand: bool, limit: usize },
    /// A new document.
    Created,
    /// Two tokens, or one.
    SignedIn,
    /// So many documents with the total that the caller's memberships give.
    Readable { limit: usize, total: u64 },
    /// A call of a function that returned this.
    Output(Value),
    /// A post with this id whose views were set to this.
    ViewCount(String, u64),
}

pub(super) async fn verify(
    product: &dyn Product,
    connection: &mut Connection,
    token: Option<&str>,
    check: &Check,
    body: &[u8],
) -> Result<()> {
    let answer: Value = serde_json::from_slice(body).context("the answer is no JSON")?;
    match check {
        Check::Id(id) => ensure!(answer["id"] == *id, "the answer is not the document asked for"),
        Check::Output(output) => ensure!(answer["output"] == *output, "another output: {answer}"),
        Check::Created => {
            let id = document_id(&answer).context("no id in the answer to a create")?;
            let stored = connection.call(&product.get(&id), token).await?;
            ensure!(stored["id"] == id, "the new document cannot be read back");
        }
        Check::SignedIn => {
            let token = answer["token"].as_str().or(answer["tokens"]["access_token"].as_str());
            ensure!(token.is_some_and(|token| !token.is_empty()), "no token in the answer to a sign-in");
        }
        Check::Readable { limit, total } => {
            let Some(page) = product.read_page(answer) else { bail!("no list in the answer") };
            ensure!(page.items.len() == *limit, "{} items, not {limit}", page.items.len());
            ensure!(page.total.is_none_or(|found| found == *total), "a total of {:?}, not {total}", page.total);
        }
        Check::ViewCount(id, count) => {
            let stored = connection.call(&product.get(id), token).await?;
            ensure!(stored["view_count"] == *count, "view_count is {}, not {count}", stored["view_count"]);
        }
        Check::List { author, expand, limit } => {
            let Some(page) = product.read_page(answer) else { bail!("no list in the answer") };
            verify_page(&page, *limit)?;
            page.items.iter().try_for_each(|post| verify_post(post, author.as_deref(), *expand))?;
        }
    }
    Ok(())
}

fn verify_page(page: &Page, limit: usize) -> Result<()> {
    ensure!(page.items.len() == limit, "{} items, not {limit}", page.items.len());
    // PocketBase says -1 and Alyx nothing where no total was asked for.
    ensure!(page.total.is_none_or(|total| total >= limit as u64), "a total of {:?}", page.total);
    let newest_first = page.items.is_sorted_by(|a, b| a["created_at"].as_str() >= b["created_at"].as_str());
    ensure!(newest_first, "the list is not newest first");
    Ok(())
}

fn verify_post(post: &Value, author: Option<&str>, expand: bool) -> Result<()> {
    ensure!(post["published"] == json!(true), "a draft in the list");
    if let Some(author) = author {
        ensure!(post["author_id"] == author, "a post of another author");
        ensure!(!expand || embeds(post, author), "the author is not embedded: {post}");
    }
    Ok(())
}

/// Whether there is, anywhere inside, an object with this id and more than its id.
fn embeds(value: &Value, id: &str) -> bool {
    match value {
        Value::Object(object) => {
            object.len() > 1 && object.get("id").is_some_and(|found| found == id)
                || object.values().any(|inner| embeds(inner, id))
        }
        Value::Array(items) => items.iter().any(|inner| embeds(inner, id)),
        _ => false,
    }
}

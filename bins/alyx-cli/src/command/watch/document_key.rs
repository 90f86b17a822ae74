//! Which field is the primary key: the server's description of its API says so.

use anyhow::Context;
use reqwest::{Response, StatusCode};
use serde_json::Value;

/// Most bytes of a description.
const LONGEST: usize = 64 << 20;

/// What the key is called where the server does not describe itself.
const USUAL: &str = "id";

/// Reads it from the answer with the description. An unknown collection is for the query to complain of.
pub(super) async fn read(mut answer: Response, collection: &str) -> anyhow::Result<String> {
    if answer.status() != StatusCode::OK {
        return Ok(USUAL.to_owned());
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.context("the connection is lost")? {
        anyhow::ensure!(body.len() + chunk.len() <= LONGEST, "what answers there is not Alyx");
        body.extend_from_slice(&chunk);
    }
    let description = serde_json::from_slice(&body).unwrap_or_default();
    Ok(of(&description, collection).unwrap_or(USUAL).to_owned())
}

/// The one field that every document of a collection has, whatever is asked for.
fn of<'a>(description: &'a Value, collection: &str) -> Option<&'a str> {
    description["components"]["schemas"][collection]["required"][0].as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn the_key_is_the_one_field_that_is_always_there() {
        let description = json!({"components": {"schemas": {"posts": {"required": ["slug"]}}}});
        assert_eq!(super::of(&description, "posts"), Some("slug"));
        assert_eq!(super::of(&description, "others"), None);
    }
}

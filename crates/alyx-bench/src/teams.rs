//! A rule with two hops: 100,000 notes, readable where their page's team is the caller's. Alyx alone has it.

use std::sync::Arc;

use anyhow::{Context, Result};
use async_trait::async_trait;
use serde_json::json;

use crate::{
    drive::{Check, Step, StepCaller, Turn},
    http::{Connection, Request},
    workloads::LIMIT,
    world::{Job, World, spread},
};

const TEAMS: usize = 100;
const PAGES: usize = 10_000;
const NOTES: usize = 100_000;
/// Teams that each user is a member of.
const OWN_TEAMS: usize = 5;

/// The seeded teams.
pub(crate) struct Teams;

/// Makes teams, memberships, pages and notes.
pub(crate) async fn prepare(world: &Arc<World>) -> Result<Teams> {
    let token = world.product.administrator().context("only Alyx has rules with two hops")?.to_owned();
    let create = |collection: &'static str| Create { collection, world: Arc::clone(world), token: token.clone() };
    let users = world.tokens.len();
    spread(&world.address, 8, users * OWN_TEAMS, create("memberships")).await?;
    spread(&world.address, 64, PAGES, create("pages")).await?;
    spread(&world.address, 64, NOTES, create("notes")).await?;
    Ok(Teams)
}

impl Teams {
    /// The newest notes that the connection's user may read, with the total.
    pub(crate) fn list(&self, _: &mut Turn<'_>) -> Step {
        let request = Request::get(format!("/api/collections/notes?sort=-number&limit={LIMIT}"));
        let total = (NOTES / TEAMS * OWN_TEAMS) as u64;
        Step { class: "two-hop", caller: StepCaller::User, request, check: Check::Readable { limit: LIMIT, total } }
    }
}

/// Makes documents of a collection, one a part.
struct Create {
    collection: &'static str,
    world: Arc<World>,
    token: String,
}

#[async_trait]
impl Job for Create {
    type Output = ();

    async fn run(&self, connection: &mut Connection, number: usize) -> Result<()> {
        let document = match self.collection {
            "memberships" => {
                let (user, own) = (number / OWN_TEAMS, number % OWN_TEAMS);
                json!({"team": format!("team {}", (user * 7 + own * 13) % TEAMS), "user_id": self.world.users[user]})
            }
            "pages" => json!({"id": format!("page {number}"), "team": format!("team {}", number % TEAMS)}),
            // Pages by turns, so that no team's notes lie together.
            _ => {
                json!({"number": number, "page_id": format!("page {}", number * 7_919 % PAGES), "text": "x".repeat(200)})
            }
        };
        let request = Request::json("POST", format!("/api/collections/{}", self.collection), &document);
        connection.call(&request, Some(&self.token)).await.map(drop)
    }
}

//! After every commit, what a client has that applied its deltas is what the store answers.
//!
//! `ALYX_TEST_FULL=1` runs many more cases.

use std::{collections::BTreeMap, sync::Arc};

use alyx_query::Query;
use alyx_realtime::Question;
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value as Json, json};

use crate::{
    client::{Client, Held},
    world::{Rules, Sight, World},
};

const CASES: u32 = 60;
const FULL_CASES: u32 = 4_000;

const POSTS: [&str; 7] = [
    "true",
    "doc.published",
    "doc.published || doc.author_id == auth.id",
    "doc.author.name == 'a'",
    "exists_in('members', m, m.team_id == doc.team_id && m.user_id == auth.id)",
    "doc.title.matches('^[ab]+$')",
    "doc.parent_id == null || doc.parent.published",
];
const USERS: [&str; 3] = ["true", "doc.id == auth.id", "exists_in('posts', p, p.author_id == doc.id && p.published)"];
const SCORE: [&str; 2] = ["true", "doc.author_id == auth.id"];
const ASKERS: [Option<&str>; 3] = [None, Some("u0"), Some("u1")];

fn rules() -> impl Strategy<Value = Rules> {
    let one = |texts: &'static [&'static str]| prop::sample::select(texts);
    (one(&POSTS), one(&USERS), one(&SCORE)).prop_map(|(posts, users, score)| Rules { posts, users, score })
}

fn question() -> impl Strategy<Value = (Option<&'static str>, Json)> {
    let filters = [
        json!({}),
        json!({"published": true}),
        json!({"author_id": "u0"}),
        json!({"author_id": {"$in": ["u1", "u2"]}, "score": {"$gte": 1}}),
        json!({"$or": [{"score": null}, {"title": "ab"}]}),
        json!({"parent_id": null}),
    ];
    let sorts = [json!(["id"]), json!(["-title"]), json!(["title", "-id"]), json!(["-published", "author_id"])];
    let expands = [json!([]), json!(["author"]), json!(["parent.author"]), json!(["posts_via_parent_id"])];
    let posts = (
        prop::sample::select(filters.to_vec()),
        prop::sample::select(sorts.to_vec()),
        prop::sample::select(vec![1, 2, 3, 100]),
        prop::sample::select(expands.to_vec()),
        prop::sample::select(vec![Json::Null, json!(["title"]), json!(["score", "parent_id"])]),
    );
    let posts = posts.prop_map(|(filter, sort, limit, expand, fields)| {
        let mut asked =
            json!({"collection": "posts", "filter": filter, "sort": sort, "limit": limit, "expand": expand});
        if !fields.is_null() {
            asked["fields"] = fields;
        }
        asked
    });
    let users = prop::sample::select(vec![
        json!({"collection": "users", "sort": ["name"], "limit": 2}),
        json!({"collection": "users", "expand": ["posts_via_author_id"]}),
    ]);
    (prop::sample::select(&ASKERS[..]), prop_oneof![4 => posts, 1 => users])
}

/// One write: what, to which of a few documents, and with what.
#[derive(Clone, Debug)]
enum Write {
    Create(&'static str, Json),
    Update(&'static str, String, &'static str, Json),
    Delete(&'static str, String),
}

fn write() -> impl Strategy<Value = Write> {
    let id = |letter: char, count: u8| (0..count).prop_map(move |number| format!("{letter}{number}"));
    let maybe = |letter: char| prop_oneof![Just(Json::Null), id(letter, 3).prop_map(Json::from)];
    let score = prop_oneof![Just(Json::Null), (0..3_i64).prop_map(Json::from)];
    let title = prop::sample::select(vec!["a", "ab", "abc", "b", "c"]);
    let post = (id('p', 8), title.clone(), id('u', 3), maybe('t'), maybe('p'), any::<bool>(), score.clone());
    let post = post.prop_map(|(id, title, author, team, parent, published, score)| {
        json!({"id": id, "title": title, "author_id": author, "team_id": team, "parent_id": parent,
               "published": published, "score": score})
    });
    let user = (id('u', 3), prop::sample::select(vec!["a", "b"]));
    let member = (id('m', 4), id('t', 3), id('u', 3));
    let change = prop_oneof![
        title.prop_map(|title| ("title", Json::from(title))),
        id('u', 3).prop_map(|author| ("author_id", Json::from(author))),
        maybe('t').prop_map(|team| ("team_id", team)),
        maybe('p').prop_map(|parent| ("parent_id", parent)),
        any::<bool>().prop_map(|flag| ("published", Json::from(flag))),
        score.prop_map(|score| ("score", score)),
    ];
    prop_oneof![
        6 => post.prop_map(|post| Write::Create("posts", post)),
        6 => (id('p', 8), change).prop_map(|(id, (field, value))| Write::Update("posts", id, field, value)),
        2 => id('p', 8).prop_map(|id| Write::Delete("posts", id)),
        2 => user.clone().prop_map(|(id, name)| Write::Create("users", json!({"id": id, "name": name}))),
        1 => user.prop_map(|(id, name)| Write::Update("users", id, "name", Json::from(name))),
        1 => id('u', 3).prop_map(|id| Write::Delete("users", id)),
        1 => id('t', 3).prop_map(|id| Write::Create("teams", json!({"id": id}))),
        1 => id('t', 3).prop_map(|id| Write::Delete("teams", id)),
        2 => member.prop_map(|(id, team, user)| {
            Write::Create("members", json!({"id": id, "team_id": team, "user_id": user}))
        }),
        1 => id('m', 4).prop_map(|id| Write::Delete("members", id)),
    ]
}

impl World {
    async fn apply(&self, write: &Write) -> bool {
        match write {
            Write::Create(collection, document) => self.create(collection, document).await,
            Write::Update(collection, id, field, value) => self.update(collection, id, (field, value)).await,
            Write::Delete(collection, id) => self.delete(collection, id).await,
        }
    }

    /// What the store answers now.
    async fn answer(&self, asked: &Json, sight: &Arc<Sight>) -> Held {
        let mut query = Query::from_json(&self.schema, asked).unwrap();
        query.total = true;
        let list = self.store.list(&query, &**sight).await.unwrap();
        let documents: Vec<Json> = serde_json::from_slice(&list.docs).unwrap();
        let documents = documents.into_iter().map(|document| (document["id"].to_string(), document));
        Held { documents: documents.collect(), total: list.total.unwrap(), cursor: String::new() }
    }
}

/// Some people, teams and posts to begin with.
async fn furnish(world: &World) {
    for (id, name) in [("u0", "a"), ("u1", "b"), ("u2", "a")] {
        assert!(world.create("users", &json!({"id": id, "name": name})).await);
    }
    assert!(world.create("teams", &json!({"id": "t0"})).await);
    assert!(world.create("members", &json!({"id": "m0", "team_id": "t0", "user_id": "u0"})).await);
    for (id, author, parent) in [("p0", "u0", Json::Null), ("p1", "u1", json!("p0")), ("p2", "u2", Json::Null)] {
        let post = json!({"id": id, "title": "ab", "author_id": author, "team_id": "t0", "parent_id": parent,
                          "published": id != "p2", "score": 1});
        assert!(world.create("posts", &post).await);
    }
}

async fn check(rules: Rules, asked: &[(Option<&'static str>, Json)], writes: &[Write]) -> Result<u64, TestCaseError> {
    let world = World::open(rules).await;
    furnish(&world).await;
    let questions: Vec<_> = asked.iter().map(|(asker, json)| world.question(*asker, json)).collect();
    let mut client = Client::new(10_000);
    for (number, (question, _)) in (0..).zip(&questions) {
        client.subscribe(&world, question, (number, None)).await;
    }
    let mut compared = 0;
    let mut left = Vec::new();
    for write in writes {
        left.push(client.held.clone());
        if !world.apply(write).await {
            continue;
        }
        // Whoever asks anew is answered when everybody has been told.
        let mut other = Client::new(1);
        other.subscribe(&world, &questions[0].0, (0, None)).await;
        client.receive().await;
        for (number, (_, json)) in (0..).zip(asked) {
            let mut expected = world.answer(json, &questions[usize::try_from(number).unwrap()].1).await;
            let held = &client.held[&number];
            expected.cursor.clone_from(&held.cursor);
            prop_assert_eq!(held, &expected, "after {:?}: {}", write, json);
            compared += 1;
        }
    }
    left.push(client.held.clone());
    compared += check_resumes(&world, (asked, &questions), left).await?;
    world.store.close().await;
    Ok(compared)
}

/// Who asks, and what.
type Asked = (Option<&'static str>, Json);

/// Whoever was away since any of these moments is told what it missed, and no more.
async fn check_resumes(
    world: &World,
    (asked, questions): (&[Asked], &[(Question, Arc<Sight>)]),
    left: Vec<BTreeMap<u64, Held>>,
) -> Result<u64, TestCaseError> {
    let mut compared = 0;
    for held in left {
        let mut client = Client::new(100);
        client.held = held;
        for (number, ((_, json), (question, sight))) in (0..).zip(asked.iter().zip(questions)) {
            let cursor = client.held[&number].cursor.clone();
            prop_assert!(client.subscribe(world, question, (number, Some(&cursor))).await, "{}", json);
            let mut expected = world.answer(json, sight).await;
            let held = &client.held[&number];
            expected.cursor.clone_from(&held.cursor);
            prop_assert_eq!(held, &expected, "resumed: {}", json);
            compared += 1;
        }
    }
    Ok(compared)
}

#[test]
fn clients_have_what_the_store_answers_after_every_commit() {
    let is_full = std::env::var_os("ALYX_TEST_FULL").is_some_and(|value| value == "1");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut config = Config { cases: if is_full { FULL_CASES } else { CASES }, ..Config::default() };
    (config.source_file, config.max_shrink_iters) = (Some(file!()), 200);
    let compared = std::cell::Cell::new(0);
    let cases = (rules(), vec(question(), 1..6), vec(write(), 1..20));
    let outcome = TestRunner::new(config).run(&cases, |(rules, asked, writes)| {
        compared.set(compared.get() + runtime.block_on(check(rules, &asked, &writes))?);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(compared.get() > u64::from(CASES), "only {} answers were compared", compared.get());
}

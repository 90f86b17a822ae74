//! Row 22: what a rule hides stays hidden, whatever is asked on top of it.

use std::collections::BTreeSet;

use alyx_testing::{Client, TestServer, Value, json};

use super::people::{Person, server_with};
use crate::random::Random;

const COLLECTIONS: &str = r#"
  teams:
    fields:
      id: {type: string, primary: true}
      owner_id: {type: uuid, references: users.id, onDelete: cascade}
      level: {type: int}
    rules: {read: "doc.owner_id == auth.id || (auth.role == 'moderator' && doc.level < 2)"}
  posts:
    fields:
      id: {type: string, primary: true}
      team_id: {type: string, references: teams.id, onDelete: cascade}
      level: {type: int, nullable: true}
      published: {type: bool}
    rules: {read: "doc.published || doc.team.owner_id == auth.id || (auth.role == 'moderator' && doc.level < 3)"}
  comments:
    fields:
      id: {type: string, primary: true}
      post_id: {type: string, references: posts.id, onDelete: cascade}
      parent_id: {type: string, references: comments.id, onDelete: cascade, nullable: true}
      author_id: {type: uuid, references: users.id, onDelete: cascade}
    rules: {read: "doc.author_id == auth.id || (doc.post.published && doc.post.team.level < 2)"}
"#;
const NAMES: [&str; 3] = ["teams", "posts", "comments"];
const QUERIES: usize = 400;

fn fill(server: &TestServer, people: &[Person]) {
    let admin = server.admin();
    let create = |collection: &str, body: Value| {
        admin.post(&format!("/api/collections/{collection}"), &body).expect_status(201);
    };
    for number in 0..4 {
        let owner = &people[number % people.len()].id;
        create("teams", json!({"id": format!("t{number}"), "owner_id": owner, "level": number}));
    }
    for number in 0..16 {
        let level = if number % 5 == 0 { Value::Null } else { json!(number % 6) };
        let team = format!("t{}", number % 4);
        create(
            "posts",
            json!({"id": format!("p{number}"), "team_id": team, "level": level, "published": number % 3 == 0}),
        );
    }
    for number in 0..32 {
        let parent = if number > 3 { json!(format!("c{}", number - 3)) } else { Value::Null };
        let author = &people[number % people.len()].id;
        create(
            "comments",
            json!({"id": format!("c{number}"), "post_id": format!("p{}", number % 16), "parent_id": parent, "author_id": author}),
        );
    }
}

fn ids(documents: &Value) -> BTreeSet<String> {
    let documents = documents.as_array().expect("it is a list");
    documents.iter().map(|document| document["id"].as_str().expect("it has an id").to_owned()).collect()
}

/// What a caller sees of each collection without asking for anything.
fn visible(client: &Client) -> Vec<BTreeSet<String>> {
    let list = |name: &&str| client.get(&format!("/api/collections/{name}?limit=1000")).expect_status(200).json();
    NAMES.iter().map(|name| ids(&list(name)["docs"])).collect()
}

/// A condition that holds for as much as it can.
fn condition(random: &mut Random, collection: &str, depth: usize) -> Value {
    let field = if collection == "comments" { "post_id" } else { "level" };
    match random.below(if depth == 0 { 4 } else { 8 }) {
        0 => json!({"id": {"$ne": "nothing"}}),
        1 => json!({field: {"$not_null": false}}),
        2 => json!({"id": {"$like": "%"}}),
        3 => json!({field: {"$ne": null}}),
        4 => json!({"$not": condition(random, collection, depth - 1)}),
        5 => json!({"$or": [condition(random, collection, depth - 1), {"id": {"$not_null": true}}]}),
        6 => json!({"$not": {"$and": [condition(random, collection, depth - 1), {"id": "nothing"}]}}),
        _ => json!({"$and": [{"$or": [{"id": {"$nin": []}}, condition(random, collection, depth - 1)]}]}),
    }
}

const EXPANDS: [(&str, &[&str]); 3] = [
    ("teams", &["posts_via_team_id", "posts_via_team_id.comments_via_post_id", "owner"]),
    ("posts", &["team", "comments_via_post_id.parent.post.team", "team.posts_via_team_id"]),
    ("comments", &["post.team", "parent.parent.parent", "comments_via_parent_id.post", "author"]),
];

/// Every document of these collections within an answer, by the letter that its id begins with.
fn within(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| within(item, found)),
        Value::Object(entries) => {
            if let Some(id) = entries.get("id").and_then(Value::as_str) {
                found.insert(id.to_owned());
            }
            entries.values().for_each(|value| within(value, found));
        }
        _ => {}
    }
}

#[track_caller]
fn check(client: &Client, who: &str, seen: &[BTreeSet<String>], random: &mut Random) {
    let all: BTreeSet<&String> = seen.iter().flatten().collect();
    for round in 0..QUERIES {
        let (name, paths) = EXPANDS[round % 3];
        let wanted = condition(random, name, 3).to_string();
        let mut parameters = vec![("where", wanted.as_str()), ("limit", "1000")];
        if random.below(2) == 0 {
            parameters.push(("expand", paths[random.below(paths.len())]));
        }
        if random.below(3) == 0 {
            parameters.push(("filter", "id:not_null"));
        }
        let answer = client.query(&format!("/api/collections/{name}"), &parameters).expect_status(200).json();
        let found = ids(&answer["docs"]);
        assert_eq!(answer["total"], json!(found.len()), "{who}: {parameters:?}");
        let hidden: Vec<_> = found.difference(&seen[round % 3]).collect();
        assert!(hidden.is_empty(), "{who} sees {hidden:?} by {parameters:?}");
        let mut deep = BTreeSet::new();
        within(&answer["docs"], &mut deep);
        let hidden: Vec<_> = deep.iter().filter(|id| id.len() <= 3 && !all.contains(id)).collect();
        assert!(hidden.is_empty(), "{who} sees {hidden:?} within {parameters:?}");
    }
}

#[test]
fn ac22_no_filter_and_no_expand_widens_a_rule() {
    let server = server_with(COLLECTIONS).start();
    let people = [
        Person::register(&server, "anna"),
        Person::register(&server, "bert"),
        Person::with_role(&server, "mona", "moderator"),
    ];
    fill(&server, &people);
    let everything = visible(&server.admin());
    assert_eq!(everything.iter().map(BTreeSet::len).collect::<Vec<_>>(), [4, 16, 32]);
    let mut random = Random(22);
    let named = people.iter().map(|person| (person.email.as_str(), person.client(&server)));
    for (who, client) in named.chain([("nobody", server.client())]) {
        let seen = visible(&client);
        for (name, (seen, everything)) in NAMES.iter().zip(seen.iter().zip(&everything)) {
            assert!(seen.is_subset(everything) && seen.len() < everything.len(), "{who} sees all {name}");
            for id in everything {
                let expected = if seen.contains(id) { 200 } else { 404 };
                client.get(&format!("/api/collections/{name}/{id}")).expect_status(expected);
            }
        }
        check(&client, who, &seen, &mut random);
    }
}

#[test]
fn ac22_a_moderators_clause_gives_no_more_than_it_says() {
    let server = server_with(COLLECTIONS).start();
    let people =
        [Person::register(&server, "anna"), Person::register(&server, "bert"), Person::register(&server, "mona")];
    fill(&server, &people);
    let mona = people[2].client(&server);
    let before = visible(&mona);
    people[2].set(&server, &json!({"role": "moderator"}));
    let after = visible(&mona);
    let posts = server.admin().get("/api/collections/posts").json();
    let mut gained = 0;
    for post in posts["docs"].as_array().expect("it is a list") {
        let id = post["id"].as_str().expect("it has an id");
        let (had, has) = (before[1].contains(id), after[1].contains(id));
        let is_low = post["level"].as_i64().is_some_and(|level| level < 3);
        assert_eq!(has, had || is_low, "{post}");
        gained += usize::from(has && !had);
    }
    assert!(gained > 0);
    assert_eq!(after[2], before[2], "the clause of posts says nothing of comments");
    // No role is the other: neither what is above it nor what is spelt nearly so.
    for role in ["user", "admin"] {
        people[0].set(&server, &json!({ "role": role }));
        let seen = visible(&people[0].client(&server));
        assert_eq!(seen[1].len() == 16, role == "admin");
    }
}

//! Attack row 27: SQL in every place that takes text finds only text.

use std::thread;

use alyx_testing::{Client, TestServer, is_full, json, record};

use crate::random::Random;

const SCHEMA: &str = r#"
version: 1
collections:
  notes:
    fields:
      id: {type: uuid, primary: true, default: auto}
      title: {type: string}
      size: {type: int, default: 0}
      data: {type: json, nullable: true}
      secret: {type: string, internal: true, nullable: true}
    rules: {read: "true", create: "true"}
  hidden:
    fields:
      id: {type: uuid, primary: true, default: auto}
      word: {type: string}
"#;
const PATH: &str = "/api/collections/notes";

/// Pieces that mean something to SQL, to JSON paths, to LIKE or to this product's own syntax.
const PIECES: &[&str] = &[
    "'",
    "\"",
    "`",
    ";",
    "--",
    "/*",
    "*/",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "\\",
    "%",
    "_",
    "$",
    "$.",
    "?",
    "?1",
    ":a",
    "@a",
    "||",
    ",",
    ":",
    "=",
    "\u{1}",
    "\n",
    "é",
    "\u{202e}",
    "OR 1=1",
    "UNION SELECT",
    "DROP TABLE",
    "\"notes\"",
    "hidden",
    "secret",
    "rowid",
    "NULL",
    "true",
    "0",
    "-1",
    "1e9",
    "x'00'",
    "json_each",
    "char(0)",
    "eq",
    "like",
    "in",
    "contains",
    "title",
    "size",
    "data",
    "id",
];
const OPERATORS: &[&str] =
    &["eq", "ne", "gt", "gte", "lt", "lte", "like", "in", "contains", "is_null", "not_null", "$eq", "regexp", ""];
const FIELDS: &[&str] = &["id", "title", "size", "data"];

fn hostile_text(random: &mut Random) -> String {
    (0..1 + random.below(5)).map(|_| *random.pick(PIECES)).collect()
}

fn parameter(random: &mut Random) -> (&'static str, String) {
    let text = hostile_text(random);
    let field = if random.below(4) == 0 { hostile_text(random) } else { (*random.pick(FIELDS)).to_owned() };
    match random.below(6) {
        0 => ("sort", format!("-{field},{text}")),
        1 => ("fields", format!("{field},{text}")),
        2 => ("expand", text),
        3 => ("where", json!({ field: { format!("${}", random.pick(OPERATORS)): text } }).to_string()),
        4 => ("cursor", text),
        _ => ("filter", format!("{field}:{}:{text}", random.pick(OPERATORS))),
    }
}

/// Sends random hostile queries; how many were understood.
fn attack(client: &Client, seed: u64, rounds: usize) -> usize {
    let mut random = Random(seed);
    let mut understood = 0;
    for round in 0..rounds {
        let parameters: Vec<(&str, String)> = (0..1 + random.below(2)).map(|_| parameter(&mut random)).collect();
        let pairs: Vec<(&str, &str)> = parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let response = client.query(PATH, &pairs);
        match response.status {
            200 => understood += 1,
            400 => drop(response.error_code()),
            other => panic!("seed {seed} round {round}: {parameters:?} was answered {other}: {}", response.text()),
        }
        let text = response.text();
        assert!(!text.contains("top-secret-word"), "seed {seed} round {round}: {parameters:?} leaked {text}");
        for sign in ["syntax error", "no such column", "SQLITE", "sqlx"] {
            assert!(!text.contains(sign), "seed {seed} round {round}: {parameters:?} reached SQL: {text}");
        }
    }
    understood
}

#[test]
fn ac27_random_hostile_queries_never_reach_sql_as_sql() {
    let server = TestServer::start(SCHEMA);
    let admin = server.admin();
    admin.post("/api/collections/hidden", &json!({"word": "top-secret-word"})).expect_status(201);
    for piece in PIECES {
        server.post(PATH, &json!({"title": piece, "data": [piece]})).expect_status(201);
    }
    let (threads, rounds) = if is_full() { (4, 2_500_000) } else { (2, 4_000) };
    let attackers: Vec<_> = (0..threads)
        .map(|seed| {
            let client = Client::new(server.address());
            thread::spawn(move || attack(&client, seed, rounds))
        })
        .collect();
    let understood: usize = attackers.into_iter().map(|attacker| attacker.join().expect("an attack got through")).sum();
    assert!(understood > 0, "every query was refused, so none was tried on the database");
    assert_eq!(server.get(PATH).json()["total"], json!(PIECES.len()));
    record(&format!(
        "row 27: {} random hostile queries, {understood} of them understood; none reached SQL as SQL, no 5xx, no leak",
        threads * rounds as u64
    ));
    assert_eq!(admin.get("/api/collections/hidden").json()["total"], json!(1));
}

#[test]
fn ac27_a_hostile_value_matches_itself_and_nothing_else() {
    let server = TestServer::start(SCHEMA);
    let client = server.client();
    for piece in PIECES {
        server.post(PATH, &json!({"title": piece, "data": [piece]})).expect_status(201);
    }
    for piece in PIECES {
        for condition in [
            json!({ "title": piece }),
            json!({"title": {"$in": [piece]}}),
            json!({"data": {"$eq": [piece]}}),
            json!({"data": {"$contains": piece}}),
        ] {
            let answer = client.query(PATH, &[("where", &condition.to_string())]).expect_status(200).json();
            assert_eq!(answer["total"], json!(1), "{condition}");
            assert_eq!(answer["docs"][0]["title"], json!(piece), "{condition}");
        }
        let answer = client.query(PATH, &[("filter", &format!("title:eq:{piece}"))]).expect_status(200).json();
        assert_eq!(answer["docs"][0]["title"], json!(piece), "title:eq:{piece}");
    }
}

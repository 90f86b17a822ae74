//! Every recipe of `docs/rules.md` does what its table says.

use std::fs;

use alyx_testing::{Client, TestServer, Value, json};

const USERS: &str = r#"
  users:
    fields:
      id: {type: uuid, primary: true, default: auto}
      email: {type: email, unique: true}
    rules: {create: "true"}
"#;
const PEOPLE: [&str; 3] = ["anna", "bert", "mona"];
const FEWEST: usize = 10;

/// A recipe as it stands in the guide.
struct Recipe {
    title: String,
    schema: String,
    documents: Value,
    /// Who, what they ask, what they get.
    rows: Vec<[String; 3]>,
}

#[test]
fn every_recipe_does_what_it_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/rules.md");
    let guide = fs::read_to_string(path).expect("the guide is there");
    let recipes: Vec<Recipe> = guide.split("\n### ").skip(1).map(read).collect();
    assert!(recipes.len() >= FEWEST, "only {} recipes", recipes.len());
    recipes.iter().for_each(try_out);
}

fn read(text: &str) -> Recipe {
    let block = |language: &str| {
        let rest = text.split(&format!("```{language}\n")).nth(1).unwrap_or_else(|| panic!("no {language} in {text}"));
        rest.split("```").next().unwrap_or_default().to_owned()
    };
    let rows = text.lines().filter(|line| line.starts_with("| ")).skip(1).map(|line| {
        let cells: Vec<&str> = line.trim_matches(['|', ' ']).split(" | ").map(str::trim).collect();
        let [who, asks, gets] = cells.as_slice() else { panic!("not three cells: {line}") };
        [who, &asks.trim_matches('`'), gets].map(|cell| (*cell).to_owned())
    });
    let documents = block("json").parse().unwrap_or_else(|fault| panic!("{fault} in {text}"));
    Recipe {
        title: text.lines().next().unwrap_or_default().to_owned(),
        schema: block("yaml"),
        documents,
        rows: rows.collect(),
    }
}

fn try_out(recipe: &Recipe) {
    let indented: String = recipe.schema.lines().map(|line| format!("  {line}\n")).collect();
    let server = TestServer::with_schema(&format!("version: 1\ncollections:{USERS}{indented}"))
        .config("auth: {password: {bcrypt_cost: 4}, rate_limit: {login: off, register: off}}\n")
        .start();
    let people = PEOPLE.map(|name| Person::register(&server, name));
    let with_ids = |text: &str| {
        people.iter().fold(text.to_owned(), |text, person| {
            let text = text.replace(&format!("\"{}\"", person.name), &format!("\"{}\"", person.id));
            text.replace(&format!("/{}", person.name), &format!("/{}", person.id))
        })
    };
    // In the order of the schema, where what is referred to comes first.
    for collection in
        recipe.schema.lines().filter_map(|line| line.strip_suffix(':').filter(|name| !name.starts_with(' ')))
    {
        for document in recipe.documents[collection].as_array().into_iter().flatten() {
            let document: Value = with_ids(&document.to_string()).parse().expect("it was JSON before");
            server.admin().post(&format!("/api/collections/{collection}"), &document).expect_status(201);
        }
    }
    for row in &recipe.rows {
        let [who, asks, gets] = row;
        let client = match people.iter().find(|person| person.name == who) {
            Some(person) => server.client().with_token(&person.token),
            None if who == "nobody" => server.client(),
            None => panic!("who is {who}?"),
        };
        check(&recipe.title, &client, &with_ids(asks), gets);
    }
}

fn check(title: &str, client: &Client, asks: &str, gets: &str) {
    let mut words = asks.splitn(3, ' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let body: Option<Value> = words.next().map(|body| body.parse().expect("the body is JSON"));
    let answer = client.send(method, path, body.as_ref());
    let (status, more) = gets.split_once(", ").unwrap_or((gets, ""));
    assert_eq!(answer.status.to_string(), status, "{title}: {asks}: {}", answer.text());
    match more.split_once(' ') {
        Some(("total", total)) => assert_eq!(answer.json()["total"].to_string(), total, "{title}: {asks}"),
        Some(("with", field)) => assert!(answer.json().get(field).is_some(), "{title}: {asks}: {}", answer.text()),
        Some(("without", field)) => assert!(answer.json().get(field).is_none(), "{title}: {asks}: {}", answer.text()),
        Some(_) => panic!("what is {more:?}?"),
        None => {}
    }
}

/// Somebody who is signed in.
struct Person {
    name: &'static str,
    id: String,
    token: String,
}

impl Person {
    fn register(server: &TestServer, name: &'static str) -> Self {
        let body = json!({"email": format!("{name}@example.com"), "password": "correct horse"});
        let made = server.post("/api/auth/register", &body).expect_status(201).json();
        let text = |value: &Value| value.as_str().expect("it is text").to_owned();
        let person = Self { name, id: text(&made["user"]["id"]), token: text(&made["tokens"]["access_token"]) };
        if name == "mona" {
            let path = format!("/api/admin/users/{}", person.id);
            server.admin().send("PATCH", &path, Some(&json!({"role": "moderator"}))).expect_status(200);
        }
        person
    }
}

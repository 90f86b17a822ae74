//! Row 35: what would cost too much is refused where it is written, or denied where it is asked.

use alyx_testing::{TestProject, TestServer, Value, json, run};

use super::people::{Person, server_with};

/// A schema whose rule stands in line 6 from column 13 on.
fn schema(rule: &str) -> String {
    format!(
        "version: 1\ncollections:\n  things:\n    fields: {{id: {{type: string, primary: true}}, title: {{type: string}}}}\n    rules:\n      read: >-\n        {rule}\n"
    )
}

#[track_caller]
fn expect_refused(what: &str, rule: &str) {
    let project = TestProject::with_schema(&schema(rule));
    let checked = run("alyx-cli", project.path(), &["schema", "check"]);
    assert_ne!(checked.code, 0, "{what} was taken");
    let said = checked.stdout + &checked.stderr;
    let place = said.lines().find_map(|line| line.split_once("schema.yaml:")).map(|(_, rest)| rest.to_owned());
    let place = place.unwrap_or_else(|| panic!("{what} has no place: {said}"));
    let (line, column) = place.split_once(':').expect("a line and a column");
    let is_number = |text: &str| text.split(':').next().is_some_and(|number| number.parse::<u32>().is_ok());
    assert!(matches!(line, "6" | "7") && is_number(column), "{what}: {place}");
    assert!(said.len() < 20_000, "{what}: the message is {} bytes long", said.len());
}

#[test]
fn ac35_a_rule_over_its_budget_keeps_the_schema_from_loading() {
    let nested = |times: usize| format!("{}true{}", "(".repeat(times), ")".repeat(times));
    let exists = r#"exists_in("things", t, t.id == doc.id)"#;
    let mut bomb = "doc.title.size()".to_owned();
    for number in 0..40 {
        bomb = format!("cel.bind(v{number}, {bomb}, v{number} + v{number})");
    }
    let quantifiers = (0..12).fold("true".to_owned(), |inner, number| format!("[1, 2].all(v{number}, {inner})"));
    for (what, rule) in [
        ("a long rule", format!("doc.title == '{}'", "x".repeat(5_000))),
        ("many brackets", nested(65)),
        ("brackets without end", "(".repeat(3_000)),
        ("a long chain", format!("1{} > 0", " + 1".repeat(400))),
        ("many conditions", vec!["doc.title == 'a'"; 250].join(" || ") + &" || true".repeat(20)),
        ("many looks elsewhere", [exists; 9].join(" || ")),
        ("a bomb of bindings", format!("{bomb} > 0")),
        ("a long pattern", format!("doc.title.matches('{}')", "a".repeat(1_001))),
        ("a large pattern", "doc.title.matches('(((a{100}){100}){100})')".to_owned()),
        ("a pattern with a back reference", r"doc.title.matches('(a)\\1')".to_owned()),
        ("a number over all numbers", "doc.title.size() > 99999999999999999999".to_owned()),
    ] {
        expect_refused(what, &rule);
    }
    // What is within the budget loads, so that it is the budget that refused the others.
    for rule in [nested(60), vec!["doc.title == 'a'"; 200].join(" || "), [exists; 8].join(" || "), quantifiers] {
        TestServer::start(&schema(&rule)).get("/api/collections/things").expect_status(200);
    }
}

const COLLECTIONS: &str = r#"
  texts:
    fields: {id: {type: string, primary: true}, text: {type: string, default: ""}}
    rules:
      create: "true"
      read: "doc.text.matches('^(a+)+$') && !doc.text.matches('^(a|aa|aaa|b*)*c$')"
  patterns:
    fields: {id: {type: string, primary: true}, text: {type: string, default: ""}}
    rules: {create: "true", read: "doc.text.matches(request.query.p)"}
  lists:
    fields: {id: {type: string, primary: true}, tags: {type: json, default: []}}
    rules:
      create: "true"
      read: "doc.tags.all(a, doc.tags.all(b, doc.tags.exists(c, a == c || b == c)))"
  bodies:
    fields: {id: {type: string, primary: true}, items: {type: json, default: []}}
    rules:
      create: "request.body.items.all(a, request.body.items.all(b, request.body.items.exists(c, a == c || b == c)))"
      read: "true"
"#;

fn create(server: &TestServer, collection: &str, body: &Value) -> u16 {
    server.client().post(&format!("/api/collections/{collection}"), body).status
}

#[track_caller]
fn total(server: &TestServer, path: &str) -> Value {
    server.get(&format!("/api/collections/{path}")).expect_status(200).json()["total"].clone()
}

#[test]
fn ac35_no_pattern_is_catastrophic() {
    let server = server_with(COLLECTIONS).start();
    for number in 0..20 {
        let (matching, near) = ("a".repeat(20_000), format!("{}!", "a".repeat(20_000)));
        assert_eq!(create(&server, "texts", &json!({"id": format!("m{number}"), "text": matching})), 201);
        assert_eq!(create(&server, "texts", &json!({"id": format!("n{number}"), "text": near})), 201);
    }
    assert_eq!(total(&server, "texts"), 20);
    server.get("/api/collections/texts/n0").expect_status(404);
    create(&server, "patterns", &json!({"id": "x", "text": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"}));
    for pattern in
        ["(((a{100}){100}){100})", "(a*)*b", "(?:a?){500}", "(", "\\", &"(a|b)".repeat(400), "[[:alpha:]]{1000}{1000}"]
    {
        let answer = server.client().query("/api/collections/patterns", &[("p", pattern)]);
        // A parameter that no list takes may be refused as such; nothing is found by it in any case.
        assert!(matches!(answer.status, 200 | 400), "{pattern}: {}", answer.text());
        assert!(answer.status == 400 || answer.json()["total"] == 0, "{pattern}");
    }
}

#[test]
fn ac35_a_rule_that_works_too_long_on_one_document_denies_that_document() {
    let server = server_with(COLLECTIONS).start();
    let tags = |count: usize| (0..count).map(|number| json!(number)).collect::<Vec<_>>();
    for (id, count) in [("small", 5), ("none", 0), ("large", 800), ("larger", 5_000)] {
        assert_eq!(create(&server, "lists", &json!({"id": id, "tags": tags(count)})), 201);
    }
    let found = server.get("/api/collections/lists").expect_status(200).json();
    let ids: Vec<&str> =
        found["docs"].as_array().into_iter().flatten().filter_map(|document| document["id"].as_str()).collect();
    assert_eq!((ids, &found["total"]), (vec!["none", "small"], &json!(2)));
    for (id, status) in [("small", 200), ("large", 404), ("larger", 404)] {
        server.get(&format!("/api/collections/lists/{id}")).expect_status(status);
    }
    assert_eq!(create(&server, "bodies", &json!({"id": "small", "items": tags(4)})), 201);
    for count in [800, 5_000, 50_000] {
        assert_eq!(create(&server, "bodies", &json!({"id": "large", "items": tags(count)})), 401, "{count}");
    }
    assert_eq!(total(&server, "bodies"), 1);
}

#[test]
fn ac35_deep_bodies_and_filters_are_refused_and_the_next_is_served() {
    let mut server = server_with(COLLECTIONS).start();
    let client = server.client();
    for depth in [200, 10_000, 1_000_000] {
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
            let deep = format!(r#"{{"id": "x", "tags": {}1{}}}"#, open.repeat(depth), close.repeat(depth));
            let sent = client.try_send_bytes("POST", "/api/collections/lists", &[], deep.as_bytes());
            assert_eq!(sent.expect("the server answers").status, 400, "{depth}");
        }
    }
    for depth in [33, 500] {
        let condition = (0..depth).fold(json!({"id": "x"}), |inner, _| json!({ "$not": inner }));
        client.query("/api/collections/lists", &[("where", &condition.to_string())]).expect_status(400);
    }
    let anna = Person::register(&server, "anna");
    anna.me(&server).expect_status(200);
    assert!(server.process().is_running());
}

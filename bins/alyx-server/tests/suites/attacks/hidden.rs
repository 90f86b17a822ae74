//! Row 19: what a caller may not read is no question that they can ask.

use alyx_testing::{Client, TestServer, Value, json};

use super::people::{Person, server_with};

const COLLECTIONS: &str = r#"
  teams:
    fields:
      id: {type: string, primary: true}
      name: {type: string, default: ""}
    rules: {read: "auth.role == 'moderator'"}
  staff:
    fields:
      id: {type: string, primary: true}
      name: {type: string}
      phone: {type: string, nullable: true, read: "doc.user_id == auth.id || auth.role == 'moderator'"}
      tags: {type: json, nullable: true, read: "auth.role == 'moderator'"}
      user_id: {type: uuid, references: users.id, onDelete: cascade, nullable: true}
      team_id: {type: string, references: teams.id, onDelete: cascade, read: "auth.role == 'moderator'"}
      shown_team_id: {type: string, references: teams.id, onDelete: cascade}
      codeword: {type: string, internal: true, default: "hush"}
    rules: {read: "true", create: "auth != null", update: "auth.id == doc.user_id"}
  reports:
    fields:
      id: {type: string, primary: true}
      staff_id: {type: string, references: staff.id, onDelete: cascade}
    rules: {read: "true"}
"#;

const STAFF: &str = "/api/collections/staff";

/// What stands in fields that are not readable: one value, and another.
const WORLDS: [(&str, &str, &str); 2] = [("555-1", "red", "t1"), ("999-2", "blue", "t2")];

fn world(server: &TestServer, (phone, tag, team): (&str, &str, &str)) {
    let admin = server.admin();
    for number in 0..4 {
        let body = json!({"phone": format!("{phone}{number}"), "tags": [tag], "team_id": team});
        admin.patch(&format!("{STAFF}/s{number}"), &body).expect_status(200);
    }
    for id in ["t1", "t2"] {
        admin
            .patch(&format!("/api/collections/teams/{id}"), &json!({"name": format!("{phone}-{id}")}))
            .expect_status(200);
    }
}

fn fill(server: &TestServer) {
    let admin = server.admin();
    for id in ["t1", "t2"] {
        admin.post("/api/collections/teams", &json!({"id": id})).expect_status(201);
    }
    for number in 0..4 {
        let body =
            json!({"id": format!("s{number}"), "name": format!("n{number}"), "team_id": "t1", "shown_team_id": "t1"});
        admin.post(STAFF, &body).expect_status(201);
        let report = json!({"id": format!("r{number}"), "staff_id": format!("s{number}")});
        admin.post("/api/collections/reports", &report).expect_status(201);
    }
}

/// Every way to ask about the fields, in the form of parameters; the flag says that it has to be refused.
fn questions() -> Vec<(bool, &'static str, String)> {
    let mut all = Vec::new();
    for field in ["phone", "tags", "team_id", "codeword"] {
        for sort in [field.to_owned(), format!("-{field}"), format!("name,{field}")] {
            all.push((true, "sort", sort));
        }
        for operator in
            ["eq:555-10", "ne:555-10", "gt:555-10", "like:5%", "contains:5", "in:555-10,t1", "is_null", "not_null"]
        {
            all.push((true, "filter", format!("{field}:{operator}")));
        }
        for condition in [
            json!({field: "555-10"}),
            json!({field: null}),
            json!({field: {"$gt": "6"}}),
            json!({field: {"$contains": "red"}}),
        ] {
            all.push((true, "where", condition.to_string()));
            all.push((true, "where", json!({"$or": [{"name": "n0"}, condition]}).to_string()));
            all.push((true, "where", json!({"$not": {"$and": [{"name": "n0"}, condition]}}).to_string()));
            all.push((true, "where", json!({"$and": [{"name": "nobody"}, {"$not": condition}]}).to_string()));
        }
        all.push((field == "codeword", "fields", format!("id,{field}")));
    }
    for path in [
        "team.name",
        "team_id.name",
        "shown_team.name",
        "shown_team_id.name",
        "user.email",
        "tags.0",
        "phone.0",
        "staff.phone",
    ] {
        all.push((true, "sort", path.to_owned()));
        all.push((true, "filter", format!("{path}:eq:555-1-t1")));
        all.push((true, "where", json!({path: "555-1-t1"}).to_string()));
        all.push((true, "where", json!({"shown_team": {path: "555-1-t1"}}).to_string()));
    }
    for (is_refused, path) in [
        (true, "team_id"),
        (true, "team"),
        (true, "team.staff_via_team_id"),
        (true, "codeword"),
        (true, "shown_team.staff_via_team_id"),
        (false, "shown_team"),
        (false, "shown_team.staff_via_shown_team_id"),
        (false, "reports_via_staff_id.staff.shown_team"),
    ] {
        all.push((is_refused, "expand", path.to_owned()));
    }
    all
}

/// An answer without what differs from one call to the next.
fn asked(client: &Client, path: &str, parameters: &[(&str, &str)]) -> (u16, Value) {
    let answer = client.query(path, parameters);
    let mut body = answer.json();
    for name in ["request_id", "timestamp"] {
        body.as_object_mut().expect("every answer is an object").remove(name);
    }
    (answer.status, body)
}

#[test]
fn ac19_no_question_about_a_hidden_field_has_an_answer() {
    let server = server_with(COLLECTIONS).start();
    fill(&server);
    let callers = [server.client(), Person::register(&server, "eve").client(&server)];
    let mut seen: Vec<Vec<(u16, Value)>> = Vec::new();
    for values in WORLDS {
        world(&server, values);
        let mut answers = Vec::new();
        for client in &callers {
            for (is_refused, name, value) in questions() {
                let answer = asked(client, STAFF, &[(name, &value)]);
                let allowed: &[u16] = if is_refused { &[400, 401, 403] } else { &[200] };
                assert!(allowed.contains(&answer.0), "{name}={value}: {} {}", answer.0, answer.1);
                let text = answer.1.to_string();
                // A refusal repeats the question, and with it what was guessed.
                assert!(answer.0 != 200 || !text.contains(values.0), "{name}={value}: {text}");
                assert!(!text.contains("hush"), "{name}={value}: {text}");
                answers.push(answer);
            }
            for path in
                [format!("{STAFF}/s1"), "/api/collections/teams".to_owned(), "/api/collections/teams/t1".to_owned()]
            {
                answers.push(asked(client, &path, &[]));
            }
        }
        seen.push(answers);
    }
    let differing = seen[0].iter().zip(&seen[1]).position(|(first, second)| first != second);
    assert_eq!(differing, None, "{:?}", differing.map(|place| (&seen[0][place], &seen[1][place])));
}

#[test]
fn ac19_who_may_read_it_may_ask() {
    let server = server_with(COLLECTIONS).start();
    fill(&server);
    world(&server, WORLDS[0]);
    let mona = Person::with_role(&server, "mona", "moderator").client(&server);
    for (name, value, total) in [
        ("filter", "phone:eq:555-12", 1),
        ("filter", "tags:contains:red", 4),
        ("where", r#"{"team_id": "t1"}"#, 4),
        ("sort", "-phone", 4),
    ] {
        let answer = asked(&mona, STAFF, &[(name, value)]);
        assert_eq!((answer.0, &answer.1["total"]), (200, &json!(total)), "{name}={value}: {}", answer.1);
    }
    assert_eq!(asked(&mona, STAFF, &[("filter", "codeword:eq:hush")]).0, 400, "what is internal is nobody's");
    assert_eq!(asked(&server.admin(), STAFF, &[("filter", "codeword:eq:hush")]).0, 400);
    let shown = asked(&mona, &format!("{STAFF}/s1"), &[("expand", "team")]).1;
    assert_eq!(shown["team"]["name"], "555-1-t1");
}

#[test]
fn ac19_a_field_of_ones_own_documents_is_no_question_about_others() {
    let server = server_with(COLLECTIONS).start();
    fill(&server);
    world(&server, WORLDS[0]);
    let eve = Person::register(&server, "eve");
    server.admin().patch(&format!("{STAFF}/s0"), &json!({"user_id": eve.id})).expect_status(200);
    let client = eve.client(&server);
    let documents = asked(&client, STAFF, &[]).1["docs"].clone();
    let with_phone: Vec<&Value> =
        documents.as_array().expect("it is a list").iter().filter(|document| document.get("phone").is_some()).collect();
    assert_eq!(with_phone.len(), 1);
    assert_eq!(with_phone[0]["id"], "s0");
    for (name, value) in
        [("sort", "phone"), ("filter", "phone:eq:555-11"), ("where", r#"{"$or":[{"phone":"555-11"},{"id":"s0"}]}"#)]
    {
        assert_eq!(asked(&client, STAFF, &[(name, value)]).0, 403, "{name}={value}");
    }
}

#[test]
fn ac19_a_cursor_of_who_may_more_is_no_key() {
    let server = server_with(COLLECTIONS).start();
    fill(&server);
    world(&server, WORLDS[0]);
    let eve = Person::register(&server, "eve").client(&server);
    for sort in ["phone", "-phone", "team_id", "name,phone"] {
        let page = server.admin().query(STAFF, &[("sort", sort), ("limit", "1")]).expect_status(200).json();
        let cursor = page["next_cursor"].as_str().expect("there is a next page").to_owned();
        assert_eq!(asked(&eve, STAFF, &[("sort", sort), ("cursor", &cursor)]).0, 403, "{sort}");
        for other in ["name", "id", "-name"] {
            let answer = asked(&eve, STAFF, &[("sort", other), ("cursor", &cursor)]);
            assert_eq!(answer.0, 400, "{sort} as {other}: {}", answer.1);
        }
        assert_eq!(asked(&eve, STAFF, &[("cursor", &cursor)]).0, 400);
    }
    // A cursor that a caller may have says nothing but what its sort says.
    let page = eve.query(STAFF, &[("sort", "name"), ("limit", "1")]).expect_status(200).json();
    let cursor = page["next_cursor"].as_str().expect("there is a next page").to_owned();
    for changed in
        [cursor[1..].to_owned(), format!("{cursor}A"), cursor.to_lowercase(), "W10".to_owned(), String::new()]
    {
        assert_eq!(asked(&eve, STAFF, &[("sort", "name"), ("cursor", &changed)]).0, 400, "{changed}");
    }
}

#[test]
fn ac19_suggestions_and_descriptions_name_nothing_internal() {
    let server = server_with(COLLECTIONS).start();
    fill(&server);
    for (name, value) in [
        ("filter", "codewor:eq:x"),
        ("sort", "codewords"),
        ("where", r#"{"codewrd": 1}"#),
        ("fields", "codewor"),
        ("expand", "codewor"),
    ] {
        let answer = asked(&server.client(), STAFF, &[(name, value)]);
        assert_eq!(answer.0, 400);
        assert!(!answer.1.to_string().replace(value, "").contains("codeword\""), "{}", answer.1);
        assert!(!answer.1.to_string().contains("did you mean \\\"codeword"), "{}", answer.1);
    }
    for path in ["/api/openapi.json", "/api/docs", STAFF, "/metrics"] {
        assert!(!server.get(path).text().contains("codeword"), "{path}");
    }
    let eve = Person::register(&server, "eve").client(&server);
    let body = json!({"id": "s9", "name": "n", "codeword": "x", "shown_team_id": "t1", "team_id": "t1"});
    let refused = eve.post(STAFF, &body).expect_status(400).json();
    let unknown =
        eve.post(STAFF, &json!({"id": "s9", "name": "n", "codewwwd": "x", "shown_team_id": "t1", "team_id": "t1"}));
    let told = |answer: &Value| answer["details"][0]["code"].clone();
    assert_eq!(told(&refused), told(&unknown.expect_status(400).json()), "{refused}");
}

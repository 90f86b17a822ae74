//! Nobody is not the owner of what has no owner: an anonymous caller against documents whose owner is null, in
//! every way to read and to write them.

use std::fmt::Write;

use alyx_testing::{Client, Value, json};

use crate::support::{TestApp, check_error};

/// Each compares something of the caller with something that may be null.
const RULES: &[&str] = &[
    "auth.id == doc.owner_id",
    "doc.owner_id == auth.id",
    "auth.id != doc.owner_id",
    "!(auth.id == doc.owner_id)",
    "!(auth.id != doc.owner_id)",
    "auth.id in [doc.owner_id]",
    "auth.id in ['x', doc.owner_id, doc.title]",
    "!(auth.id in [doc.owner_id, 'x'])",
    "[auth.id] == [doc.owner_id]",
    "(doc.title == 'x' ? 'x' : auth.id) == doc.owner_id",
    "doc.owner_id == null ? auth.id == doc.owner_id : auth.id != doc.owner_id",
    "auth.id == null ? doc.owner_id == auth.id : false",
    "doc.owner.id == auth.id",
    "doc.owner.id != auth.id",
    "!(doc.owner.name == auth.email)",
    "doc.owner.name == auth.id",
    "exists_in('people', p, p.id == auth.id)",
    "exists_in('people', p, p.name == auth.id)",
    "exists_in('people', p, p.name == auth.id && p.name == doc.owner_id)",
    "!exists_in('people', p, p.name == auth.id)",
    "[doc.owner_id].exists(id, id == auth.id)",
    "[doc.owner_id].all(id, id != auth.id)",
    "auth.metadata.owner == doc.owner_id",
    "auth.role == doc.role || auth.email == doc.role",
    "dyn(auth.id) == dyn(doc.owner_id)",
    "auth.verified == doc.checked || !auth.verified",
];

/// People, a collection for each of the rules, and one that all may read and that points at all of these.
fn schema(rules: &[&str]) -> String {
    let mut schema = String::from("version: 1\ncollections:\n");
    schema.push_str("  people:\n    fields:\n      id: {type: id, primary: true, default: auto}\n");
    schema.push_str("      name: {type: string, nullable: true}\n");
    let mut links = String::from("  links:\n    fields:\n      id: {type: id, primary: true, default: auto}\n");
    for (index, rule) in rules.iter().enumerate() {
        write!(
            schema,
            "  things{index}:\n    fields:\n      id: {{type: id, primary: true, default: auto}}\n      \
             title: {{type: string}}\n      role: {{type: string, nullable: true}}\n      \
             checked: {{type: bool, nullable: true}}\n      \
             owner_id: {{type: id, references: people.id, nullable: true}}\n    rules:\n"
        )
        .unwrap();
        for operation in ["create", "read", "update", "delete"] {
            writeln!(schema, "      {operation}: {rule:?}").unwrap();
        }
        writeln!(links, "      thing{index}_id: {{type: id, references: things{index}.id, nullable: true}}").unwrap();
    }
    format!("{schema}{links}    rules: {{read: \"true\"}}\n")
}

fn make(admin: &Client, collection: &str, body: &Value) -> String {
    let made = admin.post(&format!("/api/collections/{collection}"), body).expect_status(201).json();
    made["id"].as_str().unwrap().to_owned()
}

/// What one rule lets an anonymous caller do with a document.
struct Attempt<'a> {
    app: &'a TestApp,
    /// The rule's place among all.
    index: usize,
    id: String,
}

impl Attempt<'_> {
    fn list(&self) -> String {
        format!("/api/collections/things{}", self.index)
    }

    fn document(&self) -> String {
        format!("{}/{}", self.list(), self.id)
    }

    /// A document of the open collection that points at it, with and without it.
    fn link(&self) -> (String, Value) {
        let key = format!("thing{}_id", self.index);
        let link = make(&self.app.admin(), "links", &json!({&key: self.id}));
        let path = format!("/api/collections/links/{link}");
        let expanded = self.app.anyone().query(&path, &[("expand", &key)]).expect_status(200).json();
        assert_eq!(expanded[&key], self.id.as_str(), "the link itself is open");
        (format!("thing{}", self.index), expanded)
    }

    /// Neither seen nor changed.
    fn fails(&self) {
        let anyone = self.app.anyone();
        let list = anyone.get(&self.list()).expect_status(200).json();
        assert_eq!((&list["docs"], &list["total"]), (&json!([]), &json!(0)), "{}", RULES[self.index]);
        for filter in ["owner_id:is_null", "title:eq:a", "role:is_null"] {
            let list = anyone.query(&self.list(), &[("filter", filter)]).expect_status(200).json();
            assert_eq!((&list["docs"], &list["total"]), (&json!([]), &json!(0)), "{}", RULES[self.index]);
        }
        let (name, expanded) = self.link();
        assert!(expanded.get(&name).is_none(), "{}: {expanded}", RULES[self.index]);
        check_error(anyone.get(&self.document()), 404, "NOT_FOUND");
        check_error(anyone.patch(&self.document(), &json!({"title": "taken"})), 404, "NOT_FOUND");
        check_error(anyone.patch(&self.document(), &json!({})), 404, "NOT_FOUND");
        check_error(anyone.delete(&self.document()), 404, "NOT_FOUND");
        let body = json!({"title": "made", "owner_id": null});
        check_error(anyone.post(&self.list(), &body), 401, "UNAUTHORIZED");
        let stored = self.app.admin().get(&self.document()).expect_status(200).json();
        assert_eq!(stored["title"], "a", "{}", RULES[self.index]);
    }
}

#[test]
fn an_anonymous_caller_owns_nothing_without_an_owner() {
    let app = TestApp::build(&schema(RULES), |_| {});
    let admin = app.admin();
    let named = make(&admin, "people", &json!({"name": "x"}));
    make(&admin, "people", &json!({"name": null}));
    for index in 0..RULES.len() {
        for owner in [json!(null), json!(named)] {
            let id = make(&admin, &format!("things{index}"), &json!({"title": "a", "owner_id": owner}));
            Attempt { app: &app, index, id }.fails();
        }
        let list = admin.get(&format!("/api/collections/things{index}")).expect_status(200).json();
        assert_eq!(list["total"], 2, "nothing was made or deleted");
    }
}

/// The same attempts go through where the rule is about nobody: what fails above fails for its reason.
#[test]
fn what_is_open_to_nobody_in_particular_is_open() {
    for rule in ["auth.id == null", "auth == null && doc.owner_id == null", "doc.owner_id == null"] {
        let app = TestApp::build(&schema(&[rule]), |_| {});
        let anyone = app.anyone();
        let id = make(&app.admin(), "things0", &json!({"title": "a", "owner_id": null}));
        let attempt = Attempt { app: &app, index: 0, id };
        assert_eq!(anyone.get(&attempt.list()).expect_status(200).json()["total"], 1, "{rule}");
        let (name, expanded) = attempt.link();
        assert_eq!(expanded[&name]["id"], attempt.id.as_str(), "{rule}");
        app.admin().delete(&format!("/api/collections/links/{}", expanded["id"].as_str().unwrap())).expect_status(204);
        anyone.get(&attempt.document()).expect_status(200);
        anyone.patch(&attempt.document(), &json!({"title": "taken"})).expect_status(200);
        anyone.delete(&attempt.document()).expect_status(204);
        anyone.post(&attempt.list(), &json!({"title": "made", "owner_id": null})).expect_status(201);
    }
}

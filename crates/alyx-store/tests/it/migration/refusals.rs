//! Unsafe changes are refused, and the file that is printed does what is needed.

use alyx_store::migration::Error;

use super::{BLOG, Lab, edited, fresh_shape};

/// Refused without a file; saved, the printed file applies.
async fn refused_then_done(lab: &mut Lab, text: &str) -> String {
    let before = lab.shape().await;
    let refused = lab.migrate(text, &[]).await;
    let Err(Error::UnsafeChanges(refusal)) = refused else { panic!("{text}: {refused:?}") };
    assert_eq!(lab.shape().await, before, "nothing was done");
    let (name, file) = refusal.file.clone().unwrap_or_else(|| panic!("no file for {refusal}"));
    assert!(refusal.to_string().ends_with(&file), "the file is printed whole");
    let applied = lab.migrate(text, &[(&name, &file)]).await;
    applied.unwrap_or_else(|error| panic!("{file}\n{error}"));
    assert_eq!(lab.shape().await, fresh_shape(text).await, "{file}");
    assert_eq!(lab.rows("PRAGMA foreign_key_check").await, "");
    file
}

/// One change of the blog that needs a file: what is replaced by what, and an operation that the file must have.
const CHANGES: [(&str, &str, &str); 25] = [
    ("      excerpt: {type: string, nullable: true}\n", "", "drop_field"),
    ("excerpt: {type", "summary: {type", "rename_field"),
    ("views: {type: string", "views: {type: int", "change_type"),
    ("views: {type: string, nullable: true}", "views: {type: float}", "change_type"),
    ("views: {type: string", "views: {type: bool", "change_type"),
    ("excerpt: {type: string", "excerpt: {type: blob", "change_type"),
    ("views: {type: string, nullable: true}", "views: {type: timestamp, nullable: true}", "change_type"),
    ("excerpt: {type: string, nullable: true}", "excerpt: {type: json, nullable: true}", "change_type"),
    ("name: {type: string, nullable: true}", "name: {type: string}", "tighten"),
    ("name: {type: string, nullable: true}", "name: {type: string, nullable: true, maxLength: 5}", "tighten"),
    (
        "name: {type: string, nullable: true}",
        "name: {type: string, nullable: true, validate: {minLength: 2, pattern: \"^[A-Z]\"}}",
        "tighten",
    ),
    (
        "name: {type: string, nullable: true}",
        "name: {type: string, nullable: true, validate: {enum: [Ada, Bob]}}",
        "tighten",
    ),
    ("name: {type: string, nullable: true}", "name: {type: string, nullable: true, unique: true}", "tighten"),
    (
        "email: {type: string, unique: true}",
        "email: {type: string, unique: true, validate: {format: email}}",
        "tighten",
    ),
    ("email: {type: string, unique: true}", "email: {type: email, unique: true}", "change_type"),
    ("excerpt: {", "stars: {type: int}\n      excerpt: {", "add_field"),
    ("excerpt: {", "slug: {type: string, unique: true}\n      excerpt: {", "add_field"),
    ("excerpt: {", "at: {type: timestamp}\n      excerpt: {", "add_field"),
    ("excerpt: {", "extra: {type: json}\n      data: {type: blob}\n      excerpt: {", "add_field"),
    ("excerpt: {", "editor_id: {type: uuid, references: users.id}\n      excerpt: {", "add_field"),
    ("excerpt: {", "kind: {type: select, values: [a, b]}\n      excerpt: {", "add_field"),
    (
        "excerpt: {",
        "mail: {type: email}\n      site: {type: url}\n      day: {type: date}\n      token: {type: uuid}\n      excerpt: {",
        "add_field",
    ),
    ("fields: [title, views]}", "fields: [title, views], unique: true}", "tighten"),
    (
        "id: {type: id, primary: true, default: auto}\n      title: {type: string, index: true}",
        "id: {type: id, default: auto}\n      title: {type: string, primary: true}",
        "change_primary",
    ),
    ("references: users.id, onDelete: cascade", "index: true", ""),
];

#[tokio::test]
async fn every_unsafe_change_is_refused_with_the_file_that_does_it() {
    for (from, to, operation) in CHANGES {
        let text = edited(BLOG, from, to);
        let mut lab = Lab::blog().await;
        if operation.is_empty() {
            lab.migrate(&text, &[]).await.unwrap();
            let file = refused_then_done(&mut lab, BLOG).await;
            assert!(file.contains("tighten"), "the way back, a new foreign key, needs one\n{file}");
            continue;
        }
        if to.contains("timestamp, nullable") {
            lab.sql("UPDATE posts SET views = NULL").await;
        } else if to.contains("bool") {
            lab.sql("UPDATE posts SET views = 'true'").await;
        } else if to.contains("json, nullable") {
            lab.sql("UPDATE posts SET excerpt = '{\"b\": 1.0, \"a\": 2}'").await;
        }
        let file = refused_then_done(&mut lab, &text).await;
        assert!(file.contains(&format!("type: {operation}")), "{file}");
    }
}

#[tokio::test]
async fn collections_are_dropped_and_renamed() {
    let mut lab = Lab::blog().await;
    let file = refused_then_done(&mut lab, BLOG.split("  posts:").next().unwrap()).await;
    assert!(file.contains("type: drop_collection"), "{file}");
    let mut lab = Lab::blog().await;
    let file = refused_then_done(&mut lab, &edited(BLOG, "  posts:", "  articles:")).await;
    assert!(file.contains("type: rename_collection"), "{file}");
    assert_eq!(lab.rows("SELECT count(*) FROM articles").await, "3");
}

#[tokio::test]
async fn everything_at_once_is_refused_with_one_file() {
    let text = edited(BLOG, "  posts:", "  articles:");
    let text = edited(&text, "excerpt: {type: string, nullable: true}", "summary: {type: string}");
    let text = edited(&text, "      name: {type: string, nullable: true}\n", "");
    let mut lab = Lab::blog().await;
    let file = refused_then_done(&mut lab, &text).await;
    assert_eq!(lab.rows("SELECT summary FROM articles ORDER BY id").await, "first\n\nthird", "{file}");
}

#[tokio::test]
async fn a_slip_in_a_file_is_noted_in_the_refusal() {
    let mut lab = Lab::blog().await;
    let text = edited(BLOG, "      excerpt: {type: string, nullable: true}\n", "");
    let slip = super::file("  - {type: drop_field, collection: posts, field: exerpt}\n");
    let refused = lab.migrate(&text, &[("002_drop.yaml", &slip)]).await.unwrap_err().to_string();
    assert!(
        refused.contains("note: 002_drop.yaml:2: skipped: posts has no field exerpt (did you mean \"excerpt\"?)"),
        "{refused}"
    );
}

#[tokio::test]
async fn documents_that_stand_in_the_way_are_named() {
    for (from, to, operation, said) in [
        (
            "name: {type: string, nullable: true}",
            "name: {type: string}",
            "{type: tighten, collection: users, field: name, required: true}",
            "00000000-0000-4000-8000-000000000002: null ",
        ),
        (
            "title: {type: string, index: true}",
            "title: {type: string, index: true, maxLength: 3}",
            "{type: tighten, collection: posts, field: title, maxLength: 3}",
            "ccccccccccccccc: Three ",
        ),
        (
            "author_id: {type: uuid, references: users.id, onDelete: cascade}",
            "author_id: {type: uuid, references: users.id, onDelete: cascade, unique: true}",
            "{type: tighten, collection: posts, field: author_id, unique: true}",
            "2 documents of posts cannot keep author_id",
        ),
        (
            "excerpt: {type: string",
            "excerpt: {type: int",
            "{type: change_type, collection: posts, field: excerpt, to: {type: int, nullable: true}}",
            "aaaaaaaaaaaaaaa: first is no int",
        ),
    ] {
        let mut lab = Lab::blog().await;
        let shape = lab.shape().await;
        let refused =
            lab.migrate(&edited(BLOG, from, to), &[("002_x.yaml", &super::file(&format!("  - {operation}\n")))]).await;
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains(said), "{refused}");
        assert_eq!(lab.shape().await, shape);
    }
}

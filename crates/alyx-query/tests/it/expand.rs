//! Paths along foreign keys.

use alyx_query::{ErrorCode, Expand, Projection, Relation};

use crate::fixture::blog;

fn parse(collection: &str, paths: &str) -> Result<Vec<Expand>, Vec<alyx_query::QueryError>> {
    let schema = blog();
    let collection = schema.collection(collection).unwrap();
    let pairs = [("expand".to_owned(), paths.to_owned())];
    Projection::from_parameters(schema, collection, &pairs).map(|projection| projection.expand)
}

/// `name(field -> collection.field)` for one document, `name[…]` for a list, nested in braces.
fn shown(expand: &[Expand]) -> String {
    let one = |expand: &Expand| {
        let target = &expand.target.name;
        let step = match &expand.relation {
            Relation::ToOne { field, target_field } => {
                format!("{}({} -> {target}.{})", expand.name, field.name, target_field.name)
            }
            Relation::Back { field, target_field } => {
                format!("{}[{} <- {target}.{}]", expand.name, field.name, target_field.name)
            }
        };
        if expand.nested.is_empty() { step } else { format!("{step}{{{}}}", shown(&expand.nested)) }
    };
    expand.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[track_caller]
fn check(collection: &str, paths: &str, expected: &str) {
    assert_eq!(shown(&parse(collection, paths).unwrap()), expected);
}

#[track_caller]
fn check_refused(collection: &str, paths: &str, code: ErrorCode) {
    assert_eq!(parse(collection, paths).unwrap_err()[0].code, code, "{paths}");
}

#[test]
fn a_foreign_key_is_named_in_full_or_without_id() {
    check("comments", "post_id", "post(post_id -> posts.id)");
    check("comments", "post", "post(post_id -> posts.id)");
    check("posts", "editor", "editor_doc(editor -> users.id)");
    check("posts", "editor_doc", "editor_doc(editor -> users.id)");
}

#[test]
fn a_foreign_key_may_point_at_a_unique_field() {
    check("posts", "author_id", "author(author_id -> users.name)");
    check("users", "posts_via_author_id", "posts_via_author_id[name <- posts.author_id]");
}

#[test]
fn lists_come_from_the_other_side() {
    check("posts", "comments_via_post_id", "comments_via_post_id[id <- comments.post_id]");
    check("comments", "comments_via_parent_id", "comments_via_parent_id[id <- comments.parent_id]");
}

#[test]
fn paths_with_the_same_start_share_it() {
    check(
        "comments",
        "post.author,post_id.editor,parent,post",
        concat!(
            "post(post_id -> posts.id){author(author_id -> users.name), editor_doc(editor -> users.id)}, ",
            "parent(parent_id -> comments.id)"
        ),
    );
    check(
        "posts",
        "comments_via_post_id.parent.post.author",
        concat!(
            "comments_via_post_id[id <- comments.post_id]{parent(parent_id -> comments.id)",
            "{post(post_id -> posts.id){author(author_id -> users.name)}}}"
        ),
    );
}

#[test]
fn internal_foreign_keys_cannot_be_expanded() {
    check_refused("posts", "reviewer_id", ErrorCode::UnknownExpand);
    check_refused("posts", "reviewer", ErrorCode::UnknownExpand);
    check_refused("users", "posts_via_reviewer_id", ErrorCode::UnknownExpand);
}

#[test]
fn what_is_no_relation_is_refused() {
    for path in ["", "title", "id", "post.", ".post", "post..author", "post.title", "posts_via_post_id", " post"] {
        check_refused("comments", path, ErrorCode::UnknownExpand);
    }
}

#[test]
fn paths_are_limited_in_length_number_and_lists() {
    check_refused("comments", &["parent"; 7].join("."), ErrorCode::TooComplex);
    assert!(parse("comments", &["parent"; 6].join(".")).is_ok());
    check_refused("comments", &["parent"; 33].join(","), ErrorCode::TooComplex);
    assert!(parse("comments", &["parent"; 32].join(",")).is_ok());
    check_refused("comments", &["comments_via_parent_id"; 3].join("."), ErrorCode::TooComplex);
    assert!(parse("comments", &["comments_via_parent_id"; 2].join(".")).is_ok());
}

//! Each operation forth and back, on tables with rows, references, indexes and triggers.

use super::{BLOG, Lab, edited, file, fresh_shape};

/// Applies the operations towards the changed schema, looks, rolls back and looks again.
struct Case<'a> {
    schema: String,
    operations: &'a str,
    query: &'a str,
    after: &'a str,
    feed: &'a str,
    query_back: &'a str,
    back: &'a str,
}

#[track_caller]
fn check(case: &Case<'_>) {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let mut lab = Lab::blog().await;
        let before = lab.shape().await;
        let text = file(case.operations);
        let applied = lab.migrate(&case.schema, &[("002_change.yaml", &text)]).await;
        let applied = applied.unwrap_or_else(|error| panic!("{error}"));
        assert!(applied.iter().any(|applied| applied.title == "002_change"), "{applied:?}");
        assert_eq!(lab.shape().await, fresh_shape(&case.schema).await);
        assert_eq!(lab.rows(case.query).await, case.after);
        assert_eq!(lab.feed().await, case.feed);
        assert!(lab.migrate(&case.schema, &[]).await.unwrap().is_empty(), "it runs once");
        lab.rollback(1).await.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(lab.shape().await, before);
        assert_eq!(lab.rows(case.query_back).await, case.back);
        assert_eq!(lab.rows("PRAGMA foreign_key_check").await, "");
        assert_eq!(lab.rows("PRAGMA integrity_check").await, "ok");
        let again = lab.migrate(&case.schema, &[]).await.unwrap_or_else(|error| panic!("{error}"));
        assert!(again.iter().any(|applied| applied.title == "002_change"), "it applies again");
        assert_eq!(lab.rows(case.query).await, case.after);
    });
}

#[test]
fn rename_field() {
    check(&Case {
        schema: edited(BLOG, "email:", "address:"),
        operations: "  - {type: rename_field, collection: users, from: email, to: address}\n",
        query: "SELECT address FROM users ORDER BY id",
        after: "ada@example.com\nbob@example.com",
        feed: "",
        query_back: "SELECT email FROM users ORDER BY id",
        back: "ada@example.com\nbob@example.com",
    });
}

#[test]
fn rename_a_field_that_others_refer_to() {
    let schema = edited(BLOG, "      id: {type: uuid", "      key: {type: uuid");
    check(&Case {
        schema: edited(&schema, "users.id", "users.key"),
        operations: "  - {type: rename_field, collection: users, from: id, to: key}\n",
        query: "SELECT count(*) FROM users JOIN posts ON author_id = key",
        after: "3",
        feed: "",
        query_back: "SELECT count(*) FROM users JOIN posts ON author_id = users.id",
        back: "3",
    });
}

#[test]
fn rename_collection() {
    let schema = edited(BLOG, "  users:", "  people:\n    auth: true");
    check(&Case {
        schema: edited(&schema, "users.id", "people.id"),
        operations: "  - {type: rename_collection, from: users, to: people}\n",
        query: "SELECT name FROM people ORDER BY id",
        after: "Ada\nnull",
        feed: "",
        query_back: "SELECT name FROM users ORDER BY id",
        back: "Ada\nnull",
    });
}

#[test]
fn drop_field_and_have_it_back() {
    check(&Case {
        schema: edited(BLOG, "      excerpt: {type: string, nullable: true}\n", ""),
        operations: "  - {type: drop_field, collection: posts, field: excerpt}\n",
        query: "SELECT name FROM pragma_table_info('posts') WHERE name = 'excerpt'",
        after: "",
        feed: "",
        query_back: "SELECT excerpt FROM posts ORDER BY id",
        back: "first\nnull\nthird",
    });
}

#[test]
fn drop_a_field_that_is_in_an_index() {
    let schema = edited(BLOG, "      views: {type: string, nullable: true}\n", "");
    check(&Case {
        schema: edited(&schema, "    indexes:\n      - {name: posts_by_title_and_views, fields: [title, views]}\n", ""),
        operations: "  - {type: drop_field, collection: posts, field: views}\n",
        query: "SELECT count(*) FROM posts",
        after: "3",
        feed: "",
        query_back: "SELECT views FROM posts ORDER BY id",
        back: "1\n22\nnull",
    });
}

#[test]
fn drop_collection_and_have_it_back() {
    check(&Case {
        schema: BLOG.split("  posts:").next().unwrap().to_owned(),
        operations: "  - {type: drop_collection, collection: posts}\n",
        query: "SELECT count(*) FROM sqlite_schema WHERE name = 'posts'",
        after: "0",
        feed: "",
        query_back: "SELECT id, title, views, excerpt FROM posts ORDER BY id",
        back: "aaaaaaaaaaaaaaa|One|1|first\nbbbbbbbbbbbbbbb|Two|22|null\nccccccccccccccc|Three|null|third",
    });
}

#[test]
fn change_type_tells_the_feed() {
    check(&Case {
        schema: edited(BLOG, "views: {type: string", "views: {type: int"),
        operations: "  - {type: change_type, collection: posts, field: views, to: {type: int, nullable: true}}\n",
        query: "SELECT views, typeof(views) FROM posts ORDER BY id",
        after: "1|integer\n22|integer\nnull|null",
        feed: "posts|UPDATE|aaaaaaaaaaaaaaa|[\"views\"]|{\"views\":\"1\"}\nposts|UPDATE|bbbbbbbbbbbbbbb|[\"views\"]|{\"views\":\"22\"}",
        query_back: "SELECT views, typeof(views) FROM posts ORDER BY id",
        back: "1|text\n22|text\nnull|null",
    });
}

#[test]
fn change_type_with_an_expression() {
    check(&Case {
        schema: edited(BLOG, "views: {type: string, nullable: true}", "views: {type: int}"),
        operations: "  - type: change_type\n    collection: posts\n    field: views\n    to: int\n    using: coalesce(length(views), 0) + 10\n",
        query: "SELECT views FROM posts ORDER BY id",
        after: "11\n12\n10",
        feed: "posts|UPDATE|aaaaaaaaaaaaaaa|[\"views\"]|{\"views\":\"1\"}\nposts|UPDATE|bbbbbbbbbbbbbbb|[\"views\"]|{\"views\":\"22\"}\nposts|UPDATE|ccccccccccccccc|[\"views\"]|{\"views\":null}",
        query_back: "SELECT views FROM posts ORDER BY id",
        back: "1\n22\nnull",
    });
}

#[test]
fn add_field_with_a_fill() {
    check(&Case {
        schema: edited(BLOG, "excerpt: {", "slug: {type: string, unique: true}\n      excerpt: {"),
        operations: "  - type: add_field\n    collection: posts\n    field: slug\n    definition: {type: string, unique: true}\n    fill: {sql: lower(title)}\n",
        query: "SELECT slug FROM posts ORDER BY id",
        after: "one\ntwo\nthree",
        feed: "posts|UPDATE|aaaaaaaaaaaaaaa|[\"slug\"]|{\"slug\":null}\nposts|UPDATE|bbbbbbbbbbbbbbb|[\"slug\"]|{\"slug\":null}\nposts|UPDATE|ccccccccccccccc|[\"slug\"]|{\"slug\":null}",
        query_back: "SELECT count(*) FROM posts",
        back: "3",
    });
}

#[test]
fn tighten_to_required_with_a_fill() {
    check(&Case {
        schema: edited(BLOG, "name: {type: string, nullable: true}", "name: {type: string, maxLength: 9}"),
        operations: "  - {type: tighten, collection: users, field: name, required: true, maxLength: 9, fill: nobody}\n",
        query: "SELECT name FROM users ORDER BY id",
        after: "Ada\nnobody",
        feed: "users|UPDATE|00000000-0000-4000-8000-000000000002|[\"name\"]|{\"name\":null}",
        query_back: "SELECT name FROM users ORDER BY id",
        back: "Ada\nnull",
    });
}

#[test]
fn tighten_to_unique() {
    check(&Case {
        schema: edited(BLOG, "title: {type: string, index: true}", "title: {type: string, unique: true}"),
        operations: "  - {type: tighten, collection: posts, field: title, unique: true}\n",
        query: "SELECT count(*) FROM pragma_index_list('posts') WHERE \"unique\" AND name LIKE '%title%'",
        after: "1",
        feed: "",
        query_back: "SELECT count(*) FROM posts",
        back: "3",
    });
}

#[test]
fn tighten_with_a_unique_index() {
    let index = "{name: posts_by_title_and_views, fields: [title, views]}";
    check(&Case {
        schema: edited(BLOG, index, "{name: posts_by_title_and_views, fields: [title, views], unique: true}"),
        operations: "  - type: tighten\n    collection: posts\n    index: {name: posts_by_title_and_views, fields: [title, views], unique: true}\n",
        query: "SELECT \"unique\" FROM pragma_index_list('posts') WHERE name = 'posts_by_title_and_views'",
        after: "1",
        feed: "",
        query_back: "SELECT \"unique\" FROM pragma_index_list('posts') WHERE name = 'posts_by_title_and_views'",
        back: "0",
    });
}

#[test]
fn change_primary() {
    let schema = edited(BLOG, "id: {type: id, primary: true, default: auto}", "id: {type: id, default: auto}");
    check(&Case {
        schema: edited(&schema, "title: {type: string, index: true}", "title: {type: string, primary: true}"),
        operations: "  - {type: change_primary, collection: posts, to: title}\n",
        query: "SELECT id FROM posts ORDER BY title",
        after: "aaaaaaaaaaaaaaa\nccccccccccccccc\nbbbbbbbbbbbbbbb",
        feed: "",
        query_back: "SELECT title FROM posts ORDER BY id",
        back: "One\nTwo\nThree",
    });
}

#[test]
fn sql_forth_and_back() {
    check(&Case {
        schema: BLOG.to_owned(),
        operations: "  - type: sql\n    up: UPDATE users SET name = 'Anonymous' WHERE name IS NULL;\n    down: UPDATE users SET name = NULL WHERE name = 'Anonymous';\n",
        query: "SELECT name FROM users ORDER BY id",
        after: "Ada\nAnonymous",
        feed: "users|UPDATE|00000000-0000-4000-8000-000000000002|[\"name\"]|{\"name\":null}",
        query_back: "SELECT name FROM users ORDER BY id",
        back: "Ada\nnull",
    });
}

#[test]
fn many_operations_in_one_file() {
    let schema = edited(BLOG, "      excerpt: {type: string, nullable: true}\n", "");
    let schema = edited(&schema, "views: {type: string, nullable: true}", "hits: {type: int}");
    check(&Case {
        schema: edited(&schema, "[title, views]", "[title, hits]"),
        operations: "  - {type: rename_field, collection: posts, from: views, to: hits}\n  - {type: sql, up: \"UPDATE posts SET hits = '3' WHERE hits IS NULL\", down: \"UPDATE posts SET hits = NULL WHERE hits = '3'\"}\n  - {type: change_type, collection: posts, field: hits, to: int}\n  - {type: drop_field, collection: posts, field: excerpt}\n",
        query: "SELECT hits FROM posts ORDER BY id",
        after: "1\n22\n3",
        feed: "posts|UPDATE|ccccccccccccccc|[\"hits\"]|{\"hits\":null}\nposts|UPDATE|aaaaaaaaaaaaaaa|[\"hits\"]|{\"hits\":\"1\"}\nposts|UPDATE|bbbbbbbbbbbbbbb|[\"hits\"]|{\"hits\":\"22\"}\nposts|UPDATE|ccccccccccccccc|[\"hits\"]|{\"hits\":\"3\"}",
        query_back: "SELECT views, excerpt FROM posts ORDER BY id",
        back: "1|first\n22|null\nnull|third",
    });
}

//! Random list queries, whose meaning is said here once more in plain Rust.

use std::cmp::Ordering;

use alyx_query::{Query, SortKey};
use alyx_schema::{Collection, Document, Order, Value};
use serde_json::json;

use crate::property::choices::Choices;

/// A filter as a client writes it, and whether a value of its field meets it.
type Filter = (&'static str, &'static str, fn(&Value) -> bool);

/// What can be asked of a collection.
struct Menu {
    filters: &'static [Filter],
    sorts: &'static [&'static str],
    expands: &'static [&'static str],
}

const POSTS: Menu = Menu {
    filters: &[
        ("id", "in:p1,p2,p3,p4,p5,p6,p7", |_| true),
        ("views", "gt:1", |value| matches!(value, Value::Int(number) if *number > 1)),
        ("likes", "lte:1", |value| matches!(value, Value::Int(number) if *number <= 1)),
        ("pinned", "ne:true", |value| *value != Value::Bool(true)),
        ("published", "eq:true", |value| *value == Value::Bool(true)),
        ("title", "contains:a", |value| matches!(value, Value::Text(text) if text.contains('a'))),
        ("author_id", "eq:u1", |value| *value == Value::Text("u1".to_owned())),
        ("labels", "contains:a", |value| matches!(value, Value::Json(list) if has_item(list, "a"))),
        ("rank", "is_null", Value::is_null),
        ("score", "gt:0", |value| matches!(value, Value::Float(number) if *number > 0.0)),
    ],
    sorts: &[
        "id",
        "-id",
        "-views",
        "likes",
        "-likes,status",
        "created_at,-rank",
        "-edited_at,pinned",
        "title",
        "-score",
    ],
    expands: &["", "author", "author_id.team,parent", "parent.author,team.owner", "posts_via_parent_id.author,team"],
};

const USERS: Menu = Menu {
    filters: &[
        ("id", "in:u1,u2,u3", |_| true),
        ("age", "gte:1", |value| matches!(value, Value::Int(number) if *number >= 1)),
        ("name", "not_null", |value| !value.is_null()),
        ("role", "ne:user", |value| *value != Value::Text("user".to_owned())),
    ],
    sorts: &["id", "-age", "name", "verified,-team_id"],
    expands: &[
        "posts_via_author_id",
        "team,memberships_via_user_id.team",
        "teams_via_owner_id,posts_via_author_id.parent",
    ],
};

const MEMBERSHIPS: Menu = Menu {
    filters: &[("level", "gt:0", |value| matches!(value, Value::Int(number) if *number > 0))],
    sorts: &["-id", "level", "role,-team_id"],
    expands: &["user.team", "team.owner,user"],
};

fn has_item(list: &serde_json::Value, item: &str) -> bool {
    list.as_array().is_some_and(|items| items.contains(&json!(item)))
}

/// A query for a collection.
#[derive(Debug)]
pub(super) struct Listing {
    pub(super) collection: &'static str,
    pub(super) sort: &'static str,
    pub(super) expand: &'static str,
    filters: Vec<Filter>,
}

impl Listing {
    pub(super) fn new(collection: &'static str, choices: &mut Choices<'_>) -> Self {
        let menu = match collection {
            "posts" => POSTS,
            "users" => USERS,
            _ => MEMBERSHIPS,
        };
        let filters = (0..choices.below(3)).map(|_| choices.of(menu.filters)).collect();
        Self { collection, sort: choices.of(menu.sorts), expand: choices.of(menu.expands), filters }
    }

    /// As a client sends it.
    pub(super) fn parameters(&self) -> Vec<(String, String)> {
        let filters = self.filters.iter().map(|(field, rest, _)| ("filter", format!("{field}:{rest}")));
        let others = [("sort", self.sort.to_owned()), ("expand", self.expand.to_owned())];
        let pairs = filters.chain(others.into_iter().filter(|(_, text)| !text.is_empty()));
        pairs.map(|(name, text)| (name.to_owned(), text)).collect()
    }

    /// The fields that decide which documents are found, and in what order.
    pub(super) fn deciding(&self) -> Vec<&'static str> {
        let sorts = self.sort.split(',').map(|key| key.trim_start_matches('-'));
        self.filters.iter().map(|(field, ..)| *field).chain(sorts).collect()
    }

    pub(super) fn holds(&self, collection: &Collection, document: &Document) -> bool {
        self.filters
            .iter()
            .all(|(name, _, holds)| holds(&document.values[collection.field_index(name).expect("it has the field")]))
    }
}

/// The order of two documents.
pub(super) fn compare(query: &Query, left: &Document, right: &Document) -> Ordering {
    let by = |SortKey { field, order }: &SortKey| {
        let ascending = rank(&left.values[field.index], &right.values[field.index]);
        if *order == Order::Ascending { ascending } else { ascending.reverse() }
    };
    query.sort.iter().map(by).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

/// Null comes before everything.
fn rank(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::Int(left), Value::Int(right)) => left.cmp(right),
        (Value::Float(left), Value::Float(right)) => left.total_cmp(right),
        (Value::Text(left), Value::Text(right)) => left.cmp(right),
        (left, right) => right.is_null().cmp(&left.is_null()),
    }
}

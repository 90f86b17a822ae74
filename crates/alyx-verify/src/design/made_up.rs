//! What the collections of a made-up data model have: people, teams, who is in which, and one or two kinds of documents
//! with fields of every type.

use alyx_testing::json;

use super::{
    Collection,
    field::{Field, Kind, OnDelete},
    rule::Rule,
};
use crate::random::Random;

pub(super) fn collections(random: &mut Random) -> Vec<Collection> {
    let first = *random.pick(&["posts", "order", "notes"]);
    let mut collections = vec![users(random), teams(random), members(random), content(random, first, None)];
    if random.chance(65) {
        let second = *random.pick(&["comments", "group", "tasks"]);
        collections.push(content(random, second, Some(first)));
    }
    collections
}

fn users(random: &mut Random) -> Collection {
    let own = Rule::Owner("id".to_owned());
    let read = match random.below(3) {
        0 => Rule::Always,
        1 => Rule::SignedIn,
        _ => Rule::Any(vec![own.clone(), Rule::Flag("open".to_owned(), true)]),
    };
    let mut email = Field::new("email", Kind::Email).with("unique: true").made_by_server();
    email.read = random.chance(60).then(|| Rule::Any(vec![own.clone(), Rule::Moderator]));
    let mut plan = Field::new("plan", Kind::Select).nullable();
    plan.read = random.chance(50).then_some(own);
    let fields = vec![
        Field::primary("id", Kind::Uuid),
        email,
        Field::new("name", Kind::String).nullable(),
        Field::new("open", Kind::Bool).or(json!(true)),
        plan,
    ];
    Collection { name: "users", fields, read: Some(read), open_to_writes: false, index: None }
}

fn teams(random: &mut Random) -> Collection {
    let read = match random.below(3) {
        0 => Rule::Always,
        1 => Rule::Member("id".to_owned(), true),
        _ => Rule::Any(vec![Rule::Flag("archived".to_owned(), false), Rule::Moderator]),
    };
    let fields = vec![
        Field::primary("id", Kind::String),
        Field::new("archived", Kind::Bool).or(json!(false)),
        Field::new("title", Kind::Text).nullable(),
    ];
    Collection { name: "teams", fields, read: Some(read), open_to_writes: random.chance(50), index: None }
}

fn members(random: &mut Random) -> Collection {
    let read = match random.below(3) {
        0 => None,
        1 => Some(Rule::Owner("user_id".to_owned())),
        _ => Some(Rule::SignedIn),
    };
    let fields = vec![
        Field::primary("id", Kind::String),
        Field::relation("team_id", "teams", OnDelete::Cascade).with("index: true"),
        Field::relation("user_id", "users", OnDelete::Cascade),
    ];
    let index = random.chance(50).then(|| vec!["user_id".to_owned(), "team_id".to_owned()]);
    Collection { name: "members", fields, read, open_to_writes: false, index }
}

fn content(random: &mut Random, name: &'static str, parent: Option<&'static str>) -> Collection {
    let key_kind = *random.pick(&[Kind::String, Kind::Uuid, Kind::Id, Kind::Int]);
    let mut fields = vec![
        Field::primary(random.pick::<&str>(&["id", "key"]), key_kind),
        Field::relation("author_id", "users", on_delete(random)).nullable(),
        Field::relation("team_id", "teams", on_delete(random)).nullable(),
        Field::new("open", Kind::Bool).or(json!(false)),
        Field::new("level", Kind::Int).nullable().with(if random.chance(50) { "index: true" } else { "" }),
        Field::new("shared", Kind::Tags).or(json!([])),
        Field::new("big", Kind::Text).nullable(),
        Field::new("touched", Kind::Timestamp).with("onUpdate: now").made_by_server(),
    ];
    fields.extend(parent.map(|parent| Field::relation("parent_id", parent, on_delete(random)).nullable()));
    for (number, kind) in Kind::PLAIN.into_iter().enumerate() {
        if random.chance(45) {
            fields.push(extra(random, number, kind));
        }
    }
    let index = random.chance(50).then(|| vec!["open".to_owned(), "level".to_owned()]);
    let read = Some(read_rule(random, parent.is_some()));
    Collection { name, fields, read, open_to_writes: random.chance(60), index }
}

fn extra(random: &mut Random, number: usize, kind: Kind) -> Field {
    let name = if kind == Kind::Select { "select".to_owned() } else { format!("f{number}_{}", kind.name()) };
    let mut field = Field::new(&name, kind);
    field = if random.chance(50) { field.nullable() } else { field.or(kind.value(random)) };
    if kind != Kind::Json && random.chance(15) {
        field.read = Some(match random.below(3) {
            0 => Rule::Moderator,
            1 => Rule::Owner("author_id".to_owned()),
            _ => Rule::Flag("open".to_owned(), true),
        });
    }
    field
}

fn on_delete(random: &mut Random) -> OnDelete {
    *random.pick(&[OnDelete::Cascade, OnDelete::SetNull, OnDelete::Restrict])
}

fn read_rule(random: &mut Random, has_parent: bool) -> Rule {
    if random.chance(15) {
        return Rule::Always;
    }
    let parts: Vec<Rule> = (0..random.between(1, 3)).map(|_| atom(random, has_parent)).collect();
    match random.below(4) {
        0 if parts.len() > 1 => Rule::All(parts),
        1 => Rule::Any(vec![Rule::All(parts), Rule::Owner("author_id".to_owned())]),
        _ => Rule::Any(parts),
    }
}

fn atom(random: &mut Random, has_parent: bool) -> Rule {
    let name = str::to_owned;
    match random.below(if has_parent { 12 } else { 11 }) {
        0 => Rule::SignedIn,
        1 => Rule::Moderator,
        2 | 3 => Rule::Owner(name("author_id")),
        4 => Rule::Flag(name("open"), random.chance(70)),
        5 => Rule::AtLeast(name("level"), 2),
        6 => Rule::Shared(name("shared")),
        7 | 8 => Rule::Member(name("team_id"), true),
        9 => Rule::Member(name("team_id"), false),
        10 if random.chance(50) => Rule::Through(name("team_id"), name("archived"), false),
        10 => Rule::Through(name("author_id"), name("open"), true),
        _ => Rule::Through(name("parent_id"), name("open"), true),
    }
}

//! Random teams, members and posts, and predicates about posts that reach them.

use std::{collections::BTreeMap, sync::Arc};

use alyx_query::{Comparison, FieldAt, FieldRef, Hop, Operand, Predicate, RelatedKey, Scan, ScanTest, Truth};
use alyx_schema::{Collection, Document, Schema, Value};
use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::json;

use super::InMemory;

const WORDS: [&str; 5] = ["", "a", "b", "Ä'", "a%"];
const COMPARISONS: [Comparison; 6] =
    [Comparison::Eq, Comparison::Ne, Comparison::Gt, Comparison::Gte, Comparison::Lt, Comparison::Lte];

pub(super) fn case(schema: &Arc<Schema>) -> impl Strategy<Value = (InMemory, Vec<Predicate>)> + use<> {
    let predicates = vec(predicate(schema, vec!["posts"]), 8);
    (world(), predicates)
}

fn word() -> impl Strategy<Value = Value> {
    select(WORDS.to_vec()).prop_map(|word| Value::Text(word.to_owned()))
}

fn or_null(strategy: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    option::weighted(0.7, strategy).prop_map(|value| value.unwrap_or(Value::Null))
}

fn level() -> impl Strategy<Value = Value> {
    or_null((0..3_i64).prop_map(Value::Int))
}

fn key(prefix: char, below: usize) -> impl Strategy<Value = Value> {
    (0..below.max(1)).prop_map(move |number| Value::Text(format!("{prefix}{number}")))
}

fn world() -> impl Strategy<Value = InMemory> {
    (1..4_usize, 0..5_usize, 1..6_usize).prop_flat_map(|(teams, members, posts)| {
        // A parent comes before its children, so that documents can be stored in order.
        let team = (or_null(word()), level(), any::<prop::sample::Index>(), any::<bool>());
        let member = (key('t', teams), word(), or_null(word()), level());
        let flag = or_null(any::<bool>().prop_map(Value::Bool));
        let rating = or_null(select(vec![0.5, 1e300, -3.0]).prop_map(Value::Float));
        let tags = select(vec![json!(["a", 1]), json!({"a": 1}), json!([]), json!("a")]);
        let bytes = or_null(select(vec![vec![], vec![0, 1]]).prop_map(Value::Blob));
        let post = (
            or_null(key('t', teams)),
            or_null(word()),
            level(),
            flag,
            rating,
            or_null(tags.prop_map(Value::Json)),
            bytes,
        );
        (vec(team, teams), vec(member, members), vec(post, posts)).prop_map(|(teams, members, posts)| {
            let id = |prefix: char, number: usize| Value::Text(format!("{prefix}{number}"));
            let teams = teams.into_iter().enumerate().map(|(number, (name, level, parent, orphan))| {
                let parent = if number == 0 || orphan { Value::Null } else { id('t', parent.index(number)) };
                Document { values: vec![id('t', number), name, level, parent] }
            });
            let members = members.into_iter().enumerate().map(|(number, (team, person, alias, level))| Document {
                values: vec![id('m', number), team, person, alias, level],
            });
            let posts =
                posts.into_iter().enumerate().map(|(number, (team, owner, level, open, rating, tags, bytes))| {
                    Document { values: vec![id('p', number), team, owner, level, open, rating, tags, bytes] }
                });
            InMemory(BTreeMap::from([
                ("teams".to_owned(), teams.collect()),
                ("members".to_owned(), members.collect()),
                ("posts".to_owned(), posts.collect()),
            ]))
        })
    })
}

/// A predicate about the first of `around`; the others are the collections around it, inner ones first.
fn predicate(schema: &Arc<Schema>, around: Vec<&'static str>) -> BoxedStrategy<Predicate> {
    let nested = schema.clone();
    let leaf = leaf(schema, &around);
    if around.len() >= 4 {
        return leaf;
    }
    let own = around[0];
    let inside = move |name: &'static str| predicate(&nested, [vec![name], around.clone()].concat());
    let (related, exists) = (related(schema, own, &inside), exists(schema, own, &inside));
    let part = prop_oneof![4 => leaf, 2 => related, 2 => exists];
    part.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Predicate::And),
            vec(inner.clone(), 0..3).prop_map(Predicate::Or),
            inner.prop_map(Predicate::negated),
        ]
    })
    .boxed()
}

fn collection(schema: &Schema, name: &str) -> Arc<Collection> {
    schema.collection(name).expect("the schema has it").clone()
}

fn field(schema: &Schema, collection: &str, name: &str) -> FieldRef {
    FieldRef::named(&self::collection(schema, collection), name).expect("the collection has it")
}

/// Fields of a kind in reach: level and reference.
fn places(schema: &Schema, around: &[&str], names: &[&str]) -> Vec<FieldAt> {
    let at = |(level, collection): (usize, &&str)| {
        let collection = self::collection(schema, collection);
        let fields = names.iter().filter_map(move |name| FieldRef::named(&collection, name));
        fields.map(move |field| FieldAt { level, field }).collect::<Vec<_>>()
    };
    around.iter().enumerate().flat_map(at).collect()
}

const TEXTS: [&str; 6] = ["id", "name", "team_id", "person", "alias", "owner"];

fn leaf(schema: &Arc<Schema>, around: &[&'static str]) -> BoxedStrategy<Predicate> {
    let texts = places(schema, around, &TEXTS);
    let levels = places(schema, around, &["level"]);
    let comparison = || select(COMPARISONS.to_vec());
    let truth = select(vec![Truth::True, Truth::False, Truth::Unknown]).prop_map(Predicate::Constant);
    let texts_apart = (select(texts.clone()), comparison(), select(texts.clone()));
    let levels_apart = (select(levels.clone()), comparison(), select(levels.clone()));
    let fields = prop_oneof![texts_apart, levels_apart]
        .prop_map(|(left, comparison, right)| Predicate::CompareFields { left, comparison, right });
    let text = (select(texts), comparison(), or_null(word()));
    let level = (select(levels), comparison(), level());
    let value = prop_oneof![text, level].prop_map(|(place, comparison, value)| {
        let inner = Predicate::Compare { field: place.field, comparison, value };
        match place.level {
            0 => inner,
            level => Predicate::Outer { level, predicate: Box::new(inner) },
        }
    });
    prop_oneof![1 => truth, 4 => fields, 4 => value, 3 => scan(schema, around)].boxed()
}

fn related(
    schema: &Arc<Schema>,
    own: &str,
    inside: &impl Fn(&'static str) -> BoxedStrategy<Predicate>,
) -> BoxedStrategy<Predicate> {
    let teams = collection(schema, "teams");
    let target_field = FieldRef::primary(&teams);
    let key = prop_oneof![
        3 => Just(None),
        1 => prop_oneof![key('t', 3), Just(Value::Null)].prop_map(Some),
    ];
    let own = field(schema, own, if own == "teams" { "parent_id" } else { "team_id" });
    let field = move |key: Option<Value>| match key {
        Some(value) => RelatedKey::Value(value),
        None => RelatedKey::Field(FieldAt { level: 0, field: own.clone() }),
    };
    (key, inside("teams"))
        .prop_map(move |(key, predicate)| Predicate::Related {
            key: field(key),
            target: Arc::clone(&teams),
            target_field: target_field.clone(),
            predicate: Box::new(predicate),
        })
        .boxed()
}

fn exists(
    schema: &Arc<Schema>,
    own: &str,
    inside: &impl Fn(&'static str) -> BoxedStrategy<Predicate>,
) -> BoxedStrategy<Predicate> {
    let outside = field(schema, own, if own == "teams" { "id" } else { "team_id" });
    let both = ["members", "posts"].map(|name| {
        let collection = collection(schema, name);
        // Half of them are memberships, which SQL can gather into a set.
        let person = FieldRef::named(&collection, "person").unwrap_or_else(|| field(schema, name, "owner"));
        let link = Predicate::CompareFields {
            left: FieldAt { level: 0, field: FieldRef::named(&collection, "team_id").expect("both have a team") },
            comparison: Comparison::Eq,
            right: FieldAt { level: 1, field: outside.clone() },
        };
        let membership = (word(), inside(name)).prop_map(move |(value, more)| {
            let who = Predicate::Compare { field: person.clone(), comparison: Comparison::Eq, value };
            Predicate::And(vec![link.clone(), who, more])
        });
        let any = prop_oneof![membership, inside(name)];
        any.prop_map(move |predicate| Predicate::Exists {
            collection: Arc::clone(&collection),
            predicate: Box::new(predicate),
        })
        .boxed()
    });
    let [members, posts] = both;
    prop_oneof![2 => members, 1 => posts].boxed()
}

/// Says something of any values, so that each kind of value must arrive as it was stored.
struct Digest(String, u64);

impl ScanTest for Digest {
    fn evaluate(&self, values: &[Option<Value>]) -> Truth {
        let shown = format!("{values:?}{}", self.1);
        match shown.bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into())) % 3 {
            0 => Truth::True,
            1 => Truth::False,
            _ => Truth::Unknown,
        }
    }

    fn key(&self) -> &str {
        &self.0
    }
}

fn scan(schema: &Arc<Schema>, around: &[&'static str]) -> BoxedStrategy<Predicate> {
    let mut operands: Vec<Operand> = Vec::new();
    let names = ["id", "team_id", "owner", "level", "open", "rating", "tags", "bytes", "name", "alias"];
    for FieldAt { level, field } in places(schema, around, &names) {
        operands.push(Operand { level, hops: Vec::new(), field });
    }
    let teams = collection(schema, "teams");
    for FieldAt { level, field: team } in places(schema, around, &["team_id"]) {
        let to_team = Hop { field: team, target: Arc::clone(&teams), target_field: FieldRef::primary(&teams) };
        let parent = FieldRef::named(&teams, "parent_id").expect("teams have parents");
        let to_parent = Hop { field: parent, target: Arc::clone(&teams), target_field: FieldRef::primary(&teams) };
        for hops in [
            vec![to_team.clone()],
            vec![to_team.clone(), to_parent.clone()],
            vec![to_team, to_parent.clone(), to_parent],
        ] {
            for name in ["name", "level"] {
                let field = FieldRef::named(&teams, name).expect("teams have both");
                operands.push(Operand { level, hops: hops.clone(), field });
            }
        }
    }
    (vec(select(operands), 1..4), 0..9_u64)
        .prop_map(|(operands, seed)| {
            let test = Arc::new(Digest(format!("digest {seed}"), seed));
            Predicate::Scan(Scan { test, operands })
        })
        .boxed()
}

//! Bodies of writes.

use alyx_testing::{Value, json};

use super::{Desk, lock};
use crate::{
    design::{
        Collection,
        field::{Field, Kind},
    },
    names::{CALLERS, PEOPLE, TEAMS, person, team},
    random::Random,
};

/// Different keys that a collection has in its life; they are used again.
const KEYS: usize = 150;

/// A key, perhaps one that is taken.
pub(crate) fn key(collection: &Collection, random: &mut Random) -> Value {
    let number = random.below(KEYS);
    match collection.key().kind {
        Kind::Int => json!(number),
        Kind::Uuid => json!(format!("01970000-0000-7000-8000-{number:012x}")),
        Kind::Id => json!(format!("k{number:014}")),
        _ => json!(format!("k/{number} \"é")),
    }
}

/// The body of a create.
pub(crate) fn create(desk: &Desk<'_>, collection: &Collection, key: &Value, random: &mut Random) -> Value {
    let mut body = json!({collection.key().name.as_str(): key});
    for field in settable(collection) {
        if !((field.default.is_some() || field.nullable) && random.chance(25)) {
            body[field.name.as_str()] = value(desk, field, random);
        }
    }
    body
}

/// The body of an update.
pub(crate) fn update(desk: &Desk<'_>, collection: &Collection, random: &mut Random) -> Value {
    let fields: Vec<&Field> = settable(collection).collect();
    let mut body = json!({});
    for _ in 0..random.between(1, 3) {
        let field = random.pick(&fields);
        body[field.name.as_str()] = value(desk, field, random);
    }
    body
}

fn settable(collection: &Collection) -> impl Iterator<Item = &Field> {
    let settable = |field: &&Field| !field.made_by_server && field.name != "big";
    collection.fields.iter().skip(1).filter(settable)
}

fn value(desk: &Desk<'_>, field: &Field, random: &mut Random) -> Value {
    if field.nullable && random.chance(25) {
        return Value::Null;
    }
    match (field.target(), field.name.as_str()) {
        // Those who call are always there.
        (Some("users"), _) if random.chance(75) => json!(person(random.below(CALLERS))),
        (Some("users"), _) => json!(person(random.below(PEOPLE))),
        (Some("teams"), _) => json!(team(random.below(TEAMS))),
        (Some(target), _) => {
            let keys = lock(desk.model).keys(target);
            let key = if keys.is_empty() { None } else { serde_json::from_str(random.pick::<String>(&keys)).ok() };
            key.unwrap_or_default()
        }
        (None, "shared") => {
            let ids: Vec<String> = (0..random.below(3)).map(|_| person(random.below(CALLERS))).collect();
            json!(ids)
        }
        (None, _) => field.kind.value(random),
    }
}

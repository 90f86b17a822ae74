//! Queries made up from the seed, as a message says them and as an address does.

use alyx_testing::{Value, encode, json};

use crate::{
    design::{
        Collection, Design,
        field::{Field, Kind},
    },
    names::{PEOPLE, TEAMS, person, team},
    random::Random,
};

/// A query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Query {
    pub(crate) collection: &'static str,
    pub(crate) filter: Option<Value>,
    pub(crate) sort: Vec<String>,
    pub(crate) limit: u64,
    pub(crate) fields: Vec<String>,
    pub(crate) expand: Vec<String>,
}

impl Query {
    pub(crate) fn made_up(design: &Design, random: &mut Random) -> Self {
        // Documents are asked for most; people, teams and members are what their rules look at.
        let index = if random.chance(75) { random.between(3, design.collections.len() - 1) } else { random.below(4) };
        let collection = &design.collections[index];
        let fields = open_fields(collection, random);
        let sortable = |field: &&&Field| !matches!(field.kind, Kind::Json | Kind::Tags | Kind::Blob);
        let sortable: Vec<&&Field> = fields.iter().filter(sortable).collect();
        let sort = (0..random.below(4)).map(|_| {
            let sign = if random.chance(50) { "-" } else { "" };
            format!("{sign}{}", random.pick(&sortable).name)
        });
        let mut sort: Vec<String> = sort.collect();
        sort.dedup_by(|left, right| left.trim_start_matches('-') == right.trim_start_matches('-'));
        let chosen = (0..random.between(1, 4)).map(|_| random.pick(&fields).name.clone()).collect::<Vec<_>>();
        Self {
            collection: collection.name,
            filter: random.chance(70).then(|| condition(&fields, 0, random)),
            sort: distinct(sort),
            limit: *random.pick(&[1, 2, 3, 5, 10, 20, 50, 100, 200]),
            fields: if random.chance(20) { distinct(chosen) } else { Vec::new() },
            expand: if random.chance(35) { expand(design, collection, random) } else { Vec::new() },
        }
    }

    /// As the payload of a message.
    pub(crate) fn payload(&self) -> Value {
        let mut payload = json!({"collection": self.collection, "limit": self.limit});
        for (name, list) in [("sort", &self.sort), ("fields", &self.fields), ("expand", &self.expand)] {
            if !list.is_empty() {
                payload[name] = json!(list);
            }
        }
        if let Some(filter) = &self.filter {
            payload["filter"] = filter.clone();
        }
        payload
    }

    /// As the parameters of an address, without the collection.
    pub(crate) fn parameters(&self) -> String {
        let mut text = format!("limit={}", self.limit);
        for (name, list) in [("sort", &self.sort), ("fields", &self.fields), ("expand", &self.expand)] {
            if !list.is_empty() {
                text.push_str(&format!("&{name}={}", encode(&list.join(","))));
            }
        }
        if let Some(filter) = &self.filter {
            text.push_str(&format!("&where={}", encode(&filter.to_string())));
        }
        text
    }
}

/// The order is kept, what comes again is left out.
fn distinct(names: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    names.into_iter().filter(|name| seen.insert(name.trim_start_matches('-').to_owned())).collect()
}

/// Fields that everybody may ask by, and now and then one that only some may.
fn open_fields<'a>(collection: &'a Collection, random: &mut Random) -> Vec<&'a Field> {
    let daring = random.chance(10);
    collection.fields.iter().filter(|field| daring || field.read.is_none()).collect()
}

fn expand(design: &Design, collection: &Collection, random: &mut Random) -> Vec<String> {
    let mut paths = Vec::new();
    for field in collection.fields.iter().filter(|field| field.refers.is_some()) {
        paths.push(field.expands_as().to_owned());
        let target = field.target().and_then(|target| design.collection(target));
        let nested = target.into_iter().flat_map(|target| &target.fields).filter(|field| field.refers.is_some());
        paths.extend(nested.map(|nested| format!("{}.{}", field.expands_as(), nested.expands_as())));
    }
    for (referrer, field) in design.referrers(collection.name) {
        paths.push(format!("{}_via_{}", referrer.name, field.name));
    }
    match paths.is_empty() {
        true => Vec::new(),
        false => distinct((0..random.between(1, 2)).map(|_| random.pick(&paths).clone()).collect()),
    }
}

fn condition(fields: &[&Field], depth: usize, random: &mut Random) -> Value {
    if depth < 2 && random.chance(35) {
        let many: Vec<Value> = (0..random.between(1, 3)).map(|_| condition(fields, depth + 1, random)).collect();
        return match random.below(3) {
            0 => json!({"$and": many}),
            1 => json!({"$or": many}),
            _ => json!({"$not": many[0]}),
        };
    }
    let field = random.pick(fields);
    json!({field.name.as_str(): comparison(field, random)})
}

fn comparison(field: &Field, random: &mut Random) -> Value {
    let value = |random: &mut Random| match field.target() {
        Some("users") => json!(person(random.below(PEOPLE))),
        Some("teams") => json!(team(random.below(TEAMS))),
        _ => field.kind.value(random),
    };
    if matches!(field.target(), Some(target) if !["users", "teams"].contains(&target)) {
        return json!({*random.pick(&["$is_null", "$not_null"]): random.chance(50)});
    }
    match random.below(8) {
        0 => json!({*random.pick(&["$is_null", "$not_null"]): random.chance(50)}),
        1 | 2 => {
            json!({*random.pick(&["$in", "$nin"]): (0..random.between(1, 4)).map(|_| value(random)).collect::<Vec<_>>()})
        }
        3 | 4 if field.kind.is_ordered() && field.kind != Kind::Relation => {
            json!({*random.pick(&["$gt", "$gte", "$lt", "$lte"]): value(random)})
        }
        5 if field.kind.is_textual() && field.kind != Kind::Relation => {
            json!({"$like": *random.pick(&["%a%", "A_%", "%", "_", "%\u{e9}%", "2026%", "%1%"])})
        }
        5 if field.kind == Kind::Tags => json!({"$contains": *random.pick(&["a", "b", "c"])}),
        6 if field.kind.is_textual() && field.kind != Kind::Relation => {
            json!({"$contains": *random.pick(&["a", "%", "0", "p", ":"])})
        }
        7 if field.nullable => json!({*random.pick(&["$eq", "$ne"]): null_or(value(random), random)}),
        _ => json!({*random.pick(&["$eq", "$ne"]): value(random)}),
    }
}

fn null_or(value: Value, random: &mut Random) -> Value {
    if random.chance(50) { Value::Null } else { value }
}

//! The parameters of reads: filters, order, page, fields and relations.

use alyx_query::limits::{DEFAULT_LIMIT, MAX_CONDITIONS, MAX_EXPAND_PATHS, MAX_LIMIT, MAX_OFFSET, MAX_SORT_KEYS};
use alyx_schema::{Collection, CollectionName, Field, FieldType, Schema};
use serde_json::{Value as Json, json};

use super::{collection_schemas::visible, field_schema, filter_pattern, reference};

/// A relation that a document of a collection can be asked to bring along.
pub(super) struct RelationName {
    /// What `expand` takes.
    pub(super) written: Vec<String>,
    /// The key in the answer.
    pub(super) key: String,
    /// The other collection.
    pub(super) target: CollectionName,
    /// Whether there can be many.
    pub(super) is_list: bool,
}

/// The primary key in a path.
pub(super) fn id(collection: &Collection) -> Json {
    let mut schema = field_schema::of_type(collection.primary_field().value_type);
    if schema.get("format").is_none() && schema["type"] == "string" && schema.get("pattern").is_none() {
        schema["minLength"] = json!(1);
    }
    json!({"name": "id", "in": "path", "required": true, "schema": schema, "description": "The document's primary key."})
}

/// Everything that a list takes.
pub(super) fn of_list(schema: &Schema, collection: &Collection) -> Vec<Json> {
    let mut all = vec![
        query(
            "filter",
            "A condition, `field:operator:value`; repeated, all must hold.",
            json!({
                "type": "array",
                "items": {"type": "string", "pattern": filter_pattern::of_collection(collection)},
                "maxItems": MAX_CONDITIONS,
            }),
        ),
        json!({
            "name": "where",
            "in": "query",
            "description": "A condition as JSON: `{\"$or\":[{\"a\":{\"$gt\":1}},{\"b\":\"x\"}]}`.",
            "content": {"application/json": {"schema": reference(&format!("{}.where", collection.name))}},
        }),
        list("sort", "Fields to order by; `-` before one is descending. Ties go by primary key.", sort(collection)),
        query(
            "limit",
            "Most documents of the page.",
            json!({
                "type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT,
            }),
        ),
        query(
            "offset",
            "Documents to skip; not together with `cursor`.",
            json!({
                "type": "integer", "minimum": 0, "maximum": MAX_OFFSET, "default": 0,
            }),
        ),
        query(
            "cursor",
            "The `next_cursor` of the page before, which must have had the same `sort`.",
            json!({
                "type": "string",
            }),
        ),
        query("total", "`false` leaves out the count of all documents.", json!({"type": "boolean", "default": true})),
    ];
    all.extend(of_document(schema, collection));
    all
}

/// What a read of one document takes.
pub(super) fn of_document(schema: &Schema, collection: &Collection) -> Vec<Json> {
    let names: Vec<_> = visible(collection).map(|field| field.name.as_str()).collect();
    let items = json!({"type": "array", "minItems": 1, "items": {"type": "string", "enum": names}});
    let mut all = vec![list("fields", "Only these fields, and the primary key.", items)];
    if let Some(pattern) = expand_pattern(schema, collection) {
        let items = json!({
            "type": "array", "minItems": 1, "maxItems": MAX_EXPAND_PATHS,
            "items": {"type": "string", "pattern": pattern},
        });
        all.push(list("expand", "Relations to bring along; dots go further.", items));
    }
    all
}

/// Own foreign keys first, then those of others that point here.
pub(super) fn relations(schema: &Schema, collection: &Collection) -> Vec<RelationName> {
    let own = collection.fields.iter().filter_map(to_one);
    let others = schema
        .collections
        .values()
        .flat_map(|other| other.fields.iter().filter_map(move |field| back(collection, other, field)));
    own.chain(others).collect()
}

fn to_one(field: &Field) -> Option<RelationName> {
    let target = field.references.as_ref().filter(|_| !field.internal)?.collection.clone();
    let name = field.name.as_str();
    let stem = name.strip_suffix("_id").filter(|stem| !stem.is_empty());
    let key = stem.map_or_else(|| format!("{name}_doc"), str::to_owned);
    Some(RelationName { written: vec![name.to_owned(), key.clone()], key, target, is_list: false })
}

fn back(collection: &Collection, other: &Collection, field: &Field) -> Option<RelationName> {
    field.references.as_ref().filter(|to| !field.internal && to.collection == collection.name)?;
    let key = format!("{}_via_{}", other.name, field.name);
    Some(RelationName { written: vec![key.clone()], key, target: other.name.clone(), is_list: true })
}

/// Paths of one and two steps; longer ones are taken too.
fn expand_pattern(schema: &Schema, collection: &Collection) -> Option<String> {
    let steps: Vec<_> = relations(schema, collection)
        .into_iter()
        .map(|relation| {
            let further = schema.collection(relation.target.as_str()).map(|target| relations(schema, target));
            let further: Vec<_> = further.into_iter().flatten().flat_map(|relation| relation.written).collect();
            let rest = if further.is_empty() { String::new() } else { format!(r"(?:\.(?:{}))?", further.join("|")) };
            format!("(?:{}){rest}", relation.written.join("|"))
        })
        .collect();
    (!steps.is_empty()).then(|| format!("^(?:{})$", steps.join("|")))
}

/// Each field at most once, in one direction.
fn sort(collection: &Collection) -> Json {
    let sortable = |field: &&Field| !matches!(field.value_type, FieldType::Json | FieldType::Blob);
    let names: Vec<_> = visible(collection).filter(sortable).map(|field| field.name.as_str()).collect();
    let keys: Vec<_> = names.iter().flat_map(|name| [(*name).to_owned(), format!("-{name}")]).collect();
    let both =
        |name: &&str| json!({"allOf": [{"contains": {"const": name}}, {"contains": {"const": format!("-{name}")}}]});
    json!({
        "type": "array", "minItems": 1, "maxItems": MAX_SORT_KEYS, "uniqueItems": true,
        "items": {"type": "string", "enum": keys},
        "not": {"anyOf": names.iter().map(both).collect::<Vec<_>>()},
    })
}

pub(super) fn query(name: &str, description: &str, schema: Json) -> Json {
    let mut parameter = json!({"name": name, "in": "query", "description": description});
    parameter["schema"] = schema;
    parameter
}

/// One value with commas.
pub(super) fn list(name: &str, description: &str, schema: Json) -> Json {
    let mut parameter = query(name, description, schema);
    parameter["style"] = json!("form");
    parameter["explode"] = json!(false);
    parameter
}

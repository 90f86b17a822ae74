//! The five calls of a collection.

use alyx_schema::{Collection, Rule, Schema};
use serde_json::{Map, Value as Json, json};

use super::{parameters, reference, responses::errors};

/// Statuses of a read besides its success.
const READ: [u16; 7] = [400, 401, 403, 408, 431, 500, 503];
/// Statuses of any write besides its success.
const WRITE: [u16; 8] = [400, 401, 403, 408, 409, 431, 500, 503];

/// Adds the paths of one collection.
pub(super) fn add(schema: &Schema, collection: &Collection, paths: &mut Map<String, Json>) {
    let name = &collection.name;
    let operations = json!({"get": list(schema, collection), "post": create(collection)});
    paths.insert(format!("/api/collections/{name}"), operations);
    let operations = json!({
        "parameters": [parameters::id(collection)],
        "get": get(schema, collection),
        "patch": update(collection),
        "delete": delete(collection),
    });
    paths.insert(format!("/api/collections/{name}/{{id}}"), operations);
}

fn list(schema: &Schema, collection: &Collection) -> Json {
    let name = &collection.name;
    let mut call = call("list", &format!("List {name}"), collection, collection.rules.read.as_ref());
    call["parameters"] = parameters::of_list(schema, collection).into();
    call["responses"] = answers("200", success("A page of documents.", &format!("{name}.page")), &READ, &[]);
    call
}

fn get(schema: &Schema, collection: &Collection) -> Json {
    let name = &collection.name;
    let mut call = call("get", &format!("Read from {name}"), collection, collection.rules.read.as_ref());
    call["parameters"] = parameters::of_document(schema, collection).into();
    call["responses"] = answers("200", success("The document.", name.as_str()), &READ, &[404]);
    call
}

fn create(collection: &Collection) -> Json {
    let name = &collection.name;
    let mut call = call("create", &format!("Create in {name}"), collection, collection.rules.create.as_ref());
    call["requestBody"] = body(&format!("{name}.create"));
    let mut made = success("The document, or its primary key where the caller may not read it.", name.as_str());
    made["links"] = links(collection);
    call["responses"] = answers("201", made, &WRITE, &[413]);
    call
}

fn update(collection: &Collection) -> Json {
    let name = &collection.name;
    let mut call = call("update", &format!("Update in {name}"), collection, collection.rules.update.as_ref());
    call["description"] = "Absent fields stay as they are; null sets null.".into();
    call["requestBody"] = body(&format!("{name}.update"));
    let changed = success("The document, or its primary key where the caller may not read it.", name.as_str());
    call["responses"] = answers("200", changed, &WRITE, &[404, 413]);
    call
}

fn delete(collection: &Collection) -> Json {
    let name = &collection.name;
    let mut call = call("delete", &format!("Delete from {name}"), collection, collection.rules.delete.as_ref());
    call["responses"] = answers("204", json!({"description": "It is gone."}), &WRITE, &[404]);
    call
}

fn call(verb: &str, summary: &str, collection: &Collection, rule: Option<&Rule>) -> Json {
    let bearer = json!({"bearer": []});
    // An empty entry says that it also goes without. Which rules let nobody through is not known before a request.
    let security = if rule.is_some() { json!([{}, bearer]) } else { json!([bearer]) };
    json!({
        "operationId": format!("{verb}_{}", collection.name),
        "summary": summary,
        "tags": [collection.name.as_str()],
        "security": security,
    })
}

fn body(name: &str) -> Json {
    json!({"required": true, "content": {"application/json": {"schema": reference(name)}}})
}

fn success(description: &str, name: &str) -> Json {
    json!({"description": description, "content": {"application/json": {"schema": reference(name)}}})
}

fn answers(status: &str, success: Json, common: &[u16], further: &[u16]) -> Json {
    let mut all = errors(&[common, further].concat());
    all.insert(status.to_owned(), success);
    Json::Object(all)
}

/// Where to go with a new document.
fn links(collection: &Collection) -> Json {
    let id = format!("$response.body#/{}", collection.primary_field().name);
    let to = |verb: &str| json!({"operationId": format!("{verb}_{}", collection.name), "parameters": {"id": id}});
    json!({"get": to("get"), "update": to("update"), "delete": to("delete")})
}

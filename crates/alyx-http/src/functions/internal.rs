//! `/internal/v1`: what a function asks of its server while its call runs.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, header::ContentType},
    web::{Data, Payload},
};
use alyx_query::Query;
use alyx_rules::Operation;
use alyx_schema::{Collection, Value};
use alyx_store::{Store, session::Session};
use serde_json::{Map, Value as Json, json};

use super::{
    call, find,
    invocation::{Invocation, Open},
};
use crate::{
    AppState,
    access::{Caller, bearer},
    body,
    collections::{invalid_query, no_collection, no_document, operation, operation::Scope, unreadable},
    error::{ApiError, Code, Result},
    query_string,
    routes::{self, Route},
    served::Served,
    transactions::{batch::run_within, operations},
};

/// The caller of whoever asks as the system, past every rule.
const SYSTEM: &Caller = &Caller::AdminToken;

/// A function that asks.
struct Asking {
    state: Data<AppState>,
    token: Vec<u8>,
    invocation: Arc<Invocation>,
    body: Map<String, Json>,
}

/// Answers everything below `/internal/v1`.
pub(crate) async fn dispatch(request: HttpRequest, state: Data<AppState>, payload: Payload) -> Result<HttpResponse> {
    let route = Route::of(request.path());
    match (route, request.method()) {
        (Route::Unknown, _) => return Ok(routes::unknown_path().await),
        (_, &Method::POST) => {}
        (route, method) => return Ok(routes::other_method(method, route.methods())),
    }
    let token = bearer(request.headers())?.ok_or_else(ended)?.to_vec();
    let invocation = state.invocations().find(&token).ok_or_else(ended)?;
    let body = body::json_object(&request, payload, state.options()).await?;
    let mut asking = Asking { state, token, invocation, body };
    let answer = match route {
        Route::InternalQuery => query(&mut asking).await?,
        Route::InternalWrite => write(&mut asking).await?,
        Route::InternalTransaction => transaction(&mut asking).await?,
        _ => function(&mut asking, &query_string::last_segment(&request)?).await?,
    };
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(answer))
}

/// One answer for every token that is good no longer or never was.
fn ended() -> ApiError {
    ApiError::new(Code::InvocationEnded, "the call that this token belonged to has ended, or there never was one")
}

impl Asking {
    fn take(&mut self, key: &str) -> Option<Json> {
        self.body.remove(key).filter(|value| !value.is_null())
    }

    fn text(&mut self, key: &str) -> Result<Option<String>> {
        match self.take(key) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(_) => Err(wrong(key, "must be text")),
        }
    }

    fn needed(&mut self, key: &str) -> Result<String> {
        self.text(key)?.ok_or_else(|| wrong(key, "is required"))
    }

    /// Refuses what nobody asked for.
    fn finish(&self) -> Result<()> {
        match self.body.keys().next() {
            Some(key) => Err(wrong(key, "is no key of this call")),
            None => Ok(()),
        }
    }

    /// On whose behalf, and inside of which transaction.
    fn place(&mut self) -> Result<Place> {
        let invocation = self.invocation.clone();
        let system = match self.text("as")?.as_deref() {
            None | Some("caller") => false,
            Some("system") => true,
            Some(_) => return Err(wrong("as", "must be \"caller\" or \"system\"")),
        };
        let (served, store, session) = match self.text("transaction")? {
            Some(id) => {
                let open = self.state.invocations().transaction(&self.token, &id).ok_or_else(no_transaction)?;
                let store = open.served.store().within(&open.session);
                (open.served, store, Some(open.session))
            }
            None => {
                let served = self.state.served();
                let store = served.store().clone();
                (served, store, None)
            }
        };
        Ok(Place { state: self.state.clone(), invocation, system, served, store, session })
    }
}

fn wrong(key: &str, what: &str) -> ApiError {
    let shown: String = key.chars().take(64).collect();
    ApiError::new(Code::InvalidBody, format!("{shown:?} {what}"))
}

fn no_transaction() -> ApiError {
    ApiError::new(Code::NotFound, "there is no such transaction in this call")
}

/// Where an operation of a function happens.
struct Place {
    state: Data<AppState>,
    invocation: Arc<Invocation>,
    system: bool,
    served: Served,
    store: Store,
    session: Option<Arc<Session>>,
}

impl Place {
    fn scope(&self) -> Scope<'_> {
        let caller = if self.system { SYSTEM } else { &*self.invocation.caller };
        let facts = self.invocation.facts.clone().at(self.state.clock().now());
        Scope { state: &self.state, served: &self.served, store: &self.store, caller, facts }
    }

    fn collection(&self, name: &str) -> Result<&Arc<Collection>> {
        self.served.schema().collection(name).ok_or_else(|| no_collection(Code::NotFound, name))
    }
}

/// `POST /internal/v1/db/query`
async fn query(asking: &mut Asking) -> Result<Vec<u8>> {
    let (place, name) = (asking.place()?, asking.needed("collection")?);
    let scope = place.scope();
    let collection = place.collection(&name)?;
    let id = asking.take("id");
    let parameters = parameters(asking)?;
    asking.finish()?;
    match id {
        Some(id) => {
            let id = Value::from_json(collection.primary_field(), &id).map_err(|_| no_document());
            let found = operation::get(&scope, (collection, id), &parameters).await;
            let found = match found {
                Err(error) if error.code == Code::NotFound => None,
                found => found?,
            };
            Ok([b"{\"doc\":", found.as_deref().unwrap_or(b"null"), b"}"].concat())
        }
        None => {
            let access = scope.access();
            access.may(Operation::Read, collection)?;
            let query = Query::from_parameters(place.served.schema(), collection.clone(), &parameters);
            let query = query.map_err(invalid_query)?;
            query.check_readable(&access).map_err(|faults| unreadable(scope.caller, faults))?;
            Ok(operation::list_json(&query, scope.store.list(&query, &access).await?))
        }
    }
}

/// A query's parts as a list's address would have them.
fn parameters(asking: &mut Asking) -> Result<Vec<(String, String)>> {
    let mut parameters = Vec::new();
    if let Some(filter) = asking.take("where") {
        parameters.push(("where".to_owned(), filter.to_string()));
    }
    for key in ["sort", "expand", "fields"] {
        let text = match asking.take(key) {
            None => continue,
            Some(Json::String(text)) => text,
            Some(Json::Array(parts)) => {
                let texts: Option<Vec<&str>> = parts.iter().map(Json::as_str).collect();
                texts.ok_or_else(|| wrong(key, "must be a list of texts"))?.join(",")
            }
            Some(_) => return Err(wrong(key, "must be a list of texts")),
        };
        if !text.is_empty() {
            parameters.push((key.to_owned(), text));
        }
    }
    for key in ["limit", "offset", "cursor", "total"] {
        match asking.take(key) {
            None => {}
            Some(Json::String(text)) => parameters.push((key.to_owned(), text)),
            Some(value @ (Json::Number(_) | Json::Bool(_))) => parameters.push((key.to_owned(), value.to_string())),
            Some(_) => return Err(wrong(key, "must be a number, true, false or text")),
        }
    }
    Ok(parameters)
}

/// `POST /internal/v1/db/exec`
async fn write(asking: &mut Asking) -> Result<Vec<u8>> {
    let place = asking.place()?;
    if asking.body.contains_key("operations") {
        return batch(&place, std::mem::take(&mut asking.body)).await;
    }
    let (name, verb) = (asking.needed("collection")?, asking.needed("op")?);
    let (id, data) = (asking.take("id"), asking.take("data"));
    asking.finish()?;
    let collection = place.collection(&name)?;
    let data = match data {
        None => Map::new(),
        Some(Json::Object(fields)) => fields,
        Some(_) => return Err(wrong("data", "must be an object")),
    };
    let scope = place.scope();
    let key = |id: &Option<Json>| match id {
        Some(id) => Value::from_json(collection.primary_field(), id).map_err(|_| no_document()),
        None => Err(wrong("id", "is required")),
    };
    let doc = match verb.as_str() {
        "create" => operation::create(&scope, collection, operation::with_key(collection, id, data)?).await?,
        "upsert" => operation::upsert(&scope, collection, operation::with_key(collection, id, data)?).await?,
        "update" => operation::update(&scope, (collection, &key(&id)?), data).await?,
        "delete" => {
            operation::delete(&scope, collection, &key(&id)?).await?;
            b"null".to_vec()
        }
        _ => return Err(wrong("op", "must be create, update, upsert or delete")),
    };
    Ok([b"{\"doc\":", &*doc, b"}"].concat())
}

/// Several writes, all of them or none: a part of the transaction that they are in, or one of their own.
async fn batch(place: &Place, body: Map<String, Json>) -> Result<Vec<u8>> {
    let options = &place.state.options().transactions;
    let operations = operations::read(&place.served, body, options.max_operations)?;
    if let Some(session) = &place.session {
        return run_within(session, &place.scope(), operations).await;
    }
    let session = place.served.store().begin_writing(options.lease).await?;
    let store = place.served.store().within(&session);
    let answer = run_within(&session, &Scope { store: &store, ..place.scope() }, operations).await?;
    session.commit().await?;
    Ok(answer)
}

/// `POST /internal/v1/db/tx`
async fn transaction(asking: &mut Asking) -> Result<Vec<u8>> {
    let action = asking.needed("action")?;
    if action == "begin" {
        asking.finish()?;
        return begin(asking).await;
    }
    let id = asking.needed("transaction")?;
    asking.finish()?;
    let open = asking.state.invocations().take(&asking.token, &id).ok_or_else(no_transaction)?;
    let status = match action.as_str() {
        "commit" => {
            open.session.commit().await?;
            "committed"
        }
        "rollback" => {
            open.session.roll_back().await?;
            "rolled_back"
        }
        _ => return Err(wrong("action", "must be begin, commit or rollback")),
    };
    Ok(json!({ "status": status }).to_string().into_bytes())
}

async fn begin(asking: &Asking) -> Result<Vec<u8>> {
    let served = asking.state.served();
    let options = &asking.state.options().transactions;
    let session = Arc::new(served.store().begin(options.lease).await?);
    let kept = asking.state.invocations().keep(&asking.token, Open { served, session })?;
    let id = kept.ok_or_else(|| ApiError::new(Code::TooManyTransactions, "a call may have eight transactions open"))?;
    let expires_at = asking.state.clock().now() + options.idle_timeout;
    let expires_at = alyx_schema::clock::format_timestamp(expires_at);
    Ok(json!({ "transaction_id": id, "expires_at": expires_at }).to_string().into_bytes())
}

/// `POST /internal/v1/functions/{name}`
async fn function(asking: &mut Asking, name: &str) -> Result<Vec<u8>> {
    let input = asking.body.remove("input").unwrap_or_else(|| Json::Object(Map::new()));
    asking.finish()?;
    let (state, outer) = (&asking.state, &asking.invocation);
    let (functions, deployed) = find(state, name).await?;
    if outer.depth >= functions.options().call_depth {
        return Err(super::failed(alyx_functions::Failure::too_deep(functions.options().call_depth)));
    }
    let request_id = state.request_ids().make().to_str().unwrap_or_default().to_owned();
    let text = input.to_string();
    let facts = outer.facts.clone().writing(Operation::Create, super::object(input)).at(state.clock().now());
    let inner = outer.inner(facts, request_id);
    call::check(&state.served(), &deployed, (&inner.caller, &inner.facts)).await?;
    let execution = call::run(state, &functions, &deployed, (inner, text)).await;
    let output = execution.result.map_err(super::failed)?;
    Ok(format!("{{\"output\":{}}}", output.get()).into_bytes())
}

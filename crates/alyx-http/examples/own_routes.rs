//! Alyx beside routes of your own: `cargo run -p alyx-http --example own_routes`, then
//! `curl http://127.0.0.1:8091/hello` and `curl http://127.0.0.1:8091/api/collections/notes`.

use std::sync::Arc;

use actix_web::{App, HttpServer, web};
use alyx_auth::{Auth, AuthOptions};
use alyx_config::Config;
use alyx_http::{AppState, Options, Served, configure_with};
use alyx_rules::RuleSet;
use alyx_store::{Database, StoreOptions};

const SCHEMA: &str = r#"
version: 1
collections:
  notes:
    fields:
      id: {type: id, primary: true, default: auto}
      text: {type: string}
    rules: {create: "true", read: "true"}
"#;

async fn hello() -> &'static str {
    "hello\n"
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let schema = alyx_schema::parse_schema("schema.yaml", SCHEMA).map_err(|faults| faults[0].to_string())?;
    let folder = tempfile::tempdir()?;
    let mut database = Database::open(&StoreOptions::new(folder.path().join("alyx.db"))).await?;
    database.create_collections(&schema).await?;
    let schema = Arc::new(schema);
    let rules = RuleSet::compile("schema.yaml", &schema).map_err(|faults| faults[0].to_string())?;
    let served = Served::new(database.into_store(schema).await?, Arc::new(rules));
    let auth = Auth::open(AuthOptions::new(&Config::default(), folder.path()))?;
    let state = AppState::new(served, auth, Options::default());

    let served = state.clone();
    let app = move || {
        let state = served.clone();
        App::new().configure(|config| {
            configure_with(config, state, |own| {
                own.route("/hello", web::get().to(hello));
            });
        })
    };
    HttpServer::new(app).bind("127.0.0.1:8091")?.run().await?;
    state.store().close().await;
    Ok(())
}

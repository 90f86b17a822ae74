//! `functions`: which there are, one call, and what calls logged.

mod logs;

use std::{
    io::{IsTerminal, Read, stdin},
    process::ExitCode,
};

use alyx_project::{ADMIN_TOKEN_VARIABLE, Flags, Settings, developer_token};
use anyhow::{Context, bail};
use reqwest::{Client, Method, StatusCode, header::CONTENT_TYPE};
use serde_json::Value;

use crate::{
    escape::escaped,
    output::Session,
    server::{self, Server, send},
    table,
};

/// What to do with functions.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Functions {
    /// List the functions of a server
    List(Target),
    /// Call a function and print what it returns
    Invoke(Invoke),
    /// Print calls of functions with what they logged
    Logs(logs::Logs),
}

/// Which server, and as whom.
#[derive(Debug, clap::Args)]
pub(crate) struct Target {
    /// Where the server is; without it, where alyx.yaml says that it listens
    #[arg(long)]
    url: Option<String>,

    /// The token to sign in with; without one, the developer's of this folder. Other users of this machine see what is typed here, not the variable ALYX_TOKEN
    #[arg(long, env = "ALYX_TOKEN", hide_env = true)]
    token: Option<String>,
}

/// Call a function and print what it returns
#[derive(Debug, clap::Args)]
pub(crate) struct Invoke {
    /// The function
    name: String,

    /// The input as JSON; `-` reads it from standard input
    #[arg(default_value = "{}")]
    input: String,

    #[command(flatten)]
    target: Target,
}

/// A server with a client for it.
struct Open {
    server: Server,
    client: Client,
}

impl Functions {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        match self {
            Self::List(target) => list(session, &target).await,
            Self::Invoke(invoke) => invoke.run(session).await,
            Self::Logs(logs) => logs.run(session).await,
        }
    }
}

impl Target {
    fn open(&self, session: &Session) -> anyhow::Result<Open> {
        let server = Server::choose(self.url.as_deref(), &session.project)?;
        let token = match (&self.token, &self.url) {
            (Some(token), _) => Some(token.clone()),
            // The developer's token is for the server of this folder, and for no other.
            (None, Some(_)) => None,
            (None, None) => own_token(session)?,
        };
        let client = server::client(&server, token.as_deref())?;
        Ok(Open { server, client })
    }
}

/// The administrator's token of this folder, where it has one.
fn own_token(session: &Session) -> anyhow::Result<Option<String>> {
    if let Ok(token) = std::env::var(ADMIN_TOKEN_VARIABLE) {
        return Ok(Some(token));
    }
    let settings = Settings::load(&session.project, &Flags::default())?;
    let data = settings.config.data_folder(&session.project);
    if !data.is_dir() {
        return Ok(None);
    }
    Ok(Some(developer_token(&data)?.0.expose().to_owned()))
}

impl Open {
    async fn json(&self, method: Method, path: &str, body: Option<String>) -> anyhow::Result<Value> {
        let mut request = self.client.request(method, self.server.at(path)?);
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let answer = send(request).await?;
        if answer.status() != StatusCode::OK {
            return Err(server::refusal(answer).await.0);
        }
        let bytes = answer.bytes().await.context("the connection is lost")?;
        serde_json::from_slice(&bytes).context("what answers there is not Alyx")
    }
}

async fn list(session: &Session, target: &Target) -> anyhow::Result<ExitCode> {
    let answer = target.open(session)?.json(Method::GET, "api/admin/functions", None).await?;
    let functions = answer["functions"].as_array().cloned().unwrap_or_default();
    let mut rows = vec![["NAME", "STATE", "RUNTIME", "WHO MAY CALL IT", "WORKERS"].map(str::to_owned).to_vec()];
    for function in &functions {
        let text = |key: &str| escaped(function[key].as_str().unwrap_or("-"));
        let who = match (function["state"].as_str(), function["invoke"].as_str()) {
            (Some("ready"), Some("true")) => "everybody".to_owned(),
            (Some("ready"), Some(rule)) => escaped(rule),
            (Some("ready"), None) => "administrators".to_owned(),
            _ => "-".to_owned(),
        };
        let workers = function["workers"]["workers"].as_u64().map_or_else(|| "-".to_owned(), |count| count.to_string());
        rows.push(vec![text("name"), text("state"), text("runtime"), who, workers]);
    }
    let mut lines = table::columns(&rows);
    for fault in functions.iter().flat_map(|function| function["faults"].as_array().into_iter().flatten()) {
        let text = |key: &str| escaped(fault[key].as_str().unwrap_or_default());
        let span = &fault["span"];
        lines += &format!("{}:{}:{}: {}\n", text("file"), span["line"], span["column"], text("message"));
    }
    if functions.is_empty() {
        lines = "there are no functions; write one as functions/NAME.js, .ts, .py or .go".to_owned();
    }
    if let Some(reason) = answer["reason"].as_str() {
        session.warn(&escaped(reason));
    }
    session.answer(&answer, &lines);
    Ok(ExitCode::SUCCESS)
}

impl Invoke {
    async fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let input = match self.input.as_str() {
            "-" => from_standard_input()?,
            text => text.to_owned(),
        };
        if let Err(fault) = serde_json::from_str::<Value>(&input) {
            bail!("the input is not JSON: {fault}");
        }
        let name: String = url_segment(&self.name);
        let open = self.target.open(session)?;
        let answer = open.json(Method::POST, &format!("api/functions/{name}"), Some(input)).await?;
        for entry in answer["logs"].as_array().into_iter().flatten() {
            session.remark(&logs::line(entry));
        }
        session.answer(&answer, &format!("{:#}", answer["output"]));
        Ok(ExitCode::SUCCESS)
    }
}

fn from_standard_input() -> anyhow::Result<String> {
    if stdin().is_terminal() {
        bail!("standard input is a terminal; pipe the input in, or write it in place of -");
    }
    let mut text = String::new();
    stdin().lock().read_to_string(&mut text).context("standard input is not text")?;
    Ok(text)
}

/// A name that is none cannot lead to another path.
fn url_segment(name: &str) -> String {
    name.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

//! `watch`: what a query shows, and every change of it, as lines in a terminal.

mod connection;
mod document_key;
mod events;
mod held;
mod line;

use std::{convert::Infallible, process::ExitCode, time::Duration};

use alyx_schema::clock::format_timestamp;
use alyx_store::SystemClock;
use anyhow::{Context, bail};
use serde_json::Value;
use tokio::time::sleep;

use self::{
    connection::{Connection, Failure},
    events::Event,
    held::{Change, Held},
    line::Frame,
};
use crate::{
    escape::{escaped, escaped_json},
    output::{Session, counted},
    server::Server,
};

/// The wait before the second attempt to connect; each further one waits twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Print what a query shows, and every change of it as it happens
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The query is that of `GET /api/collections/COLLECTION`. A lost connection is taken up again where it ended, without loss.
With --json each message of the server is a line. Stop with Ctrl+C. In a shell, quote what has $ or spaces in it:
alyx-cli watch posts --where '{\"views\": {\"$gt\": 100}}' --sort=-created_at --fields title,views")]
pub(crate) struct Watch {
    /// The collection
    collection: String,

    /// Only documents that this JSON filter matches
    #[arg(long = "where", value_name = "JSON")]
    condition: Option<String>,

    /// Only documents that this matches, as `views:gt:100`; may be given again
    #[arg(long, value_name = "FIELD:OP:VALUE")]
    filter: Vec<String>,

    /// The order, as `-created_at,title`
    #[arg(long, value_name = "FIELDS", allow_hyphen_values = true)]
    sort: Option<String>,

    /// Watch so many documents, the first in the order
    #[arg(long, default_value_t = 1000)]
    limit: u32,

    /// Relations to put into each document
    #[arg(long, value_name = "RELATIONS")]
    expand: Option<String>,

    /// Only these fields
    #[arg(long)]
    fields: Option<String>,

    /// Where the server is; without it, where alyx.yaml says that it listens
    #[arg(long)]
    url: Option<String>,

    /// The token to sign in with; without one, what anybody sees. Other users of this machine see what is typed here, not the variable ALYX_TOKEN
    #[arg(long, env = "ALYX_TOKEN", hide_env = true)]
    token: Option<String>,

    /// Go on from the `cursor` of an earlier message
    #[arg(long, value_name = "CURSOR")]
    since: Option<String>,
}

impl Watch {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let server = Server::choose(self.url.as_deref(), &session.project)?;
        let mut watcher = Watcher {
            session,
            server: Connection::new(server, self.token.as_deref(), &self.parameters())?,
            collection: self.collection.as_str(),
            held: Held::default(),
            cursor: self.since.clone(),
            heard: false,
            seen: 0,
        };
        let ended = tokio::select! {
            ended = watcher.watch() => ended,
            signal = stopped() => signal,
        };
        if let Err(fault) = ended {
            return Ok(session.fail_on_a_line(&fault));
        }
        session.remark(&format!("{} seen", counted(watcher.seen, "change")));
        Ok(ExitCode::SUCCESS)
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        let one = |name, value: &Option<String>| value.clone().map(|value| (name, value));
        let single = [
            Some(("collection", self.collection.clone())),
            one("where", &self.condition),
            one("sort", &self.sort),
            Some(("limit", self.limit.to_string())),
            one("expand", &self.expand),
            one("fields", &self.fields),
        ];
        let filters = self.filter.iter().map(|filter| ("filter", filter.clone()));
        single.into_iter().flatten().chain(filters).collect()
    }
}

/// Ctrl+C, or what a supervisor sends.
async fn stopped() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted?,
            _ = terminated.recv() => {}
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await?;
    Ok(())
}

/// A query being watched.
struct Watcher<'a> {
    session: &'a Session,
    server: Connection,
    collection: &'a str,
    held: Held,
    cursor: Option<String>,
    /// Whether the connection that is open, or was last, has told anything.
    heard: bool,
    seen: usize,
}

impl Watcher<'_> {
    /// Follows the query until it cannot be followed any more. A first attempt that fails is the end: the address may
    /// be wrong. After that the server is one that was there.
    async fn watch(&mut self) -> anyhow::Result<()> {
        let key = self.server.key_of(self.collection).await;
        let key = key.with_context(|| format!("cannot watch {}", self.server.address()))?;
        self.held = Held::new(key);
        let (mut wait, mut was_connected) = (FIRST_WAIT, false);
        loop {
            self.heard = false;
            let Err(failure) = self.follow(was_connected).await;
            was_connected |= self.heard;
            match failure {
                Failure::Lost(fault) if was_connected => {
                    wait = if self.heard { FIRST_WAIT } else { wait };
                    let reason = escaped(&format!("{fault:#}"));
                    self.session.warn(&format!("{reason}; trying again in {:.1} s", wait.as_secs_f32()));
                    sleep(wait).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
                Failure::Lost(fault) | Failure::Refused(fault) => {
                    return Err(fault.context(format!("cannot watch {}", self.server.address())));
                }
            }
        }
    }

    /// One connection, from its beginning to its end.
    async fn follow(&mut self, is_again: bool) -> Result<Infallible, Failure> {
        let mut stream = self.server.open(self.cursor.as_deref()).await?;
        if is_again {
            self.session.remark("connected again");
        }
        loop {
            let event = stream.next().await?;
            self.show(&event).map_err(Failure::Refused)?;
        }
    }

    fn show(&mut self, event: &Event) -> anyhow::Result<()> {
        let message: Value = serde_json::from_str(&event.data).context("the server sent something that is not JSON")?;
        let payload = &message["payload"];
        self.heard = true;
        if self.session.json {
            self.session.say(&escaped_json(&event.data));
        }
        match event.name.as_str() {
            "snapshot" => self.snapshot(payload)?,
            "delta" => {
                let changes = self.held.change(&payload["changes"])?;
                self.print(&changes, payload);
            }
            "error" if !self.session.json => {
                let said = |name: &str| escaped(payload[name].as_str().unwrap_or_default());
                self.session.warn(&format!("the server says: {} ({})", said("message"), said("code")));
            }
            _ => {}
        }
        if let Some(cursor) = payload["cursor"].as_str() {
            self.cursor = Some(cursor.to_owned());
        }
        Ok(())
    }

    /// The first snapshot is counted; a later one stands for changes that nobody told one by one.
    fn snapshot(&mut self, payload: &Value) -> anyhow::Result<()> {
        let Some(documents) = payload["docs"].as_array() else { bail!("the server sent a snapshot without documents") };
        match self.held.replace(documents)? {
            Some(changes) => self.print(&changes, payload),
            None if !self.session.json => {
                let total = payload["total"].as_u64().unwrap_or_default();
                let count = counted(usize::try_from(total).unwrap_or(usize::MAX), "document");
                self.session.say(&format!("watching {}: {count}", escaped(self.collection)));
                if total > documents.len() as u64 {
                    self.session.remark(&format!(
                        "only the first {} are watched; --sort=-FIELD begins at the other end",
                        documents.len()
                    ));
                }
            }
            None => {}
        }
        Ok(())
    }

    fn print(&mut self, changes: &[Change], payload: &Value) {
        self.seen += changes.len();
        if self.session.json || changes.is_empty() {
            return;
        }
        let now = format_timestamp(alyx_schema::clock::Clock::now(&SystemClock));
        let frame = Frame::of_terminal(self.session.style, &now, payload["total"].as_u64());
        changes.iter().for_each(|change| self.session.say(&frame.line(change)));
    }
}

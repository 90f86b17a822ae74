//! `functions logs`: calls that have ended, oldest first, and those that end from now on.

use std::{process::ExitCode, time::Duration};

use reqwest::Method;
use serde_json::Value;

use super::{Open, Target};
use crate::{
    escape::{escaped, escaped_json},
    output::Session,
};

/// Time between two looks for calls that have ended.
const LOOK: Duration = Duration::from_millis(500);
/// Calls that are asked for at once.
const AT_ONCE: usize = 1000;

/// Print calls of functions with what they logged
#[derive(Debug, clap::Args)]
#[command(after_help = "With --json each call is a line. Stop with Ctrl+C.")]
pub(crate) struct Logs {
    /// Only calls of this function
    name: Option<String>,

    /// Go on with calls as they end
    #[arg(short, long)]
    follow: bool,

    /// Only calls that failed
    #[arg(long)]
    failed: bool,

    /// So many of the last calls
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,

    #[command(flatten)]
    target: Target,
}

impl Logs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let open = self.target.open(session)?;
        let mut last = 0;
        for execution in self.ask(&open, &format!("limit={}", self.limit)).await? {
            last = print(session, &execution).max(last);
        }
        if !self.follow {
            return Ok(ExitCode::SUCCESS);
        }
        loop {
            tokio::time::sleep(LOOK).await;
            // The newest come first: where there are more than fit, the older ones are asked for too.
            let mut news = self.ask(&open, &format!("after={last}&limit={AT_ONCE}")).await?;
            while news.len() % AT_ONCE == 0
                && let Some(oldest) = news.first().and_then(|execution| execution["id"].as_i64())
            {
                let older = self.ask(&open, &format!("after={last}&before={oldest}&limit={AT_ONCE}")).await?;
                if older.is_empty() {
                    break;
                }
                news = [older, news].concat();
            }
            for execution in news {
                last = print(session, &execution).max(last);
            }
        }
    }

    /// Calls, oldest first.
    async fn ask(&self, open: &Open, query: &str) -> anyhow::Result<Vec<Value>> {
        let mut path = format!("api/admin/executions?{query}");
        if let Some(name) = &self.name {
            path += &format!("&function={}", super::url_segment(name));
        }
        if self.failed {
            path += "&failed=true";
        }
        let mut answer = open.json(Method::GET, &path, None).await?;
        let mut executions = answer["executions"].as_array_mut().map(std::mem::take).unwrap_or_default();
        executions.reverse();
        Ok(executions)
    }
}

/// Prints a call; gives its place.
fn print(session: &Session, execution: &Value) -> i64 {
    if session.json {
        session.say(&execution.to_string());
    } else {
        session.say(&head(session, execution));
        for entry in execution["logs"].as_array().into_iter().flatten() {
            session.say(&format!("    {}", line(entry)));
        }
        for text in execution["error"].as_str().into_iter().flat_map(str::lines) {
            session.say(&format!("    {}", session.style.red(&escaped(text))));
        }
    }
    execution["id"].as_i64().unwrap_or_default()
}

fn head(session: &Session, execution: &Value) -> String {
    let text = |key: &str| escaped(execution[key].as_str().unwrap_or_default());
    let status = execution["status"].as_u64().unwrap_or_default();
    let shown = if status == 200 {
        session.style.green("ok")
    } else {
        session.style.red(&format!("{status} {}", text("code")))
    };
    let who = match execution["caller"]["id"].as_str() {
        Some(id) => format!("account {}", escaped(id)),
        None => escaped(execution["caller"]["kind"].as_str().unwrap_or_default()).replace('_', " "),
    };
    let cold = if execution["cold"] == true { ", cold" } else { "" };
    let took = execution["duration_ms"].as_f64().unwrap_or_default();
    format!(
        "{}  {}  {shown}  {took:.1} ms{cold}  {who}  {}",
        text("started_at"),
        session.style.bold(&text("function")),
        text("request_id")
    )
}

/// A line of a log.
pub(super) fn line(entry: &Value) -> String {
    let level = entry["level"].as_str().unwrap_or("info");
    let message = escaped(entry["message"].as_str().unwrap_or_default());
    let data = entry.get("data").filter(|data| !data.is_null());
    let data = data.map(|data| format!("  {}", escaped_json(&data.to_string()))).unwrap_or_default();
    format!("{:5}  {message}{data}", escaped(level))
}

//! The command line, and whether its sizes fit together.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::{Parser, ValueEnum};

/// Every workload, in the order that is fair: lists cost more once the writes have added newer rows.
const ALL: &str = "get,list,list-open,expand,feed,feed-nototal,feed-open,two-hop,update,mixed,login,storm,insert1,insert,\
    fanout,fanout-selective,fanout-one,fanout-rules,fanout-many,connections,idle";

/// Puts the same load on small backend servers.
#[derive(Parser, Clone, Debug)]
pub(crate) struct Arguments {
    /// What listens at the address
    #[arg(long)]
    pub(crate) product: ProductName,
    /// Where the server listens
    #[arg(long, default_value = "http://127.0.0.1:8090")]
    pub(crate) url: String,
    /// The process of a server that runs already, for its memory and CPU
    #[arg(long)]
    pub(crate) pid: Option<u32>,
    /// Start the server with this shell command, and stop it at the end
    #[arg(long)]
    pub(crate) start: Option<String>,
    /// Which workloads to run, in this order
    #[arg(long, value_delimiter = ',', default_value = ALL)]
    pub(crate) workload: Vec<String>,
    /// Write the results here
    #[arg(long)]
    pub(crate) json: Option<PathBuf>,
    /// EMAIL:PASSWORD of PocketBase's superuser
    #[arg(long, default_value = "bench@example.com:bench-admin-1234")]
    pub(crate) superuser: String,
    /// The administrator's token of Alyx
    #[arg(long, env = "ALYX_ADMIN_TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
    /// Seeded posts
    #[arg(long, default_value_t = 100_000)]
    pub(crate) rows: usize,
    /// Seeded users
    #[arg(long, default_value_t = 500)]
    pub(crate) users: usize,
    /// Users who own the seeded posts
    #[arg(long, default_value_t = 100)]
    pub(crate) authors: usize,
    /// Connections of a workload, `insert1` apart
    #[arg(long, default_value_t = 64)]
    pub(crate) connections: usize,
    /// Measured seconds of a timed workload
    #[arg(long, default_value_t = 10)]
    pub(crate) seconds: u64,
    /// Creates of `insert`; `insert1` does a tenth
    #[arg(long, default_value_t = 20_000)]
    pub(crate) inserts: usize,
    /// Subscribers of `fanout`; `fanout-selective` has twice and `fanout-many` and `connections` ten times as many
    #[arg(long, default_value_t = 1_000)]
    pub(crate) subscribers: usize,
    /// Seconds over which the writes of a realtime workload are spread
    #[arg(long, default_value_t = 10)]
    pub(crate) realtime_seconds: usize,
    /// Client threads
    #[arg(long, default_value_t = 2)]
    pub(crate) threads: usize,
}

/// The products that the harness can speak to.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProductName {
    Alyx,
    #[value(name = "pocketbase")]
    PocketBase,
}

impl Arguments {
    /// Refuses sizes with which a workload could not do what it says.
    pub(crate) fn check(&self) -> Result<()> {
        ensure!(self.connections <= self.authors, "every connection is an author: want connections <= authors");
        ensure!(self.authors < self.users, "inserts belong to users without seeded posts: want authors < users");
        ensure!(self.rows >= self.authors * 40, "a list of 30 published posts an author wants rows >= 40 * authors");
        self.address().map(|_| ())
    }

    /// How many users there must be for the workloads that are asked for.
    pub(crate) fn accounts(&self) -> usize {
        let asked = |name: &str| self.workload.iter().any(|workload| workload == name);
        let realtime = [("fanout-selective", self.subscribers * 2), ("fanout-rules", self.subscribers)];
        realtime.into_iter().filter(|(name, _)| asked(name)).map(|(_, count)| count).fold(self.users, usize::max)
    }

    /// `HOST:PORT` of the server.
    pub(crate) fn address(&self) -> Result<&str> {
        let rest = self.url.strip_prefix("http://").context("--url must be http://HOST:PORT")?;
        Ok(rest.trim_end_matches('/'))
    }
}

//! The command line.

use clap::Parser;

/// Checks live queries of a running server against what REST answers, while clients and servers die.
///
/// Ends with 1 where something was lost, duplicated or forbidden, and with 2 where it cannot run.
#[derive(Parser, Clone, Debug)]
pub(crate) struct Arguments {
    /// Decides schemas, rules, queries, writes and troubles; taken from the clock where it is not given
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Reconnects of clients that there have to be
    #[arg(long, default_value_t = 1000)]
    pub(crate) reconnects: u64,
    /// Times that the server has to be killed
    #[arg(long, default_value_t = 50)]
    pub(crate) kills: u64,
    /// Go on for so long, however much happened
    #[arg(long)]
    pub(crate) minutes: Option<u64>,
    /// Rounds before another schema takes over
    #[arg(long, default_value_t = 8)]
    pub(crate) rounds: u64,
    /// Print the figures as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

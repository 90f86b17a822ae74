//! The command line.

use std::path::PathBuf;

use clap::Parser;

/// Measures whether answers that must not differ can be told apart by their time.
///
/// Ends with 1 where some can, or where a control shows that the measurement itself is worth nothing.
#[derive(Parser, Debug)]
pub(crate) struct Arguments {
    /// Samples of each side; fewer than 2000 show that it runs and give no verdict
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) samples: u32,
    /// Only this flow; may be given more than once
    #[arg(long, value_name = "NAME")]
    pub(crate) flow: Vec<String>,
    /// How dear a password is; a low cost shows what the spread of a high one would hide
    #[arg(long, default_value_t = 10)]
    pub(crate) bcrypt_cost: u32,
    /// Print every figure as JSON in place of the table
    #[arg(long)]
    pub(crate) json: bool,
    /// Also write the table here
    #[arg(long, value_name = "FILE")]
    pub(crate) table: Option<PathBuf>,
}

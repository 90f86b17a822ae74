//! Logs on standard error, as the settings want them.

use std::io::{IsTerminal, stderr};

use alyx_config::section::{LogFormat, Logging};
use tracing_subscriber::EnvFilter;

/// Starts writing logs; later calls change nothing.
pub fn start_logging(settings: &Logging) {
    let level = settings.level.as_str();
    let filter = format!("{},actix_server=warn,sqlx=warn,alyx={level}", quieter(level));
    let filter = EnvFilter::try_from_env("RUST_LOG").unwrap_or_else(|_| EnvFilter::new(filter));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr);
    let started = match settings.format {
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
        LogFormat::Console => builder.with_ansi(is_coloured()).with_target(false).try_init(),
    };
    // Only a second call in one process fails, and then the first one holds.
    drop(started);
}

/// Libraries below ours tell too much from `debug` on.
fn quieter(level: &str) -> &str {
    if matches!(level, "debug" | "trace") { level } else { "warn" }
}

fn is_coloured() -> bool {
    stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

//! `alyx-server`: serves a project folder in production. Everything but arguments and exit codes is in `alyx-project`.

use std::{
    io::{Write, stderr, stdout},
    path::PathBuf,
    process::ExitCode,
};

use alyx_config::section::LogFormat;
use alyx_project::{Error, Flags, Project, Serving, Style, admin_token, start_logging};
use clap::Parser;

/// Serves an Alyx project.
#[derive(Debug, Parser)]
#[command(name = "alyx-server", version)]
#[command(after_help = "\
ALYX_ADMIN_TOKEN (32 characters or more) is an administrator's bearer token, beside the accounts that are administrators.
A flag wins over its ALYX_ variable, and that over alyx.yaml.
Exit codes: 0 stopped when asked to, 1 failed, 2 wrong usage.")]
struct Arguments {
    /// The project folder
    #[arg(default_value = ".")]
    folder: PathBuf,

    /// Host name or address to listen on
    #[arg(long)]
    host: Option<String>,

    /// Port to listen on; 0 takes a free one
    #[arg(long)]
    port: Option<u16>,

    /// Folder of the database and everything else that is not source
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,

    /// Form of the logs: console or json
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Runtime::new().expect("the system lets a program start threads");
    let Err(fault) = runtime.block_on(run(&arguments)) else { return ExitCode::SUCCESS };
    let _ = write!(stderr().lock(), "{}", fault.draw(Style::of_stderr()));
    ExitCode::FAILURE
}

async fn run(arguments: &Arguments) -> Result<(), Error> {
    // A path that is typed starts from where it is typed, one in a file from the project.
    let data = arguments.data.as_ref().and_then(|data| std::path::absolute(data).ok());
    let flags = Flags::default()
        .with("--host", "server.host", arguments.host.as_ref())
        .with("--port", "server.port", arguments.port)
        .with("--data", "data_dir", data.as_ref().map(|data| data.display()))
        .with("--log-format", "logging.format", arguments.log_format.as_ref());
    let project = Project::load(&arguments.folder, &flags)?;
    start_logging(&project.settings.config.logging);
    let running = project.start(Serving { token: admin_token()?, mailer: None, processes: false }).await?;
    let format = project.settings.config.logging.format;
    say(format, "listening", running.url(), "listening on");
    if let Some(link) = running.set_up_link().await? {
        say(format, "set up", &link, "nobody is an administrator yet; make the first at");
    }
    running.run_until_signal().await
}

/// To standard output, whatever is logged: a script can wait for the address, and the link is for no log.
fn say(format: LogFormat, message: &str, url: &str, text: &str) {
    let _ = match format {
        LogFormat::Json => writeln!(stdout().lock(), "{}", serde_json::json!({ "message": message, "url": url })),
        LogFormat::Console => writeln!(stdout().lock(), "{text} {url}"),
    };
}

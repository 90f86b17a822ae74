//! `dev`: a project served on this machine, with its schema applied and a new database seeded.

mod watch;
mod welcome;

use std::{io::Write, path::PathBuf, pin::pin, process::ExitCode, sync::Arc};

use alyx_auth::{Console, Mail};
use alyx_project::{Flags, Opened, Project, Running, Serving, Style, developer_token, seed_file, start_logging};
use alyx_store::{backup, migration::Applied};

use self::{watch::Watched, welcome::Welcome};
use crate::{database::documents, output::Session, progress, seeding};

/// Serve a project on this machine: apply its schema, seed a new database, start
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Safe changes of schema.yaml are applied while it runs; migration files and alyx.yaml at the next start.
A flag wins over its ALYX_ variable, and that over alyx.yaml. Stop with Ctrl+C.")]
pub(crate) struct Dev {
    /// The project folder; without it that of `-C`
    folder: Option<PathBuf>,

    /// Host name or address to listen on
    #[arg(long)]
    host: Option<String>,

    /// Port to listen on; 0 takes a free one
    #[arg(long)]
    port: Option<u16>,

    /// Do not serve the administrators' pages
    #[arg(long)]
    no_admin: bool,

    /// Log more
    #[arg(short, long)]
    verbose: bool,
}

impl Dev {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let folder = self.folder.as_deref().unwrap_or(&session.project);
        let flags = self.flags();
        let project = Project::load(folder, &flags)?;
        start_logging(&project.settings.config.logging);
        let data = project.data_folder()?;
        let lock = project.lock()?;
        let listener = project.listen()?;
        let (token, _) = developer_token(&data)?;
        let bar = progress::bar(1, "migrating");
        let opened = project.open(lock, &mut |event| progress::follow(&bar, &event)).await;
        bar.finish_and_clear();
        let mut opened = opened?;
        report_changes(session, opened.applied());
        if project.settings.config.dev.seed && opened.database().is_untouched().await? {
            opened = seed(session, &project, opened).await?;
        }
        let mailer = Console::new(show_mail(session.style));
        let serving = Serving { token: Some(token.clone()), mailer: Some(Arc::new(mailer)), processes: true };
        let running = project.serve(opened, listener, serving).await?;
        Welcome {
            url: running.url(),
            token: &token,
            schema: &project.schema,
            docs: project.settings.config.docs.enabled,
            admin_pages: project.settings.config.admin_ui.enabled,
        }
        .print(session);
        if project.settings.config.dev.watch {
            let watched = Watched { project: &project, flags: &flags, reloader: &running.reloader() };
            serve_and_follow(running, watched, session).await?;
        } else {
            running.run_until_signal().await?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn flags(&self) -> Flags {
        Flags::default()
            .with("--host", "server.host", self.host.as_ref())
            .with("--port", "server.port", self.port)
            .with("--no-admin", "admin_ui.enabled", self.no_admin.then_some(false))
            .with("--verbose", "logging.level", self.verbose.then_some("debug"))
    }
}

async fn serve_and_follow(running: Running, watched: Watched<'_>, session: &Session) -> anyhow::Result<()> {
    let mut serving = pin!(running.run_until_signal());
    tokio::select! {
        ended = &mut serving => return Ok(ended?),
        () = watched.follow(session) => {}
    }
    Ok(serving.await?)
}

/// Mail that would be sent, for the developer to click: without a mail server nobody else gets it.
fn show_mail(style: Style) -> impl Fn(&Mail) + Send + Sync {
    move |mail| {
        let link = mail.link.as_deref().unwrap_or("without a link");
        let line = format!("{}  {} to {}: {link}", style.bold("Mail    "), mail.subject, mail.to);
        let _ = writeln!(std::io::stdout().lock(), "{line}");
    }
}

/// Says what was changed to make the database fit.
fn report_changes(session: &Session, applied: &[Applied]) {
    if session.json {
        return;
    }
    for stage in applied.iter().filter(|stage| !stage.lines.is_empty()) {
        let subject = match stage.title.as_str() {
            "initial" | "automatic" => "schema.yaml".to_owned(),
            title => format!("migrations/{title}.yaml"),
        };
        labelled(session, "Applied", &subject);
        for line in &stage.lines {
            session.say(&format!("          {}", session.style.green(line)));
        }
        stage.notes.iter().for_each(|note| session.warn(note));
    }
}

/// Fills a database that never held a document, also where an earlier start did not come this far. A seed
/// that fails leaves no database behind.
async fn seed(session: &Session, project: &Project, mut opened: Opened) -> anyhow::Result<Opened> {
    let Some(file) = seed_file(project.folder()) else { return Ok(opened) };
    let seeded = match seeding::seed(opened.database(), project, &file).await {
        Ok(seeded) => seeded,
        Err(fault) => {
            opened.close().await?;
            backup::reset(&project.store_options()).await?;
            return Err(fault);
        }
    };
    let count = seeded.iter().map(|(_, count)| count).sum();
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    if !session.json {
        labelled(session, "Seeded", &format!("{} from {name}", documents(count)));
    }
    Ok(opened)
}

fn labelled(session: &Session, label: &str, text: &str) {
    session.say(&format!("{}  {text}", session.style.bold(&format!("{label:8}"))));
}

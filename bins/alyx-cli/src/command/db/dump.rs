//! `db dump`: all documents as JSON or YAML, for reading and for `db seed`.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use alyx_project::{Flags, Project};
use alyx_store::{
    migration,
    transfer::{self, Dumped, Format},
};
use anyhow::{Context, bail};
use serde_json::json;

use crate::{
    database::{documents, existing, of_collections},
    output::{Session, shown},
    progress,
    seeding::format_of,
};

/// Write all documents to a JSON or YAML file
#[derive(Debug, clap::Args)]
#[command(after_help = "Works while a server runs: the dump is of one moment. `-` writes JSON to standard output.")]
pub(crate) struct Dump {
    /// The file to make: .json, .yaml or .yml, or `-`
    file: PathBuf,

    /// Replace the file if there is one
    #[arg(long)]
    force: bool,
}

impl Dump {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let project = Project::load(&session.project, &Flags::default())?;
        existing(&project)?;
        if self.file == Path::new("-") {
            dump(&project, &mut io::stdout(), Format::Json).await?;
            return Ok(ExitCode::SUCCESS);
        }
        let format = format_of(&self.file)?;
        if self.file.exists() && !self.force {
            bail!("{} exists already; --force replaces it", shown(&self.file));
        }
        let dumped = self.to_file(&project, format).await?;
        let count = dumped.documents.iter().map(|(_, count)| count).sum();
        let lines = format!(
            "{} {} to {}\n{}",
            session.style.green("Wrote"),
            documents(count),
            shown(&self.file),
            of_collections(&dumped.documents)
        );
        session.answer(&json!({ "file": self.file, "total": count, "documents": dumped.documents }), &lines);
        Ok(ExitCode::SUCCESS)
    }

    /// Writes beside the file first, so that a dump that fails leaves nothing behind.
    async fn to_file(&self, project: &Project, format: Format) -> anyhow::Result<Dumped> {
        let mut partial = self.file.clone().into_os_string();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let file = private(&partial).with_context(|| format!("cannot write {}", shown(&partial)))?;
        let dumped = dump(project, &mut BufWriter::new(file), format).await;
        let finished = dumped.and_then(|dumped| {
            fs::rename(&partial, &self.file).with_context(|| format!("cannot write {}", shown(&self.file)))?;
            Ok(dumped)
        });
        if finished.is_err() {
            let _ = fs::remove_file(&partial);
        }
        finished
    }
}

/// A new file for its owner alone: internal fields are in it too.
fn private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The data model is the database's own: `schema.yaml` may be ahead of it.
async fn dump(project: &Project, writer: &mut (impl Write + Send), format: Format) -> anyhow::Result<Dumped> {
    let mut database = project.open_database().await?;
    let schema = migration::stored_schema(&mut database).await?.unwrap_or_default();
    database.close().await?;
    let bar = progress::counter("dumping");
    let mut before = (String::new(), 0);
    let mut follow = |event: transfer::Event<'_>| {
        let last = if before.0 == event.collection { before.1 } else { 0 };
        bar.inc(event.done.saturating_sub(last));
        before = (event.collection.to_owned(), event.done);
    };
    let dumped = transfer::dump(&project.store_options(), &schema, writer, format, &mut follow).await;
    bar.finish_and_clear();
    Ok(dumped?)
}

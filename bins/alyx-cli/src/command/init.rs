//! `init`: a new project from a template; nothing that exists is overwritten.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};
use serde_json::json;

use crate::{
    output::{Session, shown},
    template::Template,
};

/// Make a new project
#[derive(Debug, clap::Args)]
pub(crate) struct Init {
    /// The folder to make; without it the project is made in the folder of `-C`
    #[arg(value_name = "NAME")]
    name: Option<PathBuf>,

    /// What to start with
    #[arg(short, long, value_enum, default_value = "basic")]
    template: Template,
}

impl Init {
    pub(crate) fn run(&self, session: &Session) -> anyhow::Result<ExitCode> {
        let folder = self.name.as_ref().map_or_else(|| session.project.clone(), |name| session.project.join(name));
        refuse_overwriting(&folder, self.template)?;
        fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder {}", shown(&folder)))?;
        let name = project_name(&folder);
        for (file, text) in self.template.files() {
            let path = folder.join(file);
            fs::write(&path, text.replace("{{name}}", &name))
                .with_context(|| format!("cannot write {}", shown(&path)))?;
        }
        let files: Vec<&str> = self.template.files().map(|(file, _)| file).collect();
        let answer = json!({ "folder": folder, "files": files });
        session.answer(&answer, &self.report(session, &folder, &files));
        Ok(ExitCode::SUCCESS)
    }

    fn report(&self, session: &Session, folder: &Path, files: &[&str]) -> String {
        let style = session.style;
        let place = shown(folder);
        let made = if place == "." { "this folder".to_owned() } else { place.clone() };
        let mut report = format!("{} a project in {made}\n\n", style.green("Made"));
        for file in files {
            report.push_str(&format!("  {} {file}\n", style.green("+")));
        }
        report.push_str("\nNext:\n");
        if place != "." {
            report.push_str(&format!("  {}\n", style.bold(&format!("cd {place}"))));
        }
        report.push_str(&format!("  {}      serve it\n", style.bold("alyx-cli dev")));
        report.push_str("  schema.yaml       is the data model: change it, and the server follows\n");
        report
    }
}

fn refuse_overwriting(folder: &Path, template: Template) -> anyhow::Result<()> {
    if folder.is_file() {
        bail!("{} is a file; give the name of a folder that does not exist yet", shown(folder));
    }
    let taken: Vec<&str> = template.files().map(|(file, _)| file).filter(|file| folder.join(file).exists()).collect();
    if taken.is_empty() {
        return Ok(());
    }
    bail!(
        "{} already holds {}; nothing was changed. Give another name: alyx-cli init NAME",
        shown(folder),
        taken.join(", ")
    )
}

fn project_name(folder: &Path) -> String {
    let whole = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
    whole.file_name().map_or_else(|| "project".to_owned(), |name| name.to_string_lossy().into_owned())
}

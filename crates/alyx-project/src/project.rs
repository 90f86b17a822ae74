//! A project folder, read and checked.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use alyx_rules::RuleSet;
use alyx_schema::{
    Diagnostic, Schema,
    migration::{MigrationFile, parse_migrations},
    parse_schema,
};

use alyx_store::migration;

use crate::{Error, Faults, Flags, Result, SCHEMA, Settings, files};

/// A project: its settings, its data model and its migrations.
#[derive(Clone, Debug)]
pub struct Project {
    /// The settings, and the folder that they are for.
    pub settings: Settings,
    /// The data model.
    pub schema: Arc<Schema>,
    /// Its access rules.
    pub rules: Arc<RuleSet>,
    /// The data model as it stands in the file.
    pub schema_text: String,
    /// The migrations, in the order of their numbers.
    pub migrations: Vec<MigrationFile>,
}

impl Project {
    /// Reads a project folder.
    ///
    /// # Errors
    /// The folder is no project, or something in its files is wrong: then all of it at once.
    pub fn load(folder: &Path, flags: &Flags) -> Result<Self> {
        let mut faults = Faults::default();
        let settings = keep(Settings::load(folder, flags), &mut faults)?;
        let schema = keep(load_schema(folder), &mut faults)?;
        let migrations = keep(load_migrations(folder), &mut faults)?;
        match (settings, schema, migrations) {
            (Some(settings), Some(model), Some(migrations)) => {
                let Model { schema, rules, text } = model;
                Ok(Self { settings, schema, rules, schema_text: text, migrations })
            }
            _ => Err(Error::Faults(faults)),
        }
    }

    /// The project folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.settings.folder
    }

    /// The database file.
    #[must_use]
    pub fn database_file(&self) -> PathBuf {
        self.settings.config.database_file(self.folder())
    }

    /// A migration's failure; one that has a place in a file is drawn there.
    pub(crate) fn explain(&self, fault: migration::Error) -> Error {
        let migration::Error::Operation { file, span, reason } = &fault else { return Error::Migration(fault) };
        let text = self.migrations.iter().find(|migration| migration.file == *file).map(|migration| &*migration.text);
        let fault = Diagnostic::error("migration_operation", file, *span, reason);
        Error::Faults(Faults::of_file(file, text.unwrap_or_default(), vec![fault]))
    }

    /// The data folder, made at need and closed to other users.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn data_folder(&self) -> Result<PathBuf> {
        let data = self.settings.config.data_folder(self.folder());
        let database = self.database_file();
        let failed = |path: &Path, source| Error::File { doing: "make", path: path.to_owned(), source };
        make_private(&data).map_err(|source| failed(&data, source))?;
        if let Some(parent) = database.parent() {
            fs::create_dir_all(parent).map_err(|source| failed(parent, source))?;
        }
        Ok(data)
    }
}

/// What `schema.yaml` says.
struct Model {
    schema: Arc<Schema>,
    rules: Arc<RuleSet>,
    text: String,
}

/// Reads and checks `schema.yaml`, its rules included.
fn load_schema(folder: &Path) -> Result<Model> {
    let text = files::read_text(&folder.join(SCHEMA))?.ok_or_else(|| Error::NoSchema { folder: folder.to_owned() })?;
    let read = || {
        let schema = Arc::new(parse_schema(SCHEMA, &text)?);
        let rules = Arc::new(RuleSet::compile(SCHEMA, &schema)?);
        Ok((schema, rules))
    };
    match read() {
        Ok((schema, rules)) => Ok(Model { schema, rules, text }),
        Err(faults) => Err(Error::Faults(Faults::of_file(SCHEMA, &text, faults))),
    }
}

fn load_migrations(folder: &Path) -> Result<Vec<MigrationFile>> {
    let texts = files::migration_texts(folder)?;
    parse_migrations(&texts).map_err(|faults| {
        let files = texts.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        Error::Faults(Faults::of_files(files, faults))
    })
}

/// Sets faults aside, so that those of the other files are seen too.
fn keep<T>(loaded: Result<T>, faults: &mut Faults) -> Result<Option<T>> {
    match loaded {
        Ok(value) => Ok(Some(value)),
        Err(Error::Faults(found)) => {
            faults.extend(found);
            Ok(None)
        }
        Err(fault) => Err(fault),
    }
}

fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

//! A seed file into a database, with a bar over its bytes.

use std::{fs::File, path::Path};

use alyx_auth::seed_hasher;
use alyx_project::Project;
use alyx_store::{
    Database,
    transfer::{self, Format, Seed},
};
use anyhow::Context;

use crate::{output::shown, progress};

/// Stores the documents of the file and says how many of which collection.
pub(crate) async fn seed(
    database: &mut Database,
    project: &Project,
    path: &Path,
) -> anyhow::Result<Vec<(String, u64)>> {
    let format = format_of(path)?;
    let file = File::open(path).with_context(|| format!("cannot read {}", shown(path)))?;
    let bar = progress::bytes("seeding");
    bar.set_length(file.metadata().map_or(0, |metadata| metadata.len()));
    let hasher = Some(seed_hasher(&project.settings.config.auth.password));
    let seed = Seed { reader: bar.wrap_read(file), format, hasher };
    let seeded = transfer::seed_from(database, &project.schema, seed, &mut |_| {}).await;
    bar.finish_and_clear();
    Ok(seeded.with_context(|| format!("{} was not stored", shown(path)))?.documents)
}

/// The format that the file's name tells.
pub(crate) fn format_of(path: &Path) -> anyhow::Result<Format> {
    Format::of(path).with_context(|| format!("{} should end in .json, .yaml or .yml", shown(path)))
}

//! What several commands ask of a database.

use alyx_project::Project;
use anyhow::bail;

use crate::output::shown;

/// Passes where the project has a database already.
pub(crate) fn existing(project: &Project) -> anyhow::Result<()> {
    let file = project.database_file();
    if file.is_file() {
        return Ok(());
    }
    bail!("there is no database yet at {}; `alyx-cli dev` makes it", shown(&file))
}

/// `1 document`, `7 documents`.
pub(crate) fn documents(count: u64) -> String {
    if count == 1 { "1 document".to_owned() } else { format!("{count} documents") }
}

/// A line a collection with its number of documents.
pub(crate) fn of_collections(counts: &[(String, u64)]) -> String {
    let rows: Vec<_> = counts.iter().map(|(name, count)| vec![format!("  {name}"), documents(*count)]).collect();
    crate::table::columns(&rows)
}

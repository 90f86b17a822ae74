//! One migration file, and a whole folder of them.

use alyx_yaml::{Diagnostic, Node, Span};

use super::{Step, operation::parse_step, reader::Reader};

/// A migration as a person wrote it.
#[derive(Clone, Debug)]
pub struct MigrationFile {
    /// The file's name, such as `002_rename_user_name.yaml`.
    pub file: String,
    /// The number it begins with, which is its place in the order.
    pub version: u32,
    /// The rest of the file's name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// What it does, in order.
    pub operations: Vec<Step>,
    /// The text, from which the checksum is made.
    pub text: String,
}

/// Parses one file; `file` is its name without the folder.
///
/// # Errors
/// Everything that is wrong with it.
pub fn parse_migration(file: &str, text: &str) -> Result<MigrationFile, Vec<Diagnostic>> {
    let mut faults = Vec::new();
    let named = file_name(file, &mut faults);
    let root = alyx_yaml::parse(file, text)?;
    let migration = read(file, text, &root, named, &mut faults);
    match migration {
        Some(migration) if faults.is_empty() => Ok(migration),
        _ => {
            faults.sort_by_key(|fault| fault.span);
            Err(faults)
        }
    }
}

/// Parses a folder's files, given as names and texts in any order, into the order of their numbers.
///
/// # Errors
/// Everything that is wrong with any of them, two files of one number included.
pub fn parse_migrations(files: &[(String, String)]) -> Result<Vec<MigrationFile>, Vec<Diagnostic>> {
    let (mut migrations, mut faults) = (Vec::<MigrationFile>::new(), Vec::new());
    for (file, text) in files {
        match parse_migration(file, text) {
            Ok(migration) => migrations.push(migration),
            Err(found) => faults.extend(found),
        }
    }
    migrations.sort_by(|a, b| (a.version, &a.file).cmp(&(b.version, &b.file)));
    for pair in migrations.windows(2) {
        if pair[0].version == pair[1].version {
            let message = format!("number {} is taken by {} too", pair[1].version, pair[0].file);
            let hint = Some(format!("give one of them the number {}", super::next_version(&migrations)));
            faults.push(Diagnostic::error("duplicate_number", &pair[1].file, START, message).with_hint(hint));
        }
    }
    if faults.is_empty() { Ok(migrations) } else { Err(faults) }
}

const START: Span = Span { line: 1, column: 1 };

fn file_name(file: &str, faults: &mut Vec<Diagnostic>) -> Option<(u32, String)> {
    let parsed = file.strip_suffix(".yaml").and_then(|stem| {
        let (number, name) = stem.split_once('_')?;
        let allowed = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
        Some((number.parse().ok().filter(|number| *number > 0)?, name.to_owned())).filter(|_| allowed)
    });
    if parsed.is_none() {
        let hint = Some("a number, `_`, a name and `.yaml`, such as `002_rename_user_name.yaml`".to_owned());
        let fault = Diagnostic::error("migration_file_name", file, START, "this is no name for a migration file");
        faults.push(fault.with_hint(hint));
    }
    parsed
}

fn read(
    file: &str,
    text: &str,
    root: &Node,
    named: Option<(u32, String)>,
    faults: &mut Vec<Diagnostic>,
) -> Option<MigrationFile> {
    let mut reader = Reader::new(file, "a migration", root, faults);
    let version = reader.take("version");
    let name = reader.optional_text("name");
    let description = reader.optional_text("description");
    let list = reader.take("operations");
    if list.is_none() {
        reader.fault("missing_key", "has no `operations`", Some("a list; each item has a `type`"));
    }
    reader.finish();
    let operations = list.map(|list| steps(file, list, faults)).unwrap_or_default();
    let (number, rest) = named?;
    check_version(file, version.map(|node| (node, node.as_i64())), number, faults);
    if let (Some(name), Some(node)) = (name, root.get("name"))
        && name != rest
    {
        let message = format!("`name` is \"{name}\" but the file is named \"{rest}\"");
        faults.push(Diagnostic::error("name_mismatch", file, node.span, message));
    }
    Some(MigrationFile {
        file: file.to_owned(),
        version: number,
        name: rest,
        description,
        operations,
        text: text.to_owned(),
    })
}

fn steps(file: &str, list: &Node, faults: &mut Vec<Diagnostic>) -> Vec<Step> {
    let Some(items) = list.as_sequence() else {
        let message = format!("`operations` must be a list, not {}", list.describe());
        faults.push(Diagnostic::error("wrong_kind", file, list.span, message));
        return Vec::new();
    };
    items.iter().filter_map(|item| parse_step(&mut Reader::new(file, "an operation", item, faults))).collect()
}

fn check_version(file: &str, version: Option<(&Node, Option<i64>)>, number: u32, faults: &mut Vec<Diagnostic>) {
    let Some((node, value)) = version else { return };
    if value != Some(i64::from(number)) {
        let message = format!("`version` is {} but the file's number is {number}", node.describe());
        faults.push(
            Diagnostic::error("version_mismatch", file, node.span, message)
                .with_hint(Some(format!("version: {number}"))),
        );
    }
}

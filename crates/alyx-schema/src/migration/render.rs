//! The text of a migration file.

use std::fmt::Write;

use alyx_yaml::Node;

use super::{
    Conversion, Fill, MigrationFile, Operation,
    definition::{flow, quoted, word},
};

/// The number for the next file.
#[must_use]
pub fn next_version(files: &[MigrationFile]) -> u32 {
    files.iter().map(|file| file.version).max().unwrap_or(0) + 1
}

/// The name of a migration file: `007_drop_posts_excerpt.yaml`.
#[must_use]
pub fn file_name(version: u32, name: &str) -> String {
    format!("{version:03}_{name}.yaml")
}

/// A migration file with these operations.
#[must_use]
pub fn render(version: u32, name: &str, operations: &[Operation]) -> String {
    let mut text = format!("version: {version}\nname: {}\n\noperations:\n", word(name));
    for operation in operations {
        item(&mut text, operation);
    }
    text
}

/// A migration file to be filled in by hand.
#[must_use]
pub fn render_empty(version: u32, name: &str) -> String {
    format!(
        "version: {version}\nname: {}\ndescription: \"\"\n\n# Operations run in order, in one transaction. Each has a `type`: rename_field, rename_collection,\n\
         # drop_field, drop_collection, change_type, add_field, tighten, change_primary or sql. For example:\n#\n\
         #   - type: rename_field\n#     collection: posts\n#     from: body\n#     to: content\noperations: []\n",
        word(name)
    )
}

fn item(text: &mut String, operation: &Operation) {
    let lines = match operation {
        Operation::RenameField { collection, from, to } => vec![
            ("type", "rename_field".to_owned()),
            ("collection", word(collection.as_str())),
            ("from", word(from.as_str())),
            ("to", word(to.as_str())),
        ],
        Operation::RenameCollection { from, to } => {
            vec![("type", "rename_collection".to_owned()), ("from", word(from.as_str())), ("to", word(to.as_str()))]
        }
        Operation::DropField { collection, field } => on_field("drop_field", collection.as_str(), field.as_str()),
        Operation::DropCollection { collection } => {
            vec![("type", "drop_collection".to_owned()), ("collection", word(collection.as_str()))]
        }
        Operation::ChangePrimary { collection, to } => vec![
            ("type", "change_primary".to_owned()),
            ("collection", word(collection.as_str())),
            ("to", word(to.as_str())),
        ],
        Operation::TightenIndex { collection, index } => {
            vec![("type", "tighten".to_owned()), ("collection", word(collection.as_str())), ("index", flow(index))]
        }
        Operation::ChangeType { collection, field, to, using, fill } => {
            let mut lines = on_field("change_type", collection.as_str(), field.as_str());
            lines.push(("to", flow(to)));
            lines.extend(using.iter().map(|using| ("using", conversion(using))));
            lines.extend(fill.iter().map(|fill| ("fill", filling(fill))));
            lines
        }
        Operation::AddField { collection, field, definition, fill } => {
            let mut lines = on_field("add_field", collection.as_str(), field.as_str());
            lines.push(("definition", flow(definition)));
            lines.extend(fill.iter().map(|fill| ("fill", filling(fill))));
            lines
        }
        Operation::Tighten { collection, field, options, fill } => {
            return tighten(text, collection.as_str(), field.as_str(), (options, fill.as_ref()));
        }
        Operation::Sql { up, down } => return sql(text, up, down.as_deref()),
    };
    write_lines(text, &lines);
}

fn on_field(kind: &str, collection: &str, field: &str) -> Vec<(&'static str, String)> {
    vec![("type", kind.to_owned()), ("collection", word(collection)), ("field", word(field))]
}

fn tighten(text: &mut String, collection: &str, field: &str, (options, fill): (&Node, Option<&Fill>)) {
    write_lines(text, &on_field("tighten", collection, field));
    for option in options.as_mapping().unwrap_or_default() {
        let _ = writeln!(text, "    {}: {}", word(&option.key), flow(&option.value));
    }
    if let Some(fill) = fill {
        let _ = writeln!(text, "    fill: {}", filling(fill));
    }
}

fn sql(text: &mut String, up: &str, down: Option<&str>) {
    write_lines(text, &[("type", "sql".to_owned()), ("up", quoted(up))]);
    if let Some(down) = down {
        let _ = writeln!(text, "    down: {}", quoted(down));
    }
}

fn write_lines(text: &mut String, lines: &[(&'static str, String)]) {
    for (index, (key, value)) in lines.iter().enumerate() {
        let _ = writeln!(text, "  {} {key}: {value}", if index == 0 { '-' } else { ' ' });
    }
}

fn conversion(using: &Conversion) -> String {
    match using {
        Conversion::OrNull => "or_null".to_owned(),
        Conversion::UnixSeconds => "unix_seconds".to_owned(),
        Conversion::UnixMilliseconds => "unix_milliseconds".to_owned(),
        Conversion::Sql(expression) => quoted(expression),
    }
}

fn filling(fill: &Fill) -> String {
    match fill {
        Fill::Value(value) => value.to_string(),
        Fill::Sql(expression) => format!("{{sql: {}}}", quoted(expression)),
    }
}

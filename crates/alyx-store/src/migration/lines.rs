//! What a stage does, in lines for people.

use alyx_schema::{ChangeKind, Schema, SchemaChange, migration::Operation};

use super::{Stage, Work};

pub(super) fn lines(stage: &Stage) -> Vec<String> {
    let (_, after) = stage.schemas();
    match &stage.work {
        Work::Create(files) => {
            let collections = after.collections.values();
            let made = collections.map(|new| format!("+ {} ({} fields)", new.name, new.fields.len()));
            let noted = files.iter().map(|file| format!("= {} (noted; a new database does not need it)", file.file));
            made.chain(noted).collect()
        }
        Work::Automatic(changes) => changes.iter().map(|change| change_line(change, after)).collect(),
        Work::File(file) => file.operations.iter().map(|step| operation_line(&step.operation)).collect(),
    }
}

fn change_line(change: &SchemaChange, after: &Schema) -> String {
    let new = after.collection(change.collection.as_str());
    match &change.kind {
        ChangeKind::CollectionAdded => {
            format!("+ {} ({} fields)", change.collection, new.map_or(0, |new| new.fields.len()))
        }
        ChangeKind::FieldAdded { field } => {
            let of_type = new.and_then(|new| new.field(field.as_str())).map(|field| field.field_type.name());
            format!("+ {}.{field} ({})", change.collection, of_type.unwrap_or("unknown"))
        }
        ChangeKind::CollectionRemoved { .. } => format!("- {}", change.collection),
        ChangeKind::FieldRemoved { field, .. } => format!("- {}.{field}", change.collection),
        _ => format!("~ {change}"),
    }
}

fn operation_line(operation: &Operation) -> String {
    match operation {
        Operation::RenameField { collection, from, to } => format!("~ {collection}.{from} is {collection}.{to}"),
        Operation::RenameCollection { from, to } => format!("~ {from} is {to}"),
        Operation::DropField { collection, field } => format!("- {collection}.{field}"),
        Operation::DropCollection { collection } => format!("- {collection}"),
        Operation::ChangeType { collection, field, .. } => format!("~ {collection}.{field} has another type"),
        Operation::AddField { collection, field, .. } => format!("+ {collection}.{field}"),
        Operation::Tighten { collection, field, .. } => format!("~ {collection}.{field} is stricter"),
        Operation::TightenIndex { collection, .. } => format!("~ {collection} has another unique index"),
        Operation::ChangePrimary { collection, to } => format!("~ {collection} has the primary key {to}"),
        Operation::Sql { .. } => "~ SQL".to_owned(),
    }
}

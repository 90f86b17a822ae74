//! The migration that would make the changes which may not apply by themselves.

use crate::{ChangeKind, CollectionName, ConstraintKind, Field, FieldName, Schema, SchemaChange, diff};

use alyx_yaml::Node;

use super::{
    Conversion, Operation, Outcome,
    definition::{definition_of, entry, flat, index_of, mapping, scalar},
    natural, placeholder, with_additions,
};

/// Rounds of looking at what is left; a rename can uncover a change of the renamed field.
const ROUNDS: usize = 8;

/// A migration without a number yet.
#[derive(Clone, Debug)]
pub struct Suggestion {
    /// A name that says what it does.
    pub name: String,
    /// What it does.
    pub operations: Vec<Operation>,
}

/// The operations after which `old` differs from `new` only by safe changes; `None` where none would do.
#[must_use]
pub fn suggest(old: &Schema, new: &Schema) -> Option<Suggestion> {
    let mut renamed = Draft { schema: old.clone(), operations: Vec::new() };
    while renamed.extend(unsafe_changes(&renamed.schema, new).iter().filter_map(rename).collect()) {}
    // The rest may need what is new, which comes before the file and so before its renames.
    let schema = with_additions(old, new, &renamed.operations.iter().collect::<Vec<_>>());
    let mut draft = Draft { schema, operations: Vec::new() };
    draft.extend(renamed.operations);
    for _ in 0..ROUNDS {
        let changes = unsafe_changes(&draft.schema, new);
        if changes.is_empty() {
            let name = name_of(&draft.operations);
            return Some(Suggestion { name, operations: draft.operations });
        }
        if !draft.extend(round(&draft.schema, new, &changes)) {
            return None;
        }
    }
    None
}

/// A suggestion in the making and the schema after it.
struct Draft {
    schema: Schema,
    operations: Vec<Operation>,
}

impl Draft {
    /// Takes the operations that fit; whether there was one.
    fn extend(&mut self, operations: Vec<Operation>) -> bool {
        let before = self.operations.len();
        for operation in operations {
            if let Ok(Outcome::Changed(changed)) = operation.transform(&self.schema) {
                self.schema = changed;
                self.operations.push(operation);
            }
        }
        self.operations.len() > before
    }
}

fn unsafe_changes(old: &Schema, new: &Schema) -> Vec<SchemaChange> {
    diff(old, new).into_iter().filter(|change| !change.is_safe()).collect()
}

/// Renames alone where there are any, since they change what else differs; else everything, drops last.
fn round(old: &Schema, new: &Schema, changes: &[SchemaChange]) -> Vec<Operation> {
    let renames: Vec<_> = changes.iter().filter_map(rename).collect();
    if !renames.is_empty() {
        return renames;
    }
    let mut operations: Vec<Operation> = Vec::new();
    for change in changes {
        let operation = match field_of(&change.kind) {
            Some(field) => on_field(old, new, &change.collection, field, changes),
            None => on_collection(new, change),
        };
        operations.extend(operation.filter(|operation| !operations.contains(operation)));
    }
    operations.sort_by_key(|operation| match operation {
        Operation::DropField { .. } => 1,
        Operation::DropCollection { .. } => 2,
        _ => 0,
    });
    operations
}

fn rename(change: &SchemaChange) -> Option<Operation> {
    match &change.kind {
        ChangeKind::CollectionRemoved { likely_renamed_to: Some(to) } => {
            Some(Operation::RenameCollection { from: change.collection.clone(), to: to.clone() })
        }
        ChangeKind::FieldRemoved { field, likely_renamed_to: Some(to) } => {
            let collection = change.collection.clone();
            Some(Operation::RenameField { collection, from: field.clone(), to: to.clone() })
        }
        _ => None,
    }
}

fn on_collection(new: &Schema, change: &SchemaChange) -> Option<Operation> {
    let collection = change.collection.clone();
    match &change.kind {
        ChangeKind::CollectionRemoved { .. } => Some(Operation::DropCollection { collection }),
        ChangeKind::PrimaryChanged { to, .. } => Some(Operation::ChangePrimary { collection, to: to.clone() }),
        ChangeKind::IndexAdded { index, .. } | ChangeKind::IndexChanged { index, .. } => {
            let index = index_of(new, collection.as_str(), index)?;
            Some(Operation::TightenIndex { collection, index })
        }
        _ => None,
    }
}

fn field_of(kind: &ChangeKind) -> Option<&FieldName> {
    match kind {
        ChangeKind::FieldAdded { field }
        | ChangeKind::FieldRemoved { field, .. }
        | ChangeKind::TypeChanged { field, .. }
        | ChangeKind::NullableChanged { field, .. }
        | ChangeKind::UniqueChanged { field, .. }
        | ChangeKind::IndexedChanged { field, .. }
        | ChangeKind::ConstraintChanged { field, .. }
        | ChangeKind::DefaultChanged { field }
        | ChangeKind::OnUpdateChanged { field }
        | ChangeKind::InternalChanged { field, .. }
        | ChangeKind::ReferenceAdded { field }
        | ChangeKind::ReferenceRemoved { field }
        | ChangeKind::ReferenceRetargeted { field }
        | ChangeKind::OnDeleteChanged { field } => Some(field),
        _ => None,
    }
}

/// The one operation that makes every unsafe change of a field.
fn on_field(
    old: &Schema,
    new: &Schema,
    collection: &CollectionName,
    field: &FieldName,
    changes: &[SchemaChange],
) -> Option<Operation> {
    let own = || changes.iter().filter(|change| change.collection == *collection);
    let kinds: Vec<_> = own().map(|change| &change.kind).filter(|kind| field_of(kind) == Some(field)).collect();
    let (collection, field) = (collection.clone(), field.clone());
    if kinds.iter().any(|kind| matches!(kind, ChangeKind::FieldRemoved { .. })) {
        return Some(Operation::DropField { collection, field });
    }
    let target = new.collection(collection.as_str())?;
    let (wanted, definition) =
        (target.field(field.as_str())?, definition_of(new, collection.as_str(), field.as_str())?);
    if kinds.iter().any(|kind| matches!(kind, ChangeKind::FieldAdded { .. })) {
        let operation = Operation::AddField { collection, field, definition, fill: None };
        return Some(filled(operation, old, new));
    }
    let current = old.collection(collection.as_str())?.field(field.as_str())?;
    let operation = if kinds.iter().any(|kind| matches!(kind, ChangeKind::TypeChanged { .. })) {
        let by_hand = || Conversion::Sql(placeholder::expression(new, wanted));
        let using = natural::natural(current.value_type, wanted.value_type).is_none().then(by_hand);
        Operation::ChangeType { collection, field, to: definition, using, fill: None }
    } else {
        let options = options(&kinds, wanted, &definition);
        Operation::Tighten { collection, field, options, fill: None }
    };
    Some(if current.nullable { filled(operation, old, new) } else { operation })
}

/// The operation with a fill, where the field that it leads to must have a value.
fn filled(mut operation: Operation, old: &Schema, new: &Schema) -> Operation {
    let Ok(Outcome::Changed(after)) = operation.transform(old) else { return operation };
    if let Operation::AddField { collection, field, fill, .. }
    | Operation::ChangeType { collection, field, fill, .. }
    | Operation::Tighten { collection, field, fill, .. } = &mut operation
    {
        let field = after.collection(collection.as_str()).and_then(|after| after.field(field.as_str()));
        *fill = field.filter(|field| !field.nullable).map(|field| placeholder::fill(new, field));
    }
    operation
}

/// The options of the new definition that the changes are about.
fn options(kinds: &[&ChangeKind], wanted: &Field, definition: &Node) -> Node {
    let mut entries = Vec::new();
    let defined = flat(definition);
    for kind in kinds {
        match kind {
            ChangeKind::NullableChanged { nullable: false, .. } => entries.push(entry("required", scalar("true"))),
            ChangeKind::UniqueChanged { unique: true, .. } => entries.push(entry("unique", scalar("true"))),
            _ => {
                let keys = keys(kind);
                entries.extend(defined.iter().filter(|entry| keys.contains(&&*entry.key)).cloned());
            }
        }
    }
    if entries.is_empty() && wanted.references.is_some() {
        entries.push(entry("onDelete", scalar("restrict")));
    }
    entries.dedup_by(|a, b| a.key == b.key);
    mapping(entries)
}

fn keys(kind: &ChangeKind) -> &'static [&'static str] {
    match kind {
        ChangeKind::ConstraintChanged { constraint, .. } => match constraint {
            ConstraintKind::MinLength => &["minLength"],
            ConstraintKind::MaxLength => &["maxLength"],
            ConstraintKind::Min => &["min"],
            ConstraintKind::Max => &["max"],
            ConstraintKind::Format => &["format"],
            ConstraintKind::Pattern => &["pattern"],
            ConstraintKind::Allowed => &["enum", "values"],
            ConstraintKind::JsonShape => &["items", "schema"],
        },
        ChangeKind::ReferenceAdded { .. } | ChangeKind::ReferenceRetargeted { .. } => {
            &["references", "collection", "onDelete"]
        }
        ChangeKind::OnDeleteChanged { .. } => &["onDelete"],
        ChangeKind::IndexedChanged { .. } => &["index"],
        ChangeKind::DefaultChanged { .. } => &["default"],
        ChangeKind::OnUpdateChanged { .. } => &["onUpdate"],
        ChangeKind::InternalChanged { .. } => &["internal"],
        _ => &[],
    }
}

fn name_of(operations: &[Operation]) -> String {
    let name = match operations {
        [Operation::RenameField { collection, from, to }] => format!("rename_{collection}_{from}_to_{to}"),
        [Operation::RenameCollection { from, to }] => format!("rename_{from}_to_{to}"),
        [Operation::DropField { collection, field }] => format!("drop_{collection}_{field}"),
        [Operation::DropCollection { collection }] => format!("drop_{collection}"),
        [Operation::ChangeType { collection, field, .. }] => format!("change_{collection}_{field}"),
        [Operation::AddField { collection, field, .. }] => format!("add_{collection}_{field}"),
        [Operation::Tighten { collection, field, .. }] => format!("tighten_{collection}_{field}"),
        [Operation::TightenIndex { collection, .. }] => format!("tighten_{collection}_index"),
        [Operation::ChangePrimary { collection, to }] => format!("make_{collection}_{to}_primary"),
        _ => "change_schema".to_owned(),
    };
    name.to_lowercase()
}

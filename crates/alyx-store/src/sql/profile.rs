//! The triggers that keep an account and its profile one: fields named as properties of the account follow
//! it, and neither outlives the other.

use alyx_schema::{Collection, Field, FieldType, Storage};

use super::quote;

/// The table of accounts.
const ACCOUNTS: &str = r#""_alyx_users""#;

/// What tells the triggers' names apart; never two words, so that no collection's name can add up to another's.
pub(super) const KINDS: [&str; 6] = ["joined", "mirrored", "left", "closed", "entered", "kept"];

/// Whoever writes to a profile cannot make it say what its account does not.
const REFUSE: &str = "SELECT RAISE(ABORT, 'the id, email, role and verified of a profile follow its account')";

/// Whether the collection's key can be an account's id; older schemas may have others.
fn is_profile(collection: &Collection) -> bool {
    collection.is_auth && collection.primary_field().value_type.storage() == Storage::Text
}

/// The triggers of a profile collection, and a last statement that brings profiles in line which came
/// before them; nothing for others.
pub(super) fn statements(collection: &Collection, name: impl Fn(&str) -> String) -> Vec<String> {
    if !is_profile(collection) {
        return Vec::new();
    }
    let (table, key) = (quote(collection.name.as_str()), quote(collection.primary_field().name.as_str()));
    let mut statements = vec![
        format!(
            "CREATE TRIGGER {} AFTER DELETE ON {ACCOUNTS} BEGIN\n  DELETE FROM {table} WHERE {key} = OLD.\"id\";\nEND",
            name("left")
        ),
        format!(
            "CREATE TRIGGER {} AFTER DELETE ON {table} BEGIN\n  DELETE FROM {ACCOUNTS} WHERE \"id\" = OLD.{key};\nEND",
            name("closed")
        ),
    ];
    let mirrors: Vec<&Field> = collection.fields.iter().filter(|field| collection.mirrors_account(field)).collect();
    if !mirrors.is_empty() {
        statements.extend(mirror_statements(collection, &mirrors, name));
    }
    statements
}

fn mirror_statements(collection: &Collection, mirrors: &[&Field], name: impl Fn(&str) -> String) -> Vec<String> {
    let (table, key) = (quote(collection.name.as_str()), quote(collection.primary_field().name.as_str()));
    let columns: Vec<String> = mirrors.iter().map(|field| quote(field.name.as_str())).collect();
    let follow = format!(
        "UPDATE {table} SET {} WHERE {key} = NEW.\"id\" AND ({})",
        settings(collection, &columns, "NEW"),
        differs(&columns, &table, "NEW")
    );
    let strays = |condition: String| format!("EXISTS (SELECT 1 FROM {ACCOUNTS} AS account WHERE {condition})");
    let differs_from_account = differs(&columns, "NEW", "account");
    let on_insert = strays(format!("account.\"id\" = NEW.{key} AND ({differs_from_account})"));
    let on_update =
        strays(format!("account.\"id\" = OLD.{key} AND (OLD.{key} IS NOT NEW.{key} OR {differs_from_account})"));
    vec![
        format!("CREATE TRIGGER {} AFTER INSERT ON {ACCOUNTS} BEGIN\n  {follow};\nEND", name("joined")),
        format!(
            "CREATE TRIGGER {} AFTER UPDATE OF \"email\", \"role\", \"verified\" ON {ACCOUNTS} BEGIN\n  {follow};\nEND",
            name("mirrored")
        ),
        format!("CREATE TRIGGER {} BEFORE INSERT ON {table} WHEN {on_insert} BEGIN\n  {REFUSE};\nEND", name("entered")),
        format!(
            "CREATE TRIGGER {} BEFORE UPDATE OF {key}, {} ON {table} WHEN {on_update} BEGIN\n  {REFUSE};\nEND",
            name("kept"),
            columns.join(", ")
        ),
        format!(
            "UPDATE {table} SET {} FROM {ACCOUNTS} AS account WHERE account.\"id\" = {table}.{key} AND ({})",
            settings(collection, &columns, "account"),
            differs(&columns, &table, "account")
        ),
    ]
}

/// The mirrored columns from the account, and the time of the change where the profile keeps it.
fn settings(collection: &Collection, columns: &[String], account: &str) -> String {
    let mirrored = columns.iter().map(|column| format!("{column} = {account}.{column}"));
    let times = collection.fields.iter().filter(|field| field.on_update_now).map(|field| {
        let length = if field.value_type == FieldType::Date { 10 } else { 24 };
        format!("{} = substr({account}.\"updated_at\", 1, {length})", quote(field.name.as_str()))
    });
    mirrored.chain(times).collect::<Vec<_>>().join(", ")
}

fn differs(columns: &[String], left: &str, right: &str) -> String {
    columns.iter().map(|column| format!("{left}.{column} IS NOT {right}.{column}")).collect::<Vec<_>>().join(" OR ")
}

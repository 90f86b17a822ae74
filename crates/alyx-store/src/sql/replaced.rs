//! The triggers that make the feed hear of documents which `INSERT OR REPLACE` or `UPDATE OR REPLACE` removes: SQLite
//! fires no delete trigger for them unless `recursive_triggers` is on, which is up to whoever writes.
//!
//! Before a write, what is in its way is put aside with its values. After it, what was put aside and is gone is told
//! as deleted. Whatever else tells of such a document takes it back from there, so nothing is told twice.

use alyx_schema::Collection;

use super::{
    CHANGES, ddl,
    index::indexes,
    quote,
    sqlite::literal,
    trigger::{document_id, whole_object},
};

/// Where documents are put aside.
const REPLACED: &str = r#""_alyx_replaced""#;

/// The row's number before SQLite has chosen one.
const NOT_CHOSEN: &str = "-1";

/// What tells the triggers' names apart.
pub(super) const KINDS: [&str; 3] = ["inserting", "updating", "displaced"];

/// Puts aside what is in the way of an insert or an update, and tells what an update removed that keeps its key.
pub(super) fn statements(collection: &Collection, name: impl Fn(&str) -> String) -> Vec<String> {
    let (table, key) = (quote(collection.name.as_str()), key(collection));
    let ways = ways(collection);
    let before = |kind, event, conditions: &[String]| {
        let found = conditions.iter().map(|condition| format!("EXISTS (SELECT 1 FROM {table} WHERE {condition})"));
        let found = found.collect::<Vec<_>>().join(" OR ");
        let [clear, keep] = put_aside(collection, conditions);
        format!(
            "CREATE TRIGGER {} BEFORE {event} ON {table} WHEN {found} BEGIN\n  {clear};\n  {keep};\nEND",
            name(kind)
        )
    };
    let columns = written_columns(&ways);
    let inserted: Vec<String> = ways.iter().map(Way::met_by_insert).collect();
    let updated: Vec<String> = ways.iter().map(Way::met_by_update).collect();
    let is_put_aside = format!("EXISTS (SELECT 1 FROM {REPLACED} WHERE {})", of(collection));
    let [tell, clear] = told(collection, &is_gone(collection));
    vec![
        before("inserting", "INSERT", &inserted),
        before("updating", &format!("UPDATE OF {columns}"), &updated),
        format!(
            "CREATE TRIGGER {} AFTER UPDATE OF {columns} ON {table} WHEN OLD.{key} IS NEW.{key} AND {is_put_aside} \
             BEGIN\n  {tell};\n  {clear};\nEND",
            name("displaced")
        ),
    ]
}

/// Tells what a write removed that gave `NEW` its key: the same key, and whatever is not there any more.
pub(super) fn tell(collection: &Collection) -> [String; 2] {
    told(collection, &format!("(\"key\" = NEW.{} OR {})", key(collection), is_gone(collection)))
}

/// Takes back what was put aside of a document of which a trigger tells by itself.
pub(super) fn forget(collection: &Collection) -> String {
    format!("DELETE FROM {REPLACED} WHERE {} AND \"key\" = OLD.{}", of(collection), key(collection))
}

/// Takes back everything of a collection whose table goes.
pub(super) fn forget_all(collection: &Collection) -> String {
    format!("DELETE FROM {REPLACED} WHERE {}", of(collection))
}

/// The two statements that tell and clear what meets a condition.
fn told(collection: &Collection, condition: &str) -> [String; 2] {
    let (changes, name, of) = (quote(CHANGES), literal(collection.name.as_str()), of(collection));
    [
        format!(
            "INSERT INTO {changes} (\"collection\", \"operation\", \"doc_id\", \"before\", \"timestamp\") \
             SELECT {name}, 'DELETE', \"doc_id\", \"before\", strftime('%Y-%m-%dT%H:%M:%fZ', 'now') \
             FROM {REPLACED} WHERE {of} AND {condition}"
        ),
        format!("DELETE FROM {REPLACED} WHERE {of} AND {condition}"),
    ]
}

/// What an earlier write left is cleared first, but never what is gone and was not told yet. No conflict clause
/// stands here, since that of the statement which fired the trigger would count in its place.
fn put_aside(collection: &Collection, conditions: &[String]) -> [String; 2] {
    let (table, key) = (quote(collection.name.as_str()), key(collection));
    let found = conditions.iter().map(|condition| format!("SELECT {key} FROM {table} WHERE {condition}"));
    let found = found.collect::<Vec<_>>().join(" UNION ALL ");
    [
        format!("DELETE FROM {REPLACED} WHERE {} AND NOT {}", of(collection), is_gone(collection)),
        format!(
            "INSERT INTO {REPLACED} (\"collection\", \"key\", \"doc_id\", \"before\") SELECT {}, {key}, {}, {} FROM {table} \
             WHERE {key} IN ({found})",
            literal(collection.name.as_str()),
            document_id(collection, &table),
            whole_object(collection, &table),
        ),
    ]
}

fn key(collection: &Collection) -> String {
    quote(collection.primary_field().name.as_str())
}

fn of(collection: &Collection) -> String {
    format!("\"collection\" = {}", literal(collection.name.as_str()))
}

fn is_gone(collection: &Collection) -> String {
    let (table, key) = (quote(collection.name.as_str()), key(collection));
    format!("NOT EXISTS (SELECT 1 FROM {table} AS present WHERE present.{key} = {REPLACED}.\"key\")")
}

/// Columns whose values together stand in the table at most once.
enum Way {
    RowNumber(&'static str),
    Columns(Vec<String>),
}

/// Every way in which a document can be in the way of another.
fn ways(collection: &Collection) -> Vec<Way> {
    let mut ways: Vec<Way> = ddl::row_number(&[collection]).map(Way::RowNumber).into_iter().collect();
    ways.push(Way::Columns(vec![key(collection)]));
    let unique = indexes(collection).into_iter().filter(|index| index.unique);
    ways.extend(unique.map(|index| Way::Columns(index.columns.iter().map(|column| quote(column)).collect())));
    ways
}

impl Way {
    /// SQL over a row of the table: whether it is in the way of the new row.
    fn met_by_insert(&self) -> String {
        match self {
            Self::RowNumber(name) => format!("NEW.{name} IS NOT {NOT_CHOSEN} AND {name} = NEW.{name}"),
            Self::Columns(columns) => same(columns),
        }
    }

    /// The same for a row that is updated: where it keeps its values, nobody else has them.
    fn met_by_update(&self) -> String {
        match self {
            Self::RowNumber(name) => format!("NEW.{name} IS NOT OLD.{name} AND {name} = NEW.{name}"),
            Self::Columns(columns) => {
                let changed = columns.iter().map(|column| format!("NEW.{column} IS NOT OLD.{column}"));
                format!("({}) AND {}", changed.collect::<Vec<_>>().join(" OR "), same(columns))
            }
        }
    }
}

fn same(columns: &[String]) -> String {
    columns.iter().map(|column| format!("{column} = NEW.{column}")).collect::<Vec<_>>().join(" AND ")
}

/// The columns that an update must set for anything to be in its way.
fn written_columns(ways: &[Way]) -> String {
    let mut columns: Vec<String> = ddl::ROW_NUMBERS.iter().map(|name| quote(name)).collect();
    for way in ways {
        if let Way::Columns(more) = way {
            columns.extend(more.iter().filter(|column| !columns.contains(column)).cloned().collect::<Vec<_>>());
        }
    }
    columns.join(", ")
}

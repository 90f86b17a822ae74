//! What came of calls of functions: written many at a time, read newest first, kept for as long as is wished.

use alyx_schema::clock::format_timestamp;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    Error, Result, Store, connection,
    sql::{Bind, Sql},
    write_queue::WriteFault,
};

/// Rows that go in one statement, so that no writer waits for long.
const TRIMMED_AT_ONCE: i64 = 2000;

const COLUMNS: &str = r#""request_id", "trace_id", "function", "version", "started_at", "duration_ms", "status", "code",
"error", "caller_kind", "caller_id", "depth", "cold", "input_size", "output_size", "logs""#;

/// One call, to be written or as it was written.
#[derive(Clone, Debug, Serialize)]
pub struct ExecutionRecord {
    /// The request's id.
    pub request_id: String,
    /// The trace that it belongs to.
    pub trace_id: String,
    /// The function.
    pub function: String,
    /// The version that ran, where one did.
    pub version: Option<String>,
    /// When it began, RFC 3339.
    pub started_at: String,
    /// How long it took.
    pub duration_ms: f64,
    /// 200, or the status of the failure.
    pub status: u16,
    /// The failure's code.
    pub code: Option<String>,
    /// What went wrong, with where.
    pub error: Option<String>,
    /// `anonymous`, `account`, `admin_token`.
    pub caller_kind: &'static str,
    /// The account's id.
    pub caller_id: Option<String>,
    /// 1 for a call from outside, one more for each function in between.
    pub depth: u32,
    /// Whether a worker had to be started for it.
    pub cold: bool,
    /// The input's length in bytes.
    pub input_size: u64,
    /// The output's length in bytes.
    pub output_size: u64,
    /// What was logged: a JSON array.
    pub logs: Box<RawValue>,
}

/// Which calls are read, newest first.
#[derive(Clone, Debug, Default)]
pub struct ExecutionQuery {
    /// Only those before this place.
    pub before: Option<i64>,
    /// Only those after this place.
    pub after: Option<i64>,
    /// Only those of this function.
    pub function: Option<String>,
    /// Only those that failed, or only those that did not.
    pub failed: Option<bool>,
    /// At most so many.
    pub limit: u32,
}

impl Store {
    /// Writes calls down, in this order.
    ///
    /// # Errors
    /// The database fails, or too many writes wait.
    pub async fn record_executions(&self, records: &[ExecutionRecord]) -> Result<()> {
        let texts = |record: &ExecutionRecord| serde_json::to_string(record);
        let records: Result<Vec<String>, _> = records.iter().map(texts).collect();
        let failed =
            |source: Box<dyn std::error::Error + Send + Sync>| Error::Database { doing: "writing calls down", source };
        let array = format!("[{}]", records.map_err(|error| failed(error.into()))?.join(","));
        let done = self.queue().run(insertion(), 1, vec![Bind::from(array.as_str())]).await;
        match done {
            Ok(_) => Ok(()),
            Err(WriteFault::Store(error)) => Err(error),
            Err(WriteFault::Statement(fault)) => Err(fault.into_error("writing calls down")),
        }
    }

    /// Calls as JSON objects with their places as `id`, newest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn executions(&self, query: &ExecutionQuery) -> Result<Vec<(i64, Box<RawValue>)>> {
        let binds = vec![
            query.before.map_or(Bind::Null, Bind::Integer),
            query.after.map_or(Bind::Null, Bind::Integer),
            query.function.as_deref().map_or(Bind::Null, Bind::from),
            query.failed.map_or(Bind::Null, |failed| Bind::Integer(failed.into())),
            Bind::Integer(query.limit.into()),
        ];
        let rows = self.readers().all(Sql::fixed(LIST, binds)).await?;
        let read = |row| {
            let id = connection::integer(row, 0).unwrap_or_default();
            let text = String::from_utf8(connection::bytes(row, 1)).ok()?;
            Some((id, RawValue::from_string(text).ok()?))
        };
        let failed = || Error::Database { doing: "reading calls", source: "a row is not JSON".into() };
        rows.iter().map(|row| read(row).ok_or_else(failed)).collect()
    }

    /// Deletes calls that began before a moment, and all but the newest so many.
    ///
    /// # Errors
    /// The database fails, or too many writes wait.
    pub async fn trim_executions(&self, before: Option<Timestamp>, rows: Option<u32>) -> Result<()> {
        let before = before.map_or(Bind::Null, |before| Bind::from(format_timestamp(before).as_str()));
        let rows = rows.map_or(Bind::Null, |rows| Bind::Integer(rows.into()));
        loop {
            let binds = vec![before.clone(), rows.clone(), Bind::Integer(TRIMMED_AT_ONCE)];
            let done = self.queue().run(TRIM, 1, binds).await;
            match done {
                Ok(outcome) if outcome.affected == 0 => return Ok(()),
                Ok(_) => {}
                Err(WriteFault::Store(error)) => return Err(error),
                Err(WriteFault::Statement(fault)) => return Err(fault.into_error("deleting old calls")),
            }
        }
    }
}

fn insertion() -> String {
    let values = COLUMNS.split(',').map(|column| {
        let name = column.trim().trim_matches('"');
        // The logs stay JSON text; everything else becomes what SQL knows.
        let arrow = if name == "logs" { "->" } else { "->>" };
        format!("value {arrow} '{name}'")
    });
    let values: Vec<String> = values.collect();
    format!(r#"INSERT INTO "_alyx_executions" ({COLUMNS}) SELECT {} FROM json_each(?)"#, values.join(", "))
}

const LIST: &str = r#"SELECT "id", json_object('id', "id", 'request_id', "request_id", 'trace_id', "trace_id", 'function', "function",
    'version', "version", 'started_at', "started_at", 'duration_ms', "duration_ms", 'status', "status", 'code', "code", 'error', "error",
    'caller', json_object('kind', "caller_kind", 'id', "caller_id"), 'depth', "depth",
    'cold', json(CASE "cold" WHEN 1 THEN 'true' ELSE 'false' END), 'input_size', "input_size", 'output_size', "output_size", 'logs', json("logs"))
FROM "_alyx_executions" WHERE (?1 IS NULL OR "id" < ?1) AND (?2 IS NULL OR "id" > ?2) AND (?3 IS NULL OR "function" = ?3)
    AND (?4 IS NULL OR ("status" <> 200) = ?4) ORDER BY "id" DESC LIMIT ?5"#;

const TRIM: &str = r#"DELETE FROM "_alyx_executions" WHERE "id" IN (SELECT "id" FROM "_alyx_executions"
    WHERE "started_at" < ?1 OR "id" <= (SELECT max("id") FROM "_alyx_executions") - ?2 ORDER BY "id" LIMIT ?3)"#;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use alyx_schema::parse_schema;

    use super::*;
    use crate::{Database, StoreOptions};

    fn record(function: &str, status: u16, started_at: &str) -> ExecutionRecord {
        ExecutionRecord {
            request_id: "r".to_owned(),
            trace_id: "t".to_owned(),
            function: function.to_owned(),
            version: None,
            started_at: started_at.to_owned(),
            duration_ms: 1.5,
            status,
            code: (status != 200).then(|| "FUNCTION_ERROR".to_owned()),
            error: None,
            caller_kind: "account",
            caller_id: Some("a".to_owned()),
            depth: 1,
            cold: true,
            input_size: 2,
            output_size: 3,
            logs: RawValue::from_string(r#"[{"level":"info","message":"é\u0000"}]"#.to_owned()).unwrap(),
        }
    }

    #[tokio::test]
    async fn calls_are_read_as_they_were_written_and_the_oldest_go() {
        let folder = tempfile::tempdir().unwrap();
        let schema =
            parse_schema("schema.yaml", "version: 1\ncollections: {notes: {fields: {id: {type: int, primary: true}}}}");
        let schema = Arc::new(schema.unwrap());
        let mut database = Database::open(&StoreOptions::new(folder.path().join("alyx.db"))).await.unwrap();
        database.create_collections(&schema).await.unwrap();
        let store = database.into_store(schema).await.unwrap();
        let old = "2020-01-01T00:00:00.000Z";
        let records = [
            record("a", 200, old),
            record("b", 500, "2026-01-01T00:00:00.000Z"),
            record("a", 404, "2026-01-01T00:00:00.000Z"),
        ];
        store.record_executions(&records).await.unwrap();
        let read = async |query: ExecutionQuery| {
            let found = store.executions(&ExecutionQuery { limit: 10, ..query }).await.unwrap();
            found.into_iter().map(|(id, _)| id).collect::<Vec<_>>()
        };
        assert_eq!(read(ExecutionQuery::default()).await, [3, 2, 1]);
        assert_eq!(read(ExecutionQuery { function: Some("a".to_owned()), ..Default::default() }).await, [3, 1]);
        assert_eq!(read(ExecutionQuery { failed: Some(true), ..Default::default() }).await, [3, 2]);
        assert_eq!(read(ExecutionQuery { failed: Some(false), ..Default::default() }).await, [1]);
        assert_eq!(read(ExecutionQuery { before: Some(3), after: Some(1), ..Default::default() }).await, [2]);
        let first = store.executions(&ExecutionQuery { limit: 1, ..Default::default() }).await.unwrap();
        let first: serde_json::Value = serde_json::from_str(first[0].1.get()).unwrap();
        assert_eq!(first["logs"][0]["message"], "é\u{0}");
        assert_eq!((&first["cold"], &first["caller"]["id"]), (&true.into(), &"a".into()));
        let moment: Timestamp = "2025-01-01T00:00:00Z".parse().unwrap();
        store.trim_executions(Some(moment), None).await.unwrap();
        assert_eq!(read(ExecutionQuery::default()).await, [3, 2]);
        store.trim_executions(None, Some(1)).await.unwrap();
        assert_eq!(read(ExecutionQuery::default()).await, [3]);
        store.close().await;
    }
}

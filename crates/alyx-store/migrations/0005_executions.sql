-- What came of calls of functions, oldest first.
CREATE TABLE "_alyx_executions" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT,
    "request_id" TEXT NOT NULL,
    "trace_id" TEXT NOT NULL,
    "function" TEXT NOT NULL,
    "version" TEXT,
    "started_at" TEXT NOT NULL,
    "duration_ms" REAL NOT NULL,
    -- 200, or the status of the failure.
    "status" INTEGER NOT NULL,
    "code" TEXT,
    "error" TEXT,
    "caller_kind" TEXT NOT NULL,
    "caller_id" TEXT,
    "depth" INTEGER NOT NULL,
    "cold" INTEGER NOT NULL,
    "input_size" INTEGER NOT NULL,
    "output_size" INTEGER NOT NULL,
    "logs" TEXT NOT NULL CHECK (json_valid("logs"))
) STRICT;

CREATE INDEX "_alyx_executions_function" ON "_alyx_executions" ("function", "id");
CREATE INDEX "_alyx_executions_started" ON "_alyx_executions" ("started_at");

-- What was done to the data model: migration files and changes that applied by themselves, in order.
CREATE TABLE "_alyx_migrations" (
    "id" INTEGER PRIMARY KEY,
    -- The file's number; null for changes that applied by themselves.
    "version" INTEGER,
    "name" TEXT NOT NULL,
    "applied_at" TEXT NOT NULL,
    "checksum" TEXT NOT NULL,
    "kind" TEXT NOT NULL CHECK ("kind" IN ('initial', 'automatic', 'file', 'baseline')),
    -- Entries of one start share it, so that they can be rolled back together.
    "run" INTEGER NOT NULL,
    "file" TEXT,
    "schema_before" TEXT NOT NULL,
    "changes" TEXT NOT NULL CHECK (json_valid("changes"))
) STRICT;

-- The schema that the tables fit: one row.
CREATE TABLE "_alyx_schema" (
    "id" INTEGER PRIMARY KEY CHECK ("id" = 1),
    "text" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "applied_at" TEXT NOT NULL
) STRICT;

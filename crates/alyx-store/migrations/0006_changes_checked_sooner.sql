-- The same feed: SQLite makes a temporary table of a list of three values for each row that it checks, and none of these.
CREATE TABLE "_alyx_new_changes" (
    "id" INTEGER PRIMARY KEY,
    "collection" TEXT NOT NULL,
    "operation" TEXT NOT NULL CHECK ("operation" = 'INSERT' OR "operation" = 'UPDATE' OR "operation" = 'DELETE'),
    "doc_id" TEXT NOT NULL,
    "changed_fields" TEXT,
    "before" TEXT,
    "timestamp" TEXT NOT NULL
) STRICT;
INSERT INTO "_alyx_new_changes" SELECT * FROM "_alyx_changes";
DROP TABLE "_alyx_changes";
-- Triggers of collections name the table that is about to come back.
PRAGMA legacy_alter_table = ON;
ALTER TABLE "_alyx_new_changes" RENAME TO "_alyx_changes";
PRAGMA legacy_alter_table = OFF;

-- The change feed. Triggers of every collection write to it, in the transaction of the change.
-- Its newest row is never trimmed, so that ids keep rising without AUTOINCREMENT.
CREATE TABLE "_alyx_changes" (
    "id" INTEGER PRIMARY KEY,
    "collection" TEXT NOT NULL,
    "operation" TEXT NOT NULL CHECK ("operation" IN ('INSERT', 'UPDATE', 'DELETE')),
    "doc_id" TEXT NOT NULL,
    "changed_fields" TEXT,
    "before" TEXT,
    "timestamp" TEXT NOT NULL
) STRICT;

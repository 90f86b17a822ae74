-- Documents in the way of a write: INSERT OR REPLACE and UPDATE OR REPLACE remove them, and no delete trigger hears of it.
-- Triggers put them here before the write, and after it tell the feed of those that are gone. Those of a write that
-- removed nothing (OR IGNORE, ON CONFLICT) stay until the next one of their collection.
CREATE TABLE "_alyx_replaced" (
    "id" INTEGER PRIMARY KEY,
    "collection" TEXT NOT NULL,
    "key" ANY NOT NULL,
    -- As the feed writes them.
    "doc_id" TEXT NOT NULL,
    "before" TEXT NOT NULL,
    UNIQUE ("collection", "key")
) STRICT;

-- Accounts: who they are, their sessions, and what proves that somebody may act for one.
-- No token is kept that would open anything: only hashes.
CREATE TABLE "_alyx_users" (
    "id" TEXT NOT NULL PRIMARY KEY,
    -- In canonical form: lower case.
    "email" TEXT NOT NULL UNIQUE,
    -- Null where nobody has set a password.
    "password_hash" TEXT,
    "role" TEXT NOT NULL,
    "verified" INTEGER NOT NULL DEFAULT 0 CHECK ("verified" IN (0, 1)),
    "banned" INTEGER NOT NULL DEFAULT 0 CHECK ("banned" IN (0, 1)),
    "metadata" TEXT NOT NULL DEFAULT '{}' CHECK (json_valid("metadata") AND json_type("metadata") = 'object'),
    "created_at" TEXT NOT NULL,
    "updated_at" TEXT NOT NULL,
    "last_sign_in_at" TEXT
) STRICT;
CREATE INDEX "_alyx_users_by_creation" ON "_alyx_users" ("created_at", "id");
CREATE INDEX "_alyx_users_by_role" ON "_alyx_users" ("role", "created_at");

CREATE TABLE "_alyx_sessions" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "user_id" TEXT NOT NULL REFERENCES "_alyx_users" ("id") ON DELETE CASCADE,
    -- Of the refresh token that is good now.
    "refresh_token_hash" TEXT NOT NULL,
    -- Counts its rotations.
    "generation" INTEGER NOT NULL,
    -- The signing key that the refresh token was derived from, and what makes it this session's.
    "key_id" TEXT NOT NULL,
    "nonce" TEXT NOT NULL,
    "rotated_at" TEXT NOT NULL,
    -- Rotations of the last seconds, so that a token used twice at once gets the same successor.
    "recent_rotations" TEXT NOT NULL DEFAULT '[]' CHECK (json_valid("recent_rotations")),
    "created_at" TEXT NOT NULL,
    "last_used_at" TEXT NOT NULL,
    "expires_at" TEXT NOT NULL,
    "user_agent" TEXT,
    "ip_address" TEXT
) STRICT;
CREATE INDEX "_alyx_sessions_by_user" ON "_alyx_sessions" ("user_id", "created_at");
CREATE INDEX "_alyx_sessions_by_expiry" ON "_alyx_sessions" ("expires_at");

-- Accounts at other providers.
CREATE TABLE "_alyx_oauth_accounts" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "user_id" TEXT NOT NULL REFERENCES "_alyx_users" ("id") ON DELETE CASCADE,
    "provider" TEXT NOT NULL,
    -- Who named the account so: a provider that is another one under the same name vouches for nobody.
    "issuer" TEXT NOT NULL,
    "provider_user_id" TEXT NOT NULL,
    "email" TEXT,
    "created_at" TEXT NOT NULL,
    "last_used_at" TEXT,
    UNIQUE ("provider", "issuer", "provider_user_id")
) STRICT;
CREATE INDEX "_alyx_oauth_accounts_by_user" ON "_alyx_oauth_accounts" ("user_id");

-- Sign-ins that are on their way through another provider.
CREATE TABLE "_alyx_oauth_states" (
    "hash" TEXT NOT NULL PRIMARY KEY,
    "provider" TEXT NOT NULL,
    "data" TEXT NOT NULL CHECK (json_valid("data")),
    "created_at" TEXT NOT NULL,
    "expires_at" TEXT NOT NULL
) STRICT;
CREATE INDEX "_alyx_oauth_states_by_expiry" ON "_alyx_oauth_states" ("expires_at");

-- Links in mail, the set-up link, codes: each is good for one use, which deletes it.
CREATE TABLE "_alyx_one_time_tokens" (
    "hash" TEXT NOT NULL PRIMARY KEY,
    "purpose" TEXT NOT NULL,
    "user_id" TEXT REFERENCES "_alyx_users" ("id") ON DELETE CASCADE,
    "data" TEXT NOT NULL DEFAULT '{}' CHECK (json_valid("data")),
    "created_at" TEXT NOT NULL,
    "expires_at" TEXT NOT NULL
) STRICT;
CREATE INDEX "_alyx_one_time_tokens_by_user" ON "_alyx_one_time_tokens" ("user_id", "purpose");
CREATE INDEX "_alyx_one_time_tokens_by_expiry" ON "_alyx_one_time_tokens" ("expires_at");

-- Deploy tokens: found by their prefix, known by their hash.
CREATE TABLE "_alyx_tokens" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "prefix" TEXT NOT NULL UNIQUE,
    "hash" TEXT NOT NULL,
    "permissions" TEXT NOT NULL CHECK (json_valid("permissions") AND json_type("permissions") = 'array'),
    "created_at" TEXT NOT NULL,
    "created_by" TEXT NOT NULL,
    "expires_at" TEXT,
    "last_used_at" TEXT
) STRICT;

-- What administrators did. Rows are written once and never changed.
CREATE TABLE "_alyx_audit" (
    "id" INTEGER PRIMARY KEY,
    "at" TEXT NOT NULL,
    "actor_kind" TEXT NOT NULL,
    "actor_id" TEXT,
    "actor_name" TEXT,
    "action" TEXT NOT NULL,
    "target" TEXT,
    "details" TEXT NOT NULL DEFAULT '{}' CHECK (json_valid("details")),
    "ip" TEXT,
    "request_id" TEXT
) STRICT;
CREATE INDEX "_alyx_audit_by_target" ON "_alyx_audit" ("target", "id");
CREATE TRIGGER "_alyx_audit_is_never_changed" BEFORE UPDATE ON "_alyx_audit" BEGIN
    SELECT RAISE(ABORT, 'the audit log is never changed');
END;
CREATE TRIGGER "_alyx_audit_is_never_shortened" BEFORE DELETE ON "_alyx_audit" BEGIN
    SELECT RAISE(ABORT, 'the audit log is never shortened');
END;
-- REPLACE deletes a row without asking the trigger above.
CREATE TRIGGER "_alyx_audit_is_never_replaced" BEFORE INSERT ON "_alyx_audit"
WHEN EXISTS (SELECT 1 FROM "_alyx_audit" WHERE "id" = NEW."id") BEGIN
    SELECT RAISE(ABORT, 'the audit log is never changed');
END;

-- Which accounts and sessions are not what they were, for those who remember them. Like the change feed, its newest
-- row is never trimmed, so that ids keep rising.
CREATE TABLE "_alyx_account_changes" (
    "id" INTEGER PRIMARY KEY,
    "kind" TEXT NOT NULL CHECK ("kind" IN ('changed', 'deleted', 'signed_out')),
    "user_id" TEXT NOT NULL,
    "session_id" TEXT,
    "timestamp" TEXT NOT NULL
) STRICT;
CREATE TRIGGER "_alyx_users_changed" AFTER UPDATE ON "_alyx_users"
WHEN OLD."email" IS NOT NEW."email" OR OLD."role" IS NOT NEW."role" OR OLD."verified" IS NOT NEW."verified"
    OR OLD."banned" IS NOT NEW."banned" OR OLD."metadata" IS NOT NEW."metadata" OR OLD."updated_at" IS NOT NEW."updated_at"
    OR (OLD."password_hash" IS NULL) <> (NEW."password_hash" IS NULL) BEGIN
    INSERT INTO "_alyx_account_changes" ("kind", "user_id", "timestamp")
    VALUES ('changed', NEW."id", strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
END;
-- Foreign keys do the same where they are on; a migration switches them off.
CREATE TRIGGER "_alyx_users_deleted" AFTER DELETE ON "_alyx_users" BEGIN
    DELETE FROM "_alyx_sessions" WHERE "user_id" = OLD."id";
    DELETE FROM "_alyx_oauth_accounts" WHERE "user_id" = OLD."id";
    DELETE FROM "_alyx_one_time_tokens" WHERE "user_id" = OLD."id";
    INSERT INTO "_alyx_account_changes" ("kind", "user_id", "timestamp")
    VALUES ('deleted', OLD."id", strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
END;
CREATE TRIGGER "_alyx_sessions_ended" AFTER DELETE ON "_alyx_sessions" BEGIN
    INSERT INTO "_alyx_account_changes" ("kind", "user_id", "session_id", "timestamp")
    VALUES ('signed_out', OLD."user_id", OLD."id", strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
END;

-- Findings that somebody has looked at and that do not count, each for one source.
CREATE TABLE allow_entry (
    id BLOB PRIMARY KEY NOT NULL,
    source BLOB NOT NULL REFERENCES source (id),
    rule TEXT NOT NULL,
    -- Keyed digest of the text. Null: whatever the rule finds in the source.
    content BLOB,
    -- Up to which it speaks.
    severity TEXT NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    second TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    ended_at INTEGER,
    ended_by TEXT,
    ended_why TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX allow_entry_by_source ON allow_entry (source, created_at);

-- Digest of the entries in force when it was judged, if its answer hangs on them.
ALTER TABLE revision ADD COLUMN allows BLOB;

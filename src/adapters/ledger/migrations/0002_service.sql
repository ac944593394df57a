-- Keys of applications. Of a secret only its SHA-256 is here.
CREATE TABLE api_key (
    id BLOB PRIMARY KEY NOT NULL,
    app TEXT NOT NULL,
    tenant TEXT NOT NULL,
    roles TEXT NOT NULL,
    -- Null: all.
    sources TEXT,
    collections TEXT,
    principals TEXT NOT NULL,
    clearance TEXT NOT NULL,
    behalf TEXT NOT NULL,
    secret BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;

-- Requests that must not be done twice: a keyed digest of (app, Idempotency-Key), one of the request,
-- and what was answered.
CREATE TABLE idempotent (
    key BLOB PRIMARY KEY NOT NULL,
    request BLOB NOT NULL,
    revision BLOB NOT NULL REFERENCES revision (id),
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotent_by_age ON idempotent (at);

-- First of two reviewers, until the second agrees.
CREATE TABLE approval (
    revision BLOB NOT NULL REFERENCES revision (id),
    action TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (revision, action)
) STRICT, WITHOUT ROWID;

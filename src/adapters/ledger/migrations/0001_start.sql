-- Ids are 16-byte and digests 32-byte BLOBs, so that their order is that of their bytes.
-- Moments are milliseconds since 1970 in UTC.

-- The epoch, and a MAC that tells a wrong key before anything is written under it.
CREATE TABLE ledger (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    epoch INTEGER NOT NULL,
    key_check BLOB NOT NULL
) STRICT;

CREATE TABLE source (
    id BLOB PRIMARY KEY NOT NULL,
    name TEXT NOT NULL UNIQUE,
    tenant TEXT NOT NULL,
    tier TEXT NOT NULL,
    readers TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE collection (
    id BLOB PRIMARY KEY NOT NULL,
    name TEXT NOT NULL UNIQUE,
    embedder TEXT NOT NULL,
    embedder_digest BLOB NOT NULL,
    vectors TEXT NOT NULL,
    rebuilding INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
) STRICT;

-- Never changed and never deleted.
CREATE TABLE access_class (
    id BLOB PRIMARY KEY NOT NULL,
    tenant TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE,
    list TEXT NOT NULL
) STRICT;
CREATE INDEX access_class_by_tenant ON access_class (tenant);

CREATE TABLE document (
    id BLOB PRIMARY KEY NOT NULL,
    source BLOB NOT NULL REFERENCES source (id),
    uri TEXT NOT NULL,
    -- Who may read what it serves, or would.
    class BLOB NOT NULL REFERENCES access_class (id),
    -- Generation at which the points of what it serves are to lie.
    generation INTEGER NOT NULL,
    -- The highest generation that was ever given out.
    last_generation INTEGER NOT NULL,
    serving BLOB REFERENCES revision (id) DEFERRABLE INITIALLY DEFERRED,
    newest BLOB REFERENCES revision (id) DEFERRABLE INITIALLY DEFERRED,
    changed_at INTEGER NOT NULL,
    UNIQUE (source, uri)
) STRICT;
CREATE INDEX document_by_uri ON document (uri);
CREATE INDEX document_served_by_class ON document (class) WHERE serving IS NOT NULL;

CREATE TABLE revision (
    -- Rises with every revision: the order in which they came.
    arrival INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE,
    document BLOB NOT NULL REFERENCES document (id),
    collection BLOB NOT NULL REFERENCES collection (id),
    state TEXT NOT NULL,
    verdict TEXT NOT NULL,
    basis TEXT,
    ruling BLOB,
    reasons TEXT NOT NULL,
    severity TEXT,
    format TEXT,
    -- Once purged, a keyed hash of what stood here.
    fingerprint BLOB NOT NULL,
    file_digest BLOB NOT NULL,
    policy BLOB NOT NULL,
    rules BLOB NOT NULL,
    reader TEXT NOT NULL,
    -- Where its points lie while it is pending.
    class BLOB NOT NULL REFERENCES access_class (id),
    generation INTEGER NOT NULL,
    -- Who reads it once it serves: `class`, unless access changed since it was staged.
    target BLOB NOT NULL REFERENCES access_class (id),
    staged_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    -- Its data key, wrapped, and the addresses of its blobs. Null: never kept, or destroyed.
    wrapped_key BLOB,
    file BLOB,
    read BLOB,
    findings BLOB,
    redacted BLOB
) STRICT;
CREATE INDEX revision_by_document ON revision (document, state);
CREATE INDEX revision_pending ON revision (arrival) WHERE state = 'pending';
CREATE INDEX revision_held ON revision (id) WHERE state = 'held';
CREATE INDEX revision_serving ON revision (collection, id) WHERE state = 'serving';

-- Sealed bytes, addressed within their revision by a keyed hash of the plain ones.
CREATE TABLE blob (
    revision BLOB NOT NULL REFERENCES revision (id),
    kind INTEGER NOT NULL,
    address BLOB NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (revision, kind, address)
) STRICT;

-- Every point that ever was. The blob goes when its revision ends; the row stays, so that a point
-- that is put back is known for what it is.
CREATE TABLE chunk (
    point BLOB PRIMARY KEY NOT NULL,
    chunk BLOB NOT NULL UNIQUE,
    revision BLOB NOT NULL REFERENCES revision (id),
    collection BLOB NOT NULL REFERENCES collection (id),
    ordinal INTEGER NOT NULL,
    origin BLOB NOT NULL,
    -- The stamp key of its origin; null with its blob.
    seal_key TEXT,
    blob BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX chunk_by_revision ON chunk (revision, ordinal);
CREATE INDEX chunk_by_collection ON chunk (collection, point);

-- Points that the store must forget.
CREATE TABLE dropped_point (
    point BLOB PRIMARY KEY NOT NULL REFERENCES chunk (point),
    collection BLOB NOT NULL REFERENCES collection (id)
) STRICT, WITHOUT ROWID;

-- Placements in which points of what a document serves may still lie, each until everything is in
-- place at the generation that replaced it.
CREATE TABLE placement_move (
    document BLOB NOT NULL REFERENCES document (id),
    to_generation INTEGER NOT NULL,
    from_class BLOB NOT NULL REFERENCES access_class (id),
    from_generation INTEGER NOT NULL,
    PRIMARY KEY (document, to_generation)
) STRICT, WITHOUT ROWID;
CREATE INDEX placement_move_by_class ON placement_move (from_class);

-- Near-duplicate signature of each document's newest revision, and its lookup keys.
CREATE TABLE signature (
    document BLOB PRIMARY KEY NOT NULL REFERENCES document (id),
    signature BLOB NOT NULL
) STRICT;
CREATE TABLE signature_key (
    tenant TEXT NOT NULL,
    lookup INTEGER NOT NULL,
    document BLOB NOT NULL REFERENCES signature (document) ON DELETE CASCADE,
    PRIMARY KEY (tenant, lookup, document)
) STRICT, WITHOUT ROWID;
CREATE INDEX signature_key_by_document ON signature_key (document);

CREATE TABLE ruling (
    id BLOB PRIMARY KEY NOT NULL,
    revision BLOB NOT NULL REFERENCES revision (id),
    decision TEXT NOT NULL,
    actor TEXT NOT NULL,
    second TEXT,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX ruling_by_revision ON ruling (revision);

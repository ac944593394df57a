-- The signed Merkle root over the origins of a revision's chunks, while they are kept.
CREATE TABLE root (
    revision BLOB PRIMARY KEY NOT NULL REFERENCES revision (id),
    statement BLOB NOT NULL,
    signature BLOB NOT NULL,
    signer BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The stamp key under which a revision's points were placed, where it is not the one that sealed them.
ALTER TABLE revision ADD COLUMN placed_key TEXT;
CREATE INDEX chunk_by_seal_key ON chunk (seal_key, revision) WHERE seal_key IS NOT NULL;
CREATE INDEX revision_by_placed_key ON revision (placed_key) WHERE placed_key IS NOT NULL;

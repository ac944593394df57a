-- From when on a document is nobody's any more and nothing is kept of it; and when it was erased for good: its
-- place in its source is forgotten too.
ALTER TABLE document ADD COLUMN expires_at INTEGER;
ALTER TABLE document ADD COLUMN erased_at INTEGER;
CREATE INDEX document_by_expiry ON document (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX document_erased ON document (erased_at) WHERE erased_at IS NOT NULL;

-- Matters of law for which nothing of a document, or of what is inside it, may be destroyed.
CREATE TABLE legal_hold (
    document BLOB NOT NULL REFERENCES document (id),
    matter TEXT NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    placed_at INTEGER NOT NULL,
    PRIMARY KEY (document, matter)
) STRICT, WITHOUT ROWID;

-- Since when the files of its store may hold words of something that was erased, though no question finds them.
ALTER TABLE collection ADD COLUMN erased_from INTEGER;

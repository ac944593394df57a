-- What was last said of a chunk at a question, by rules that are newer than those that admitted it.
CREATE TABLE rescan (
    chunk BLOB PRIMARY KEY NOT NULL,
    -- Digest of the rules, policy and allow entries.
    judged_by BLOB NOT NULL,
    admits INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

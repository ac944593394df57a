-- Users and groups that an identity provider keeps here (SCIM 2.0). A tenant with any user ever is provisioned: whom
-- it does not have is nobody there.
CREATE TABLE directory (
    tenant TEXT PRIMARY KEY NOT NULL,
    provisioned INTEGER NOT NULL,
    -- Rises with every change of anybody.
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE person (
    id BLOB PRIMARY KEY NOT NULL,
    tenant TEXT NOT NULL,
    -- As on access lists after `user:`; and in small letters, since providers do not tell these apart.
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    external_id TEXT,
    active INTEGER NOT NULL,
    -- Null: the provider says none.
    clearance TEXT,
    -- What else the provider says, as JSON.
    rest TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    UNIQUE (tenant, name_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX person_by_external_id ON person (tenant, external_id) WHERE external_id IS NOT NULL;

CREATE TABLE people_group (
    id BLOB PRIMARY KEY NOT NULL,
    tenant TEXT NOT NULL,
    -- As on access lists after `group:`.
    name TEXT NOT NULL,
    external_id TEXT,
    rest TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    UNIQUE (tenant, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX people_group_by_external_id ON people_group (tenant, external_id)
    WHERE external_id IS NOT NULL;

-- A member is a person or a group of the same tenant.
CREATE TABLE membership (
    people_group BLOB NOT NULL REFERENCES people_group (id) ON DELETE CASCADE,
    member BLOB NOT NULL,
    PRIMARY KEY (people_group, member)
) STRICT, WITHOUT ROWID;
CREATE INDEX membership_by_member ON membership (member, people_group);

-- From when on a user's tokens count: those that were issued before are nobody's.
CREATE TABLE tokens_from (
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;

-- The same for users' tokens that come beside this key.
ALTER TABLE api_key ADD COLUMN tokens_from INTEGER;

-- Whether its answers tell scores.
ALTER TABLE api_key ADD COLUMN scores INTEGER NOT NULL DEFAULT 1;

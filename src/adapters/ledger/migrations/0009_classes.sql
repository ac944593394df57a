-- The epoch as of which a class last came to guard something: who knows the classes of an older one reads only
-- those after it.
ALTER TABLE access_class ADD COLUMN used INTEGER NOT NULL DEFAULT 0;
CREATE INDEX access_class_by_use ON access_class (tenant, used);

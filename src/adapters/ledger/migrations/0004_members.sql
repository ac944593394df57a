-- URI of the outermost file that a document is inside of: an archive, a mail.
ALTER TABLE document ADD COLUMN container TEXT;
CREATE INDEX document_by_container ON document (source, container) WHERE container IS NOT NULL;

// Schema 4: documents, whose chunks are items.

export const documents = `
CREATE TABLE documents (
  scope       int4 NOT NULL REFERENCES scopes ON DELETE CASCADE,
  document    int4 NOT NULL,
  added_at    timestamptz NOT NULL,
  content_key uuid NOT NULL,
  title       text NOT NULL,
  PRIMARY KEY (scope, document),
  UNIQUE (scope, content_key)
);
ALTER TABLE scopes ADD COLUMN next_document int4 NOT NULL DEFAULT 0;
ALTER TABLE items ADD COLUMN document int4;
ALTER TABLE items ADD FOREIGN KEY (scope, document) REFERENCES documents ON DELETE CASCADE;
CREATE INDEX items_by_document ON items (scope, document, turn) WHERE document IS NOT NULL;
`;

// Schema 3: what changed when, and proof of what was forgotten.

export const history = `
CREATE SEQUENCE operations;

-- One entry per changed field of an item; entries of one call share an operation. Holds no text of any item.
CREATE TABLE history (
  entry     int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  operation int8 NOT NULL,
  scope     int4 NOT NULL,
  ordinal   int4 NOT NULL,
  action    text NOT NULL,
  at        timestamptz NOT NULL,
  field     text NOT NULL CHECK (field IN ('state', 'repeats', 'last_seen_at', 'superseded_at', 'valid_to', 'expires_at')),
  before    text,
  after     text,
  FOREIGN KEY (scope, ordinal) REFERENCES items ON DELETE CASCADE
);
CREATE INDEX history_by_operation ON history (scope, operation);
CREATE INDEX history_by_item ON history (scope, ordinal);

-- What was forgotten, in numbers only.
CREATE TABLE receipts (
  receipt uuid PRIMARY KEY,
  tenant  text NOT NULL,
  at      timestamptz NOT NULL,
  reason  text NOT NULL,
  removed jsonb NOT NULL
);
`;

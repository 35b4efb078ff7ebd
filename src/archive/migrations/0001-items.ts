// Schema 1: scopes, the items in them, and the full-text index.

export const items = `
-- One scope holds what one user of one tenant has told. Everything else refers to a scope, never to a name.
CREATE TABLE scopes (
  scope        int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant       text NOT NULL,
  user_name    text NOT NULL,
  next_ordinal int4 NOT NULL DEFAULT 0,
  item_count   int4 NOT NULL DEFAULT 0,
  total_length int8 NOT NULL DEFAULT 0,
  UNIQUE (tenant, user_name)
);

-- Whatever can be recalled. ordinal counts the items of a scope and is never used twice.
CREATE TABLE items (
  scope         int4 NOT NULL REFERENCES scopes ON DELETE CASCADE,
  ordinal       int4 NOT NULL,
  kind          text NOT NULL CHECK (kind IN ('episode', 'fact', 'chunk', 'summary')),
  state         text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'retired')),
  session       text,
  turn          int4,
  speaker       text,
  occurred_at   timestamptz NOT NULL,
  recorded_at   timestamptz NOT NULL,
  event_from    timestamptz,
  event_to      timestamptz,
  expires_at    timestamptz,
  superseded_at timestamptz,
  last_seen_at  timestamptz NOT NULL,
  repeats       int4 NOT NULL DEFAULT 0,
  tokens        int4 NOT NULL,
  length        int4 NOT NULL,
  content_key   uuid NOT NULL,
  text          text NOT NULL,
  PRIMARY KEY (scope, ordinal),
  UNIQUE (scope, content_key)
);
CREATE INDEX items_by_session ON items (scope, session, turn);
CREATE INDEX items_by_time ON items (scope, occurred_at);
CREATE INDEX items_by_event ON items (scope, event_from) WHERE event_from IS NOT NULL;
CREATE INDEX items_by_expiry ON items (expires_at) WHERE expires_at IS NOT NULL;

-- The inverted index: for a term, the items of one block of 1,024 ordinals that contain it, 4 bytes each (postings.ts).
CREATE TABLE postings (
  scope int4 NOT NULL REFERENCES scopes ON DELETE CASCADE,
  term  int8 NOT NULL,
  block int4 NOT NULL,
  data  bytea NOT NULL,
  PRIMARY KEY (scope, term, block)
) WITH (fillfactor = 80);
ALTER TABLE postings ALTER COLUMN data SET STORAGE PLAIN;
`;

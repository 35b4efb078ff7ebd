// Schema 2: facts with their validity, and what was derived from what.

export const facts = `
-- The part of a fact that is not an item. Keys are keyed hashes: equal names, equal numbers.
CREATE TABLE facts (
  scope       int4 NOT NULL,
  ordinal     int4 NOT NULL,
  slot_key    int8 NOT NULL,
  value_key   int8 NOT NULL,
  single      boolean NOT NULL,
  negated     boolean NOT NULL,
  confidence  float4 NOT NULL CHECK (confidence BETWEEN 0 AND 1),
  valid_from  timestamptz NOT NULL,
  valid_to    timestamptz,
  detail      text NOT NULL,
  PRIMARY KEY (scope, ordinal),
  FOREIGN KEY (scope, ordinal) REFERENCES items ON DELETE CASCADE
);
CREATE INDEX facts_by_slot ON facts (scope, slot_key);

-- A fact or summary (ordinal) was made from an episode (source).
CREATE TABLE sources (
  scope   int4 NOT NULL,
  ordinal int4 NOT NULL,
  source  int4 NOT NULL,
  PRIMARY KEY (scope, ordinal, source),
  FOREIGN KEY (scope, ordinal) REFERENCES items ON DELETE CASCADE,
  FOREIGN KEY (scope, source) REFERENCES items ON DELETE CASCADE
);
CREATE INDEX sources_by_source ON sources (scope, source);
`;

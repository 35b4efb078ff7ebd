// Schema 14: calls of tools between a message and its answer, and what they gave: part of the turn, and no items.

export const toolSteps = `
-- One row a step of a message, which is an item: it goes with it. The content (sealed) is a step as JSON (tool-steps.ts).
CREATE TABLE tool_steps (
  entry   int8 GENERATED ALWAYS AS IDENTITY UNIQUE,
  scope   int4 NOT NULL,
  ordinal int4 NOT NULL,
  step    int4 NOT NULL CHECK (step >= 0),
  content text NOT NULL,
  PRIMARY KEY (scope, ordinal, step),
  FOREIGN KEY (scope, ordinal) REFERENCES items ON DELETE CASCADE
);

-- No samples of texts (0013-no-samples.ts).
ALTER TABLE tool_steps ALTER COLUMN content SET STATISTICS 0;

-- Rises whenever steps of the scope are written: whoever holds turns in memory learns of it. Where it is 0 there are none.
ALTER TABLE scopes ADD COLUMN steps int4 NOT NULL DEFAULT 0;
`;

// Schema 11: whoever holds in memory what recall must know of items learns what changed, and that something was erased.

export const heldScopes = `
-- What became of items after they were written: few entries, found by their number.
CREATE INDEX history_of_changes ON history (scope, entry) WHERE action <> 'remember';

-- scopes.revision rises with whatever is erased now, not with episodes alone.
CREATE OR REPLACE FUNCTION mneme_episodes_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE scopes SET revision = revision + 1 WHERE scope IN (SELECT scope FROM erased);
  RETURN NULL;
END $$;
`;

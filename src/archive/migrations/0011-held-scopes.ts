// Schema 11: whoever holds in memory what recall must know of items learns what changed, and that something was erased. And
// words are written in half the time.

export const heldScopes = `
-- What became of items after they were written: few entries, found by their number.
CREATE INDEX history_of_changes ON history (scope, entry) WHERE action <> 'remember';

-- scopes.revision rises with whatever is erased now, not with episodes alone.
CREATE OR REPLACE FUNCTION mneme_episodes_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE scopes SET revision = revision + 1 WHERE scope IN (SELECT scope FROM erased);
  RETURN NULL;
END $$;

-- A foreign key would look for the scope once for each word of a text. Postings are only written where the scope is locked.
ALTER TABLE postings DROP CONSTRAINT postings_scope_fkey;
CREATE FUNCTION mneme_scopes_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM postings WHERE scope IN (SELECT scope FROM erased);
  RETURN NULL;
END $$;
CREATE TRIGGER scopes_erased AFTER DELETE ON scopes REFERENCING OLD TABLE AS erased
  FOR EACH STATEMENT EXECUTE FUNCTION mneme_scopes_erased();
`;

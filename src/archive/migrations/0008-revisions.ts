// Schema 8: a number that tells whoever holds turns in memory whether they still hold.

export const revisions = `
-- Rises whenever an episode of the scope is erased, retired, brought back or moved, by whatever statement of whatever
-- program. What is only added shows in next_ordinal.
ALTER TABLE scopes ADD COLUMN revision int4 NOT NULL DEFAULT 0;

CREATE FUNCTION mneme_episodes_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE scopes SET revision = revision + 1 WHERE scope IN (SELECT scope FROM erased WHERE kind = 'episode');
  RETURN NULL;
END $$;
CREATE TRIGGER episodes_erased AFTER DELETE ON items REFERENCING OLD TABLE AS erased
  FOR EACH STATEMENT EXECUTE FUNCTION mneme_episodes_erased();

CREATE FUNCTION mneme_episodes_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE scopes SET revision = revision + 1 WHERE scope IN (
    SELECT o.scope FROM earlier o JOIN later n USING (scope, ordinal)
    WHERE o.kind = 'episode' AND (o.state, o.expires_at, o.session, o.turn, o.speaker, o.occurred_at)
      IS DISTINCT FROM (n.state, n.expires_at, n.session, n.turn, n.speaker, n.occurred_at));
  RETURN NULL;
END $$;
CREATE TRIGGER episodes_changed AFTER UPDATE ON items REFERENCING OLD TABLE AS earlier NEW TABLE AS later
  FOR EACH STATEMENT EXECUTE FUNCTION mneme_episodes_changed();
`;

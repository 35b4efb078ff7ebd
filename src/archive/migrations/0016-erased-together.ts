// Schema 16: what belongs to an item goes with it by one trigger. A foreign key would look for the item, and lock it, once for each
// row written: for a summary of eighty turns longer than all the rest. What a summary was made from is one row. And the words of
// new items lie in one row of their own until they settle in the index, many items at a time (recent-words.ts).

/** Tables with rows of items, and the columns that name the item. */
export const belonging = [
  ['facts', 'scope', 'ordinal'],
  ['sources', 'scope', 'ordinal'],
  ['sources', 'scope', 'source'],
  ['summary_sources', 'scope', 'ordinal'],
  ['history', 'scope', 'ordinal'],
  ['recent_words', 'scope', 'ordinal'],
  ['tool_steps', 'scope', 'ordinal'],
  ['answer_window_items', 'scope', 'ordinal'],
  ['answer_window_items', 'item_scope', 'item_ordinal'],
  ['answer_windows', 'scope', 'ordinal'],
] as const;

export const erasedTogether = `
-- Items and rows of items are only written where their scope is locked; what refers to another scope locks the item.
ALTER TABLE items DROP CONSTRAINT items_scope_fkey;
CREATE OR REPLACE FUNCTION mneme_scopes_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM postings WHERE scope IN (SELECT scope FROM erased);
  DELETE FROM items WHERE scope IN (SELECT scope FROM erased);
  RETURN NULL;
END $$;
ALTER TABLE facts DROP CONSTRAINT facts_scope_ordinal_fkey;
ALTER TABLE sources DROP CONSTRAINT sources_scope_ordinal_fkey, DROP CONSTRAINT sources_scope_source_fkey;
ALTER TABLE history DROP CONSTRAINT history_scope_ordinal_fkey;
ALTER TABLE tool_steps DROP CONSTRAINT tool_steps_scope_ordinal_fkey;
ALTER TABLE answer_windows DROP CONSTRAINT answer_windows_scope_ordinal_fkey;
ALTER TABLE answer_window_items
  DROP CONSTRAINT answer_window_items_scope_ordinal_fkey,
  DROP CONSTRAINT answer_window_items_item_scope_item_ordinal_fkey;

-- Words of an item that are not in postings yet: ids of terms, and for each what a block of postings has, 4 bytes. Rows are read
-- whole and soon gone: as far as they fit they stay in the table, uncompressed. indexed: words of items below are in postings.
CREATE TABLE recent_words (
  scope    int4 NOT NULL,
  ordinal  int4 NOT NULL,
  terms    int8[] NOT NULL,
  postings bytea NOT NULL CHECK (octet_length(postings) = 4 * cardinality(terms)),
  PRIMARY KEY (scope, ordinal)
) WITH (toast_tuple_target = 8160);
ALTER TABLE recent_words ALTER COLUMN terms SET STORAGE EXTERNAL, ALTER COLUMN postings SET STORAGE EXTERNAL;
ALTER TABLE recent_words ALTER COLUMN terms SET STATISTICS 0, ALTER COLUMN postings SET STATISTICS 0;
-- Those of items below settling are on their way, settled_parts of 8 have settled. recent_terms: how many words the others have.
ALTER TABLE scopes
  ADD COLUMN indexed int4 NOT NULL DEFAULT 0,
  ADD COLUMN settling int4 NOT NULL DEFAULT 0,
  ADD COLUMN settled_parts int4 NOT NULL DEFAULT 0,
  ADD COLUMN recent_terms int4 NOT NULL DEFAULT 0;
UPDATE scopes SET indexed = next_ordinal, settling = next_ordinal;

-- What a summary was made from: as it has one source more with every turn, and is written again and again, rows for each of them
-- would be many.
CREATE TABLE summary_sources (
  scope   int4 NOT NULL,
  ordinal int4 NOT NULL,
  sources int4[] NOT NULL CHECK (cardinality(sources) > 0),
  PRIMARY KEY (scope, ordinal)
);
ALTER TABLE summary_sources ALTER COLUMN sources SET STATISTICS 0;
INSERT INTO summary_sources (scope, ordinal, sources)
SELECT s.scope, s.ordinal, array_agg(s.source ORDER BY s.source) FROM sources s JOIN items i USING (scope, ordinal)
WHERE i.kind = 'summary' GROUP BY s.scope, s.ordinal;
DELETE FROM sources s USING items i WHERE i.scope = s.scope AND i.ordinal = s.ordinal AND i.kind = 'summary';

-- The summary of a session is looked for with every message, among all that was said in it.
CREATE INDEX summaries_by_session ON items (scope, session, ordinal) WHERE kind = 'summary' AND state = 'active';

-- Row by row through the indexes, however many items are gone: a plan made for many would read whole tables for one.
CREATE FUNCTION mneme_items_erased() RETURNS trigger LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
${belonging
  .map(
    ([table, scope, ordinal]) =>
      `  DELETE FROM ${table} t USING erased e WHERE t.${scope} = e.scope AND t.${ordinal} = e.ordinal;`,
  )
  .join('\n')}
  RETURN NULL;
END $$;
CREATE TRIGGER items_erased AFTER DELETE ON items REFERENCING OLD TABLE AS erased
  FOR EACH STATEMENT EXECUTE FUNCTION mneme_items_erased();
`;

// Schema 16: what belongs to an item goes with it by one trigger. A foreign key would look for the item, and lock it, once for each
// row written: for a summary of eighty turns longer than all the rest.

/** Tables with rows of items, and the columns that name the item. */
export const belonging = [
  ['facts', 'scope', 'ordinal'],
  ['sources', 'scope', 'ordinal'],
  ['sources', 'scope', 'source'],
  ['history', 'scope', 'ordinal'],
  ['tool_steps', 'scope', 'ordinal'],
  ['answer_window_items', 'scope', 'ordinal'],
  ['answer_window_items', 'item_scope', 'item_ordinal'],
  ['answer_windows', 'scope', 'ordinal'],
] as const;

export const erasedTogether = `
-- Rows of an item are only written where its scope is locked; what refers to another scope locks the item.
ALTER TABLE facts DROP CONSTRAINT facts_scope_ordinal_fkey;
ALTER TABLE sources DROP CONSTRAINT sources_scope_ordinal_fkey, DROP CONSTRAINT sources_scope_source_fkey;
ALTER TABLE history DROP CONSTRAINT history_scope_ordinal_fkey;
ALTER TABLE tool_steps DROP CONSTRAINT tool_steps_scope_ordinal_fkey;
ALTER TABLE answer_windows DROP CONSTRAINT answer_windows_scope_ordinal_fkey;
ALTER TABLE answer_window_items
  DROP CONSTRAINT answer_window_items_scope_ordinal_fkey,
  DROP CONSTRAINT answer_window_items_item_scope_item_ordinal_fkey;

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

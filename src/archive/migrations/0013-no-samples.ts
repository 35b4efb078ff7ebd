// Schema 13: the planner's statistics hold no texts.

/**
 * Statistics of a column are samples of what is in it, and stay after it was erased. No query looks for a text by its words in
 * these columns, so that none are taken; changing a column's type, to the same one, drops those that were.
 */
export const noSamples = [
  ['items', 'text'],
  ['items', 'speaker'],
  ['facts', 'detail'],
  ['documents', 'title'],
  ['scopes', 'user_name'],
  ['answer_windows', 'outline'],
  ['answer_window_items', 'detail'],
  ['session_profiles', 'texts'],
]
  .map(
    ([table, column]) =>
      `ALTER TABLE ${table} ALTER COLUMN ${column} TYPE text, ALTER COLUMN ${column} SET STATISTICS 0;`,
  )
  .join('\n');

// Schema 17: the planner knows from the beginning how rows are spread. It plans a statement once for as long as a connection
// lives, and in a new archive that is while its tables are empty: of several indexes of a scope all seem to find one row, it takes
// any, and with it reads all that is held of a user for each item that is looked up.

const tables = ['items', 'facts', 'sources', 'history', 'answer_windows', 'answer_window_items'] as const;

/** Statistics are made of rows of scopes that nobody has: 20 of 50 items each, without text. */
export const firstStatistics = `
INSERT INTO scopes (scope, tenant, user_name) OVERRIDING SYSTEM VALUE SELECT -s, '', s::text FROM generate_series(1, 20) AS s;
INSERT INTO items (scope, ordinal, kind, session, turn, occurred_at, recorded_at, event_from, event_to, expires_at, last_seen_at,
  tokens, length, content_key, text)
SELECT -s, n, 'episode', 'session ' || n / 10, n % 10, t, t, t, t, t, t, 1, 1, md5(s || ' ' || n)::uuid, ''
FROM generate_series(1, 20) AS s CROSS JOIN generate_series(1, 50) AS n
CROSS JOIN LATERAL (SELECT timestamptz '2020-01-01' + n * interval '1 hour' AS t) AS at;
INSERT INTO facts (scope, ordinal, slot_key, value_key, single, negated, confidence, valid_from, valid_to, detail)
SELECT scope, ordinal, ordinal, ordinal, true, false, 1, occurred_at, CASE WHEN ordinal % 2 = 0 THEN occurred_at END, ''
FROM items WHERE scope < 0;
INSERT INTO sources (scope, ordinal, source) SELECT scope, ordinal, ordinal - 1 FROM items WHERE scope < 0;
INSERT INTO history (entry, operation, scope, ordinal, action, at, field) OVERRIDING SYSTEM VALUE
SELECT 100 * scope - ordinal, ordinal, scope, ordinal, CASE WHEN ordinal % 2 = 0 THEN 'remember' ELSE 'retire' END, occurred_at, 'state'
FROM items WHERE scope < 0;
INSERT INTO answer_windows (scope, ordinal, session, size, outline) SELECT scope, ordinal, session, 1, '' FROM items WHERE scope < 0;
INSERT INTO answer_window_items (entry, scope, ordinal, item_scope, item_ordinal, detail) OVERRIDING SYSTEM VALUE
SELECT 1000 * scope - 10 * ordinal - n, scope, ordinal, scope, 1 + (ordinal + n) % 50, ''
FROM items CROSS JOIN generate_series(1, 4) AS n WHERE scope < 0;
${tables.map((table) => `ANALYZE ${table};`).join('\n')}
DELETE FROM scopes WHERE scope < 0;
`;

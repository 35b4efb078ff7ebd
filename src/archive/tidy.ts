// Frees what an embedded database has written over: servers do so by themselves. Knows nothing of what is stored.
import type { Database } from './database.js';

/** Tables whose rows are written again and again, or go soon: words of items are recent, then they settle. */
const tables = ['postings', 'recent_words', 'items'] as const;
/** Tidied once so many items came or went, and a share of those there were. */
const leastChange = 2000;
const leastShare = 0.1;

interface Counts {
  readonly written: number;
  readonly tidied: number;
}

/**
 * Runs PostgreSQL's VACUUM where much was written since the last time, which takes seconds for 100,000 items: index entries of
 * rows that were written over make every look-up slower. Does nothing on a server.
 *
 * @param always also where little was written, as after an index was made again
 */
export async function tidy(database: Database, { always = false } = {}): Promise<void> {
  if (database.kind !== 'pglite') return;
  const [counts] = await database.query<Counts>(
    `SELECT (SELECT coalesce(sum(next_ordinal), 0)::float8 FROM scopes) AS written,
       coalesce((SELECT (value #>> '{}')::float8 FROM settings WHERE name = 'tidied'), 0) AS tidied`,
  );
  if (counts === undefined) return;
  const { written, tidied } = counts;
  if (!always && Math.abs(written - tidied) < leastChange + leastShare * tidied) return;
  for (const table of tables) await database.execute(`VACUUM (ANALYZE) ${table}`);
  await database.query(
    `INSERT INTO settings (name, value) VALUES ('tidied', to_jsonb($1::float8))
     ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value`,
    [written],
  );
}

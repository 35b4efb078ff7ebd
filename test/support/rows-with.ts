// For tests: in which tables of a store something that was said can still be read. Knows nothing of what was said.
import type { Database } from '../../src/archive/database.js';

/** Bytes are shown as hexadecimal digits: words may stand in them too. */
const formsOf = (words: string): readonly string[] =>
  [words, words.toLowerCase()].flatMap((form) => [form, Buffer.from(form).toString('hex')]);

/**
 * The names of tables with a row that has these words in any column, whatever its type; in order. For stores without keys.
 */
export async function tablesWith(database: Database, words: string): Promise<readonly string[]> {
  const tables = await database.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY table_name`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await database.query<{ row: string }>(`SELECT t::text AS row FROM "${name}" t`);
    if (rows.some(({ row }) => formsOf(words).some((form) => row.includes(form)))) found.push(name);
  }
  return found;
}

// Brings a database to the newest schema, one numbered step after another. Knows nothing of what a step does.
import { StorageError } from '../core/errors.js';
import type { Database, Queryable } from './database.js';
import { migrations } from './migrations/index.js';

const table = `CREATE TABLE IF NOT EXISTS mneme_migrations (version int4 PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())`;
/** Any number, the same for everybody: one migrates, the others wait. */
const lockNumber = 517_120_923;

async function currentVersion(database: Queryable): Promise<number> {
  const rows = await database.query<{ version: number }>(
    'SELECT coalesce(max(version), 0) AS version FROM mneme_migrations',
  );
  return rows[0]?.version ?? 0;
}

/** SQLSTATE of a table that is not there. */
const undefinedTable = '42P01';

/** Whether nothing is to be done, seen without a lock. */
async function isNewest(database: Queryable, steps: readonly string[]): Promise<boolean> {
  try {
    return (await currentVersion(database)) === steps.length;
  } catch (error) {
    if (error instanceof StorageError && error.fields['sqlState'] === undefinedTable) return false;
    throw error;
  }
}

/**
 * Applies the migrations the database lacks, all or none.
 *
 * @throws {StorageError} when the database was written by a newer version of Mneme
 */
export async function migrate(database: Database, steps: readonly string[] = migrations): Promise<void> {
  if (await isNewest(database, steps)) return;
  await database.transaction(async (transaction) => {
    await transaction.query('SELECT pg_advisory_xact_lock($1::int8)::text', [lockNumber]);
    await transaction.execute(table);
    const version = await currentVersion(transaction);
    if (version > steps.length)
      throw new StorageError(
        `The archive has schema ${version}; this version of Mneme knows schemas up to ${steps.length}. Install a newer Mneme to open it.`,
        { fields: { found: version, known: steps.length } },
      );
    for (const [index, step] of steps.entries()) {
      if (index < version) continue;
      await transaction.execute(step);
      await transaction.query('INSERT INTO mneme_migrations (version) VALUES ($1)', [index + 1]);
    }
  });
}

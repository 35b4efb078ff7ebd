// Seals everything anew with the current key, page by page. Knows nothing of what the texts say.
import { ConfigError } from '../../core/errors.js';
import type { Context } from '../context.js';
import { ownerOf } from '../context.js';
import type { LongWork } from '../progress.js';
import { reportProgress } from '../progress.js';
import { storeSecret } from './open-cipher.js';

/** Where sealed texts lie. */
const places: readonly { readonly table: string; readonly key: string; readonly column: string }[] = [
  { table: 'items', key: 'ordinal', column: 'text' },
  { table: 'facts', key: 'ordinal', column: 'detail' },
  { table: 'documents', key: 'document', column: 'title' },
  { table: 'answer_windows', key: 'ordinal', column: 'outline' },
  { table: 'session_profiles', key: 'entry', column: 'texts' },
  { table: 'tool_steps', key: 'entry', column: 'content' },
  { table: 'answer_window_items', key: 'entry', column: 'detail' },
];
const pageSize = 500;

interface Row {
  readonly scope: number;
  readonly key: string;
  readonly sealed: string;
  readonly tenant: string;
  readonly user: string;
}

/**
 * Replaces the seals of earlier keys in the whole store, all tenants. Interrupted, it goes on where it stopped when it
 * is called again with the same keys; afterwards the earlier keys open nothing any more.
 *
 * @returns how many texts were sealed anew
 * @throws {ConfigError} when the archive is not encrypted
 */
export async function rotateKeys(context: Context, work: LongWork = {}): Promise<number> {
  const { cipher, database } = context;
  if (cipher.keyId === undefined)
    throw new ConfigError(
      'The archive is not encrypted: there are no keys to rotate. Open it with an encryption key.',
    );
  let done = 0;
  for (const { table, key, column } of places) {
    for (;;) {
      const rows = await database.query<Row>(
        `SELECT t.scope, t.${key}::text AS key, t.${column} AS sealed, s.tenant, s.user_name AS "user"
         FROM ${table} t JOIN scopes s USING (scope) WHERE NOT starts_with(t.${column}, $1) LIMIT ${pageSize}`,
        [`~1.${cipher.keyId}.`],
      );
      if (rows.length === 0) break;
      const sealed = await Promise.all(
        rows.map(async (row) => {
          const owner = ownerOf({ tenant: row.tenant }, row.user);
          return cipher.seal(await cipher.open(row.sealed, owner), owner);
        }),
      );
      await database.query(
        // What was sealed anew by somebody else meanwhile stays: it is looked at again.
        `UPDATE ${table} t SET ${column} = n.sealed FROM unnest($1::int4[], $2::int8[], $3::text[], $4::text[]) AS n (scope, key, sealed, earlier)
         WHERE t.scope = n.scope AND t.${key} = n.key AND t.${column} = n.earlier`,
        [rows.map(({ scope }) => scope), rows.map((row) => row.key), sealed, rows.map((row) => row.sealed)],
      );
      done += rows.length;
      reportProgress(work, { phase: 'seal', done });
    }
  }
  await storeSecret(database, cipher, cipher.hashKey);
  return done;
}

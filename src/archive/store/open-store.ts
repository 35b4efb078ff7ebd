// Chooses the database by its address. Knows nothing of what is stored.
import { ConfigError } from '../../core/errors.js';
import type { Database } from '../database.js';
import type { PgliteOptions } from './pglite.js';
import { openPglite, openPgliteInMemory } from './pglite.js';
import { openPostgres } from './postgres.js';

/**
 * `memory`: a database that is gone when closed; `postgres://...`: a server; anything else: a folder for the embedded
 * database, created when absent.
 *
 * @throws {StorageError} when it cannot be opened
 * @throws {ConfigError} when it is the address of something else, or shall keep less in memory than it needs
 */
export async function openStore(address: string, options: PgliteOptions = {}): Promise<Database> {
  if (address === 'memory') return openPgliteInMemory(options);
  const scheme = /^([a-z][a-z\d+.-]*):\/\//i.exec(address)?.[1];
  if (scheme === undefined) return openPglite(address, options);
  if (/^postgres(?:ql)?$/i.test(scheme)) return openPostgres(address, options);
  throw new ConfigError(
    `The store is an address of "${scheme}". Expected a folder, "memory" or postgres://user:password@host:5432/name.`,
    { fields: { scheme } },
  );
}

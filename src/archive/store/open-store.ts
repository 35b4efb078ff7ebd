// Chooses the database by its address. Knows nothing of what is stored.
import type { Database } from '../database.js';
import type { PgliteOptions } from './pglite.js';
import { openPglite, openPgliteInMemory } from './pglite.js';
import { openPostgres } from './postgres.js';

/**
 * `memory`: a database that is gone when closed; `postgres://...`: a server; anything else: a folder for the embedded
 * database, created when absent.
 *
 * @throws {StorageError} when it cannot be opened
 * @throws {ConfigError} when it shall keep less in memory than it needs
 */
export function openStore(address: string, options: PgliteOptions = {}): Promise<Database> {
  if (address === 'memory') return openPgliteInMemory(options);
  return /^postgres(?:ql)?:\/\//.test(address)
    ? openPostgres(address, options)
    : openPglite(address, options);
}

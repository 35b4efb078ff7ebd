// The archive's embedded database: PGlite in a folder or in memory. Knows nothing of what is stored.
import { homedir } from 'node:os';
import { Pool } from 'pg';
import { MnemeError, StorageError, messageOf } from '../../core/errors.js';
import { nodeFiles } from '../../core/files.node.js';
import type { CacheBounds, CacheOptions } from '../cache-bounds.js';
import { cacheBounds } from '../cache-bounds.js';
import type { Database } from '../database.js';
import { engineCode } from './engine-code.js';
import type { EngineOptions, PgliteEngine } from './pglite-engine.js';
import { PgliteSocket } from './pglite-socket.js';
import { PoolDatabase } from './pool-database.js';
import { startThreadedEngine } from './threaded-engine.js';

export interface PgliteOptions extends CacheOptions {
  /** `worker` (default) runs the database in a thread of its own; `main` in the caller's. */
  readonly thread?: 'worker' | 'main';
  /** Makes pgvector available; a folder that uses it has it anyway. */
  readonly pgvector?: boolean;
}

/** The exact pin in package.json: a dump fits the version that made it. */
export const pgliteVersion = '0.5.14';

/** The thread that calls loads PGlite only where it runs it. */
async function start(options: EngineOptions, thread: PgliteOptions['thread']): Promise<PgliteEngine> {
  if (thread !== 'main') return startThreadedEngine(options);
  const [{ startEngine }, code] = await Promise.all([import('./pglite-engine.js'), engineCode()]);
  return startEngine(options, code);
}

/** Of an empty database. */
const templatePageBytes = 16e6;

/** The dump of an empty database: created once per machine (seconds), then every new archive starts from it. */
function templatePath(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? `${homedir()}/.cache`;
  return `${cache}/mneme/pglite-${pgliteVersion}.tar`;
}

/** `undefined` when the cache cannot be written: the archive then starts from nothing, more slowly. */
async function loadTemplate(): Promise<Uint8Array | undefined> {
  const path = templatePath();
  try {
    if ((await nodeFiles.info(path)) === undefined) {
      const engine = await start({ pageBytes: templatePageBytes }, 'main');
      const dump = await engine.dump();
      await engine.close();
      await nodeFiles.makeFolder(path.slice(0, path.lastIndexOf('/')));
      await nodeFiles.writeAtomic(path, dump);
    }
    return await nodeFiles.readBytes(path);
  } catch (error) {
    if (error instanceof MnemeError) return undefined;
    throw error;
  }
}

function databaseOver(
  engine: PgliteEngine,
  cache: CacheBounds,
  label: string,
  onClose: () => Promise<void> = async () => undefined,
): Database {
  // One connection: PGlite is a single session.
  const pool = new Pool({
    max: 1,
    pipeline: true,
    idleTimeoutMillis: 0,
    stream: () => new PgliteSocket(engine),
    user: 'postgres',
  });
  return new PoolDatabase(pool, {
    kind: 'pglite',
    cache,
    label,
    isSingle: true,
    copyIn: (_client, target, rows) =>
      engine.copy(`COPY ${target} FROM '/dev/blob' WITH (FORMAT binary)`, rows),
    async onClose() {
      await engine.close();
      await onClose();
    },
  });
}

/** A database that is gone when it is closed. */
export async function openPgliteInMemory(options: PgliteOptions = {}): Promise<Database> {
  const { pgvector = false, thread, cacheMegabytes } = options;
  const cache = cacheBounds(cacheMegabytes);
  const template = await loadTemplate();
  const engine = await start({ pgvector, pageBytes: cache.pages, ...(template ? { template } : {}) }, thread);
  return databaseOver(engine, cache, 'in memory');
}

/**
 * Opens or creates the database in `folder`. One process at a time.
 *
 * @throws {StorageError} when another process has it open, or it was written by another version of PostgreSQL
 */
export async function openPglite(folder: string, options: PgliteOptions = {}): Promise<Database> {
  const cache = cacheBounds(options.cacheMegabytes);
  await nodeFiles.makeFolder(folder);
  const lock = await nodeFiles.lock(`${folder}/lock`);
  try {
    const data = `${folder}/postgres`;
    const exists = (await nodeFiles.info(`${data}/PG_VERSION`)) !== undefined;
    if (exists) await checkVersion(data);
    const template = exists ? undefined : await loadTemplate();
    let isRestarting = false;
    const startWith = async (pgvector: boolean): Promise<Database> => {
      const engine = await start(
        { folder: data, pgvector, pageBytes: cache.pages, ...(template ? { template } : {}) },
        options.thread,
      );
      return databaseOver(engine, cache, `"${folder}"`, async () => {
        if (!isRestarting) await lock.release();
      });
    };
    const database = await startWith(options.pgvector ?? false);
    if (options.pgvector || !exists || !(await usesPgvector(database))) return database;
    isRestarting = true;
    await database.close();
    isRestarting = false;
    return await startWith(true);
  } catch (error) {
    await lock.release();
    if (error instanceof MnemeError) throw error;
    throw new StorageError(
      `The archive in "${folder}" cannot be opened: ${messageOf(error)}. Restore the folder from a copy, or import an export into a new folder.`,
      { cause: error, fields: { path: folder } },
    );
  }
}

async function usesPgvector(database: Database): Promise<boolean> {
  return (await database.query(`SELECT FROM pg_extension WHERE extname = 'vector'`)).length > 0;
}

/** The major version of PostgreSQL inside PGlite 0.5. */
const postgresMajor = '18';

async function checkVersion(data: string): Promise<void> {
  const found = (await nodeFiles.readText(`${data}/PG_VERSION`)).trim();
  if (found === postgresMajor) return;
  throw new StorageError(
    `The archive in "${data}" was written by PostgreSQL ${found}; this version of Mneme reads ${postgresMajor}. ` +
      `Export it with the version of Mneme that wrote it, and import the export into a new folder.`,
    { fields: { path: data, found, expected: postgresMajor } },
  );
}

// The archive's embedded database: PGlite in a folder or in memory. Knows nothing of what is stored.
import { homedir } from 'node:os';
import { Pool } from 'pg';
import { MnemeError, StorageError, messageOf } from '../../core/errors.js';
import { nodeFiles } from '../../core/files.node.js';
import type { Database } from '../database.js';
import type { EngineOptions, PgliteEngine } from './pglite-engine.js';
import { startEngine } from './pglite-engine.js';
import { PgliteSocket } from './pglite-socket.js';
import { PoolDatabase } from './pool-database.js';
import { startThreadedEngine } from './threaded-engine.js';

export interface PgliteOptions {
  /** `worker` (default) runs the database in a thread of its own; `main` in the caller's. */
  readonly thread?: 'worker' | 'main';
  /** Makes pgvector available; a folder that uses it has it anyway. */
  readonly pgvector?: boolean;
}

/** The exact pin in package.json: a dump fits the version that made it. */
export const pgliteVersion = '0.5.14';

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
      const engine = await startEngine({});
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

async function startDatabase(
  engine: PgliteEngine,
  label: string,
  onClose: () => Promise<void> = async () => undefined,
): Promise<Database> {
  // One connection: PGlite is a single session.
  const pool = new Pool({
    max: 1,
    pipeline: true,
    idleTimeoutMillis: 0,
    stream: () => new PgliteSocket(engine),
    user: 'postgres',
  });
  const database = new PoolDatabase(pool, {
    kind: 'pglite',
    label,
    isSingle: true,
    copyIn: (_client, target, rows) =>
      engine.copy(`COPY ${target} FROM '/dev/blob' WITH (FORMAT binary)`, rows),
    async onClose() {
      await engine.close();
      await onClose();
    },
  });
  await database.execute(
    "SET TIME ZONE 'UTC'; SET hnsw.ef_search = 100; SET hnsw.iterative_scan = relaxed_order",
  );
  return database;
}

const start = (options: EngineOptions, thread: PgliteOptions['thread']): Promise<PgliteEngine> =>
  thread === 'main' ? startEngine(options) : startThreadedEngine(options);

/** A database that is gone when it is closed. */
export async function openPgliteInMemory(options: PgliteOptions = {}): Promise<Database> {
  const { pgvector = false } = options;
  const template = await loadTemplate();
  return startDatabase(
    await start({ pgvector, ...(template ? { template } : {}) }, options.thread),
    'in memory',
  );
}

/**
 * Opens or creates the database in `folder`. One process at a time.
 *
 * @throws {StorageError} when another process has it open, or it was written by another version of PostgreSQL
 */
export async function openPglite(folder: string, options: PgliteOptions = {}): Promise<Database> {
  await nodeFiles.makeFolder(folder);
  const lock = await nodeFiles.lock(`${folder}/lock`);
  try {
    const data = `${folder}/postgres`;
    const exists = (await nodeFiles.info(`${data}/PG_VERSION`)) !== undefined;
    if (exists) await checkVersion(data);
    const template = exists ? undefined : await loadTemplate();
    const cacheMegabytes = exists ? cacheFor(await tableBytes(`${data}/base`)) : leastCacheMegabytes;
    let isRestarting = false;
    const startWith = async (pgvector: boolean): Promise<Database> => {
      const engine = await start(
        { folder: data, cacheMegabytes, pgvector, ...(template ? { template } : {}) },
        options.thread,
      );
      return startDatabase(engine, `"${folder}"`, async () => {
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

const leastCacheMegabytes = 128;
const mostCacheMegabytes = 1024;

/** Enough for all tables and indexes with some room to grow, within bounds. */
const cacheFor = (bytes: number): number =>
  Math.min(mostCacheMegabytes, Math.max(leastCacheMegabytes, Math.ceil((1.25 * bytes) / 1e6)));

/** Size of all files of tables and indexes: one folder a database, no folders in it. */
async function tableBytes(base: string): Promise<number> {
  const databases = await nodeFiles.list(base);
  const paths = await Promise.all(
    databases.map(async (database) =>
      (await nodeFiles.list(`${base}/${database}`)).map((file) => `${base}/${database}/${file}`),
    ),
  );
  // Hundreds of small questions to the file system, asked together instead of one after another.
  const files = await Promise.all(paths.flat().map((path) => nodeFiles.info(path)));
  return files.reduce((bytes, file) => bytes + (file?.bytes ?? 0), 0);
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

// For tests: runs one body of tests over every database there is. Knows nothing of what is tested.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe } from 'vitest';
import type { Archive } from '../../src/archive/archive.js';
import type { Database } from '../../src/archive/database.js';
import type { ArchiveOptions } from '../../src/archive/open.js';
import { openArchive } from '../../src/archive/open.js';
import { openPgliteInMemory } from '../../src/archive/store/pglite.js';
import { openPostgres } from '../../src/archive/store/postgres.js';
import { keepDatabaseCompiled } from './compiled-database.js';

const serverUrl = process.env['MNEME_TEST_DATABASE_URL'];

/** A database of its own on the server, dropped when closed. */
async function openTestPostgres(url: string): Promise<Database> {
  const name = `mneme_test_${randomUUID().replaceAll('-', '')}`;
  const administer = async (sql: string): Promise<void> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(sql);
    await client.end();
  };
  await administer(`CREATE DATABASE ${name}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  const database = await openPostgres(own.href);
  const close = async (): Promise<void> => {
    await database.close();
    await administer(`DROP DATABASE ${name} WITH (FORCE)`);
  };
  return Object.assign(Object.create(database) as Database, {
    query: database.query.bind(database),
    queryWith: database.queryWith.bind(database),
    execute: database.execute.bind(database),
    copyBinary: database.copyBinary.bind(database),
    transaction: database.transaction.bind(database),
    atOnce: database.atOnce.bind(database),
    close,
  });
}

interface StoreKind {
  readonly name: string;
  readonly open: (() => Promise<Database>) | undefined;
}

export const storeKinds: readonly StoreKind[] = [
  { name: 'PGlite', open: () => openPgliteInMemory({ thread: 'main', pgvector: true }) },
  serverUrl === undefined
    ? { name: 'PostgreSQL (skipped: MNEME_TEST_DATABASE_URL is not set)', open: undefined }
    : { name: 'PostgreSQL', open: () => openTestPostgres(serverUrl) },
];

export interface TestStore {
  readonly database: Database;
  /** An archive on the shared database, for a tenant nobody else uses. It is not to be closed. */
  readonly archive: (options?: Partial<ArchiveOptions>) => Promise<Archive>;
}

/** One database for the whole body; tests keep apart by tenants. */
export function eachStore(body: (store: TestStore) => void): void {
  for (const { name, open } of storeKinds) {
    describe.skipIf(open === undefined)(name, () => {
      let database: Database | undefined;
      beforeAll(async () => {
        await keepDatabaseCompiled();
        database = await open?.();
      });
      afterAll(() => database?.close());
      const opened = (): Database => {
        if (database === undefined) throw new Error('The store is used before it is open.');
        return database;
      };
      body({
        get database() {
          return opened();
        },
        archive: (options = {}) => openArchive({ store: opened(), tenant: randomUUID(), ...options }),
      });
    });
  }
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError, StorageError } from '../../core/errors.js';
import { binaryRows, floatBytes, int4 } from '../binary-rows.js';
import { keepDatabaseCompiled } from '../../../test/support/compiled-database.js';
import { eachStore } from '../../../test/support/each-store.js';
import { fakeEmbedder } from '../fake-embedder.js';
import { openArchive } from '../open.js';
import { findVectorIndex } from '../vector-index.js';
import { openStore } from './open-store.js';
import { openPglite, openPgliteInMemory, pgliteVersion } from './pglite.js';
import { openPostgres } from './postgres.js';
import { readKey } from './read-key.js';
import { workerUrl } from './threaded-engine.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mneme-store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(keepDatabaseCompiled);

eachStore((store) => {
  test('a connection that the server ends within a transaction is an error, and the next one works', async ({
    skip,
  }) => {
    const { database } = store;
    skip(database.kind === 'pglite', 'the embedded database has one connection and no other to end it');
    await database.execute('CREATE TABLE IF NOT EXISTS ended (a int4)');
    const failing = database.transaction(async (transaction) => {
      await transaction.query('INSERT INTO ended VALUES (1)');
      const [own] = await transaction.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await database.query('SELECT pg_terminate_backend($1)', [own?.pid]);
      // No statement is on its way when the server says goodbye.
      await new Promise((resolve) => setTimeout(resolve, 200));
      await transaction.query('INSERT INTO ended VALUES (2)');
    });
    await expect(failing).rejects.toThrow(StorageError);
    expect(await database.query('SELECT a FROM ended')).toEqual([]);
    await database.transaction((transaction) => transaction.query('INSERT INTO ended VALUES (3)'));
    expect(await database.query('SELECT a FROM ended')).toEqual([{ a: 3 }]);
  });

  test('a transaction that throws leaves nothing, and the next one works', async () => {
    const { database } = store;
    await database.execute('CREATE TABLE IF NOT EXISTS scratch (a int4)');
    const failing = database.transaction(async (transaction) => {
      await transaction.query('INSERT INTO scratch VALUES ($1)', [1]);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    await expect(database.query('INSERT INTO scratch VALUES ($1)', ['one'])).rejects.toThrow(StorageError);
    await database.transaction((transaction) => transaction.query('INSERT INTO scratch VALUES ($1)', [2]));
    expect(await database.query('SELECT a FROM scratch')).toEqual([{ a: 2 }]);
  });

  test('binary rows arrive as they were sent', async () => {
    const { database } = store;
    await database.execute('CREATE TABLE IF NOT EXISTS blobs (a int4, b bytea)');
    const rows = binaryRows([
      [int4(7), floatBytes(Float32Array.of(0.5, -2))],
      [int4(-1), new Uint8Array(0)],
    ]);
    await database.copyBinary('blobs', ['a', 'b'], rows);
    await expect(database.copyBinary('nowhere', ['a'], rows)).rejects.toThrow(StorageError);
    await expect(database.copyBinary('blobs', ['a', 'b'], rows.subarray(0, 30))).rejects.toThrow(
      StorageError,
    );
    const stored = await database.query(`SELECT a, encode(b, 'hex') AS b FROM blobs ORDER BY a`);
    expect(stored).toEqual([
      { a: -1, b: '' },
      { a: 7, b: '0000003f000000c0' },
    ]);
  });

  test('values of every kind come back as they went in', async () => {
    const values = [
      "'; DROP",
      true,
      null,
      new Date('2026-05-08T13:56:00.123Z'),
      ['a', '{"b"}'],
      Uint8Array.of(0, 255),
    ];
    const [row] = await store.database.query<Record<string, unknown>>(
      'SELECT $1::text AS a, $2::boolean AS b, $3::text AS c, $4::timestamptz AS d, $5::text[] AS e, $6::bytea AS f',
      values,
    );
    expect({ ...row, f: new Uint8Array(row?.['f'] as Uint8Array) }).toEqual({
      a: values[0],
      b: true,
      c: null,
      d: values[3],
      e: values[4],
      f: values[5],
    });
  });
});

describe('PGlite in a folder', () => {
  test('keeps what was written', async () => {
    const first = await openArchive({ store: await openPglite(folder, { thread: 'main' }) });
    await first.remember('The key lies under the blue pot.');
    // Closing it again, as where two own it, does nothing.
    await Promise.all([first.close(), first.close()]);
    await first.close();
    const second = await openArchive({ store: await openPglite(folder, { thread: 'main' }) });
    expect((await second.recall('key'))[0]?.item.text).toMatch(/blue pot/);
    await second.close();
  });

  test('that has vectors of pgvector is opened with it, unasked, and stays locked meanwhile', async () => {
    const embedder = fakeEmbedder();
    const first = await openArchive({ store: folder, embedder, vectorStorage: 'vector' });
    await first.remember('The key lies under the blue pot.');
    await first.close();
    const database = await openPglite(folder, { thread: 'main' });
    await expect(openPglite(folder, { thread: 'main' })).rejects.toThrow(/is locked by process \d+/);
    expect((await findVectorIndex(database))?.storage).toBe('vector');
    const second = await openArchive({ store: database, embedder });
    expect((await second.recall('blue pot'))[0]?.parts.vector?.rank).toBe(1);
    await second.close();
    await (await openPglite(folder, { thread: 'main' })).close();
  });

  test('is open in one place at a time', async () => {
    const database = await openPglite(folder, { thread: 'main' });
    await expect(openPglite(folder, { thread: 'main' })).rejects.toThrow(/is locked by process \d+/);
    await database.close();
    await (await openPglite(folder, { thread: 'main' })).close();
  });

  test('names the process that has it open', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    await once(other, 'spawn');
    const started = readFileSync(`/proc/${other.pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19];
    writeFileSync(`${folder}/lock.${other.pid}-${started}`, '');
    await expect(openPglite(folder, { thread: 'main' })).rejects.toThrow(`locked by process ${other.pid}`);
    other.kill();
    await once(other, 'exit');
    await (await openPglite(folder, { thread: 'main' })).close();
  });

  test('refuses what another version of PostgreSQL wrote, and what is damaged, and lets go of the lock', async () => {
    mkdirSync(`${folder}/postgres`);
    writeFileSync(`${folder}/postgres/PG_VERSION`, '17\n');
    await expect(openPglite(folder)).rejects.toThrow(/written by PostgreSQL 17; .* reads 18.*Export/s);
    writeFileSync(`${folder}/postgres/PG_VERSION`, '18\n');
    await expect(openPglite(folder, { thread: 'main' })).rejects.toThrow(StorageError);
    rmSync(`${folder}/postgres`, { recursive: true });
    await (await openPglite(folder, { thread: 'main' })).close();
  });

  test('forgotten words are in no file once the store is scrubbed', async () => {
    const database = await openPglite(folder, { thread: 'main' });
    const archive = await openArchive({ store: database });
    await archive.remember({ text: 'I live in Xanthopolis with quokkas.', speaker: 'Ann' });
    await archive.remember('A remark that stays where it is, about turnips.');
    await archive.forget({ query: 'quokkas' }, { scrub: true });
    expect((await archive.recall('turnips')).length).toBe(1);
    await archive.close();
    expect(filesWith(folder, 'turnips')).not.toEqual([]);
    expect(filesWith(folder, 'Xanthopolis')).toEqual([]);
  });
});

/** Files below a folder that contain a word. */
function filesWith(root: string, word: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(word));
}

test('the template is that of the version in package.json', () => {
  const { dependencies } = JSON.parse(
    readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
  ) as {
    dependencies: Record<string, string>;
  };
  expect(dependencies['@electric-sql/pglite']).toBe(pgliteVersion);
});

const built = existsSync(fileURLToPath(workerUrl()));
describe.skipIf(!built)(
  `PGlite in a worker thread${built ? '' : ' (skipped: not built, run tsdown)'}`,
  () => {
    test('answers the same and keeps the event loop free', async () => {
      const database = await openStore(folder);
      let ticks = 0;
      const timer = setInterval(() => ticks++, 1);
      const rows = await database.query<{ n: number }>(
        'SELECT count(*)::int4 AS n FROM generate_series(1, $1::int4)',
        [3_000_000],
      );
      clearInterval(timer);
      expect(rows).toEqual([{ n: 3_000_000 }]);
      expect(ticks).toBeGreaterThan(5);
      await expect(database.query('SELECT $1::int4 / 0', [1])).rejects.toThrow(/division by zero/);
      await database.close();
      await expect(database.query('SELECT 1')).rejects.toThrow(StorageError);
    });

    test('holds an archive', async () => {
      const archive = await openArchive({ store: 'memory' });
      await archive.remember('The key lies under the blue pot.');
      expect(await archive.recall('key')).toHaveLength(1);
      await archive.close();
    });
  },
);

describe('a server', () => {
  test('that is down is said to be down', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const opening = openPostgres(`postgres://nobody:secret@127.0.0.1:${port}/nothing`);
    await expect(opening).rejects.toThrow(/127\.0\.0\.1.*cannot be reached.*Start it/s);
    await expect(opening).rejects.not.toThrow(/secret/);
  });

  test('needs an address', async () => {
    await expect(openPostgres('not a url')).rejects.toThrow(/Expected postgres:/);
    const other = openStore('mysql://ann:secret@host/name');
    await expect(other).rejects.toThrow(ConfigError);
    await expect(other).rejects.not.toThrow(/secret/);
    expect(existsSync('mysql:')).toBe(false);
  });
});

test('an archive works with the smallest cache, and says when it is given less', async () => {
  const archive = await openArchive({ store: 'memory', cacheMegabytes: 16 });
  // More words than their share of the cache holds, so that all is read anew.
  const texts = Array.from({ length: 3000 }, (_, n) => ({
    text: `Ann${n} keeps the key of house ${n} in Town${n}.`,
  }));
  await archive.rememberAll(texts);
  for (const n of [7, 1500, 2999]) {
    const [best] = await archive.recall(`Where is the key of Ann${n}?`);
    expect(best?.item.text).toContain(`Ann${n} `);
  }
  await archive.close();
  await expect(openArchive({ store: 'memory', cacheMegabytes: 15 })).rejects.toThrow(/15 MB.*at least 16/);
  await expect(openStore('memory', { cacheMegabytes: NaN })).rejects.toThrow(ConfigError);
});

test('a failing transaction can be tried again', async () => {
  const database = await openPgliteInMemory({ thread: 'main' });
  const archive = await openArchive({ store: database });
  await database.execute('ALTER TABLE history RENAME TO history_gone');
  await expect(archive.remember('The key lies under the blue pot.')).rejects.toThrow(StorageError);
  await database.execute('ALTER TABLE history_gone RENAME TO history');
  expect((await archive.check()).items).toBe(0);
  expect((await archive.remember('The key lies under the blue pot.')).status).toBe('stored');
  expect((await archive.check()).problems).toEqual([]);
  await archive.close();
});

test('an encryption key is read from a file or the environment', async () => {
  const key = Buffer.alloc(32, 7);
  writeFileSync(`${folder}/key`, `${key.toString('base64')}\n`);
  process.env['MNEME_TEST_KEY'] = key.toString('hex');
  expect(await readKey(`${folder}/key`)).toEqual(new Uint8Array(key));
  expect(await readKey('env:MNEME_TEST_KEY')).toEqual(new Uint8Array(key));
  process.env['MNEME_TEST_KEY'] = 'c2hvcnQ=';
  await expect(readKey('env:MNEME_TEST_KEY')).rejects.toThrow(/5 bytes; expected 32/);
  await expect(readKey('env:MNEME_TEST_NO_KEY')).rejects.toThrow(/openssl/);
  await expect(readKey(`${folder}/none`)).rejects.toThrow(StorageError);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { keepDatabaseCompiled } from '../../test/support/compiled-database.js';
import { eachStore } from '../../test/support/each-store.js';
import { openArchive } from './open.js';
import { openPglite } from './store/pglite.js';
import { tidy } from './tidy.js';

const folder = mkdtempSync(join(tmpdir(), 'mneme-tidy-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Rows of the index of words. */
const indexedRows = `SELECT count(*)::int4 AS rows FROM postings`;

test('a folder is tidied up when it is closed after much was written, and holds the same', async () => {
  await keepDatabaseCompiled();
  const archive = await openArchive({ store: await openPglite(folder, { thread: 'main' }) });
  const words = (n: number): string => `${n} ${n % 7} ${n % 31} ${n % 101}`.replace(/\d+/g, 'w$&x');
  for (let from = 0; from < 2400; from += 200)
    await archive.rememberAll(Array.from({ length: 200 }, (_, i) => ({ text: words(from + i) })));
  const before = await archive.recall('w17x w3x');
  await archive.close();
  const database = await openPglite(folder, { thread: 'main' });
  const [table] = await database.query<{ visible: number; pages: number }>(
    `SELECT relallvisible AS visible, relpages AS pages FROM pg_class WHERE relname = 'postings'`,
  );
  expect(table?.pages).toBeGreaterThan(0);
  // Pages on which every row is alive: VACUUM has been there.
  expect(table?.visible).toBe(table?.pages);
  const again = await openArchive({ store: database });
  expect((await again.recall('w17x w3x')).map(({ item }) => item.id)).toEqual(
    before.map(({ item }) => item.id),
  );
  expect((await again.check()).ok).toBe(true);
  await again.remember('One more text changes little.');
  await tidy(database);
  const [setting] = await database.query<{ tidied: number }>(
    `SELECT (value #>> '{}')::int4 AS tidied FROM settings WHERE name = 'tidied'`,
  );
  expect(setting?.tidied).toBe(2400);
  await again.close();
});

eachStore((store) => {
  test('tidying up changes nothing that is held', async () => {
    const archive = await store.archive();
    await archive.remember('The key lies under the blue pot.');
    const rows = await store.database.query(indexedRows);
    await tidy(store.database, { always: true });
    expect(await store.database.query(indexedRows)).toEqual(rows);
    expect((await archive.recall('key'))[0]?.item.text).toMatch(/blue pot/);
  });
});

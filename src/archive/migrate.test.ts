import { expect, test } from 'vitest';
import type { Database } from './database.js';
import { storeKinds } from '../../test/support/each-store.js';
import { migrate } from './migrate.js';
import { migrations } from './migrations/index.js';
import { openArchive } from './open.js';

async function withDatabase(
  open: (() => Promise<Database>) | undefined,
  use: (database: Database) => Promise<void>,
): Promise<void> {
  const database = (await open?.()) as Database;
  try {
    await use(database);
  } finally {
    await database.close();
  }
}

/** What a database consists of: its columns, constraints and indexes. */
async function schemaOf(database: Database): Promise<unknown> {
  const columns = await database.query(
    `SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
     WHERE table_schema = 'public' ORDER BY table_name, column_name`,
  );
  const indexes = await database.query(
    `SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexdef`,
  );
  return { columns, indexes };
}

/** As an archive of schema 1 holds it: one user with one item that is indexed. */
const oldContent = `
  INSERT INTO scopes (tenant, user_name, next_ordinal, item_count, total_length) VALUES ('default', 'default', 1, 1, 1);
  INSERT INTO items (scope, ordinal, kind, occurred_at, recorded_at, last_seen_at, tokens, length, content_key, text)
  VALUES (1, 0, 'episode', now(), now(), now(), 1, 1, '00000000-0000-0000-0000-000000000001', 'apple');`;

for (const { name, open } of storeKinds)
  test.skipIf(open === undefined)(
    `${name}: every earlier schema becomes the newest and keeps what it holds`,
    async () => {
      let newest: unknown;
      await withDatabase(open, async (database) => {
        await migrate(database);
        await migrate(database);
        newest = await schemaOf(database);
      });
      await withDatabase(open, async (database) => {
        for (let version = 1; version < migrations.length; version++) {
          await migrate(database, migrations.slice(0, version));
          await database.execute(oldContent);
          const said: string[] = [];
          const log = { log: (_level: unknown, message: string) => void said.push(message) };
          const archive = await openArchive({ store: database, log });
          expect(said).toEqual([expect.stringContaining('(unrecorded;')]);
          await archive.reindex();
          expect((await archive.recall('apple')).map(({ item }) => item.text)).toEqual(['apple']);
          expect((await archive.check()).problems).toEqual([]);
          expect(await schemaOf(database)).toEqual(newest);
          await database.execute('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
        }
      });
    },
  );

test('a step that fails leaves the schema as it was', async () => {
  await withDatabase(storeKinds[0]?.open, async (database) => {
    await migrate(database, migrations.slice(0, 2));
    const before = await schemaOf(database);
    await expect(
      migrate(database, [...migrations.slice(0, 2), 'CREATE TABLE extra (a int4); SELECT 1 / 0']),
    ).rejects.toThrow(/division by zero/);
    expect(await schemaOf(database)).toEqual(before);
  });
});

test('a store of a newer version is refused', async () => {
  await withDatabase(storeKinds[0]?.open, async (database) => {
    await migrate(database);
    await database.query('INSERT INTO mneme_migrations (version) VALUES ($1)', [migrations.length + 1]);
    await expect(openArchive({ store: database })).rejects.toThrow(/Install a newer Mneme/);
  });
});

for (const { name, open } of storeKinds)
  test.skipIf(open === undefined)(`${name}: what summaries were made from is kept by schema 16`, () =>
    withDatabase(open, async (database) => {
      await migrate(database, migrations.slice(0, 15));
      await database.execute(oldContent);
      await database.execute(`
        INSERT INTO items (scope, ordinal, kind, session, occurred_at, recorded_at, last_seen_at, tokens, length, content_key, text)
        SELECT 1, n, CASE n WHEN 3 THEN 'summary' ELSE 'episode' END, 's', now(), now(), now(), 1, 0,
          ('00000000-0000-0000-0000-00000000001' || n)::uuid, 'the' FROM generate_series(1, 3) AS n;
        INSERT INTO sources VALUES (1, 3, 2), (1, 3, 0), (1, 2, 1);
        UPDATE scopes SET next_ordinal = 4, item_count = 4`);
      const archive = await openArchive({ store: database });
      await archive.reindex();
      expect((await archive.summary({ user: 'default', session: 's' }))?.sources).toEqual(['1-0', '1-2']);
      expect((await archive.check()).problems).toEqual([]);
      await archive.forget({ ids: ['1-1'] });
      expect(await archive.items(['1-0'])).toHaveLength(1);
      await expect(archive.items(['1-3'])).rejects.toThrow(/no item/);
    }),
  );

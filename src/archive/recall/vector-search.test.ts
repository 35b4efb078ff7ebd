import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { eachStore } from '../../../test/support/each-store.js';
import type { Database } from '../database.js';
import { fakeEmbedder } from '../fake-embedder.js';
import { listScopes } from '../scope.js';
import { findVectorIndex, tableOf } from '../vector-index.js';
import { nearest } from './vector-search.js';

const embedder = fakeEmbedder();

/** The database, and how it went about the last statement it was given. */
function explaining(database: Database): { readonly watched: Database; readonly plan: () => string } {
  let plan = '';
  const note = (lines: readonly Record<string, unknown>[]): void => {
    plan = lines.map((line) => line['QUERY PLAN']).join('\n');
  };
  const watched = Object.assign(Object.create(database) as Database, {
    async query<Row>(sql: string, parameters?: readonly unknown[]): Promise<readonly Row[]> {
      note(await database.query(`EXPLAIN ${sql}`, parameters));
      return database.query<Row>(sql, parameters);
    },
    async queryWith<Row>(
      setting: string,
      sql: string,
      parameters?: readonly unknown[],
    ): Promise<readonly Row[]> {
      note(await database.queryWith(setting, `EXPLAIN ${sql}`, parameters));
      return database.queryWith<Row>(setting, sql, parameters);
    },
  });
  return { watched, plan: () => plan };
}

eachStore((store) => {
  test('pgvector compares few vectors one by one, and finds more through its graph', async ({ skip }) => {
    const tenant = randomUUID();
    const texts = Array.from({ length: 200 }, (_, i) => ({ text: `word${i} word${i + 1} word${i % 7}` }));
    const [available] = await store.database.query(
      `SELECT FROM pg_available_extensions WHERE name = 'vector'`,
    );
    const options = { embedder, vectorStorage: 'vector' } as const;
    if (available === undefined) {
      await expect(store.archive(options)).rejects.toThrow(/lacks pgvector/);
      return skip('The server lacks pgvector.');
    }
    await (await store.archive(options)).rememberAll(texts);
    const archive = await store.archive({ tenant, ...options });
    await archive.rememberAll(texts);
    const index = await findVectorIndex(store.database);
    if (index === undefined) throw new Error('There is no index.');
    expect(index.storage).toBe('vector');
    const [best] = await archive.recall('word30 word31');
    expect(best?.item.text).toContain('word30 word31');
    expect(best?.parts.vector?.rank).toBe(1);
    const scopes = await listScopes(store.database, tenant);
    const [question] = await embedder.embed(['word30 word31'], 'query');
    const { watched, plan } = explaining(store.database);
    const search = (exactLimit: number): ReturnType<typeof nearest> =>
      nearest(watched, index, question ?? new Float32Array(), scopes, 20, exactLimit);

    const exact = await search(200);
    expect(plan()).toContain('Sort');
    expect(plan()).not.toContain(`${tableOf(index)}_search`);
    expect(exact.map(({ scope }) => scope)).toEqual(exact.map(() => scopes[0]?.scope));

    const found = await search(199);
    expect(plan()).toContain(`Index Scan using ${tableOf(index)}_search`);
    expect(plan()).not.toContain('Sort');
    expect(found).toHaveLength(20);
    const all = new Map(
      (await nearest(store.database, index, question ?? new Float32Array(), scopes, 200)).map((hit) => [
        hit.ordinal,
        hit,
      ]),
    );
    expect(found).toEqual(found.map(({ ordinal }) => all.get(ordinal)));
  });
});

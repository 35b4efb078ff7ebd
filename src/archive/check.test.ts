import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { findVectorIndex, tableOf } from './vector-index.js';
import { fakeEmbedder } from './fake-embedder.js';
import { eachStore } from '../../test/support/each-store.js';

eachStore((store) => {
  test('a sound archive has no problems', async () => {
    const archive = await store.archive();
    await archive.rememberAll([
      { text: 'I live in Lyon.', speaker: 'Ann', session: 's' },
      { text: '我喜欢喝绿茶', speaker: 'Ann', session: 't' },
    ]);
    await archive.addDocument({ title: 'Boats', text: 'A boat has a mast.' });
    expect(await archive.check()).toMatchObject({ ok: true, items: 5, problems: [] });
  });

  test('each kind of damage is found, and re-indexing repairs the index', async () => {
    const tenant = randomUUID();
    const archive = await store.archive({ tenant });
    const outcomes = await archive.rememberAll([
      { text: 'The first remark about boats.' },
      { text: 'The second remark about masts.' },
      { text: 'The third remark about sails.' },
    ]);
    const [scope = '0'] = (outcomes[0]?.id ?? '').split('-');
    const damage = (sql: string): Promise<unknown> => store.database.query(sql, [Number(scope)]);
    await damage('DELETE FROM items WHERE scope = $1 AND ordinal = 0');
    await damage(
      'DELETE FROM postings WHERE scope = $1 AND term IN (SELECT term FROM postings WHERE scope = $1 ORDER BY term LIMIT 3)',
    );
    await damage('UPDATE scopes SET total_length = 7 WHERE scope = $1');
    const { ok, problems } = await archive.check();
    expect(ok).toBe(false);
    expect(new Set(problems.map(({ kind }) => kind))).toEqual(new Set(['orphan', 'index', 'count']));
    await archive.reindex();
    expect(await archive.check()).toMatchObject({ ok: true, items: 2 });
    expect(await archive.recall('masts')).toHaveLength(1);
  });

  test('rows of an item that does not exist are found', async () => {
    const archive = await store.archive();
    const { id = '' } = await archive.remember({ text: 'The third remark.', speaker: 'Ann' });
    const [scope] = id.split('-').map(Number);
    for (const row of [
      `sources (scope, ordinal, source) VALUES ($1, 0, 77)`,
      `history (operation, scope, ordinal, action, at, field) VALUES (1, $1, 88, 'retire', now(), 'state')`,
      `answer_window_items (scope, ordinal, item_scope, item_ordinal, detail) VALUES ($1, 0, $1, 99, '')`,
    ])
      await store.database.query(`INSERT INTO ${row}`, [scope]);
    const { problems } = await archive.check();
    expect(problems.filter(({ kind }) => kind === 'orphan').map((problem) => problem.id)).toEqual([
      `${scope}-77`,
      `${scope}-88`,
      `${scope}-99`,
    ]);
    expect(problems.map(({ message }) => message)).toContain(
      `Item ${scope}-88 does not exist, but history has rows of it.`,
    );
  });

  test('a fact without its source is found', async () => {
    const archive = await store.archive();
    const { id = '' } = await archive.remember({ text: 'I live in Lyon.', speaker: 'Ann' });
    const [scope, ordinal] = id.split('-').map(Number);
    await store.database.query('DELETE FROM sources WHERE scope = $1 AND source = $2', [scope, ordinal]);
    const { problems } = await archive.check();
    expect(problems.map(({ kind }) => kind)).toEqual(['orphan']);
  });

  // Last: the other tests write without an embedder.
  test('vectors are compared where no embedder is given', async () => {
    const tenant = randomUUID();
    const embedded = await store.archive({ tenant, embedder: fakeEmbedder({ name: 'any' }) });
    await embedded.rememberAll([{ text: 'The first remark.' }, { text: 'Another about masts.' }]);
    const archive = await store.archive({ tenant });
    expect(await archive.check()).toMatchObject({ ok: true, vectors: 2 });
    const { id = '' } = await archive.remember({ text: 'One without a vector.' });
    expect(await archive.check()).toMatchObject({ ok: true, items: 3, vectors: 2 });
    expect((await embedded.check()).problems).toEqual([
      expect.objectContaining({ kind: 'vector', id, message: expect.stringContaining('has no vector') }),
    ]);
    const table = tableOf((await findVectorIndex(store.database)) ?? { number: 0 });
    await store.database.execute(`ALTER TABLE ${table} DROP CONSTRAINT ${table}_scope_ordinal_fkey`);
    const [scope] = id.split('-').map(Number);
    await store.database.query(
      `INSERT INTO ${table} SELECT scope, 99, embedding FROM ${table} WHERE scope = $1 LIMIT 1`,
      [scope],
    );
    expect((await archive.check()).problems.map(({ kind }) => kind)).toEqual(['orphan']);
    expect((await archive.forget({ query: 'masts' })).removed).toMatchObject({ episodes: 1, vectors: 1 });
  });
});

import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Archive } from './archive.js';
import { eachStore } from '../../test/support/each-store.js';
import { belonging } from './migrations/0016-erased-together.js';
import type { EpisodeInput } from './types.js';

const textsOf = async (archive: Archive, question: string): Promise<string[]> =>
  (await archive.recall(question)).map(({ item }) => item.text);

const tell = (text: string, session: string, user: string): EpisodeInput => ({ text, session, user });

const at = (time: string): { readonly time: string } => ({ time });

eachStore((store) => {
  test('what is forgotten by id is gone with its facts, its index and its history', async () => {
    const archive = await store.archive();
    const { id = '', facts } = await archive.remember({ text: 'I live in Lyon.', speaker: 'Ann' });
    await archive.remember({ text: 'Lyon has two rivers.', speaker: 'Ben' });
    const receipt = await archive.forget({ ids: [id] });
    expect(receipt).toMatchObject({ reason: 'ids', removed: { episodes: 1, facts: 1, historyEntries: 2 } });
    expect([...receipt.ids].sort()).toEqual([id, ...facts].sort());
    expect(await textsOf(archive, 'Where does Ann live? Lyon')).toEqual(['Lyon has two rivers.']);
    expect((await archive.history()).map((entry) => entry.id)).not.toContain(id);
    expect(await archive.check()).toMatchObject({ ok: true, items: 1 });
    await expect(archive.items([id])).rejects.toThrow(/no item/);
  });

  test.each([['an item'], ['a user']])('no table has a row of %s that is forgotten', async (what) => {
    const user = randomUUID();
    const archive = await store.archive({ user });
    const { id: message = '' } = await archive.remember({ text: 'I live in Lyon.', session: 'a' });
    const step = { text: '', calls: [{ id: 'c', name: 'map', arguments: '{}', result: 'far' }] };
    await archive.writeToolSteps({ user, message, steps: [step] });
    const window = { outline: 'a message', details: new Map([[message, 'lyon']]) };
    const turn = { session: 'a', speaker: 'assistant', facts: false };
    const answer = await archive.addTurn({ ...turn, text: 'Far away.', sources: [message], window });
    await archive.addTurn({ ...turn, text: 'It rains.', window: { ...window, outline: 'an answer' } });
    await archive.retire([answer.id]);
    const occurredAt = new Date();
    await archive.replaceSummary({ user, session: 'a', text: 'Of Lyon.', occurredAt, sources: [message] });
    const [scope] = message.split('-').map(Number);
    const rows = async (): Promise<Readonly<Record<string, number>>> =>
      Object.fromEntries(
        await Promise.all(
          belonging.map(async ([table, inScope, ordinal]) => {
            const [counted] = await store.database.query<{ n: number }>(
              `SELECT count(*)::int4 AS n FROM ${table} WHERE ${inScope} = $1 AND ${ordinal} <> 3`,
              [scope],
            );
            return [`${table}.${ordinal}`, counted?.n ?? 0] as const;
          }),
        ),
      );
    expect(Object.values(await rows()).every((count) => count > 0)).toBe(true);
    await archive.forget(what === 'a user' ? { user } : { ids: [message] });
    expect(new Set(Object.values(await rows()))).toEqual(new Set([0]));
    expect((await archive.check()).problems).toEqual([]);
  });

  test('forgetting a fact forgets the episodes that say it, unless they are to stay', async () => {
    const archive = await store.archive();
    const tell = async (text: string): Promise<readonly string[]> =>
      (await archive.remember({ text, speaker: 'Ann' })).facts;
    await archive.forget({ ids: await tell('I live in Lyon.') });
    expect(await textsOf(archive, 'Ann live Lyon')).toEqual([]);
    await archive.forget({ ids: await tell('I work at Siemens.') }, { keepSources: true });
    expect(await textsOf(archive, 'Ann work Siemens')).toEqual(['I work at Siemens.']);
  });

  test('a fact with another source outlives one of them', async () => {
    const archive = await store.archive();
    const one = await archive.remember({ text: 'I live in Lyon.', speaker: 'Ann' });
    const two = await archive.remember({
      text: 'As you know I live in Lyon, near the river.',
      speaker: 'Ann',
    });
    await archive.forget({ ids: [one.id ?? ''] });
    expect((await archive.facts()).map(({ sources }) => sources)).toEqual([[two.id]]);
  });

  test('a session, a user, and all that contains the words of a query', async () => {
    const archive = await store.archive();
    await archive.rememberAll([
      tell('The blue bottle broke.', 'a', 'ann'),
      tell('The blue lamp shines.', 'b', 'ann'),
      tell('A bottle of milk.', 'b', 'ann'),
      tell('The blue bottle of Bob.', 'b', 'bob'),
    ]);
    expect((await archive.forget({ query: 'blue bottles', user: 'ann' })).removed.episodes).toBe(1);
    expect((await archive.forget({ session: 'b', user: 'ann' })).removed.episodes).toBe(2);
    expect((await archive.forget({ user: 'ann' })).reason).toBe('user');
    expect(await archive.users()).toEqual(['bob']);
    const ownerless =
      'SELECT FROM postings p WHERE NOT EXISTS (SELECT FROM scopes s WHERE s.scope = p.scope)';
    expect(await store.database.query(ownerless)).toEqual([]);
    await expect(archive.recall('bottle', { user: 'ann' })).rejects.toThrow(/Nothing is held/);
    expect(await archive.recall('blue bottle', { user: 'bob' })).toHaveLength(1);
    expect((await archive.check()).ok).toBe(true);
  });

  test('a dry run says what would go and changes nothing', async () => {
    const archive = await store.archive();
    const { id } = await archive.remember('The blue bottle broke.');
    const receipt = await archive.forget({ query: 'bottle' }, { dryRun: true });
    expect(receipt.ids).toEqual([id]);
    expect(receipt.id).toBeUndefined();
    expect(await textsOf(archive, 'bottle')).toHaveLength(1);
  });

  test('expired items and those grown weak', async () => {
    let today = new Date('2026-06-01T00:00:00Z');
    const archive = await store.archive({ now: () => today });
    await archive.rememberAll([
      {
        text: 'The code expires soon enough.',
        expiresAt: '2026-05-01T00:00:00Z',
        ...at('2026-04-01T00:00:00Z'),
      },
      { text: 'An old remark about the weather in spring.', ...at('2024-01-01T00:00:00Z') },
      { text: 'A fresh remark about the weather today.', ...at('2026-05-30T00:00:00Z') },
      { text: 'I live in Lyon.', speaker: 'Ann', ...at('2024-01-01T00:00:00Z') },
    ]);
    expect((await archive.forget({ expired: true })).removed.episodes).toBe(1);
    expect((await archive.forget({ weakerThan: 0.1 })).removed.episodes).toBe(1);
    expect(await textsOf(archive, 'remark weather')).toEqual(['A fresh remark about the weather today.']);
    expect(await textsOf(archive, 'Ann live Lyon')).toHaveLength(2);
    today = new Date('2036-06-01T00:00:00Z');
    expect((await archive.forget({ weakerThan: 0.1 })).removed.episodes).toBe(1);
  });

  test('a summary goes with any turn it was made from, and so does the window', async () => {
    const archive = await store.archive();
    const outcomes = await archive.rememberAll(
      ['the first thing said', 'the second thing told', 'the third thing mentioned'].map((text) => ({
        text,
        session: 's',
      })),
    );
    const window = { session: 's', maxTokens: 7 };
    await archive.summarizeSession(
      { summarize: async (turns) => turns.map(({ text }) => text).join('; ') },
      window,
    );
    expect((await archive.window(window)).summary?.text).toBe('the first thing said; the second thing told');
    const receipt = await archive.forget({ ids: [outcomes[0]?.id ?? ''] });
    expect(receipt.removed).toMatchObject({ episodes: 1, summaries: 1 });
    const after = await archive.window(window);
    expect(after.summary).toBeUndefined();
    expect(after.turns.map(({ text }) => text)).toEqual(['the third thing mentioned']);
  });

  test('the receipt is kept, without names or words', async () => {
    const tenant = randomUUID();
    const archive = await store.archive({ tenant });
    await archive.remember({ text: 'A secret about platypuses.', user: 'zed' });
    const { id } = await archive.forget({ user: 'zed' });
    const rows = await store.database.query<{ row: string }>(
      'SELECT receipts::text AS row FROM receipts WHERE tenant = $1',
      [tenant],
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.row).toContain(id);
    expect(rows[0]?.row).not.toMatch(/zed|platypus/);
  });

  test('the planner keeps no samples of what was erased', async () => {
    const archive = await store.archive();
    const samples = async (): Promise<string> => {
      const rows = await store.database.query<{ sample: string }>(
        `SELECT concat(most_common_vals::text, histogram_bounds::text) AS sample FROM pg_stats WHERE schemaname = 'public'`,
      );
      return rows.map(({ sample }) => sample).join('\n');
    };
    await archive.rememberAll(
      Array.from({ length: 40 }, (_, i) => tell(`Axolotl number ${i} swims.`, `pond ${i % 2}`, 'zoe')),
    );
    await store.database.execute('ANALYZE');
    expect(await samples()).toContain('pond 1');
    expect(await samples()).not.toMatch(/Axolotl|zoe/);
    await archive.forget({ user: 'zoe' }, { scrub: true });
    expect(await samples()).not.toContain('pond 1');
  });

  test('what does not exist cannot be forgotten', async () => {
    const archive = await store.archive();
    await archive.remember('something');
    await expect(archive.forget({ ids: ['9999-1'] })).rejects.toThrow(/no item "9999-1"/);
    await expect(archive.forget({ ids: ['first'] })).rejects.toThrow(/not an item id/);
    await expect(archive.forget({ user: 'nobody' })).rejects.toThrow(/Nothing is held/);
    await expect(archive.forget({ query: 'the' })).rejects.toThrow(/telling word/);
  });
});

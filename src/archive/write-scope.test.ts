// What is written in one go is what is written step by step, whoever else writes.
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { eachStore } from '../../test/support/each-store.js';
import type { Archive } from './archive.js';
import type { Database } from './database.js';
import { fakeEmbedder } from './fake-embedder.js';
import type { EpisodeInput, Outcome } from './types.js';
import { findVectorIndex, tableOf } from './vector-index.js';

const day = (n: number): string => new Date(Date.UTC(2026, 0, n)).toISOString();
const pot = 'The key of the garden shed lies under the blue pot.';

/** New texts, known ones, facts that are confirmed, closed, put right and told late, in both languages. */
const stream: readonly (EpisodeInput | readonly EpisodeInput[])[] = [
  { text: pot, session: 'a', speaker: 'Ann', time: day(1) },
  { text: 'I live in Lyon with my sister Clara.', session: 'a', speaker: 'Ann', time: day(1) },
  { text: pot, session: 'a', speaker: 'Ann', time: day(1) },
  { text: 'the key of the garden shed lies under the blue pot!', session: 'b', speaker: 'Ann', time: day(2) },
  { text: '我叫王小明，住在北京，喜欢喝乌龙茶。', session: '会话', speaker: '小明', time: day(2) },
  { text: '我住在北京。', session: '会话', speaker: '小明', time: day(3) },
  { text: '我上个月搬到了上海，不喜欢喝乌龙茶了。', session: '会话', speaker: '小明', time: day(4) },
  { text: 'I have moved to Nantes, Clara stayed.', session: 'b', speaker: 'Ann', time: day(20) },
  { text: 'I live in Dijon.', session: 'c', speaker: 'Ann', time: day(10) },
  { text: 'Yes.', session: 'c', time: day(20) },
  { text: 'Yes.', session: 'c', time: day(21), expiresAt: day(300) },
  [
    { text: 'I love jazz, and we meet on 3 May 2026.', session: 'd', speaker: 'Ben', time: day(22) },
    { text: 'I love jazz, and we meet on 3 May 2026.', session: 'd', speaker: 'Ben', time: day(22) },
    { text: '', speaker: 'Ben' },
    { text: "I don't like jazz any more.", session: 'd', speaker: 'Ben', time: day(23) },
    { text: pot, session: 'd', speaker: 'Ben', time: day(23) },
  ],
  { text: 'My sister lives in Oslo.', speaker: 'Ben', time: day(24) },
  { text: 'Not Oslo, I meant Bergen.', speaker: 'Ben', time: day(25) },
  { text: 'No time is given here, and no session.' },
];

/** The same database; `before` runs before something is written in one go. */
function watched(database: Database, before: () => Promise<void> = async () => undefined) {
  const counts = { atOnce: 0, refused: 0, looks: 0, transaction: 0 };
  const transaction: Database['transaction'] = (work, options) => {
    counts.transaction++;
    return database.transaction(work, options);
  };
  const atOnce: Database['atOnce'] = async (statements, options) => {
    counts.atOnce++;
    await before();
    try {
      return await database.atOnce(statements, options);
    } catch (error) {
      counts.refused++;
      throw error;
    }
  };
  const inOrder: Database['inOrder'] = (work) => {
    counts.looks++;
    return database.inOrder(work);
  };
  const watching = Object.assign(Object.create(database) as Database, {
    query: database.query.bind(database),
    queryWith: database.queryWith.bind(database),
    execute: database.execute.bind(database),
    copyBinary: database.copyBinary.bind(database),
    transaction,
    atOnce,
    inOrder,
  });
  return { database: watching, counts };
}

/** Somebody else who writes the row of every scope, as every writer does. */
const interfere = (database: Database) => (): Promise<void> =>
  database.execute('UPDATE scopes SET revision = revision');

/** All rows of a tenant, without the numbers that differ from tenant to tenant. */
async function rowsOf(database: Database, tenant: string): Promise<Readonly<Record<string, unknown>>> {
  const index = await findVectorIndex(database);
  const tables = {
    scopes: 'scope',
    items: 'ordinal',
    postings: 'term, block',
    recent_words: 'ordinal',
    facts: 'ordinal',
    sources: 'ordinal, source',
    history: 'entry',
    ...(index === undefined ? {} : { [tableOf(index)]: 'ordinal' }),
  };
  const rows: Record<string, unknown> = {};
  for (const [table, order] of Object.entries(tables)) {
    const operation =
      table === 'history'
        ? `|| jsonb_build_object('operation', dense_rank() OVER (ORDER BY t.operation))`
        : '';
    rows[table] = await database.query(
      `SELECT to_jsonb(t) - '{scope, tenant, entry}'::text[] ${operation} AS row
       FROM ${table} t WHERE scope IN (SELECT scope FROM scopes WHERE tenant = $1) ORDER BY ${order}`,
      [tenant],
    );
  }
  return rows;
}

async function tell(archive: Archive): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const episode of stream)
    outcomes.push(...(await archive.rememberAll([episode].flat() as readonly EpisodeInput[])));
  const [found] = await archive.recall('Where is the key of the shed?');
  outcomes.push(await archive.remember({ text: found?.item.text ?? '', speaker: 'assistant' }));
  const first = outcomes[0]?.id ?? '';
  await archive.retire([first]);
  outcomes.push(await archive.remember((stream[0] ?? '') as EpisodeInput));
  // The numbers of the scopes differ.
  return JSON.parse(JSON.stringify(outcomes).replace(/"\d+-/g, '"-')) as readonly Outcome[];
}

eachStore((store) => {
  test.each([
    ['without an embedder', {}],
    ['with one', { embedder: fakeEmbedder(), vectorStorage: 'codes' as const }],
  ])('in one go and step by step the same rows are written, %s', async (_name, options) => {
    const now = (): Date => new Date(day(60));
    const results = [];
    const free = watched(store.database);
    const contested = watched(store.database, interfere(store.database));
    for (const { database } of [free, contested]) {
      const tenant = randomUUID();
      const archive = await store.archive({ tenant, store: database, now, ...options });
      results.push({ outcomes: await tell(archive), rows: await rowsOf(store.database, tenant) });
    }
    const [one, other] = results;
    expect(one?.outcomes.map(({ status }) => status)).toEqual(
      expect.arrayContaining(['stored', 'duplicate', 'near-duplicate', 'echo', 'rejected']),
    );
    expect(other).toEqual(one);
    // Alone: the index of vectors, the beginning of the scope and what retires. Otherwise also all that was tried in one go.
    expect(free.counts.transaction).toBeLessThanOrEqual(3);
    expect(contested.counts.transaction).toBeGreaterThanOrEqual(contested.counts.atOnce);
    expect(contested.counts.refused).toBe(contested.counts.atOnce);
    expect(free.counts.atOnce - free.counts.refused).toBe(contested.counts.atOnce);
    expect(contested.counts.atOnce).toBeGreaterThan(10);
  });

  test('what is known already is only looked for', async () => {
    const { database, counts } = watched(store.database);
    const archive = await store.archive({ store: database });
    await archive.remember({ text: pot, time: day(1) });
    counts.transaction = 0;
    expect((await archive.remember({ text: pot, time: day(1) })).status).toBe('duplicate');
    expect(counts).toMatchObject({ atOnce: 0, transaction: 0 });
  });

  test('who writes alone looks at nothing first, as long as nothing is known', async () => {
    const { database, counts } = watched(store.database);
    const tenant = randomUUID();
    const archive = await store.archive({ tenant, store: database });
    const write = (text: string, session = 'a'): Promise<Outcome> =>
      archive.remember({ text, session, speaker: 'Ann', time: day(1) });
    await write('The first remark about the boat.');
    await write('Another one, of masts and sails.');
    Object.assign(counts, { atOnce: 0, refused: 0, looks: 0, transaction: 0 });
    const { id: third = '' } = await write('The harbour is closed on Mondays.');
    await archive.addTurn({ text: 'Is it?', session: 'a', speaker: 'Ben' });
    const told = await write('My sister Clara lives in Oslo.');
    expect(told.facts.length).toBeGreaterThan(0);
    expect(counts).toEqual({ atOnce: 3, refused: 0, looks: 0, transaction: 0 });
    // Nothing is known of the turns of this session.
    const { id: fifth = '' } = await write('Ropes are sold at the second pier.', 'b');
    expect(counts).toEqual({ atOnce: 4, refused: 0, looks: 1, transaction: 0 });
    // What is known after all: nearly the same, a fact, the same.
    expect((await write('The harbour is closed on Mondays!', 'b')).status).toBe('near-duplicate');
    expect(counts.refused).toBe(1);
    await write('Sails are sewn by hand in the old loft.', 'b');
    expect((await write('My sister Clara lives in Oslo, as I said.', 'b')).facts).toEqual(told.facts);
    expect(counts.refused).toBe(2);
    await write('Masts are cut in the forest behind the hill.', 'b');
    expect((await write('Masts are cut in the forest behind the hill.', 'b')).status).toBe('duplicate');
    const other = await store.archive({ tenant, store: store.database });
    await other.remember({ text: 'Told by another program.', session: 'c', time: day(2) });
    await write('The lighthouse keeper has retired.', 'c');
    const turns = await archive.items([third, fifth]);
    expect(turns.map(({ turn }) => turn)).toEqual([2, 0]);
    const session = await archive.turns({ sessions: [{ session: 'c' }] });
    expect(session.map(({ turn, text }) => [turn, text])).toEqual([
      [0, 'Told by another program.'],
      [1, 'The lighthouse keeper has retired.'],
    ]);
    expect((await archive.check()).problems).toEqual([]);
  });

  test('nothing is kept that was made from what is gone', async () => {
    const archive = await store.archive();
    const { id: kept = '' } = await archive.remember({ text: 'We meet at the old mill.', session: 'a' });
    const { id: source = '' } = await archive.remember({ text: 'The password is tulip.', session: 'a' });
    await archive.forget({ ids: [source] });
    const answer = { session: 'a', speaker: 'assistant', facts: false };
    await expect(archive.addTurn({ ...answer, text: 'It is tulip.', sources: [source] })).rejects.toThrow(
      /forgotten meanwhile/,
    );
    await archive.addTurn({ ...answer, text: 'At the mill.', sources: [kept, kept] });
    expect((await archive.turns({ sessions: [{ session: 'a' }] })).map(({ text }) => text)).toEqual([
      'We meet at the old mill.',
      'At the mill.',
    ]);
    await archive.forget({ ids: [kept] });
    expect(await archive.turns({ sessions: [{ session: 'a' }] })).toEqual([]);
  });

  test('who was forgotten and comes back is written to anew', async () => {
    const archive = await store.archive();
    await archive.remember('The old key is lost.');
    await archive.forget({ user: 'default' });
    const { status, id = '' } = await archive.remember('The new key lies under the pot.');
    expect(status).toBe('stored');
    expect((await archive.items([id])).map(({ text }) => text)).toEqual(['The new key lies under the pot.']);
    expect((await archive.check()).problems).toEqual([]);
  });
});

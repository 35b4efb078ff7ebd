import { randomBytes, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { tablesWith } from '../../test/support/rows-with.js';
import { eachStore } from '../../test/support/each-store.js';
import { keptWindows } from './answer-windows.js';
import type { Archive } from './archive.js';
import type { Receipt } from './forget.js';
import { openArchive } from './open.js';
import { openPgliteInMemory } from './store/pglite.js';

const outline = '{"given":"about a heron"}';

/** A question and its answer, which was given `items`. */
async function answer(
  archive: Archive,
  items: readonly string[] = [],
  session = 's',
  text = outline,
): Promise<{ question: string; id: string }> {
  const question = await archive.addTurn({ user: 'ann', session, text: 'What is that?' });
  const details = new Map(items.map((id) => [id, `because of pelicans in ${id}`]));
  const { id } = await archive.addTurn({
    user: 'ann',
    session,
    text: 'It is a bird.',
    facts: false,
    sources: [question.id],
    window: { outline: text, details },
    later: true,
  });
  return { question: question.id, id };
}

async function tell(archive: Archive, text: string, user = 'ann'): Promise<string> {
  const { id = '' } = await archive.remember({ text, user });
  return id;
}

eachStore((store) => {
  const rowsOf = async (id: string): Promise<number> => {
    const [scope, ordinal] = id.split('-').map(Number);
    const [row] = await store.database.query<{ n: number }>(
      `SELECT (SELECT count(*) FROM answer_windows WHERE scope = $1 AND ordinal = $2)::int4
         + (SELECT count(*) FROM answer_window_items WHERE scope = $1 AND ordinal = $2)::int4 AS n`,
      [scope, ordinal],
    );
    return row?.n ?? 0;
  };

  test('what was given for an answer is kept with it, and is no memory', async () => {
    const archive = await store.archive({ tenant: randomUUID() });
    const told = await tell(archive, 'A grey heron stood in the pond.');
    const passage = await tell(archive, 'Herons eat fish.', 'docs');
    const { id } = await answer(archive, [told, passage]);
    expect(await archive.answerWindow(id)).toEqual({
      outline,
      details: new Map([told, passage].map((item) => [item, `because of pelicans in ${item}`])),
    });
    expect(await archive.answerWindow(told)).toBeUndefined();
    expect(await archive.recall('pelicans', { user: 'ann' })).toEqual([]);
    const lines: string[] = [];
    for await (const line of archive.export('ann')) lines.push(line);
    expect(lines.join()).not.toMatch(/pelicans|about a heron/);
    expect(await archive.check()).toMatchObject({ ok: true, problems: [] });
  });

  test.each([
    ['the answer', (archive: Archive, { id }: { id: string }) => archive.forget({ ids: [id] })],
    ['its question', (archive, { question }: { question: string }) => archive.forget({ ids: [question] })],
    ['its session', (archive) => archive.forget({ session: 's', user: 'ann' })],
    ['its words', (archive) => archive.forget({ query: 'bird', user: 'ann' })],
    ['its user', (archive) => archive.forget({ user: 'ann' })],
  ] as readonly [string, (archive: Archive, of: { id: string; question: string }) => Promise<Receipt>][])(
    'it goes with %s',
    async (_name, forget) => {
      const archive = await store.archive({ tenant: randomUUID() });
      const told = await tell(archive, 'A grey heron stood in the pond.');
      const made = await answer(archive, [told]);
      expect(await rowsOf(made.id)).toBe(2);
      expect((await forget(archive, made)).removed.windows).toBe(1);
      expect(await rowsOf(made.id)).toBe(0);
      expect(await archive.answerWindow(made.id)).toBeUndefined();
      expect((await archive.check()).problems).toEqual([]);
    },
  );

  test('why an item was found goes with the item, whosever it is', async () => {
    const archive = await store.archive({ tenant: randomUUID() });
    const told = await tell(archive, 'A grey heron stood in the pond.');
    const passage = await tell(archive, 'Herons eat fish.', 'docs');
    const { id } = await answer(archive, [told, passage]);
    expect((await archive.forget({ ids: [told] })).removed.windows).toBe(1);
    expect([...((await archive.answerWindow(id))?.details.keys() ?? [])]).toEqual([passage]);
    expect((await archive.forget({ user: 'docs' })).removed.windows).toBe(1);
    expect(await archive.answerWindow(id)).toEqual({ outline, details: new Map() });
    expect(await archive.itemsThere([told, passage])).toEqual([]);
    expect((await archive.check()).problems).toEqual([]);
  });

  test.each([
    ['by its id', (archive: Archive, id: string) => archive.forget({ ids: [id] })],
    ['by its words', (archive) => archive.forget({ query: 'quagga zebroid', user: 'ann' })],
    ['with its user', (archive) => archive.forget({ user: 'ann' })],
  ] as readonly [string, (archive: Archive, id: string) => Promise<Receipt>][])(
    'no table has a word of what was forgotten %s, and windows keep what else they said',
    async (name, forget) => {
      const archive = await store.archive({ tenant: randomUUID() });
      const told = await tell(archive, 'The quagga and the zebroid share a meadow.');
      const passage = await tell(archive, 'An okapi has striped legs.', 'docs');
      const question = await archive.addTurn({ user: 'ann', session: 's', text: 'Who lives there?' });
      const details = new Map([
        [told, '{"score":2,"found":{"terms":["quagga","zebroid"]}}'],
        [passage, '{"score":1,"found":{"terms":["okapi"]}}'],
      ]);
      const { id } = await archive.addTurn({
        user: 'ann',
        session: 's',
        text: 'Somebody does.',
        facts: false,
        sources: [question.id],
        window: { outline: `{"given":["${told}","${passage}"]}`, details },
      });
      for (const word of ['quagga', 'zebroid'])
        expect(await tablesWith(store.database, word)).toEqual(['answer_window_items', 'items']);
      await forget(archive, told);
      for (const word of ['quagga', 'zebroid']) expect(await tablesWith(store.database, word)).toEqual([]);
      const isGone = name === 'with its user';
      expect(await archive.answerWindow(id)).toEqual(
        isGone
          ? undefined
          : {
              outline: `{"given":["${told}","${passage}"]}`,
              details: new Map([[passage, details.get(passage)]]),
            },
      );
      expect(await tablesWith(store.database, 'okapi')).toEqual(
        isGone ? ['items'] : ['answer_window_items', 'items'],
      );
      await archive.forget({ user: 'docs' });
      expect(await tablesWith(store.database, 'okapi')).toEqual([]);
      expect((await archive.check()).problems).toEqual([]);
    },
  );

  test('nothing of another tenant is kept or shown', async () => {
    const [mine, theirs] = [
      await store.archive({ tenant: randomUUID() }),
      await store.archive({ tenant: randomUUID() }),
    ];
    const secret = await tell(theirs, 'The vault opens with the number 7351.');
    const { id } = await answer(mine, [secret, '9999999-1']);
    expect((await mine.answerWindow(id))?.details.size).toBe(0);
    expect(await theirs.answerWindow(id)).toBeUndefined();
    expect(await mine.itemsThere([secret, id])).toMatchObject([{ id }]);
  });

  test('of a conversation the last ones are kept, so many and so long together', async () => {
    const archive = await store.archive({ tenant: randomUUID() });
    const other = await answer(archive, [], 'other');
    const ids: string[] = [];
    for (let n = 0; n < keptWindows.count + 2; n++) ids.push((await answer(archive)).id);
    const held = async (): Promise<readonly boolean[]> =>
      Promise.all(ids.map(async (id) => (await archive.answerWindow(id)) !== undefined));
    expect((await held()).indexOf(true)).toBe(2);
    ids.push((await answer(archive, [], 's', 'x'.repeat(keptWindows.bytes - outline.length))).id);
    expect((await held()).indexOf(true)).toBe(ids.length - 2);
    ids.push((await answer(archive, [], 's', 'x'.repeat(keptWindows.bytes + 1))).id);
    expect((await held()).includes(true)).toBe(false);
    expect((await archive.answerWindow(other.id))?.outline).toBe(outline);
    expect((await archive.check()).problems).toEqual([]);
  });

  test('a failed write leaves neither the answer nor what was given for it', async () => {
    const archive = await store.archive({ tenant: randomUUID() });
    const told = await tell(archive, 'A grey heron stood in the pond.');
    const window = { outline: 'a \0 that no database holds', details: new Map([[told, 'x']]) };
    const turn = { user: 'ann', session: 's', text: 'It is a bird.', facts: false, window };
    await expect(archive.addTurn(turn)).rejects.toThrow();
    expect(await archive.turns({ user: 'ann', sessions: [{ session: 's' }] })).toEqual([]);
    expect((await archive.check()).problems).toEqual([]);
  });

  test('the check finds one that belongs to no turn', async () => {
    const archive = await store.archive({ tenant: randomUUID() });
    const { id } = await answer(archive);
    const [scope, ordinal] = id.split('-').map(Number);
    await store.database.query('UPDATE items SET session = NULL WHERE scope = $1 AND ordinal = $2', [
      scope,
      ordinal,
    ]);
    expect((await archive.check()).problems).toMatchObject([{ kind: 'orphan', id }]);
  });
});

test('an encrypted archive seals it, with each new key anew, and the check says what does not open', async () => {
  const database = await openPgliteInMemory({ thread: 'main' });
  try {
    const [first, second] = [randomBytes(32), randomBytes(32)].map((bytes) => new Uint8Array(bytes));
    const before = await openArchive({ store: database, encryption: { key: first as Uint8Array } });
    const told = await tell(before, 'A grey heron stood in the pond.');
    const { id } = await answer(before, [told]);
    const stored = async (): Promise<string> =>
      JSON.stringify([
        await database.query('SELECT outline FROM answer_windows'),
        await database.query('SELECT detail FROM answer_window_items'),
      ]);
    expect(await stored()).not.toMatch(/heron|pelicans/);
    const both = { key: second as Uint8Array, previousKeys: [first as Uint8Array] };
    await (await openArchive({ store: database, encryption: both })).rotateKeys();
    const after = await openArchive({ store: database, encryption: { key: second as Uint8Array } });
    expect(await after.answerWindow(id)).toEqual({
      outline,
      details: new Map([[told, `because of pelicans in ${told}`]]),
    });
    expect((await after.check()).problems).toEqual([]);
    await database.execute(`UPDATE answer_window_items SET detail = left(detail, -4) || 'AAAA'`);
    expect((await after.check()).problems).toMatchObject([{ kind: 'sealed', id }]);
  } finally {
    await database.close();
  }
});

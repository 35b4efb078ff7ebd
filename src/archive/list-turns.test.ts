// Turns that are held in memory are those that the database holds, whoever changes it.
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { anotherProgram } from '../../test/support/another-program.js';
import { eachStore } from '../../test/support/each-store.js';
import type { Archive } from './archive.js';
import type { Database } from './database.js';
import type { TurnView } from './turn-cache.js';

const sessions = [{ session: 's' }];

/** The same database, as another program has it; notes the texts that it hands out. */
function watched(database: Database): { readonly database: Database; readonly texts: string[] } {
  const texts: string[] = [];
  const note = (rows: readonly unknown[]): void => {
    for (const row of rows) {
      const { text } = row as { readonly text?: unknown };
      if (typeof text === 'string') texts.push(text);
    }
  };
  return { database: anotherProgram(database, note), texts };
}

eachStore((store) => {
  /** Two archives of one tenant, as two programs would have them, and what the database itself says. */
  async function open(now: () => Date = () => new Date()) {
    const tenant = randomUUID();
    const { database, texts } = watched(store.database);
    const reader = await store.archive({ tenant, store: database, now });
    const writer = await store.archive({ tenant, now });
    const inDatabase = async (): Promise<readonly string[]> => {
      const rows = await store.database.query<{ text: string }>(
        `SELECT i.text FROM items i JOIN scopes s USING (scope) WHERE s.tenant = $1 AND i.session = 's' AND i.kind = 'episode'
           AND i.state = 'active' AND (i.expires_at IS NULL OR i.expires_at > $2::timestamptz) ORDER BY i.turn, i.ordinal`,
        [tenant, now()],
      );
      return rows.map(({ text }) => text);
    };
    const said = async (): Promise<readonly string[]> =>
      (await reader.turns({ sessions })).map(({ text }) => text);
    return { reader, writer, texts, inDatabase, said };
  }
  const say = (archive: Archive, text: string) => archive.addTurn({ session: 's', text });

  test('texts are read once, and then only those that are new', async () => {
    const { reader, writer, texts, said } = await open();
    for (const text of ['one', 'two', 'three']) await say(reader, text);
    expect(await said()).toEqual(['one', 'two', 'three']);
    texts.length = 0;
    await say(writer, 'four');
    await writer.remember({ text: 'A remark elsewhere.', session: 'other' });
    expect(await said()).toEqual(['one', 'two', 'three', 'four']);
    expect(await said()).toEqual(['one', 'two', 'three', 'four']);
    expect(texts).toEqual(['four']);
  });

  test('every kind of change by another program shows at once', async () => {
    const { reader, writer, inDatabase, said } = await open();
    const ids: string[] = [];
    for (const text of ['alpha', 'beta', 'gamma', 'delta', 'epsilon']) ids.push((await say(reader, text)).id);
    const [alpha = '', beta = '', gamma = '', delta = ''] = ids;
    let edited = { id: '', operation: 0 };
    let retired: readonly number[] = [];
    const changes: readonly [string, () => Promise<unknown>][] = [
      ['edit', async () => (edited = await writer.edit(beta, 'beta, put right'))],
      ['undo of the edit', () => writer.undo(edited.operation)],
      ['retire', async () => (retired = await writer.retire([gamma]))],
      ['undo of the retiring', () => writer.undo(retired[0] ?? 0)],
      ['forgetting one', () => writer.forget({ ids: [alpha] })],
      [
        'an answer in the place of another',
        () => writer.addTurn({ session: 's', text: 'delta again', speaker: 'assistant', replaces: delta }),
      ],
      ['remembering', () => writer.remember({ text: 'zeta, with a few more words', session: 's' })],
      ['forgetting by words', () => writer.forget({ query: 'epsilon' })],
    ];
    for (const [name, change] of changes) {
      const before = await said();
      await change();
      const after = await inDatabase();
      expect(after, name).not.toEqual(before);
      expect(await said(), name).toEqual(after);
    }
    expect(await said()).toEqual(['beta', 'gamma', 'delta again', 'zeta, with a few more words']);
    const lines: string[] = [];
    for await (const line of writer.export()) lines.push(line);
    await writer.forget({ user: 'default' });
    expect([await said(), await reader.knows('default')]).toEqual([[], false]);
    await say(writer, 'eta');
    expect(await said()).toEqual(['eta']);
    await writer.import(lines);
    expect(await said()).toEqual(await inDatabase());
    await writer.forget({ session: 's' });
    expect(await said()).toEqual([]);
  });

  test('the latest turns stay the latest when older ones are erased, expire or are imported', async () => {
    let ms = Date.parse('2026-03-02T10:00:00Z');
    const { reader, writer } = await open(() => new Date(ms));
    const ids: string[] = [];
    for (let n = 0; n < 130; n++) ids.push((await say(writer, `turn ${n}`)).id);
    await writer.addTurn({ session: 's', text: 'for an hour', expiresAt: ms + 3_600_000 });
    const numbers = async (limit: number): Promise<readonly number[]> =>
      (await reader.turns({ sessions, limit })).map(({ turn }: TurnView) => turn);
    const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
    expect(await numbers(1)).toEqual([130]);
    expect(await numbers(100)).toEqual(range(31, 130));
    expect(await numbers(120)).toEqual(range(11, 130));
    ms += 3_600_000;
    expect(await numbers(120)).toEqual(range(10, 129));
    await writer.forget({ ids: ids.slice(0, 20) });
    expect(await numbers(120)).toEqual(range(20, 129));
    expect(await numbers(1000)).toEqual(range(20, 129));
  });

  test('a branch has the turns before it, and what is forgotten there is gone from both', async () => {
    const { reader, writer } = await open();
    const first = await say(reader, 'alpha');
    await say(reader, 'beta');
    await reader.addTurn({ session: 's@0', text: 'gamma', from: 1 });
    const branch = async (): Promise<readonly string[]> =>
      (await reader.turns({ sessions: [{ session: 's', upTo: 0 }, { session: 's@0' }] })).map(
        ({ text }) => text,
      );
    expect(await branch()).toEqual(['alpha', 'gamma']);
    await say(writer, 'delta');
    expect(await branch()).toEqual(['alpha', 'gamma']);
    await writer.forget({ ids: [first.id] });
    expect(await branch()).toEqual(['gamma']);
    expect((await reader.turns({ sessions })).map(({ text }) => text)).toEqual(['beta', 'delta']);
  });

  test('two programs that speak in one conversation at once lose and double nothing', async () => {
    const { reader, writer, inDatabase, said } = await open();
    const texts = Array.from({ length: 24 }, (_, n) => `remark ${n}`);
    await say(reader, 'the first');
    const stored = await Promise.all(texts.map((text, n) => say(n % 2 === 0 ? reader : writer, text)));
    expect(new Set(stored.map(({ turn }) => turn)).size).toBe(24);
    expect((await said()).toSorted()).toEqual([...texts, 'the first'].toSorted());
    expect(await said()).toEqual(await inDatabase());
    expect((await reader.check()).problems).toEqual([]);
  });
});

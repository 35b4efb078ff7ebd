import { expect, test } from 'vitest';
import type { Archive } from './archive.js';
import { eachStore } from '../../test/support/each-store.js';

const day = (n: number): string => new Date(Date.UTC(2026, 0, n)).toISOString();

async function linesOf(archive: Archive, user?: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of archive.export(user)) lines.push(line);
  return lines;
}

async function filled(archive: Archive): Promise<void> {
  await archive.rememberAll([
    { text: 'I live in Lyon.', speaker: 'Ann', session: 's', time: day(1) },
    { text: 'I live in Nantes.', speaker: 'Ann', session: 's', time: day(2) },
    { text: '我喜欢喝绿茶', speaker: 'Ann', session: 't', time: day(3) },
    { text: 'i live in nantes!', speaker: 'Ann', session: 't', time: day(4) },
  ]);
  await archive.addDocument({
    title: 'Boats',
    text: 'A boat has a mast.\n\nThe mast carries a sail.',
    time: day(5),
  });
}

/** Items and documents without what names the place in a store. */
const content = (lines: readonly string[]): unknown[] =>
  lines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ type }) => type === 'item' || type === 'document');

eachStore((store) => {
  test('an import holds what was exported, and a second import nothing new', async () => {
    const source = await store.archive();
    await filled(source);
    const lines = await linesOf(source);
    const target = await store.archive();
    const report = await target.import(lines);
    expect(report).toEqual({ user: 'default', imported: content(lines).length - 1, known: 0, profiles: 0 });
    expect(content(await linesOf(target))).toEqual(content(lines));
    expect((await target.import(lines)).imported).toBe(0);
    expect((await target.check()).problems).toEqual([]);
    expect((await target.facts()).map(({ text }) => text)).toEqual(['Ann lives in Nantes', 'Ann喜欢喝绿茶']);
    expect((await target.recall('Where does Ann live?'))[0]?.item.text).toMatch(/Nantes/);
    expect(
      (await target.remember({ text: 'I live in Lyon.', speaker: 'Ann', session: 's', time: day(1) })).status,
    ).toBe('duplicate');
  });

  test.each([
    [day(1), 'Lille', 'Nantes'],
    [day(9), 'Lille', 'Lille'],
  ])(
    'of facts that contradict each other the earlier ends where the later begins, whichever came by import (%s)',
    async (time, home, now) => {
      const source = await store.archive();
      await source.remember({ text: 'I live in Nantes.', speaker: 'Ann', time: day(5) });
      const target = await store.archive();
      await target.rememberAll([
        { text: `I live in ${home}.`, speaker: 'Ann', time },
        { text: 'I like tea.', speaker: 'Ann', time },
      ]);
      await target.import(await linesOf(source));
      const facts = await target.facts({ closed: true, at: day(20) });
      const ends = [time, day(5)].toSorted().at(-1);
      const homes = facts
        .filter(({ fact }) => fact?.attribute !== 'likes')
        .map(({ text, fact }) => [text, fact?.validTo]);
      expect(homes.toSorted()).toEqual(
        [home, 'Nantes']
          .toSorted()
          .map((place) => [`Ann lives in ${place}`, place === now ? undefined : ends]),
      );
      expect((await target.facts({ at: day(20) })).map(({ text }) => text).toSorted()).toEqual([
        'Ann likes tea',
        `Ann lives in ${now}`,
      ]);
      expect((await target.check()).problems).toEqual([]);
      expect((await target.recall('Where does Ann live?'))[0]?.item.text).toContain(now);
    },
  );

  test('what conversations begin from goes with them, once, and takes the place of nothing', async () => {
    const source = await store.archive();
    const begin = { system: ['Be brief.', '她的鹦鹉叫可可。'], none: [] };
    for (const [session, profile] of Object.entries(begin))
      await source.addTurn({ session, text: `Hello from ${session}.`, profile });
    await source.addTurn({ session: 'own', text: 'Hello from own.', profile: ['Speak like a pirate.'] });
    const lines = await linesOf(source);
    const exported = lines.map((line) => JSON.parse(line) as object).filter((line) => 'texts' in line);
    expect(exported).toEqual([
      { type: 'profile', session: 'none', texts: [] },
      { type: 'profile', session: 'own', texts: ['Speak like a pirate.'] },
      { type: 'profile', session: 'system', texts: begin.system },
    ]);
    const target = await store.archive();
    await target.addTurn({ session: 'own', text: 'Here it is another.', profile: ['Be kind.'] });
    expect(await target.import(lines)).toMatchObject({ imported: 3, profiles: 2 });
    const kept = (session: string) => target.sessionProfile({ user: 'default', sessions: [session] });
    expect([await kept('system'), await kept('none'), await kept('own')]).toEqual([
      begin.system,
      [],
      ['Be kind.'],
    ]);
    expect(await target.import(lines)).toMatchObject({ imported: 0, known: 3, profiles: 0 });
    expect((await target.check()).problems).toEqual([]);
    expect((await target.forget({ session: 'system' })).removed.profiles).toBe(1);
    expect(await kept('system')).toBeUndefined();
    const gone = lines.filter((line) => !line.includes('"item"'));
    expect(await target.import(gone)).toMatchObject({ imported: 0, profiles: 0 });
    const old = lines
      .filter((line) => !line.includes('"profile"'))
      .map((line) => line.replace('"version":3', '"version":1'));
    expect(await (await store.archive()).import(old)).toMatchObject({ imported: 3, profiles: 0 });
  });

  test('an import may go to another user', async () => {
    const source = await store.archive();
    await filled(source);
    const target = await store.archive();
    await target.import(await linesOf(source), { user: 'copy' });
    expect(await target.users()).toEqual(['copy']);
  });

  test('a broken line is named, and nothing of the file is taken in', async () => {
    const source = await store.archive();
    await filled(source);
    const lines = await linesOf(source);
    const target = await store.archive();
    await target.remember('What was there stays there.');
    const broken = (index: number, line: string): string[] =>
      lines.map((old, i) => (i === index ? line : old));
    await expect(target.import(broken(3, '{"type":"item",'))).rejects.toThrow(/Line 4 .* not JSON/);
    await expect(target.import(broken(2, '{"type":"item"}'))).rejects.toThrow(
      /Line 3 .* not a line of an export/,
    );
    await expect(target.import(lines.slice(1))).rejects.toThrow(/Line 1 .* header/);
    const withNul = (lines[2] ?? '').replace('"text":"', '"text":"\\u0000');
    await expect(target.import(broken(2, withNul))).rejects.toThrow(/Line 3 [^]*valid Unicode/);
    await expect(target.import(lines, { signal: AbortSignal.abort() })).rejects.toThrow(/cancelled/);
    const newer = (lines[0] ?? '').replace('"version":3', '"version":99');
    await expect(target.import(broken(0, newer))).rejects.toThrow(/version 99/);
    const [item] = await target.recall('there stays');
    expect(item?.item.text).toBe('What was there stays there.');
    expect((await target.check()).items).toBe(1);
  });

  test.each<readonly [string, (item: Record<string, unknown>) => object, RegExp]>([
    ['a fact without its statement', ({ fact: _fact, ...item }) => item, /fact without its statement/],
    [
      'a fact made from nothing',
      (item) => ({ ...item, ...(item['kind'] === 'fact' && { sources: [] }) }),
      /made from nothing/,
    ],
    [
      'a source that is not there',
      (item) => ({ ...item, ...(item['kind'] === 'fact' && { sources: [999] }) }),
      /names item 999/,
    ],
    [
      'a chunk without its document',
      ({ document: _document, ...item }) => item,
      /chunk without its document/,
    ],
    [
      'a document that is not there',
      (item) => ({ ...item, ...(item['kind'] === 'chunk' && { document: 7 }) }),
      /names document 7/,
    ],
    [
      'a fact that ends before it begins',
      (item) => ({
        ...item,
        ...(item['kind'] === 'fact' && {
          fact: { ...(item['fact'] as object), validTo: '1990-01-01T00:00:00Z' },
        }),
      }),
      /ends before it begins/,
    ],
    [
      'the same place twice',
      (item) => ({ ...item, ordinal: 0, sources: [], kind: 'episode', fact: undefined, document: undefined }),
      /repeats the item 0 of line/,
    ],
    ['a name with a line break', (item) => ({ ...item, speaker: 'a\nb' }), /is no name/],
    ['a moment of no year', (item) => ({ ...item, occurredAt: '0000-01-01T00:00:00Z' }), /no moment/],
    ['a turn after which none fits', (item) => ({ ...item, turn: 2_147_483_647 }), /at turn/],
  ])('%s is named with its line, and nothing is taken in', async (_name, spoil, message) => {
    const source = await store.archive();
    await filled(source);
    const target = await store.archive();
    const spoilt = (await linesOf(source)).map((line) => {
      const json = JSON.parse(line) as Record<string, unknown>;
      return json['type'] === 'item' ? JSON.stringify(spoil(json)) : line;
    });
    await expect(target.import(spoilt)).rejects.toThrow(/^Line \d+ of the import/);
    await expect(target.import(spoilt)).rejects.toThrow(message);
    expect(await target.users()).toEqual([]);
  });

  test('nobody can be exported who is not there', async () => {
    const archive = await store.archive();
    await expect(linesOf(archive, 'nobody')).rejects.toThrow(/Nothing is held/);
  });
});

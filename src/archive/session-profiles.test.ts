import { randomBytes, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { eachStore } from '../../test/support/each-store.js';
import type { Archive } from './archive.js';
import { openArchive } from './open.js';
import { createRedactor } from './privacy/redact.js';
import { openPgliteInMemory } from './store/pglite.js';

const profile = ['Speak like a pirate.', 'Her parrot is called Coco.'];

/** Says something in a session of ann, from the profile given. @returns the item */
async function say(archive: Archive, session: string, given?: readonly string[]): Promise<string> {
  const turn = { user: 'ann', session, text: 'Good morning to you' };
  return (await archive.addTurn({ ...turn, ...(given && { profile: given }) })).id;
}
const kept = (archive: Archive, ...sessions: string[]): Promise<readonly string[] | undefined> =>
  archive.sessionProfile({ user: 'ann', sessions });

eachStore((store) => {
  test('it holds until another takes its place, and for branches until they have their own', async () => {
    const archive = await store.archive({ tenant: randomUUID() });
    expect(await kept(archive, 's')).toBeUndefined();
    await say(archive, 's', ['Be brief.']);
    await say(archive, 's', profile);
    await say(archive, 's');
    expect(await kept(archive, 's')).toEqual(profile);
    expect(await kept(archive, 's', 's@0')).toEqual(profile);
    await say(archive, 's@0', []);
    expect(await kept(archive, 's', 's@0')).toEqual([]);
    expect(await kept(archive, 's')).toEqual(profile);
    expect(await archive.sessionProfile({ user: 'bob', sessions: ['s'] })).toBeUndefined();
    const other = await store.archive({ tenant: randomUUID() });
    expect(await kept(other, 's')).toBeUndefined();
    expect(await archive.recall('parrot', { user: 'ann' })).toEqual([]);
    expect(await archive.check()).toMatchObject({ ok: true, problems: [] });
  });

  test.each([
    ['its session', (archive) => archive.forget({ session: 's', user: 'ann' })],
    ['the last item of it', (archive, id) => archive.forget({ ids: [id] })],
    ['its words', (archive) => archive.forget({ query: 'parrot Coco', user: 'ann' })],
    ['its user', (archive) => archive.forget({ user: 'ann' })],
  ] as readonly [string, (archive: Archive, id: string) => ReturnType<Archive['forget']>][])(
    'it goes with %s, and the receipt counts it',
    async (name, forget) => {
      const archive = await store.archive({ tenant: randomUUID() });
      const id = await say(archive, 's', profile);
      await say(archive, 'other', ['Be brief.']);
      const { removed } = await forget(archive, id);
      expect(removed.profiles).toBe(name === 'its user' ? 2 : 1);
      expect(await kept(archive, 's')).toBeUndefined();
      expect(await kept(archive, 'other')).toEqual(name === 'its user' ? undefined : ['Be brief.']);
    },
  );

  test('it stays when only some of its words are named, or other turns go', async () => {
    const archive = await store.archive({ tenant: randomUUID() });
    const first = await say(archive, 's', profile);
    await say(archive, 's');
    expect((await archive.forget({ query: 'parrot Lisbon', user: 'ann' })).removed.profiles).toBe(0);
    expect((await archive.forget({ ids: [first] })).removed.profiles).toBe(0);
    expect(await kept(archive, 's')).toEqual(profile);
  });
});

test('it is sealed as texts are, with new keys too, and personal data in it are replaced', async () => {
  const database = await openPgliteInMemory({ thread: 'main' });
  const [old, fresh] = [new Uint8Array(randomBytes(32)), new Uint8Array(randomBytes(32))];
  const redactor = createRedactor();
  const archive = await openArchive({ store: database, encryption: { key: old }, redactor });
  await say(archive, 's', ['Write to ann@example.com about Coco.']);
  const rows = await database.query<{ texts: string }>('SELECT texts FROM session_profiles');
  expect(rows[0]?.texts).not.toMatch(/Coco|example/);
  expect((await kept(archive, 's'))?.[0]).toMatch(/Coco/);
  expect((await kept(archive, 's'))?.[0]).not.toMatch(/example/);
  const turned = await openArchive({ store: database, encryption: { key: fresh, previousKeys: [old] } });
  await turned.rotateKeys();
  const alone = await openArchive({ store: database, encryption: { key: fresh } });
  expect((await kept(alone, 's'))?.[0]).toMatch(/Coco/);
  const lines: string[] = [];
  for await (const line of alone.export('ann')) lines.push(line);
  expect(lines.filter((line) => line.includes('"profile"')).join()).toMatch(/Write to .* about Coco/);
  const other = new Uint8Array(randomBytes(32));
  const elsewhere = await openArchive({
    store: await openPgliteInMemory({ thread: 'main' }),
    encryption: { key: other },
  });
  expect(await elsewhere.import(lines)).toMatchObject({ imported: 1, profiles: 1 });
  expect(await kept(elsewhere, 's')).toEqual(await kept(alone, 's'));
  await elsewhere.close();
  await database.query(`UPDATE session_profiles SET texts = left(texts, -4) || 'AAAA'`);
  expect((await alone.check()).problems).toMatchObject([{ kind: 'sealed' }]);
  await alone.close();
});

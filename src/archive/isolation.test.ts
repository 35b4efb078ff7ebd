import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Archive } from './archive.js';
import { eachStore } from '../../test/support/each-store.js';
import { fakeEmbedder } from './fake-embedder.js';

const embedder = fakeEmbedder();
const secret = 'The vault opens with the number 7351 and a song.';

/** Two tenants with the same user and session names; the first has a secret. */
async function twoTenants(
  open: (options: object) => Promise<Archive>,
): Promise<{ victim: Archive; thief: Archive; id: string }> {
  const victim = await open({ tenant: `victim ${randomUUID()}`, embedder });
  const thief = await open({ tenant: `thief ${randomUUID()}`, embedder });
  const { id = '' } = await victim.remember({ text: secret, user: 'ann', session: 's', speaker: 'Ann' });
  await victim.remember({ text: 'I live in Lyon.', user: 'ann', session: 's', speaker: 'Ann' });
  await victim.addDocument({ title: 'Vault', text: secret, user: 'ann' });
  await thief.remember({ text: 'Nothing to see here.', user: 'ann', session: 's' });
  return { victim, thief, id };
}

eachStore((store) => {
  test('no recall of another tenant shows a secret, whatever is asked', async () => {
    const { thief } = await twoTenants(store.archive);
    for (const question of [secret, 'vault number 7351', '7351', "' OR 1=1 --", 'Lyon'])
      for (const options of [
        { user: 'ann' },
        { allUsers: true },
        { user: 'ann', session: 's', neighbours: 10 },
        { allUsers: true, kinds: ['fact', 'chunk'] as const },
      ]) {
        const found = await thief.recall(question, options);
        expect(JSON.stringify(found)).not.toMatch(/number 7351|Lyon/);
      }
  });

  test('ids of another tenant do not exist', async () => {
    const { victim, thief, id } = await twoTenants(store.archive);
    await expect(thief.items([id])).rejects.toThrow(/no item/);
    await expect(thief.forget({ ids: [id] })).rejects.toThrow(/no item/);
    await expect(thief.retire([id])).rejects.toThrow(/no item/);
    const [change] = await victim.history({ user: 'ann' });
    await expect(thief.undo(change?.operation ?? 0)).rejects.toThrow(/no operation/);
    expect((await victim.items([id]))[0]?.text).toBe(secret);
  });

  test('names of users, sessions and documents reach only the own tenant', async () => {
    const { victim, thief } = await twoTenants(store.archive);
    await victim.remember({ text: 'only here', user: 'hidden' });
    await expect(thief.recall('x', { user: 'hidden' })).rejects.toThrow(
      /Nothing is held of user "hidden"\. (?!.*hidden)/,
    );
    expect(await thief.users()).toEqual(['ann']);
    expect(await thief.documents('ann')).toEqual([]);
    await expect(thief.forget({ user: 'hidden' })).rejects.toThrow(/Nothing is held/);
    await thief.forget({ session: 's', user: 'ann' });
    await thief.forget({ document: 0, user: 'ann' });
    expect((await victim.recall('vault', { user: 'ann' })).length).toBeGreaterThan(1);
    expect(await victim.documents('ann')).toHaveLength(1);
  });

  test('export, facts, window, history and check see the own tenant only', async () => {
    const { thief } = await twoTenants(store.archive);
    const lines: string[] = [];
    for await (const line of thief.export('ann')) lines.push(line);
    const seen = [
      lines,
      await thief.facts({ user: 'ann' }),
      await thief.window({ session: 's', user: 'ann', maxTokens: 1000 }),
      await thief.history({ user: 'ann' }),
      await thief.check(),
    ];
    expect(JSON.stringify(seen)).not.toMatch(/7351|Lyon|vault/i);
    expect((await thief.check()).items).toBe(1);
  });

  test('the same text in two tenants is stored twice and recalled as the own', async () => {
    const { victim, thief } = await twoTenants(store.archive);
    expect((await thief.remember({ text: secret, user: 'ann', session: 's', speaker: 'Ann' })).status).toBe(
      'stored',
    );
    const [own] = await thief.recall('vault number', { user: 'ann' });
    const [theirs] = await victim.recall('vault number', { user: 'ann', kinds: ['episode'] });
    expect(own?.item.id).not.toBe(theirs?.item.id);
  });

  test('words of another tenant do not change a score', async () => {
    const alone = await store.archive({ tenant: randomUUID() });
    const tell = async (archive: Archive): Promise<number> => {
      await archive.rememberAll([{ text: 'an apple a day' }, { text: 'a pear at night' }]);
      return (await archive.recall('apple'))[0]?.parts.text?.score ?? 0;
    };
    const before = await tell(alone);
    const noisy = await store.archive({ tenant: randomUUID() });
    await noisy.rememberAll(
      Array.from({ length: 50 }, (_, i) => ({ text: `apple ${i} and apple again`, session: `s${i}` })),
    );
    expect(await tell(await store.archive({ tenant: randomUUID() }))).toBe(before);
  });
});

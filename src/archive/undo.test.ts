import { expect, test } from 'vitest';
import { eachStore } from '../../test/support/each-store.js';

const day = (n: number): string => new Date(Date.UTC(2026, 0, n)).toISOString();

eachStore((store) => {
  test('a contradiction can be undone, and the undoing too', async () => {
    const archive = await store.archive();
    await archive.remember({ text: 'I live in Lyon.', speaker: 'Ann', time: day(1) });
    await archive.remember({ text: 'I live in Nantes.', speaker: 'Ann', time: day(2) });
    const homes = async (): Promise<string[]> => (await archive.facts()).map(({ fact }) => fact?.value ?? '');
    expect(await homes()).toEqual(['Nantes']);
    const [latest] = await archive.history();
    const undoing = await archive.undo(latest?.operation ?? 0);
    expect(await homes()).toEqual(['Lyon']);
    expect((await archive.recall('Ann lives where? Nantes')).map(({ item }) => item.text)).not.toContain(
      'I live in Nantes.',
    );
    await archive.undo(undoing);
    expect(await homes()).toEqual(['Nantes']);
  });

  test('a repeat can be undone', async () => {
    const archive = await store.archive();
    const { id = '' } = await archive.remember({ text: 'The key lies under the blue pot.', time: day(1) });
    await archive.remember({ text: 'the key lies under the blue pot', time: day(5) });
    const [latest] = await archive.history();
    expect((await archive.items([id]))[0]?.repeats).toBe(1);
    await archive.undo(latest?.operation ?? 0);
    expect((await archive.items([id]))[0]?.repeats).toBe(0);
  });

  test('a retired item is not recalled until it is brought back or told again', async () => {
    const archive = await store.archive();
    const episode = { text: 'The key lies under the blue pot.', session: 's' };
    const { id = '' } = await archive.remember(episode);
    const count = async (): Promise<number> => (await archive.recall('key')).length;
    const [operation = 0] = await archive.retire([id]);
    expect(await count()).toBe(0);
    await archive.undo(operation);
    expect(await count()).toBe(1);
    await archive.retire([id]);
    expect(await archive.remember(episode)).toMatchObject({ status: 'stored', id });
    expect(await count()).toBe(1);
  });

  test('what was changed again since is not undone', async () => {
    const archive = await store.archive();
    const { id = '' } = await archive.remember('The key lies under the blue pot.');
    const [first] = await archive.history();
    await archive.retire([id]);
    await expect(archive.undo(first?.operation ?? 0)).rejects.toThrow(/changed again since/);
    await expect(archive.undo(123_456_789)).rejects.toThrow(/no operation/);
    await expect(archive.undo(1.5)).rejects.toThrow(/operation is 1.5/);
  });

  test('history holds no words', async () => {
    const archive = await store.archive();
    await archive.remember({ text: 'I live in Lyon.', speaker: 'Ann' });
    expect(JSON.stringify(await archive.history())).not.toMatch(/Lyon/);
  });
});

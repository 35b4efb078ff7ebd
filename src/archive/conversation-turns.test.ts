import { expect, test } from 'vitest';
import { eachStore } from '../../test/support/each-store.js';

const said = { session: 's', text: 'Yes, I would like that very much.' };

eachStore((store) => {
  test('turns are stored each time, and listed in order with those of the sessions before', async () => {
    const archive = await store.archive();
    const turns = [await archive.addTurn(said), await archive.addTurn(said)];
    expect(turns.map(({ turn }) => turn)).toEqual([0, 1]);
    const branch = await archive.addTurn({ session: 'b', text: 'Other', from: 1 });
    expect(branch.turn).toBe(1);
    const listed = await archive.turns({ sessions: [{ session: 's', upTo: 0 }, { session: 'b' }] });
    expect(listed.map(({ id }) => id)).toEqual([turns[0]?.id, branch.id]);
    expect(await archive.turns({ sessions: [{ session: 's' }], limit: 1 })).toMatchObject([{ turn: 1 }]);
    expect((await archive.sessions()).map(({ session, turns: count }) => [session, count])).toEqual([
      ['b', 1],
      ['s', 2],
    ]);
    expect(await archive.turns({ sessions: [{ session: 's' }], user: 'nobody' })).toEqual([]);
    expect(await archive.sessions('nobody')).toEqual([]);
    expect([await archive.knows('default'), await archive.knows('nobody')]).toEqual([true, false]);
  });

  test('an answer goes with what it was made from, takes the place of another, and undoing brings that back', async () => {
    const archive = await store.archive();
    const { id: question } = await archive.addTurn({ session: 's', text: 'My code is 4711. Repeat it.' });
    const answer = { session: 's', speaker: 'assistant', facts: false, sources: [question] };
    const old = await archive.addTurn({ ...answer, text: 'I live in Rome, and your code is 4711.' });
    expect(old.facts).toEqual([]);
    const replacing = await archive.addTurn({ ...answer, text: 'It is 4711.', replaces: old.id });
    const ids = async (): Promise<string[]> =>
      (await archive.turns({ sessions: [{ session: 's' }] })).map(({ id }) => id);
    expect(await ids()).toEqual([question, replacing.id]);
    const [{ operation } = { operation: 0 }] = await archive.history({ limit: 1 });
    await archive.undo(operation);
    expect(await ids()).toEqual([question, old.id]);
    const receipt = await archive.forget({ ids: [question] });
    expect(receipt.ids).toEqual(expect.arrayContaining([question, old.id, replacing.id]));
    expect((await archive.check()).problems).toEqual([]);
  });

  test('a turn is made from items of its own user, and facts are found in what a person says', async () => {
    const archive = await store.archive();
    const { id, facts } = await archive.addTurn({ session: 's', text: 'I live in Lyon.', user: 'ann' });
    expect(facts).toHaveLength(1);
    await expect(archive.addTurn({ ...said, user: 'ben', sources: [id] })).rejects.toThrow(/another user/);
    await expect(archive.addTurn({ ...said, text: ' ' })).rejects.toThrow(/empty/);
    expect(await archive.turns({ sessions: [{ session: 's' }], user: 'ben' })).toEqual([]);
  });
});

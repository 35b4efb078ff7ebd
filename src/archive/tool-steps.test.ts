import { randomBytes, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { eachStore } from '../../test/support/each-store.js';
import { tablesWith } from '../../test/support/rows-with.js';
import type { Archive } from './archive.js';
import type { Receipt } from './forget.js';
import { openArchive } from './open.js';
import { createRedactor } from './privacy/redact.js';
import { openPgliteInMemory } from './store/pglite.js';
import type { ToolStep } from './tool-steps.js';

const waiting: ToolStep = {
  text: 'One moment.',
  calls: [{ id: 'c1', name: 'ornithology', arguments: '{"bird":"heron"}' }],
};
const step: ToolStep = {
  text: 'One moment.',
  calls: [{ id: 'c1', name: 'ornithology', arguments: '{"bird":"heron"}', result: 'It eats \0 pelicans.' }],
};
const user = 'ann';
const sessions = [{ session: 's' }];

/** A message for which a tool was called, and its answer. */
async function talk(archive: Archive, steps: readonly ToolStep[] = [step]) {
  const message = await archive.addTurn({ user, session: 's', text: 'What does it eat?' });
  await archive.writeToolSteps({ user, message: message.id, steps });
  const sources = [message.id];
  const answer = await archive.addTurn({ user, session: 's', text: 'Other birds.', facts: false, sources });
  return { message: message.id, answer: answer.id };
}

eachStore((store) => {
  test('they belong to the turn, and are no memory', async () => {
    const archive = await store.archive({ tenant: randomUUID() });
    const { message, answer } = await talk(archive, [step, waiting]);
    const turns = await archive.turns({ user, sessions });
    expect(turns.map(({ steps }) => steps)).toEqual([[step, waiting], undefined]);
    expect(await archive.toolSteps([message, answer])).toEqual(new Map([[message, [step, waiting]]]));
    expect(await archive.recall('pelicans ornithology heron', { user })).toEqual([]);
    const other = await store.archive({ tenant: randomUUID() });
    expect(await other.toolSteps([message])).toEqual(new Map());
    await other.writeToolSteps({ user, message, steps: [waiting] });
    expect(await archive.toolSteps([message])).toEqual(new Map([[message, [step, waiting]]]));
    expect(await archive.check()).toMatchObject({ ok: true, problems: [] });
    await archive.forget({ user });
  });

  test('a turn that is held has those written since, by this program or another', async () => {
    const tenant = randomUUID();
    const [one, other] = [await store.archive({ tenant }), await store.archive({ tenant })];
    const { message } = await talk(one, []);
    const stepsOf = async (archive: Archive) => (await archive.turns({ user, sessions }))[0]?.steps;
    expect([await stepsOf(one), await stepsOf(other)]).toEqual([undefined, undefined]);
    await one.writeToolSteps({ user, message, steps: [waiting] });
    expect([await stepsOf(one), await stepsOf(other)]).toEqual([[waiting], [waiting]]);
    await other.writeToolSteps({ user, message, steps: [step] });
    expect([await stepsOf(one), await stepsOf(other)]).toEqual([[step], [step]]);
    await one.writeToolSteps({ user, message, steps: [step, waiting, step], unchanged: 1 });
    for (const archive of [one, other]) expect(await stepsOf(archive)).toEqual([step, waiting, step]);
    await other.writeToolSteps({ user, message, steps: [waiting] });
    expect([await stepsOf(one), await stepsOf(other)]).toEqual([[waiting], [waiting]]);
    await one.forget({ user });
  });

  test.each([
    ['its message', (archive, { message }) => archive.forget({ ids: [message] })],
    ['its session', (archive) => archive.forget({ session: 's', user })],
    ['words of the call', (archive) => archive.forget({ query: 'ornithology', user })],
    ['words of what it gave', (archive) => archive.forget({ query: 'eats pelicans', user })],
    ['its user', (archive) => archive.forget({ user })],
  ] as readonly [string, (archive: Archive, of: { message: string }) => Promise<Receipt>][])(
    'it goes with %s, and the answer with it',
    async (_, forget) => {
      const archive = await store.archive({ tenant: randomUUID() });
      const made = await talk(archive);
      expect(await tablesWith(store.database, 'ornithology')).toEqual(['tool_steps']);
      const dry = await archive.forget({ query: 'pelicans', user }, { dryRun: true });
      expect([...dry.ids].sort()).toEqual([made.message, made.answer].sort());
      const { removed } = await forget(archive, made);
      expect(removed).toMatchObject({ toolSteps: 1, episodes: 2 });
      expect(await tablesWith(store.database, 'ornithology')).toEqual([]);
      expect(await archive.turns({ user, sessions })).toEqual([]);
      await archive.writeToolSteps({ user, message: made.message, steps: [step] });
      expect(await archive.toolSteps([made.message])).toEqual(new Map());
    },
  );

  test('they stay when only some of their words are named, and with a message that is edited', async () => {
    const archive = await store.archive({ tenant: randomUUID() });
    const { message } = await talk(archive);
    expect((await archive.forget({ query: 'pelicans Lisbon', user })).removed.toolSteps).toBe(0);
    const { id, operation } = await archive.edit(message, 'What does a heron eat?');
    expect((await archive.turns({ user, sessions }))[0]).toMatchObject({ id, steps: [step] });
    await archive.undo(operation);
    expect((await archive.turns({ user, sessions }))[0]).toMatchObject({ id: message, steps: [step] });
    await archive.forget({ user });
  });

  test('an export has them, and an import gives them to messages that are new', async () => {
    const [from, to] = [await store.archive(), await store.archive()];
    await talk(from, [step, waiting]);
    const lines: string[] = [];
    for await (const line of from.export(user)) lines.push(line);
    expect(lines[0]).toMatch('"version":3');
    for (let n = 0; n < 2; n++) await to.import(lines);
    const stepsIn = async (archive: Archive) =>
      (await archive.turns({ user, sessions })).map(({ steps }) => steps);
    expect(await stepsIn(to)).toEqual([[step, waiting], undefined]);
    const old = lines
      .filter((line) => !line.includes('"type":"tools"'))
      .map((line) => line.replace('"version":3', '"version":2'));
    const earlier = await store.archive();
    await earlier.import(old);
    expect(await stepsIn(earlier)).toEqual([undefined, undefined]);
    await earlier.import(lines);
    expect((await earlier.check()).problems).toEqual([]);
    for (const archive of [from, to, earlier]) await archive.forget({ user });
  });
});

test('they are sealed as texts are, with new keys too, and personal data in them are replaced', async () => {
  const database = await openPgliteInMemory({ thread: 'main' });
  const [old, fresh] = [new Uint8Array(randomBytes(32)), new Uint8Array(randomBytes(32))];
  const archive = await openArchive({
    store: database,
    encryption: { key: old },
    redactor: createRedactor(),
  });
  const calls = [
    { id: 'c', name: 'mail', arguments: '{"to":"ann@example.com"}', result: 'Sent to bob@example.com.' },
  ];
  const { message } = await talk(archive, [{ text: '', calls }]);
  const rows = await database.query<{ content: string }>('SELECT content FROM tool_steps');
  expect(rows[0]?.content).not.toMatch(/mail|example/);
  const kept = JSON.stringify((await archive.toolSteps([message])).get(message));
  expect(kept).toMatch(/Sent to/);
  expect(kept).not.toMatch(/example/);
  const turned = await openArchive({ store: database, encryption: { key: fresh, previousKeys: [old] } });
  await turned.rotateKeys();
  const after = await openArchive({ store: database, encryption: { key: fresh } });
  expect(JSON.stringify((await after.toolSteps([message])).get(message))).toBe(kept);
  expect((await after.check()).problems).toEqual([]);
  await database.execute(`UPDATE tool_steps SET content = left(content, -4) || 'AAAA'`);
  expect((await after.check()).problems).toMatchObject([{ kind: 'sealed', id: message }]);
  await database.close();
});

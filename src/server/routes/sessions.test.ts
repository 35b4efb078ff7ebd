import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestServer } from '../../../test/support/server.js';
import { openTestServer } from '../../../test/support/server.js';
import { stubGenerator } from '../../testing/index.js';

let count = 0;
let server: TestServer;
beforeAll(async () => {
  const generator = stubGenerator({ answer: () => `Answer ${count++}.` });
  server = await openTestServer({ models: [{ id: 'stub', generator }] });
});
afterAll(() => server.close());

/** Says something in a session of a user; gives the number of the answer's turn, and its item. */
async function say(user: string, session: string, content: string): Promise<{ turn: number; id: string }> {
  const body = { messages: [{ role: 'user', content }], user, mneme: { session } };
  const { json } = await server.call('POST', '/v1/chat/completions', body);
  const turn = json.mneme?.assistantTurn;
  return { turn: turn?.turn ?? -1, id: turn?.id ?? '' };
}

const textsOf = async (user: string, session: string): Promise<readonly string[]> => {
  const { json } = await server.call('GET', `/v1/sessions/${encodeURIComponent(session)}?user=${user}`);
  return (json.turns ?? []).map(({ text }) => text);
};

test('conversations are listed with their beginnings, the one spoken in last first', async () => {
  const user = randomUUID();
  await say(user, 'a/b ü', 'First   words\nof a conversation');
  await say(user, '北京', '你好，'.repeat(50));
  await say(user, 'a/b ü', 'And more');
  const { json } = await server.call('GET', `/v1/sessions?user=${user}`);
  expect(json.sessions?.map(({ id, turns, title }) => [id, turns, title])).toEqual([
    ['a/b ü', 4, 'First words of a conversation'],
    ['北京', 2, `${'你好，'.repeat(27).slice(0, 79)}…`],
  ]);
  expect(await textsOf(user, '北京')).toHaveLength(2);
});

test('an answer is written again in the place of the old one', async () => {
  const user = randomUUID();
  await say(user, 's', 'Hello');
  const [, before] = await textsOf(user, 's');
  const again = await server.call('POST', '/v1/sessions/s/regenerate', { user, temperature: 0.5 });
  expect(again.json).toMatchObject({
    object: 'chat.completion',
    mneme: { session: 's', userTurn: { text: 'Hello' } },
  });
  const [question, answer, ...more] = await textsOf(user, 's');
  expect([question, more]).toEqual(['Hello', []]);
  expect(answer).not.toBe(before);
  expect(again.json.choices?.[0]?.message.content).toBe(answer);
});

test('a branch shares what was said before and goes its own way', async () => {
  const user = randomUUID();
  const { turn } = await say(user, 'trunk', 'One');
  await say(user, 'trunk', 'Two');
  const branch = await server.call('POST', '/v1/sessions/trunk/branch', { user, turn });
  const session = branch.json.session ?? '';
  await say(user, session, 'Another two');
  expect((await textsOf(user, session)).filter((text) => !text.startsWith('Answer'))).toEqual([
    'One',
    'Another two',
  ]);
  expect((await textsOf(user, 'trunk')).filter((text) => !text.startsWith('Answer'))).toEqual(['One', 'Two']);
  const missing = await server.call('POST', '/v1/sessions/trunk/branch', { user, turn: 99 });
  expect(missing.json.error?.message).toMatch(/no turn 99/);
});

test('what the model was given is shown, in both languages, until something is forgotten', async () => {
  const user = randomUUID();
  const { id } = await say(user, 's', 'My sister Clara plays the cello.');
  const path = `/v1/sessions/s/turns/${id}/window`;
  const shown = await server.call('GET', path);
  expect(shown.json.window?.messages.at(-1)?.content).toMatch(/Clara/);
  expect(shown.json.explanation?.[0]).toMatch(/tokens of prompt/);
  expect((await server.call('GET', `${path}?language=zh`)).json.explanation?.[0]).toMatch(/词元/);
  expect((await server.call('GET', `${path}?language=fr`)).status).toBe(400);
  await server.call('POST', '/v1/memory/forget', { user, query: 'Clara', dryRun: true });
  expect((await server.call('GET', path)).status).toBe(200);
  await server.call('POST', '/v1/memory/forget', { user, query: 'Clara' });
  const gone = await server.call('GET', path);
  expect(gone.status).toBe(404);
  expect(JSON.stringify(gone.json)).not.toMatch(/Clara/);
});

test('a conversation is erased with what was learnt from it', async () => {
  const user = randomUUID();
  await say(user, 'gone', 'I live in Lyon.');
  await say(user, 'kept', 'I like tea.');
  const receipt = await server.call('DELETE', `/v1/sessions/gone?user=${user}`);
  expect(receipt.json.removed).toMatchObject({ episodes: 2 });
  expect((await server.call('GET', `/v1/sessions/gone?user=${user}`)).status).toBe(404);
  expect((await server.call('DELETE', `/v1/sessions/gone?user=${user}`)).status).toBe(404);
  const facts = await server.call('GET', `/v1/memory/facts?user=${user}`);
  expect(JSON.stringify(facts.json)).not.toMatch(/Lyon/);
  expect(await textsOf(user, 'kept')).toHaveLength(2);
});

test('many messages at once in one conversation are answered one after the other', async () => {
  const user = randomUUID();
  await Promise.all(Array.from({ length: 5 }, (_, i) => say(user, 's', `Message ${i}`)));
  const { json } = await server.call('GET', `/v1/sessions/s?user=${user}`);
  expect(json.turns?.map(({ role }) => role)).toEqual(
    Array.from({ length: 10 }, (_, i) => (i % 2 ? 'assistant' : 'user')),
  );
  expect(new Set(json.turns?.map(({ text }) => text)).size).toBe(10);
});

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Answer, TestServer } from '../../../test/support/server.js';
import { keysOf, openTestServer } from '../../../test/support/server.js';
import { stubGenerator } from '../../testing/index.js';
import type { ServerApp } from '../context.js';
import { createServer } from '../create-server.js';
import type { ChatResponse, ChatWindow, TurnWindowResponse } from '../wire.js';

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

test('a system message holds for a session until another comes, and an empty one takes it away', async () => {
  const [user, session] = [randomUUID(), 's'];
  const told = async (...system: string[]): Promise<string> => {
    const messages = [
      ...system.map((content) => ({ role: 'system', content })),
      { role: 'user', content: 'Hi' },
    ];
    const body = { messages, user, mneme: { session } };
    const { json } = await server.call('POST', '/v1/chat/completions', body);
    return JSON.stringify(json.mneme?.window?.messages.filter(({ role }) => role === 'system'));
  };
  expect(await told('Speak like a pirate.')).toContain('pirate');
  expect(await told()).toContain('pirate');
  const again = await server.call('POST', '/v1/sessions/s/regenerate', { user });
  expect(JSON.stringify(again.json.mneme?.window?.messages)).toContain('pirate');
  const { session: grown } = (await server.call('POST', '/v1/sessions/s/branch', { user, turn: 1 })).json;
  expect(grown).toBe('s@1');
  const id = again.json.mneme?.assistantTurn?.id;
  const shown = await server.call('GET', `/v1/sessions/s/turns/${id}/window`);
  expect(JSON.stringify(shown.json.window?.parts)).toContain('Speak like a pirate.');
  expect(await told('Be brief.')).not.toContain('pirate');
  expect(await told('')).not.toMatch(/pirate|brief/);
  expect(await told()).not.toMatch(/pirate|brief/);
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

test('what the model was given is shown, in both languages, until the answer is forgotten', async () => {
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
  expect((await server.call('GET', '/v1/sessions/s/turns/none/window')).status).toBe(422);
});

/** The lines that say why things were found. */
const reasonsIn = (window: ChatWindow | undefined): string =>
  (window?.parts ?? []).flatMap(({ items }) => items.flatMap(({ reasons = [] }) => reasons)).join('\n');

test('what was given is there after a restart, with the reasons in the language asked for', async () => {
  const user = randomUUID();
  const generator = stubGenerator({
    answer: (messages) => (messages.at(-1)?.content.endsWith('?') ? 'Let me think.' : 'Noted.'),
  });
  /** A server that knows nothing but the archive. */
  const started = (): ServerApp =>
    createServer({ archiveOf: (tenant) => server.archives.of(tenant), models: [{ id: 'stub', generator }] })
      .app;
  const post = async (app: ServerApp, path: string, body: object): Promise<Answer> => {
    const headers = { 'content-type': 'application/json' };
    const response = await app.request(path, { method: 'POST', headers, body: JSON.stringify(body) });
    return (await response.json()) as Answer;
  };
  const first = started();
  const chat = (content: string, mneme: object): Promise<Answer> =>
    post(first, '/v1/chat/completions', { messages: [{ role: 'user', content }], user, mneme });
  await chat('My sister Clara plays the cello.', { session: 'old' });
  const told = await chat('What does my sister play?', { session: 'new', language: 'zh' });
  expect(reasonsIn(told.mneme?.window)).toMatch(/得分[\s\S]*词语：第 1 名/);
  const again = await post(first, '/v1/sessions/new/regenerate', { user });
  expect(reasonsIn(again.mneme?.window)).toMatch(/scores[\s\S]*words: rank \d/);

  const restarted = started();
  const shown = async (language: string): Promise<TurnWindowResponse> => {
    const path = `/v1/sessions/new/turns/${told.mneme?.assistantTurn?.id}/window?language=${language}`;
    return (await (await restarted.request(path)).json()) as TurnWindowResponse;
  };
  expect((await shown('zh')).window).toEqual(told.mneme?.window);
  expect((await shown('zh')).explanation.join('\n')).toMatch(/词元[\s\S]*词语：第 1 名/);
  expect(reasonsIn((await shown('en')).window)).toMatch(/words: rank 1/);
  await post(restarted, '/v1/memory/forget', { user, session: 'old' });
  const after = await shown('zh');
  expect(JSON.stringify(after)).not.toMatch(/Clara|cello/);
  expect(after.window.parts.flatMap(({ items }) => items)).toContainEqual(
    expect.objectContaining({ missing: 'forgotten', text: '（此后已遗忘）' }),
  );
});

test('what was given for an answer is not shown to another tenant', async () => {
  const { keys, bearers } = await keysOf('mine', 'theirs');
  const guarded = createServer({
    archiveOf: (tenant) => server.archives.of(tenant),
    models: [{ id: 'stub', generator: stubGenerator() }],
    keys,
  }).app;
  const request = (path: string, bearer: number, body?: object): Promise<Response> | Response =>
    guarded.request(path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json', ...bearers[bearer] },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const said = await request('/v1/chat/completions', 0, {
    messages: [{ role: 'user', content: 'Hello' }],
    mneme: { session: 's' },
  });
  const { mneme } = (await said.json()) as ChatResponse;
  const path = `/v1/sessions/s/turns/${mneme?.assistantTurn?.id}/window`;
  expect([(await request(path, 0)).status, (await request(path, 1)).status]).toEqual([200, 404]);
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

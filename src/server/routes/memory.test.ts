import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestServer } from '../../../test/support/server.js';
import { openTestServer } from '../../../test/support/server.js';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

/** A user whom no other test knows, of whom three things were told. */
async function toldUser(): Promise<string> {
  const user = randomUUID();
  const episodes = [
    { text: 'I live in Lyon.', speaker: 'Ann', session: 'monday', time: '2026-03-02T10:00:00Z' },
    { text: 'My sister Clara plays the cello.', speaker: 'Ann', session: 'monday' },
    { text: '我住在上海。', speaker: 'Ann', session: 'tuesday' },
  ];
  const { status, json } = await server.call('POST', '/v1/memory/remember', { user, episodes });
  expect(status).toBe(200);
  expect(json.outcomes?.map(({ status }) => status)).toEqual(['stored', 'stored', 'stored']);
  return user;
}

test('what is remembered is recalled, with reasons', async () => {
  const user = await toldUser();
  const { status, json } = await server.call('POST', '/v1/memory/recall', {
    user,
    question: 'Who plays the cello?',
    limit: 1,
  });
  expect(status).toBe(200);
  expect(json.results?.[0]).toMatchObject({
    item: { text: expect.stringContaining('cello'), user },
    explanation: expect.arrayContaining([expect.stringMatching(/words: rank 1/)]),
  });
  const question = { user, question: 'Who plays the cello?', language: 'zh' };
  const chinese = await server.call('POST', '/v1/memory/recall', question);
  expect(chinese.json.results?.[0]?.explanation.join('\n')).toMatch(/得分[\s\S]*词语：第 1 名/);
  const id = chinese.json.results?.[0]?.item.id;
  const explained = await server.call('POST', '/v1/memory/explain', { ...question, id });
  expect(explained.json.result?.explanation).toEqual(chinese.json.results?.[0]?.explanation);
});

test('one text is remembered without a list, and said again it is a duplicate', async () => {
  const user = randomUUID();
  const once = { user, text: 'The key lies under the pot.', time: '2026-03-02T10:00:00Z' };
  const first = await server.call('POST', '/v1/memory/remember', once);
  const second = await server.call('POST', '/v1/memory/remember', once);
  expect(first.json.outcomes?.[0]?.status).toBe('stored');
  expect(second.json.outcomes?.[0]?.status).toBe('duplicate');
});

test('a text that cannot be used is rejected in its place, and the others are stored', async () => {
  const episodes = [{ text: '   ' }, { text: 'fine' }, { text: '\ud800' }];
  const { status, json } = await server.call('POST', '/v1/memory/remember', { user: randomUUID(), episodes });
  expect(status).toBe(200);
  expect(json.outcomes?.map(({ status }) => status)).toEqual(['rejected', 'stored', 'rejected']);
});

test('an item is explained for a question, or said not to be recalled', async () => {
  const user = await toldUser();
  const items = await server.call('GET', `/v1/memory/items?user=${user}&kind=episode`);
  const [chinese, cello] = items.json.items ?? [];
  const question = { user, question: 'cello' };
  const found = await server.call('POST', '/v1/memory/explain', { ...question, id: cello?.id });
  expect(found.json).toMatchObject({ rank: 1, result: { item: { id: cello?.id } } });
  const other = await server.call('POST', '/v1/memory/explain', { ...question, id: chinese?.id });
  expect(other.json).toEqual({ rank: null, result: null });
});

test('items are listed page by page, the newest first', async () => {
  const user = await toldUser();
  const seen: string[] = [];
  let before = '';
  do {
    const { json } = await server.call('GET', `/v1/memory/items?user=${user}&kind=episode&limit=2${before}`);
    seen.push(...(json.items ?? []).map(({ text }) => String(text)));
    before = json.next === null ? '' : `&before=${json.next}`;
  } while (before !== '');
  expect(seen).toEqual(['我住在上海。', 'My sister Clara plays the cello.', 'I live in Lyon.']);
});

test('an episode is given another text, keeps its place, and undo brings the old one back', async () => {
  const user = await toldUser();
  const items = await server.call('GET', `/v1/memory/items?user=${user}&session=monday&kind=episode`);
  const lyon = items.json.items?.[1];
  expect(lyon?.text).toBe('I live in Lyon.');
  const edited = await server.call('PATCH', `/v1/memory/items/${lyon?.id}`, {
    text: 'I live in Nantes.',
  });
  expect(edited.status).toBe(200);
  const shown = await server.call('GET', `/v1/memory/items/${edited.json.id}`);
  expect(shown.json).toMatchObject({
    text: 'I live in Nantes.',
    session: 'monday',
    turn: 0,
    time: lyon?.time,
  });
  const ask = { user, question: 'Where does Ann live? Lyon or Nantes?' };
  const after = await server.call('POST', '/v1/memory/recall', ask);
  expect(JSON.stringify(after.json)).toMatch(/Nantes/);
  expect(JSON.stringify(after.json)).not.toMatch(/Lyon/);
  const again = await server.call('PATCH', `/v1/memory/items/${lyon?.id}`, { text: 'x' });
  expect(again).toMatchObject({
    status: 422,
    json: { error: { message: expect.stringMatching(/took its place/) } },
  });
  const undone = await server.call('POST', '/v1/memory/undo', { operation: edited.json.operation });
  expect(undone.status).toBe(200);
  const back = await server.call('POST', '/v1/memory/recall', ask);
  expect(JSON.stringify(back.json)).toMatch(/Lyon/);
  expect(JSON.stringify(back.json)).not.toMatch(/Nantes/);
  expect((await (await server.archives.of('default')).check()).problems).toEqual([]);
});

test('only episodes are edited', async () => {
  const user = await toldUser();
  const facts = await server.call('GET', `/v1/memory/facts?user=${user}`);
  const id = facts.json.facts?.[0]?.id;
  const { status, json } = await server.call('PATCH', `/v1/memory/items/${id}`, { text: 'other' });
  expect(status).toBe(422);
  expect(json.error?.message).toMatch(/only episodes/);
});

test('what is forgotten is gone, and the receipt says what went', async () => {
  const user = await toldUser();
  const dry = await server.call('POST', '/v1/memory/forget', { user, query: 'Clara', dryRun: true });
  expect(dry.json.id).toBeUndefined();
  const receipt = await server.call('POST', '/v1/memory/forget', { user, query: 'Clara' });
  expect(receipt.json).toMatchObject({ ids: dry.json.ids, removed: { episodes: 1 } });
  const found = await server.call('POST', '/v1/memory/recall', { user, question: 'Clara cello' });
  expect(JSON.stringify(found.json)).not.toMatch(/Clara/);
  const [item] = (await server.call('GET', `/v1/memory/items?user=${user}&kind=episode`)).json.items ?? [];
  const erased = await server.call('DELETE', `/v1/memory/items/${item?.id}`);
  expect(erased.json.removed).toMatchObject({ episodes: 1 });
  expect((await server.call('GET', `/v1/memory/items/${item?.id}`)).status).toBe(404);
  expect((await server.call('POST', '/v1/memory/forget', { user, everything: true })).status).toBe(200);
  expect((await server.call('POST', '/v1/memory/forget', { user, everything: true })).status).toBe(404);
});

test('one way of choosing what to forget is needed', async () => {
  for (const body of [{}, { query: 'a', session: 'b' }, { everything: true }, { ids: [] }])
    expect((await server.call('POST', '/v1/memory/forget', body)).status).toBe(400);
});

test('everything is exported, and history and users are listed', async () => {
  const user = await toldUser();
  const exported = await server.call('GET', `/v1/memory/export?user=${user}`);
  expect(exported.status).toBe(200);
  expect(exported.headers.get('content-type')).toMatch(/ndjson/);
  const response = await server.app.request(`/v1/memory/export?user=${user}`);
  const lines = (await response.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string });
  expect(lines[0]?.type).toBe('header');
  expect(lines.filter(({ type }) => type === 'item').length).toBeGreaterThanOrEqual(3);
  const history = await server.call('GET', `/v1/memory/history?user=${user}&limit=2`);
  expect(history.json.entries).toHaveLength(2);
  expect((await server.call('GET', '/v1/memory/users')).json.users).toContain(user);
  expect((await server.call('GET', `/v1/memory/documents?user=${user}`)).json).toEqual({ documents: [] });
});

test('of a user who said nothing there is nothing, but there is nothing to export', async () => {
  const user = randomUUID();
  expect((await server.call('POST', '/v1/memory/recall', { user, question: 'x' })).json).toEqual({
    results: [],
  });
  expect((await server.call('GET', `/v1/memory/items?user=${user}`)).json).toEqual({ items: [], next: null });
  expect((await server.call('GET', `/v1/memory/history?user=${user}`)).json).toEqual({ entries: [] });
  expect((await server.call('GET', `/v1/memory/facts?user=${user}`)).json).toEqual({ facts: [] });
  expect((await server.call('GET', `/v1/memory/export?user=${user}`)).status).toBe(404);
});

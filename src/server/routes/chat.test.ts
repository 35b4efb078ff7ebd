import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Chunk, TestServer } from '../../../test/support/server.js';
import { openTestServer } from '../../../test/support/server.js';
import { GeneratorError } from '../../tasks/chat/generator-error.js';
import type { GenerateAnswerOptions, Generator } from '../../tasks/chat/index.js';
import { endpointGenerator } from '../../tasks/chat/index.js';
import { stubGenerator } from '../../testing/index.js';

/** What the stub is told to do, by the last message. */
function answer(messages: readonly { readonly content: string }[], options: GenerateAnswerOptions): string {
  const asked = messages.at(-1)?.content ?? '';
  if (asked.includes('fail')) throw new GeneratorError('unreachable', 'Nobody answers at the address.');
  if (asked.includes('too long')) throw new GeneratorError('too-long', 'The model has 2048 tokens.');
  if (asked.includes('slow')) throw new GeneratorError('timeout', 'It takes too long.');
  if (asked.includes('count'))
    return Array.from({ length: options.maxTokens + 5 }, (_, i) => ` ${i}`).join('');
  return `You said: ${asked}`;
}

const generator = stubGenerator({ answer });
let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({
    models: [
      { id: 'stub', generator },
      { id: 'other', generator: stubGenerator({ answer: 'Other.' }) },
      { id: 'filtered', generator: stubGenerator({ answer: 'That is', end: 'content-filter' }) },
      { id: 'thinking', generator: stubGenerator({ answer: '', end: 'length' }) },
    ],
  });
});
afterAll(() => server.close());

const say = (content: unknown, more: object = {}) =>
  server.call('POST', '/v1/chat/completions', { messages: [{ role: 'user', content }], ...more });

/** The data of a stream of events, in order. */
async function streamed(body: object, path = '/v1/chat/completions'): Promise<readonly (Chunk | '[DONE]')[]> {
  const response = await server.app.request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ stream: true, ...body }),
  });
  expect(response.headers.get('content-type')).toMatch('text/event-stream');
  const lines = (await response.text()).split('\n\n').filter((line) => line.startsWith('data: '));
  return lines
    .map((line) => line.slice('data: '.length))
    .map((data) => (data === '[DONE]' ? data : (JSON.parse(data) as Chunk)));
}

test('without a session the messages are answered as they are, and nothing is kept', async () => {
  const user = randomUUID();
  const messages = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Hello.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'How are ' },
        { type: 'text', text: 'you?' },
      ],
    },
  ];
  const { status, json } = await server.call('POST', '/v1/chat/completions', {
    model: 'stub',
    messages,
    user,
  });
  expect(status).toBe(200);
  expect(json).toMatchObject({
    object: 'chat.completion',
    model: 'stub',
    choices: [
      { index: 0, message: { role: 'assistant', content: 'You said: How are you?' }, finish_reason: 'stop' },
    ],
    usage: { prompt_tokens: 11, completion_tokens: 5, total_tokens: 16 },
  });
  expect(json.mneme).toBeUndefined();
  expect(generator.calls.at(-1)?.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
  expect((await server.call('GET', `/v1/memory/items?user=${user}`)).json.items).toEqual([]);
});

test('a session is kept and goes on, and what was said in another is recalled', async () => {
  const user = randomUUID();
  const first = await say('My sister Clara plays the cello.', { user, mneme: { session: 'monday' } });
  expect(first.json.mneme).toMatchObject({
    session: 'monday',
    userTurn: { role: 'user', turn: 0 },
    assistantTurn: { role: 'assistant', turn: 1 },
    window: { limit: 4096 },
    finish: 'end',
  });
  await say('And my brother the flute.', { user, mneme: { session: 'monday' } });
  expect(generator.calls.at(-1)?.some(({ content }) => content.includes('Clara'))).toBe(true);
  const later = await say('Who plays the cello?', { user, mneme: { session: 'tuesday' } });
  const recalled = later.json.mneme?.window?.parts?.find(({ kind }) => kind === 'recalled');
  expect(recalled?.items?.[0]).toMatchObject({
    text: expect.stringContaining('Clara'),
    session: 'monday',
  });
  const turns = await server.call('GET', `/v1/sessions/monday?user=${user}`);
  expect(turns.json.turns?.map(({ role, text }) => [role, text])).toEqual([
    ['user', 'My sister Clara plays the cello.'],
    ['assistant', 'You said: My sister Clara plays the cello.'],
    ['user', 'And my brother the flute.'],
    ['assistant', 'You said: And my brother the flute.'],
  ]);
});

test('the session may stand in metadata, and memory may be turned off', async () => {
  const user = randomUUID();
  await say('Remember me.', { user, metadata: { session: 'm' } });
  await say('Not me.', { user, metadata: { session: 'm', memory: 'false' } });
  await say('Nor me.', { user, mneme: { session: 'm', memory: false } });
  const turns = await server.call('GET', `/v1/sessions/m?user=${user}`);
  expect(turns.json.turns).toHaveLength(2);
  expect((await say('x', { mneme: { memory: true } })).json.error).toMatchObject({
    param: 'mneme.session',
  });
});

test('a stream has the window first, then the words, then the turn, then the count', async () => {
  const user = randomUUID();
  const body = {
    messages: [{ role: 'user', content: 'one two' }],
    user,
    mneme: { session: 's' },
    stream_options: { include_usage: true },
  };
  const chunks = await streamed(body);
  expect(chunks.at(-1)).toBe('[DONE]');
  const [first, ...rest] = chunks.slice(0, -1) as Chunk[];
  expect(first?.mneme).toMatchObject({
    session: 's',
    userTurn: { text: 'one two' },
    window: { limit: 4096 },
  });
  expect(first?.choices?.[0]?.delta).toEqual({ role: 'assistant', content: '' });
  const text = rest.map((chunk) => chunk.choices?.[0]?.delta?.content ?? '').join('');
  expect(text).toBe('You said: one two');
  expect(rest.at(-2)).toMatchObject({
    choices: [{ finish_reason: 'stop' }],
    mneme: { assistantTurn: { text: 'You said: one two' }, finish: 'end', citations: [] },
  });
  expect(rest.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 4 } });
  expect(new Set(chunks.slice(0, -1).map((chunk) => (chunk as Chunk).id)).size).toBe(1);
});

test.each([
  ['filtered', 'That is', 'content_filter', 'content-filter'],
  ['thinking', '', 'length', 'length'],
])('what the generator says of its end is told in every form: %s', async (model, text, reason, finish) => {
  const user = randomUUID();
  const message = { choices: [{ message: { content: text }, finish_reason: reason }] };
  const plain = await say('x', { model });
  expect(plain.json).toMatchObject(message);
  expect(plain.json).not.toHaveProperty('mneme');
  const kept = await say('x', { model, user, mneme: { session: 'm' } });
  expect(kept.json).toMatchObject({ ...message, mneme: { session: 'm', finish } });
  const messages = [{ role: 'user', content: 'x' }];
  for (const more of [{}, { user, mneme: { session: 's' } }]) {
    const chunks = (await streamed({ messages, model, ...more })).slice(0, -1) as Chunk[];
    expect(chunks.at(-1)?.choices?.[0]?.finish_reason).toBe(reason);
    expect(chunks.at(-1)?.mneme?.finish).toBe('mneme' in more ? finish : undefined);
  }
  const whole = await server.call('POST', '/v1/completions', { prompt: 'x', model });
  expect(whole.json.choices?.[0]).toMatchObject({ text, finish_reason: reason });
  const pieces = (await streamed({ prompt: 'x', model }, '/v1/completions')).slice(0, -1) as Chunk[];
  expect(pieces.at(-1)?.choices?.[0]?.finish_reason).toBe(reason);
});

test('an answer that used all the tokens it was allowed says so', async () => {
  const short = await say('count', { max_tokens: 3 });
  expect(short.json.choices?.[0]).toMatchObject({
    finish_reason: 'length',
    message: { content: ' 0 1 2' },
  });
  expect((await say('count', { max_completion_tokens: 2 })).json.usage?.completion_tokens).toBe(2);
});

test('a generator that fails is told with its status, the message is kept, and saying it again answers it', async () => {
  const user = randomUUID();
  const failed = await say('fail now', { user, mneme: { session: 'f' } });
  expect(failed).toMatchObject({
    status: 502,
    json: { error: { type: 'server_error', code: 'generator_unreachable' } },
  });
  expect(failed.headers.get('x-should-retry')).toBe('false');
  const slow = await say('slow', { user });
  expect(slow).toMatchObject({ status: 504, json: { error: { code: 'generator_timeout' } } });
  const again = await say('fail now', { user, mneme: { session: 'f' } });
  expect(again.status).toBe(502);
  const turns = await server.call('GET', `/v1/sessions/f?user=${user}`);
  expect(turns.json.turns?.map(({ text }) => text)).toEqual(['fail now']);
  const stream = await streamed({
    messages: [{ role: 'user', content: 'fail now' }],
    user,
    mneme: { session: 'f' },
  });
  expect((stream[0] as Chunk).mneme).toMatchObject({ userTurn: { text: 'fail now' } });
  expect(stream.at(-1)).toMatchObject({ error: { code: 'generator_unreachable' } });
});

test.each([
  [500, 503],
  [504, 504],
  ['broken', 502],
] as const)('a message is said to be kept where it is, and only there (%s)', async (failure, status) => {
  const endpoint = endpointGenerator({
    url: 'http://localhost/v1',
    model: 'm',
    fetch: async () =>
      failure === 'broken' ? Response.json({ choices: 7 }) : new Response('Not now.', { status: failure }),
  });
  const down = await openTestServer({ models: [{ id: 'down', generator: endpoint }] });
  const messages = [{ role: 'user', content: 'Hello' }];
  for (const [mneme, words] of [
    [undefined, /Try again\.$/],
    [{ session: 's', memory: false }, /Try again\.$/],
    [{ session: 's' }, /Try again\. Your message is kept\.$/],
  ] as const) {
    const failed = await down.call('POST', '/v1/chat/completions', { messages, mneme });
    expect(failed).toMatchObject({ status, json: { error: { message: expect.stringMatching(words) } } });
  }
  await down.close();
});

test('what is not supported, not known or too long is refused with a reason', async () => {
  const user = { role: 'user', content: 'x' };
  const cases: readonly (readonly [object, number, object])[] = [
    [{ messages: [] }, 400, { param: 'messages' }],
    [{ messages: [{ role: 'wizard', content: 'x' }] }, 400, { param: 'messages.0.role' }],
    [{ messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }, 400, {}],
    [{ messages: [user], n: 2 }, 400, { param: 'n', code: 'unsupported_parameter' }],
    [{ messages: [user], functions: [{}] }, 400, { param: 'functions' }],
    [{ messages: [user, { role: 'assistant', content: null }] }, 400, { param: 'messages.1.content' }],
    [{ messages: [user], temperature: 9 }, 400, { param: 'temperature' }],
    [
      { messages: [user], model: 'oter' },
      404,
      { code: 'model_not_found', message: expect.stringMatching(/"other"/) },
    ],
    [
      { messages: [user], mneme: { sesion: 'x' } },
      400,
      { message: expect.stringMatching(/Did you mean "session"/) },
    ],
    [
      { messages: [{ role: 'user', content: 'word '.repeat(5000) }] },
      400,
      { code: 'context_length_exceeded', message: expect.stringMatching(/5001.*4096/) },
    ],
    [
      { messages: [{ role: 'user', content: 'word '.repeat(5000) }], mneme: { session: 'x' } },
      422,
      { message: expect.stringMatching(/4096/) },
    ],
    [
      { messages: [{ role: 'user', content: '  ' }], mneme: { session: 'x' } },
      422,
      { message: expect.stringMatching(/empty/) },
    ],
    [
      { messages: [user, { role: 'assistant', content: 'y' }], mneme: { session: 'x' } },
      400,
      { param: 'messages.1' },
    ],
    [
      { messages: [user], max_tokens: 99_999, mneme: { session: 'x' } },
      400,
      { message: expect.stringMatching(/99999/) },
    ],
    [{ messages: [user], user: 'assistant', mneme: { session: 'x' } }, 400, {}],
  ];
  for (const [body, status, error] of cases) {
    const answered = await server.call('POST', '/v1/chat/completions', body);
    expect([body, answered.status]).toEqual([body, status]);
    expect(answered.json.error).toMatchObject(error);
  }
});

test('a text is continued, whole and streamed', async () => {
  const whole = await server.call('POST', '/v1/completions', { prompt: 'Call me', echo: true });
  expect(whole.json).toMatchObject({
    object: 'text_completion',
    choices: [{ text: 'Call meYou said: Call me', finish_reason: 'stop' }],
    usage: { completion_tokens: 4 },
  });
  const chunks = await streamed({ prompt: ['Call me'] }, '/v1/completions');
  const text = (chunks.slice(0, -1) as Chunk[]).map((chunk) => chunk.choices?.[0]?.text ?? '').join('');
  expect(text).toBe('You said: Call me');
  expect((await server.call('POST', '/v1/completions', { prompt: ['a', 'b'] })).status).toBe(400);
});

test('models are listed, and one is shown', async () => {
  const { json } = await server.call('GET', '/v1/models');
  expect(json.data?.map(({ id }) => id)).toEqual(['stub', 'other', 'filtered', 'thinking']);
  expect((await server.call('GET', '/v1/models/stub')).json).toMatchObject({
    id: 'stub',
    mneme: { kind: 'chat', maxTokens: 4096, estimated: false },
  });
  expect((await server.call('GET', '/v1/models/none')).status).toBe(404);
});

test('a prompt that the model itself finds too long is told as one that was counted here', async () => {
  const { status, json } = await say('This is too long.', { user: randomUUID(), mneme: { session: 's' } });
  expect(status).toBe(400);
  expect(json).toMatchObject({
    error: {
      type: 'invalid_request_error',
      code: 'context_length_exceeded',
      message: 'The model has 2048 tokens. Your message is kept.',
    },
  });
});

test('where tokens are estimated a margin is left for the answer, and what is near the end is the model to judge', async () => {
  const asked: number[] = [];
  const estimating: Generator = {
    ...stubGenerator({
      answer: (_, { maxTokens }) => {
        asked.push(maxTokens);
        return 'Yes.';
      },
      maxTokens: 1000,
    }),
    exact: false,
  };
  const near = await openTestServer({ models: [{ id: 'near', generator: estimating }] });
  for (const words of [100, 900, 960]) {
    const messages = [{ role: 'user', content: 'w '.repeat(words - 1) }];
    const { status } = await near.call('POST', '/v1/chat/completions', { messages, max_tokens: 500 });
    expect(status).toBe(200);
  }
  expect(asked).toEqual([500, 50, 40]);
  await near.close();
});

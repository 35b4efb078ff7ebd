// Tools through the chat endpoint: passed on to an endpoint that calls them, refused where nobody does.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import OpenAI from 'openai';
import type { TestServer } from '../../../test/support/server.js';
import { openTestServer } from '../../../test/support/server.js';
import { endpointGenerator } from '../../tasks/chat/index.js';
import { stubGenerator } from '../../testing/index.js';

const tools = [
  {
    type: 'function' as const,
    function: { name: 'clock', parameters: { type: 'object', properties: { zone: { type: 'string' } } } },
  },
];
const question = { role: 'user' as const, content: 'What time is it in Lyon?' };
const call = {
  id: 'c1',
  type: 'function' as const,
  function: { name: 'clock', arguments: '{"zone":"Lyon"}' },
};
const asks = { role: 'assistant' as const, content: null, tool_calls: [call] };
const result = { role: 'tool' as const, content: '12:30', tool_call_id: 'c1' };

/** What the endpoint was sent, in order. */
let bodies: Record<string, unknown>[] = [];
const choice = (delta: object, finish_reason: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ delta, finish_reason }] })}\n\n`;
/** As an endpoint streams calls: the arguments in pieces. */
const calling = [
  choice({ role: 'assistant', content: null }),
  choice({ tool_calls: [{ index: 0, ...call, function: { name: 'clock', arguments: '' } }] }),
  choice({ tool_calls: [{ index: 0, function: { arguments: '{"zone":' } }] }),
  choice({
    tool_calls: [{ index: 1, id: 'c2', type: 'function', function: { name: 'calendar', arguments: '{}' } }],
  }),
  choice({ tool_calls: [{ index: 0, function: { arguments: '"Lyon"}' } }] }),
  choice({}, 'tool_calls'),
];
const second = { id: 'c2', type: 'function', function: { name: 'calendar', arguments: '{}' } };

let server: TestServer;
beforeAll(async () => {
  const generator = endpointGenerator({
    url: 'http://localhost/v1',
    model: 'm',
    fetch: async (_, init) => {
      const body = JSON.parse(init?.body as string) as { messages: { role: string }[] };
      bodies.push(body);
      const lines =
        body.messages.at(-1)?.role === 'tool' ? [choice({ content: 'Half past twelve.' }, 'stop')] : calling;
      return new Response([...lines, 'data: [DONE]\n\n'].join(''), {
        headers: { 'content-type': 'text/event-stream' },
      });
    },
  });
  server = await openTestServer({
    models: [
      { id: 'endpoint', generator },
      { id: 'run', generator: stubGenerator() },
    ],
  });
});
beforeEach(() => {
  bodies = [];
});
afterAll(() => server.close());

const post = (body: object) => server.call('POST', '/v1/chat/completions', body);

test('tools are passed on to an endpoint, and its calls come back whole', async () => {
  const { status, json } = await post({
    messages: [{ role: 'developer', content: [{ type: 'text', text: 'Be brief.' }] }, question],
    tools,
    tool_choice: 'required',
    parallel_tool_calls: true,
  });
  expect(status).toBe(200);
  expect(json.choices?.[0]).toMatchObject({
    message: { role: 'assistant', content: null, tool_calls: [call, second] },
    finish_reason: 'tool_calls',
  });
  expect(bodies).toMatchObject([
    {
      messages: [{ role: 'system', content: 'Be brief.' }, question],
      tools,
      tool_choice: 'required',
      parallel_tool_calls: true,
    },
  ]);
  expect(json.usage?.completion_tokens).toBeGreaterThan(0);
});

test('what the tools gave is passed on, with the call that asked for it', async () => {
  const { json } = await post({ messages: [question, asks, result], tools });
  expect(bodies[0]?.['messages']).toEqual([question, asks, result]);
  expect(json.choices?.[0]).toMatchObject({
    message: { content: 'Half past twelve.' },
    finish_reason: 'stop',
  });
  expect(json.choices?.[0]?.message).not.toHaveProperty('tool_calls');
  await post({ messages: [question, { ...asks, content: 'One moment.' }, result] });
  expect(bodies[1]?.['messages']).toMatchObject([question, { content: 'One moment.' }, result]);
  expect(bodies[1]).not.toHaveProperty('tools');
});

/** Tools that the client runs itself. */
const run = ['clock', 'calendar'].map((name) => ({
  type: 'function' as const,
  function: {
    name,
    description: name,
    function: () => `${name} says 12:30`,
    parameters: { type: 'object', properties: {} },
  },
}));
const { completions } = new OpenAI({
  apiKey: 'none',
  baseURL: 'http://localhost/v1',
  fetch: async (input, init) => server.app.request(input as string, init),
}).chat;

test('a client runs its loop of tools over it', async () => {
  const asked = { model: 'endpoint', stream: true as const, messages: [question], tools: run };
  expect(await completions.runTools(asked).finalContent()).toBe('Half past twelve.');
  expect(bodies[1]?.['messages']).toMatchObject([
    question,
    { role: 'assistant', tool_calls: [call, second] },
    { role: 'tool', tool_call_id: 'c1', content: 'clock says 12:30' },
    { role: 'tool', tool_call_id: 'c2', content: 'calendar says 12:30' },
  ]);
});

test('a model that calls no tools says so, and how to go on', async () => {
  for (const [body, param] of [
    [{ messages: [question], tools }, 'tools'],
    [{ messages: [question, asks, result] }, 'messages.1'],
  ] as const) {
    const { status, json } = await post({ model: 'run', ...body });
    expect(status).toBe(400);
    expect(json.error).toMatchObject({ type: 'invalid_request_error', code: 'unsupported_parameter', param });
    expect(json.error?.message).toMatch(/"stub" calls no tools: .*--model URL#NAME.*Leave out/);
  }
  const none = { tools: [], tool_choice: 'auto', parallel_tool_calls: true };
  expect((await post({ model: 'run', messages: [question], ...none })).status).toBe(200);
  const empty = { role: 'assistant', content: 'Hello.', tool_calls: [] };
  expect((await post({ model: 'run', messages: [question, empty, question] })).status).toBe(200);
});

/** A place nobody has spoken in. */
const newPlace = () => ({ user: randomUUID(), mneme: { session: 's' } });
const both = { ...asks, tool_calls: [call, second] };
const results = [result, { role: 'tool' as const, content: 'Nothing today.', tool_call_id: 'c2' }];
const turnsOf = async ({ user }: { user: string }) =>
  ((await server.call('GET', `/v1/sessions/s?user=${user}`)).json.turns ?? []).map(({ role, text }) => [
    role,
    text,
  ]);

test('tools are called within a conversation that is remembered: the message is kept once, and the answer', async () => {
  const place = newPlace();
  await post({ model: 'run', messages: [{ role: 'user', content: 'I live in Lyon.' }], ...place });
  const asked = await post({ messages: [question], tools, ...place });
  expect(asked).toMatchObject({
    status: 200,
    json: {
      choices: [{ message: { content: null, tool_calls: [call, second] }, finish_reason: 'tool_calls' }],
      mneme: {
        userTurn: { text: question.content },
        finish: 'end',
        window: { toolTokens: expect.any(Number) },
      },
    },
  });
  expect(asked.json.mneme).not.toHaveProperty('assistantTurn');
  const answered = await post({ messages: [question, both, ...results], tools, ...place });
  expect(answered.json).toMatchObject({
    choices: [{ message: { content: 'Half past twelve.' }, finish_reason: 'stop' }],
    mneme: { assistantTurn: { text: 'Half past twelve.' } },
  });
  expect(bodies[1]).toMatchObject({ tools });
  expect(bodies[1]?.['messages']).toEqual([
    { role: 'user', content: 'I live in Lyon.' },
    { role: 'assistant', content: 'You said: I live in Lyon.' },
    question,
    both,
    ...results,
  ]);
  expect(answered.json.mneme?.window?.messages.slice(-3)).toEqual([both, ...results]);
  expect((await turnsOf(place)).slice(2)).toEqual([
    ['user', question.content],
    ['assistant', 'Half past twelve.'],
  ]);
});

test('who did not hear the answer sends what the tools gave again, and nothing is said twice', async () => {
  const place = newPlace();
  await post({ messages: [question], tools, ...place });
  for (let n = 0; n < 2; n++) await post({ messages: [question, both, ...results], tools, ...place });
  expect(await turnsOf(place)).toEqual([
    ['user', question.content],
    ['assistant', 'Half past twelve.'],
  ]);
  await post({ messages: [question], tools, ...place });
  expect(await turnsOf(place)).toHaveLength(3);
});

test('what the tools gave is enough: the message and the calls are kept', async () => {
  const place = newPlace();
  await post({ messages: [question], tools, ...place });
  const partly = await post({ messages: [result], tools, ...place });
  expect(partly).toMatchObject({
    status: 400,
    json: { error: { message: expect.stringMatching(/"c2" has no result/) } },
  });
  for (let n = 0; n < 2; n++) {
    const answered = await post({
      messages: [{ role: 'system', content: 'Be brief.' }, ...results],
      tools,
      ...place,
    });
    expect(answered.json.choices?.[0]?.message.content).toBe('Half past twelve.');
    expect(bodies.at(-1)?.['messages']).toEqual([
      { role: 'system', content: 'Be brief.' },
      question,
      both,
      ...results,
    ]);
  }
  const { json } = await server.call('GET', `/v1/sessions/s?user=${place.user}`);
  expect(json.turns).toMatchObject([
    { role: 'user', steps: [{ calls: [{ id: 'c1', result: '12:30' }, { id: 'c2' }] }] },
    { role: 'assistant', text: 'Half past twelve.' },
  ]);
  const unknown = await post({ messages: [{ ...result, tool_call_id: 'c9' }], tools, ...place });
  expect(unknown).toMatchObject({ status: 400, json: { error: { code: 'invalid_messages' } } });
  expect((await post({ messages: [result], tools, ...newPlace() })).status).toBe(400);
});

test('an answer is written again from what the tools gave, and a stub says what they did not', async () => {
  const place = newPlace();
  await post({ messages: [question], tools, ...place });
  await post({ messages: results, tools, ...place });
  await server.call('POST', '/v1/sessions/s/regenerate', { user: place.user });
  expect(bodies.at(-1)?.['messages']).toEqual([question, both, ...results]);
  expect(bodies.at(-1)).not.toHaveProperty('tools');
  await server.call('POST', '/v1/sessions/s/regenerate', { user: place.user, tools, tool_choice: 'auto' });
  expect(bodies.at(-1)).toMatchObject({ messages: [question, both, ...results], tools, tool_choice: 'auto' });
  await post({ messages: [question], tools, ...place });
  await post({ messages: [{ role: 'user', content: 'Never mind.' }], ...place });
  expect(bodies.at(-1)?.['messages']).toMatchObject([
    question,
    both,
    ...results,
    { role: 'assistant', content: 'Half past twelve.' },
    question,
    both,
    { role: 'tool', content: '(no result: this call was not answered)', tool_call_id: 'c1' },
    { role: 'tool', tool_call_id: 'c2' },
    { role: 'user', content: 'Never mind.' },
  ]);
});

test('in a branch tools are called for what is said there', async () => {
  const place = newPlace();
  await post({ messages: [question], tools, ...place });
  const { json } = await server.call('POST', '/v1/sessions/s/branch', { user: place.user, turn: 0 });
  const branch = { user: place.user, mneme: { session: json.session } };
  const offered = { tools, ...branch };
  await post({ messages: [question], ...offered });
  await post({ messages: results, ...offered });
  await post({ messages: [question, both, ...results], tools, ...place });
  const turns = async (session: string) =>
    (await server.call('GET', `/v1/sessions/${encodeURIComponent(session)}?user=${place.user}`)).json.turns;
  expect((await turns(json.session ?? ''))?.map(({ role }) => role)).toEqual(['user', 'user', 'assistant']);
  expect((await turns('s'))?.map(({ role }) => role)).toEqual(['user', 'assistant']);
});

test('what is not called, not answered or out of place is told by its message', async () => {
  const place = newPlace();
  const cases = [
    [[question, both, result], 'messages.1', /"c2" has no result/],
    [[question, result], 'messages.1', /No call "c1"/],
    [[question, asks, { ...result, tool_call_id: 'c9' }], 'messages.2', /No call "c9"/],
    [[question, { role: 'assistant', content: 'Well.' }, asks, result], 'messages.1', /only calls/],
    [[question, asks], 'messages.1', /last message/],
    [[asks, result], 'messages.1', /last message/],
  ] as const;
  for (const [messages, param, message] of cases)
    expect(await post({ messages, tools, ...place })).toMatchObject({
      status: 400,
      json: { error: { code: 'invalid_messages', param, message: expect.stringMatching(message) } },
    });
  expect(bodies).toEqual([]);
  const run = await post({ model: 'run', messages: [question, asks, result], ...place });
  expect(run).toMatchObject({
    status: 400,
    json: { error: { code: 'unsupported_parameter', param: 'messages.1' } },
  });
  expect((await post({ model: 'run', messages: [question], tools, ...place })).status).toBe(400);
  // What was called before is passed over like all that was said before.
  expect((await post({ model: 'run', messages: [question, asks, result, question], ...place })).status).toBe(
    200,
  );
});

test.each([false, true])('a client runs its loop of tools with memory, streaming: %s', async (stream) => {
  const place = newPlace();
  const body = {
    model: 'endpoint',
    messages: [{ role: 'system' as const, content: 'Be brief.' }, question],
    tools: run,
    user: place.user,
    metadata: { session: 's' },
  };
  const runner = stream
    ? completions.runTools({ ...body, stream: true })
    : completions.runTools({ ...body, stream: false });
  expect(await runner.finalContent()).toBe('Half past twelve.');
  expect(bodies[1]?.['messages']).toMatchObject([
    { role: 'system', content: 'Be brief.' },
    question,
    both,
    { role: 'tool', tool_call_id: 'c1', content: 'clock says 12:30' },
    { role: 'tool', tool_call_id: 'c2', content: 'calendar says 12:30' },
  ]);
  expect(await turnsOf(place)).toEqual([
    ['user', question.content],
    ['assistant', 'Half past twelve.'],
  ]);
});

// The server asked by the clients that people use, without a port and over a real one.
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, streamText } from 'ai';
import OpenAI, { APIError, AuthenticationError, NotFoundError } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fakeEmbedder } from '../src/archive/fake-embedder.js';
import type { Listening } from '../src/server/listen.js';
import { listen } from '../src/server/listen.js';
import { GeneratorError } from '../src/tasks/chat/generator-error.js';
import { stubGenerator } from '../src/testing/index.js';
import type { TestServer } from './support/server.js';
import { keysOf, openTestServer } from './support/server.js';

const generator = stubGenerator({
  answer(messages) {
    const asked = messages.at(-1)?.content ?? '';
    if (asked === 'fail') throw new GeneratorError('unreachable', 'Nobody answers.');
    return `You said: ${asked}`;
  },
});

let server: TestServer;
let listening: Listening;
let apiKey = '';
beforeAll(async () => {
  const { keys, bearers } = await keysOf('acme');
  apiKey = bearers[0]?.authorization.slice('Bearer '.length) ?? '';
  server = await openTestServer({ models: [{ id: 'stub', generator }], embedder: fakeEmbedder(), keys });
  listening = await listen(server.app, server.context.lifecycle, { host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await listening.close(1000);
  await server.close();
});

/** In this process, and through a port. */
const ways: readonly (readonly [string, () => { baseURL: string; fetch?: typeof fetch }])[] = [
  [
    'without a port',
    () => ({
      baseURL: 'http://localhost/v1',
      fetch: async (input, init) => server.app.request(input as string, init),
    }),
  ],
  ['over a port', () => ({ baseURL: `${listening.url}/v1` })],
];

describe.each(ways)('openai %s', (name, way) => {
  const client = (key = apiKey): OpenAI => new OpenAI({ apiKey: key, maxRetries: 2, ...way() });
  const user = `openai ${name}`;
  const messages = [{ role: 'user' as const, content: 'I live in Lyon.' }];

  test('answers, streams, and counts tokens', async () => {
    const answer = await client().chat.completions.create({ model: 'stub', messages });
    expect(answer.choices[0]?.message.content).toBe('You said: I live in Lyon.');
    expect(answer.usage?.completion_tokens).toBe(6);
    const stream = await client().chat.completions.create({
      model: 'stub',
      messages,
      user,
      stream: true,
      stream_options: { include_usage: true },
      metadata: { session: 'monday' },
    });
    let text = '';
    let total = 0;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      total = chunk.usage?.total_tokens ?? total;
    }
    expect(text).toBe('You said: I live in Lyon.');
    expect(total).toBeGreaterThan(6);
    const whole = await client()
      .chat.completions.stream({ model: 'stub', messages, user, metadata: { session: 'tuesday' } })
      .finalContent();
    expect(whole).toBe('You said: I live in Lyon.');
  });

  test('completes, embeds and lists', async () => {
    const completion = await client().completions.create({ model: 'stub', prompt: 'Call me' });
    expect(completion.choices[0]?.text).toBe('You said: Call me');
    const { data } = await client().embeddings.create({ model: fakeEmbedder().name, input: 'one' });
    const [expected] = await fakeEmbedder().embed(['one'], 'passage');
    expect(data[0]?.embedding).toEqual([...(expected ?? [])]);
    expect((await client().models.list()).data.map(({ id }) => id)).toContain('stub');
  });

  test('understands what went wrong, and says nothing twice by itself', async () => {
    await expect(client('wrong').models.list()).rejects.toBeInstanceOf(AuthenticationError);
    const nobody = client().chat.completions.create({ model: 'none', messages });
    await expect(nobody).rejects.toBeInstanceOf(NotFoundError);
    const failing = client().chat.completions.create({
      model: 'stub',
      messages: [{ role: 'user', content: 'fail' }],
      user,
      metadata: { session: 'failing' },
    });
    const error = await failing.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(APIError);
    expect(error).toMatchObject({ status: 502, code: 'generator_unreachable' });
    const archive = await server.archives.of('acme');
    expect(await archive.turns({ user, sessions: [{ session: 'failing' }] })).toHaveLength(1);
  });

  test('a stream that fails midway is an error, not an end', async () => {
    const stream = await client().chat.completions.create({
      model: 'stub',
      messages: [{ role: 'user', content: 'fail' }],
      user,
      stream: true,
      metadata: { session: 'failing stream' },
    });
    const read = async (): Promise<void> => {
      for await (const _ of stream);
    };
    await expect(read()).rejects.toThrow('Nobody answers.');
  });
});

describe.each(ways)('ai %s', (name, way) => {
  const model = () =>
    createOpenAICompatible({
      name: 'mneme',
      apiKey,
      includeUsage: true,
      ...way(),
      transformRequestBody: (body) => ({ ...body, user: `ai ${name}`, mneme: { session: 's' } }),
    })('stub');

  test('generates and streams with memory', async () => {
    const { text, usage } = await generateText({ model: model(), prompt: 'My sister plays the cello.' });
    expect(text).toBe('You said: My sister plays the cello.');
    expect(usage.outputTokens).toBe(7);
    const pieces: string[] = [];
    for await (const piece of streamText({ model: model(), prompt: 'Who plays the cello?' }).textStream)
      pieces.push(piece);
    expect(pieces.join('')).toBe('You said: Who plays the cello?');
    expect(generator.calls.at(-1)?.some(({ content }) => content.includes('My sister'))).toBe(true);
  });
});

// Streams that are left, not read, too slow, too many, or in the middle when the server stops.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestServer } from '../../test/support/server.js';
import { openTestServer } from '../../test/support/server.js';
import { NodeRuntime } from '../engine/runtime/node.js';
import { LanguageModel } from '../models/index.js';
import { Random } from '../core/random.js';
import { tellingEnd } from '../core/telling-end.js';
import { trainCharacterTokenizer } from '../text/index.js';
import { runGenerator } from '../tasks/chat/generators/run.js';
import type { AnswerEnd, Generator } from '../tasks/chat/index.js';
import { stubGenerator } from '../testing/index.js';
import type { Server, ServerOptions } from './create-server.js';
import { createServer } from './create-server.js';

let shared: TestServer;
beforeAll(async () => {
  shared = await openTestServer();
});
afterAll(() => shared.close());

const words = (count: number): string => Array.from({ length: count }, (_, i) => `w${i}`).join(' ');

/** Counts the pieces that are taken from a generator. */
function counting(
  generator: Generator,
): Generator & { readonly taken: () => number; readonly ended: () => boolean } {
  let taken = 0;
  let ended = false;
  return {
    ...generator,
    taken: () => taken,
    ended: () => ended,
    async *generate(messages, options) {
      try {
        let end: AnswerEnd = 'end';
        const pieces = tellingEnd(generator.generate(messages, options), (returned) => (end = returned));
        for await (const piece of pieces) {
          taken++;
          yield piece;
        }
        return end;
      } finally {
        ended = true;
      }
    },
  };
}

const serverOf = (generator: Generator, limits: ServerOptions['limits'] = {}): Server =>
  createServer({ archiveOf: shared.context.archiveOf, models: [{ id: 'stub', generator }], limits });

const post = (body: object, signal?: AbortSignal): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ messages: [{ role: 'user', content: 'Tell me everything.' }], ...body }),
  ...(signal && { signal }),
});
const path = '/v1/chat/completions';

/** Waits until something holds, as long as the test may take. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}

const turnsOf = async (user: string, session: string) =>
  (await shared.archives.of('default')).turns({ user, sessions: [{ session }] });

test('a client that leaves a stream stops the answer, and what was said is kept', async () => {
  const generator = counting(stubGenerator({ answer: words(100_000), delayMs: 1, maxTokens: 1_000_000 }));
  const server = serverOf(generator);
  const user = randomUUID();
  const response = await server.app.request(
    path,
    post({ stream: true, user, mneme: { session: 's' }, max_tokens: 500_000 }),
  );
  const reader = response.body?.getReader();
  for (let i = 0; i < 5; i++) await reader?.read();
  await reader?.cancel();
  await until(() => generator.ended() && server.context.lifecycle.active === 0);
  expect(server.context.admission.active).toBe(0);
  expect(generator.taken()).toBeLessThan(100_000);
  const turns = await turnsOf(user, 's');
  expect(turns.map(({ speaker }) => speaker)).toEqual([undefined, 'assistant']);
  expect(turns[1]?.text).toMatch(/^w0 w1/);
});

test('a client that leaves before the answer is whole stops it too', async () => {
  const generator = counting(stubGenerator({ answer: words(100_000), delayMs: 1, maxTokens: 1_000_000 }));
  const server = serverOf(generator);
  const client = new AbortController();
  const answered = Promise.resolve(server.app.request(path, post({ max_tokens: 500_000 }, client.signal)));
  await until(() => generator.taken() > 3);
  client.abort();
  expect((await answered).status).toBe(499);
  expect(generator.ended()).toBe(true);
  expect(server.context.admission.active).toBe(0);
});

test('a stream that nobody reads is not written on, and given up in the end', async () => {
  const generator = counting(stubGenerator({ answer: words(1000) }));
  const server = serverOf(generator, { keepAliveMs: 5, stallMs: 50 });
  const response = await server.app.request(path, post({ stream: true, max_tokens: 1000 }));
  await until(() => generator.ended());
  expect(generator.taken()).toBeLessThan(10);
  await expect(response.text()).rejects.toThrow();
  expect(server.context.lifecycle.active).toBe(0);
});

test('an answer that takes too long ends with 504, in a stream with an error', async () => {
  const slow = stubGenerator({ answer: words(100_000), delayMs: 2, maxTokens: 1_000_000 });
  const server = serverOf(slow, { answerMs: 100 });
  const whole = await server.app.request(path, post({ max_tokens: 500_000 }));
  expect(whole.status).toBe(504);
  expect(await whole.json()).toMatchObject({
    error: { code: 'timeout', message: expect.stringMatching(/0\.1 s/) },
  });
  const stream = await server.app.request(path, post({ stream: true, max_tokens: 500_000 }));
  const text = await stream.text();
  expect(text).toMatch(/"code":"timeout"/);
  expect(text).not.toMatch(/\[DONE\]/);
});

test('too many answers at once are refused at once, with a time to come back', async () => {
  const slow = stubGenerator({ answer: words(1000), delayMs: 5 });
  const server = serverOf(slow, { maxAnswers: 2 });
  const open = [1, 2].map(() => server.app.request(path, post({ stream: true, max_tokens: 1000 })));
  const bodies = (await Promise.all(open)).map(({ body }) => body);
  const refused = await server.app.request(path, post({}));
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('1');
  await Promise.all(bodies.map((body) => body?.cancel()));
  await until(() => server.context.admission.active === 0);
  const perKey = serverOf(slow, { maxAnswersPerKey: 1 });
  const one = await perKey.app.request(path, post({ stream: true }));
  expect((await perKey.app.request(path, post({}))).status).toBe(429);
  await one.body?.cancel();
});

test('a server that stops finishes streams and takes nothing new', async () => {
  const server = serverOf(stubGenerator({ answer: words(50), delayMs: 2 }));
  const user = randomUUID();
  const response = await server.app.request(path, post({ stream: true, user, mneme: { session: 's' } }));
  const stopped = server.context.lifecycle.stop(60_000);
  expect((await server.app.request(path, post({}))).status).toBe(503);
  expect(await (await server.app.request('/health')).json()).toMatchObject({ status: 'stopping' });
  const text = await response.text();
  expect(text).toMatch(/w49/);
  expect(text).toMatch(/\[DONE\]/);
  await stopped;
  expect(await turnsOf(user, 's')).toHaveLength(2);
});

test('what is not finished in time is ended, told so, and kept as far as it came', async () => {
  const server = serverOf(stubGenerator({ answer: words(100_000), delayMs: 1, maxTokens: 1_000_000 }));
  const user = randomUUID();
  const response = await server.app.request(
    path,
    post({ stream: true, user, mneme: { session: 's' }, max_tokens: 500_000 }),
  );
  const text = response.text();
  await server.context.lifecycle.stop(50);
  expect(await text).toMatch(/"code":"stopping"/);
  expect((await turnsOf(user, 's')).map(({ speaker }) => speaker)).toEqual([undefined, 'assistant']);
});

test('a long answer does not hold up the first word of another', async () => {
  const alphabet = 'User: Assistant:\nabcdefghijklmnopqrstuvwxyz ,.?TI';
  const tokenizer = await trainCharacterTokenizer([alphabet]);
  const { vocabularySize } = tokenizer;
  const model = new LanguageModel({
    vocabularySize,
    width: 8,
    layers: 1,
    memory: 'gru',
    position: 'none',
    maxLength: 64,
  });
  const runtime = new NodeRuntime({ threads: 1 });
  const run = await runGenerator(
    runtime,
    { model, parameters: model.init(Random.fromSeed(1)), tokenizer },
    { maxTokens: 4000 },
  );
  const server = serverOf(run);
  // Compiles what reading a prompt takes, once.
  await server.app.request(path, post({ max_tokens: 2 }));
  const long = await server.app.request(path, post({ stream: true, max_tokens: 2000, seed: 1 }));
  let longPieces = 0;
  let isLongDone = false;
  const reading = (async () => {
    for await (const _ of long.body ?? []) longPieces++;
    isLongDone = true;
  })();
  await until(() => longPieces > 5);
  const before = longPieces;
  for (let i = 0; i < 3; i++) {
    const short = await server.app.request(path, post({ stream: true, max_tokens: 3, seed: 2 }));
    expect(short.status).toBe(200);
    await short.body?.cancel();
  }
  // Each takes turns with the long one: a prompt of some ten pieces, then a first word. Had they waited, it would be done.
  expect(isLongDone).toBe(false);
  expect(longPieces - before).toBeLessThan(500);
  await server.context.lifecycle.stop(0);
  await reading;
  await run.dispose();
  await runtime.dispose();
});

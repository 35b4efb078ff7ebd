// The middleware under the real AI SDK, around a model that says what it is told to.
import { randomUUID } from 'node:crypto';
import type { LanguageModelV3CallOptions, LanguageModelV3StreamPart } from '@ai-sdk/provider';
import { generateText, stepCountIs, streamText, tool, wrapLanguageModel } from 'ai';
import { MockLanguageModelV3, simulateReadableStream } from 'ai/test';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { Archive } from '../../archive/index.js';
import { openArchive } from '../../archive/index.js';
import { openPgliteInMemory } from '../../archive/store/pglite.js';
import { memoryMiddleware } from './ai-sdk-middleware.js';

let archive: Archive;
beforeAll(async () => {
  archive = await openArchive({ store: await openPgliteInMemory({ thread: 'main' }) });
});
afterAll(() => archive.close());

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
};
const stop = { unified: 'stop', raw: 'stop' } as const;

/** Notes what it was asked. */
function model(answer: string) {
  const calls: LanguageModelV3CallOptions[] = [];
  const parts: LanguageModelV3StreamPart[] = [
    { type: 'stream-start', warnings: [] },
    { type: 'text-start', id: '1' },
    ...answer.split(/(?<= )/).map((delta) => ({ type: 'text-delta' as const, id: '1', delta })),
    { type: 'text-end', id: '1' },
    { type: 'finish', finishReason: stop, usage },
  ];
  const mock = new MockLanguageModelV3({
    doGenerate: async (options) => {
      calls.push(options);
      return { content: [{ type: 'text', text: answer }], finishReason: stop, usage, warnings: [] };
    },
    doStream: async (options) => {
      calls.push(options);
      return { stream: simulateReadableStream({ chunks: parts, initialDelayInMs: 0, chunkDelayInMs: 5 }) };
    },
  });
  return { mock, calls };
}

const turnsOf = async (
  user: string,
  session: string,
): Promise<readonly (readonly [string | undefined, string])[]> =>
  (await archive.turns({ user, sessions: [{ session }] })).map(({ speaker, text }) => [speaker, text]);

test('what was said in one conversation is recalled in the next, after the system message that is there', async () => {
  const user = randomUUID();
  const { mock, calls } = model('Nice to meet you.');
  const first = wrapLanguageModel({
    model: mock,
    middleware: memoryMiddleware({ archive, user, session: 'monday' }),
  });
  const { text } = await generateText({ model: first, prompt: 'My sister Clara plays the cello.' });
  expect(text).toBe('Nice to meet you.');
  expect(await turnsOf(user, 'monday')).toEqual([
    [undefined, 'My sister Clara plays the cello.'],
    ['assistant', 'Nice to meet you.'],
  ]);
  const second = wrapLanguageModel({
    model: mock,
    middleware: memoryMiddleware({ archive, user, session: 'tuesday' }),
  });
  await generateText({ model: second, system: 'Be brief.', prompt: 'Who plays the cello?' });
  const prompt = calls.at(-1)?.prompt ?? [];
  expect(prompt.map(({ role }) => role)).toEqual(['system', 'system', 'user']);
  expect(prompt[0]?.content).toBe('Be brief.');
  expect(prompt[1]?.content).toMatch(/remember of the user.*Clara plays the cello/s);
});

test('a stream is passed on as it comes and kept when it ends', async () => {
  const user = randomUUID();
  const { mock } = model('One two three.');
  const wrapped = wrapLanguageModel({
    model: mock,
    middleware: memoryMiddleware({ archive, user, session: 's' }),
  });
  const pieces: string[] = [];
  for await (const piece of streamText({ model: wrapped, prompt: '我住在上海。' }).textStream)
    pieces.push(piece);
  expect(pieces).toEqual(['One ', 'two ', 'three.']);
  expect(await turnsOf(user, 's')).toEqual([
    [undefined, '我住在上海。'],
    ['assistant', 'One two three.'],
  ]);
  expect(JSON.stringify(await archive.facts({ user }))).toMatch(/上海/);
});

test('an answer that nobody reads on is kept as far as it came', async () => {
  const user = randomUUID();
  const { mock } = model('One two three four five six.');
  const middleware = memoryMiddleware({ archive, user, session: 's' });
  const wrapped = wrapLanguageModel({ model: mock, middleware });
  const prompt = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Count.' }] }];
  const { stream } = await wrapped.doStream({ prompt });
  const reader = stream.getReader();
  for (let read = 0; read < 4; read++) await reader.read();
  await reader.cancel();
  const turns = await turnsOf(user, 's');
  expect(turns[0]).toEqual([undefined, 'Count.']);
  expect(turns[1]?.[1]).toMatch(/^One two/);
  expect(turns[1]?.[1]).not.toMatch(/six/);
});

test('a model that fails leaves the message, and steps of tools say nothing twice', async () => {
  const user = randomUUID();
  const failing = new MockLanguageModelV3({ doGenerate: () => Promise.reject(new Error('It is down.')) });
  const wrapped = wrapLanguageModel({
    model: failing,
    middleware: memoryMiddleware({ archive, user, session: 'f' }),
  });
  await expect(generateText({ model: wrapped, prompt: 'Hello', maxRetries: 0 })).rejects.toThrow(
    'It is down.',
  );
  expect(await turnsOf(user, 'f')).toEqual([[undefined, 'Hello']]);
  let step = 0;
  const calling = new MockLanguageModelV3({
    doGenerate: async () => ({
      content:
        step++ === 0
          ? [{ type: 'tool-call', toolCallId: '1', toolName: 'clock', input: '{}' }]
          : [{ type: 'text', text: 'It is noon.' }],
      finishReason: step === 1 ? { unified: 'tool-calls', raw: 'tool_calls' } : stop,
      usage,
      warnings: [],
    }),
  });
  const clock = tool({
    description: 'Tells the time.',
    inputSchema: z.object({}),
    execute: async () => '12:00',
  });
  const asking = wrapLanguageModel({
    model: calling,
    middleware: memoryMiddleware({ archive, user, session: 't' }),
  });
  await generateText({
    model: asking,
    prompt: 'What time is it?',
    tools: { clock },
    stopWhen: stepCountIs(3),
  });
  expect(await turnsOf(user, 't')).toEqual([
    [undefined, 'What time is it?'],
    ['assistant', 'It is noon.'],
  ]);
});

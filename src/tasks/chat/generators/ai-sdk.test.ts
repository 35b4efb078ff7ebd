import { MockLanguageModelV3, simulateReadableStream } from 'ai/test';
import { expect, it } from 'vitest';
import { tellingEnd } from '../../../core/telling-end.js';
import type { AnswerEnd } from '../generator.js';
import { aiSdkGenerator } from './ai-sdk.js';

type Model = MockLanguageModelV3;
type StreamPart =
  NonNullable<Awaited<ReturnType<Model['doStream']>>>['stream'] extends ReadableStream<infer Part>
    ? Part
    : never;

const usage = {
  inputTokens: { total: 3, noCache: 3, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 2, text: 2, reasoning: 0 },
};
const modelThatStreams = (chunks: StreamPart[]): Model =>
  new MockLanguageModelV3({ doStream: async () => ({ stream: simulateReadableStream({ chunks }) }) });

async function textOf(model: Model, signal?: AbortSignal): Promise<string> {
  let all = '';
  const messages = [
    { role: 'system', content: 'Be kind.' },
    { role: 'user', content: 'Hello' },
  ] as const;
  const options = { maxTokens: 9, topP: 0.5, stop: ['END'], ...(signal && { signal }) };
  for await (const piece of aiSdkGenerator(model).generate(messages, options)) all += piece;
  return all;
}

it('hands messages over as the AI SDK has them, and gives back the text', async () => {
  const model = modelThatStreams([
    { type: 'text-start', id: '1' },
    { type: 'text-delta', id: '1', delta: 'Good ' },
    { type: 'text-delta', id: '1', delta: 'day.' },
    { type: 'text-end', id: '1' },
    { type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, usage },
  ]);
  expect(await textOf(model)).toBe('Good day.');
  expect(model.doStreamCalls[0]).toMatchObject({
    prompt: [
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
    ],
    maxOutputTokens: 9,
    topP: 0.5,
    stopSequences: ['END'],
  });
});

it.each([
  ['stop', 'end'],
  ['length', 'length'],
  ['content-filter', 'content-filter'],
  ['other', 'end'],
] as const)('says why an answer ended: %s', async (unified, end) => {
  const model = modelThatStreams([
    { type: 'text-delta', id: '1', delta: 'Good' },
    { type: 'finish', finishReason: { unified, raw: undefined }, usage },
  ]);
  const ended: AnswerEnd[] = [];
  const pieces = aiSdkGenerator(model).generate([], { maxTokens: 9 });
  for await (const _ of tellingEnd(pieces, (returned) => ended.push(returned)));
  expect(ended).toEqual([end]);
});

it('says what went wrong, and whether to try again', async () => {
  const broken = modelThatStreams([{ type: 'error', error: new Error('overheated') }]);
  await expect(textOf(broken)).rejects.toMatchObject({ failure: 'broken', retry: true });
  const refusing = new MockLanguageModelV3({
    doStream: () => Promise.reject(Object.assign(new Error('bad key'), { statusCode: 401 })),
  });
  await expect(textOf(refusing)).rejects.toMatchObject({ failure: 'refused', retry: false });
});

it('tells a prompt that is over its window, with the numbers', async () => {
  const full = new MockLanguageModelV3({
    doStream: () =>
      Promise.reject(
        Object.assign(new Error('prompt is too long: 2100 tokens > 2000 maximum'), { statusCode: 400 }),
      ),
  });
  await expect(textOf(full)).rejects.toMatchObject({
    failure: 'too-long',
    fields: { status: 400, windowTokens: 2000, promptTokens: 2100 },
  });
});

it('is stopped by the signal', async () => {
  const model = new MockLanguageModelV3({ doStream: () => Promise.reject(new Error('aborted')) });
  await expect(textOf(model, AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted' });
});

// A model that finds a window too long which was counted as short enough: its tokens were estimated.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTalk } from '../../../test/support/talk.js';
import type { Archive } from '../../archive/index.js';
import { openArchive } from '../../archive/index.js';
import { openPgliteInMemory } from '../../archive/store/pglite.js';
import { stubGenerator } from '../../testing/index.js';
import type { ChatEvent } from './events.js';
import { GeneratorError } from './generator-error.js';
import { endpointGenerator } from './generators/endpoint.js';
import { smallerLimit, usableTokens } from './window/usable-tokens.js';

let archive: Archive;
beforeAll(async () => {
  archive = await openArchive({ store: await openPgliteInMemory({ thread: 'main' }) });
});
afterAll(() => archive.close());

/** An endpoint whose tokens have two characters each, so that the estimate of four is off by half. */
function dense(realTokens: number) {
  const prompts: number[] = [];
  const refused: number[] = [];
  const generator = endpointGenerator({
    url: 'http://localhost/v1',
    model: 'dense',
    maxTokens: 4096,
    fetch: async (_, init) => {
      const body = JSON.parse(init?.body as string) as {
        messages: { content: string }[];
        max_tokens: number;
      };
      const prompt = body.messages.reduce((sum, { content }) => sum + Math.ceil(content.length / 2), 0);
      const total = prompt + body.max_tokens;
      if (total > realTokens) {
        refused.push(total);
        const reason = `This model's maximum context length is ${realTokens} tokens. However, you requested ${total} tokens (${prompt} in the messages, ${body.max_tokens} in the completion).`;
        return new Response(reason, { status: 400 });
      }
      prompts.push(total);
      return Response.json({ choices: [{ message: { content: 'I see.' }, finish_reason: 'stop' }] });
    },
  });
  return { generator, prompts, refused };
}

const story = (n: number): string =>
  `Chapter ${n}. ${`It was a quiet evening by the sea number ${n}. `.repeat(30)}`;

async function eventsOf(events: AsyncIterable<ChatEvent>): Promise<readonly ChatEvent[]> {
  const all: ChatEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

test('it is asked once more with a smaller window, and what was said is kept once', async () => {
  const { generator, prompts, refused } = dense(2000);
  const chat = await openTalk(archive, { generator });
  let windows: readonly ChatEvent[] = [];
  for (let n = 0; n < 8; n++) {
    const before = refused.length;
    const events = await eventsOf(chat.send(story(n)));
    expect(events.at(-1)).toMatchObject({ kind: 'done', turn: { text: 'I see.' } });
    expect(refused.length - before).toBeLessThanOrEqual(1);
    const told = events.filter(({ kind }) => kind === 'window');
    if (told.length > 1) windows = told;
  }
  expect(refused.length).toBeGreaterThan(0);
  expect(prompts).toHaveLength(8);
  const [first, second] = windows.map((event) => (event.kind === 'window' ? event.window : undefined));
  expect(second?.limit).toBeLessThan(first?.limit ?? 0);
  expect(second?.tokens).toBeLessThan(first?.tokens ?? 0);
  expect(windows[1]).toMatchObject({ turn: windows[0]?.kind === 'window' ? windows[0].turn : {} });
  expect((await chat.why()).window.limit).toBeLessThanOrEqual(1900);
  const turns = (await chat.history()).map(({ role }) => role);
  expect(turns).toEqual(Array.from({ length: 16 }, (_, n) => (n % 2 === 0 ? 'user' : 'assistant')));
  expect(generator.maxTokens).toBe(2000);
});

test('what cannot be made smaller is told with the numbers, and the message is kept', async () => {
  const { generator, refused } = dense(200);
  const chat = await openTalk(archive, { generator });
  const message = 'A long message. '.repeat(60);
  await expect(eventsOf(chat.send(message))).rejects.toMatchObject({
    failure: 'too-long',
    message: expect.stringMatching(/maximum context length is 200 tokens.*up to 4096 tokens, by an estimate/),
    fields: { windowTokens: 200, promptTokens: 480 },
  });
  expect(refused).toHaveLength(1);
  expect((await chat.history()).map(({ text }) => text)).toEqual([message]);
});

test('one that was too long twice, or after it had begun, is not asked again', async () => {
  let asked = 0;
  const refusing = stubGenerator({
    answer() {
      asked++;
      throw new GeneratorError('too-long', 'It is too long.');
    },
  });
  const chat = await openTalk(archive, { generator: refusing });
  await expect(eventsOf(chat.send('Hello.'))).rejects.toThrow('too long');
  expect(asked).toBe(2);
  let begun = 0;
  const breaking = {
    ...stubGenerator(),
    async *generate(): AsyncGenerator<string, 'end'> {
      begun++;
      yield 'Well, ';
      throw new GeneratorError('too-long', 'It is too long.');
    },
  };
  const other = await openTalk(archive, { generator: breaking });
  await expect(eventsOf(other.send('Hello.'))).rejects.toThrow('too long');
  expect(begun).toBe(1);
});

test('a margin is left where tokens are estimated, and the next limit follows what the model said', () => {
  expect(usableTokens({ maxTokens: 8192, exact: true })).toBe(8192);
  expect(usableTokens({ maxTokens: 8192, exact: false })).toBe(7782);
  const window = { tokens: 1000, limit: 4000 };
  const failure = (fields: Record<string, unknown>) => new GeneratorError('too-long', 'x', { fields });
  expect(smallerLimit(window, failure({}))).toBe(3000);
  expect(smallerLimit(window, failure({ windowTokens: 2000 }))).toBe(1900);
  expect(smallerLimit(window, failure({ windowTokens: 4000, promptTokens: 2000 }))).toBe(1900);
  expect(smallerLimit(window, failure({ windowTokens: 9000 }))).toBe(3000);
  expect(smallerLimit(window, new GeneratorError('broken', 'x'))).toBeUndefined();
});

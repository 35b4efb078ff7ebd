// Tools that are called within a conversation, by a model that does as it is told.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTalk } from '../../../test/support/talk.js';
import type { Archive, Database } from '../../archive/index.js';
import { openArchive, openPgliteInMemory } from '../../archive/index.js';
import { maxEpisodeLength } from '../../archive/episode-input.js';
import { stubGenerator } from '../../testing/stub-generator.js';
import type { Conversation } from './conversation.js';
import type { ChatEvent } from './events.js';
import type { Generator } from './generator.js';
import type { ConversationOptions } from './options.js';
import type { ToolCall, ToolMessage } from './tools.js';

let database: Database;
let archive: Archive;
beforeAll(async () => {
  database = await openPgliteInMemory({ thread: 'main' });
  archive = await openArchive({ store: database });
});
afterAll(() => archive.close());

const tools = { tools: [{ type: 'function', function: { name: 'clock' } }] };
const call: ToolCall = { id: 'c1', name: 'clock', arguments: '{"zone":"Lyon"}' };
const question = 'What time is it in Lyon?';
const waiting = { text: 'One moment.', calls: [call] };
const answered = { text: 'One moment.', calls: [{ ...call, result: '12:30' }] };

/** Calls the clock where tools are offered and it was told no time yet; otherwise says what it was told last. */
function caller(more: { readonly maxTokens?: number } = {}): Generator & { asked: ToolMessage[][] } {
  const asked: ToolMessage[][] = [];
  return {
    ...stubGenerator(more),
    asked,
    withTools: {
      async *generate(messages, { tools: offered }) {
        asked.push([...messages]);
        const last = messages.at(-1);
        if (Object.keys(offered).length > 0 && last?.role === 'user') {
          yield 'One moment.';
          return { end: 'end', calls: [call] };
        }
        yield `It says: ${last?.content ?? ''}`;
        return { end: 'end', calls: [] };
      },
    },
  };
}

async function collect(events: AsyncIterable<ChatEvent>): Promise<readonly ChatEvent[]> {
  const all: ChatEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

/** As a program that was started anew would open it. */
async function reopened({ user, session }: Conversation, more: Partial<ConversationOptions> = {}) {
  return openTalk(await openArchive({ store: database }), { user, session, ...more });
}

const turnsOf = async (chat: Conversation) =>
  (await chat.history()).map(({ role, text, steps }) => [role, text, steps]);

test('a call is kept with the message before it is told of, and what it gave when it comes', async () => {
  const chat = await openTalk(archive, { generator: caller() });
  const events = await collect(chat.send(question, { tools }));
  expect(events.map(({ kind }) => kind)).toEqual(['window', 'text', 'calls', 'done']);
  expect(events[2]).toEqual({ kind: 'calls', calls: [call] });
  expect(events[3]).toMatchObject({ finish: 'end', usage: { answerTokens: expect.any(Number) } });
  expect(events[3]).not.toHaveProperty('turn');
  const generator = caller();
  const later = await reopened(chat, { generator });
  expect(await turnsOf(later)).toEqual([['user', question, [waiting]]]);
  for await (const event of later.regenerate({ tools, steps: [answered] }))
    if (event.kind === 'window') expect(await turnsOf(later)).toEqual([['user', question, [answered]]]);
  expect(await turnsOf(await reopened(chat))).toEqual([
    ['user', question, [answered]],
    ['assistant', 'It says: 12:30', undefined],
  ]);
  expect(await archive.recall('clock 12:30 moment', { user: chat.user, kinds: ['episode'] })).toMatchObject([
    { item: { text: 'It says: 12:30' } },
  ]);
});

/** A conversation in which the clock was asked and has answered. */
async function talked(): Promise<Conversation> {
  const chat = await openTalk(archive, { generator: caller() });
  await collect(chat.send(question, { tools }));
  await collect(chat.regenerate({ tools, steps: [answered] }));
  return chat;
}

test('after a restart an answer is written again, and shown, from what was called', async () => {
  const generator = caller();
  const chat = await reopened(await talked(), { generator });
  const { window, lines } = await chat.why();
  expect(window.messages.slice(-3)).toEqual([
    { role: 'user', content: question },
    { role: 'assistant', content: 'One moment.', toolCalls: [call] },
    { role: 'tool', content: '12:30', toolCallId: 'c1' },
  ]);
  expect(window.toolTokens).toBeGreaterThan(0);
  expect(lines.join('\n')).toMatch(/→ clock\(\{"zone":"Lyon"\}\)\n +← 12:30/);
  await collect(chat.regenerate());
  expect(generator.asked.at(-1)).toEqual(window.messages);
  expect(await turnsOf(chat)).toEqual([
    ['user', question, [answered]],
    ['assistant', 'It says: 12:30', undefined],
  ]);
});

test('the next message is asked with what was called before it, and says what was never answered', async () => {
  const chat = await talked();
  const generator = caller();
  const later = await reopened(chat, { generator });
  await collect(later.send('And now?', { tools }));
  await collect(later.send('Never mind.'));
  expect(generator.asked.at(-1)).toEqual([
    { role: 'user', content: question },
    { role: 'assistant', content: 'One moment.', toolCalls: [call] },
    { role: 'tool', content: '12:30', toolCallId: 'c1' },
    { role: 'assistant', content: 'It says: 12:30' },
    { role: 'user', content: 'And now?' },
    { role: 'assistant', content: 'One moment.', toolCalls: [call] },
    { role: 'tool', content: '(no result: this call was not answered)', toolCallId: 'c1' },
    { role: 'user', content: 'Never mind.' },
  ]);
});

test('a model that calls no tools is given messages and answers alone', async () => {
  const generator = stubGenerator();
  const chat = await reopened(await talked(), { generator });
  await collect(chat.send('Thanks.', { tools }));
  await collect(chat.regenerate());
  for (const messages of generator.calls)
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
});

test('who offers no tools is told of no call', async () => {
  const careless: Generator = {
    ...stubGenerator(),
    withTools: {
      async *generate() {
        yield 'Well.';
        return { end: 'end', calls: [call] };
      },
    },
  };
  const chat = await openTalk(archive, { generator: careless });
  expect((await collect(chat.send('Hello.'))).at(-1)).toMatchObject({
    kind: 'done',
    turn: { text: 'Well.' },
  });
});

test('a long result is cut where it does not fit, and where it is kept, and both say so', async () => {
  const result = 'lorem ipsum '.repeat(20_000);
  const generator = caller({ maxTokens: 500 });
  const chat = await openTalk(archive, { generator });
  await collect(chat.send(question, { tools }));
  const [first] = await collect(
    chat.regenerate({ tools, steps: [{ text: '', calls: [{ ...call, result }] }] }),
  );
  if (first?.kind !== 'window') throw new Error('There was no window.');
  const { window } = first;
  expect(window.tokens + window.answerTokens).toBeLessThanOrEqual(500);
  expect(window.cut).toMatchObject([{ part: 'message', how: 'results-cut', turn: 0 }]);
  expect(window.messages.at(-1)?.content).toMatch(/\[cut: the first \d+ of 240000 characters\]$/);
  const later = await reopened(chat, { generator });
  const kept = (await later.history())[0]?.steps?.[0]?.calls[0]?.result ?? '';
  expect(kept).toMatch(/\[cut: the first \d+ of 240000 characters\]$/);
  expect(kept.length).toBeLessThanOrEqual(maxEpisodeLength);
  expect(kept.length).toBeGreaterThan(maxEpisodeLength - 10);
  const shown = (await later.why()).window;
  expect(shown.messages.at(-1)?.content?.slice(0, 500)).toBe(window.messages.at(-1)?.content?.slice(0, 500));
  expect(shown.cut).toEqual(window.cut);
});

test('a branch has what was called, and calls nothing for a message that it shares', async () => {
  const chat = await talked();
  const [asked] = await chat.history();
  const branch = await chat.branch(asked?.turn ?? -1);
  expect(await turnsOf(branch)).toEqual([['user', question, [answered]]]);
  for (const options of [{ tools }, { steps: [answered, waiting] }])
    await expect(collect(branch.regenerate(options))).rejects.toThrow(/tools are called for it there/);
  await collect(branch.regenerate());
  expect((await turnsOf(branch)).at(-1)).toEqual(['assistant', 'It says: 12:30', undefined]);
  expect(await turnsOf(chat)).toHaveLength(2);
});

test('what is forgotten by a word that only a tool has said is gone, with every answer that repeats what it said', async () => {
  const repeating: Generator = {
    ...stubGenerator(),
    withTools: {
      async *generate(messages) {
        yield messages.at(-1)?.role === 'tool' ? 'Done.' : 'I looked when it was 12:30.';
        return { end: 'end', calls: [] };
      },
    },
  };
  const chat = await openTalk(archive, { generator: caller() });
  await collect(chat.send(question, { tools }));
  const later = await reopened(chat, { generator: repeating });
  await collect(later.regenerate({ tools, steps: [answered] }));
  await collect(later.send('When did you look?'));
  const { removed } = await later.forget({ query: 'clock zone' });
  expect(removed).toMatchObject({ toolSteps: 1, episodes: 3 });
  expect((await turnsOf(later)).map(([, text]) => text)).toEqual(['When did you look?']);
});

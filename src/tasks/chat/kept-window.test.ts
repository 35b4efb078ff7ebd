import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Archive, Database } from '../../archive/index.js';
import { openArchive, openPgliteInMemory } from '../../archive/index.js';
import { openTalk } from '../../../test/support/talk.js';
import { tablesWith } from '../../../test/support/rows-with.js';
import { stubGenerator } from '../../testing/stub-generator.js';
import type { Conversation } from './conversation.js';
import type { ChatEvent } from './events.js';
import { readWindow } from './kept-window.js';
import type { ConversationOptions } from './options.js';
import { describeWindow } from './why.js';
import type { ChatWindow } from './window/window.js';

let database: Database;
let archive: Archive;
beforeAll(async () => {
  database = await openPgliteInMemory({ thread: 'main' });
  archive = await openArchive({ store: database });
});
afterAll(() => archive.close());

const open = (more?: Partial<ConversationOptions>): Promise<Conversation> => openTalk(archive, more);

/** Says something; gives what the model was given, and the item of the answer. */
async function say(chat: Conversation, message: string): Promise<{ window: ChatWindow; id: string }> {
  return answerOf(chat.send(message));
}

async function answerOf(events: AsyncIterable<ChatEvent>): Promise<{ window: ChatWindow; id: string }> {
  let window: ChatWindow | undefined;
  let id = '';
  for await (const event of events) {
    if (event.kind === 'window') ({ window } = event);
    if (event.kind === 'done') id = event.turn?.id ?? '';
  }
  if (window === undefined) throw new Error('There was no window.');
  return { window, id };
}

/** The same conversation of an archive that was opened anew. */
async function reopened(chat: Conversation, more: Partial<ConversationOptions> = {}): Promise<Conversation> {
  const { user, session } = chat;
  return openTalk(await openArchive({ store: database }), { user, session, ...more });
}

const partOf = (window: ChatWindow | undefined, kind: string): ChatWindow['parts'][number] | undefined =>
  window?.parts.find((part) => part.kind === kind);

it('shows the same after a restart: every part, score, reason and word', async () => {
  const generator = stubGenerator({ answer: 'Good to know, I will think about it.', maxTokens: 420 });
  const profile = ['Be brief.'];
  const chat = await open({ generator, profile, answer: { maxTokens: 30 } });
  await archive.rememberAll([
    { text: 'The blue boat belongs to Clara.', user: chat.user, speaker: 'Clara', session: 'before' },
    { text: '蓝色的船叫海鸥。', user: chat.user },
  ]);
  const given = [];
  for (let n = 0; n < 8; n++)
    given.push(await say(chat, `Day ${n}: ${'We saw the blue boat on the river. '.repeat(4)}蓝色的船呢？`));
  const last = given.at(-1);
  expect(partOf(last?.window, 'summary')?.items).toHaveLength(1);
  expect(partOf(last?.window, 'recalled')?.items.length).toBeGreaterThan(1);
  expect(last?.window.cut.length).toBeGreaterThan(0);
  const again = await reopened(chat, { generator, profile });
  // The summary of before was erased by nobody, only replaced: each answer shows the one it was given.
  for (const [n, { window }] of given.entries()) {
    const turns = await again.history();
    const question = turns.filter(({ role }) => role === 'user')[n]?.turn ?? -1;
    expect((await again.why(question)).window).toEqual(window);
    expect((await again.why(question + 1)).window).toEqual(window);
  }
  const { lines } = await again.why();
  expect(lines).toEqual(describeWindow(last?.window as ChatWindow, 'zh'));
  expect(lines.join('\n')).toMatch(/得分[\s\S]*词语：第/);
  expect(describeWindow(last?.window as ChatWindow, 'en').join('\n')).toMatch(/scores[\s\S]*words: rank/);
});

it('shows passages with their places, which are read from the documents', async () => {
  await archive.addDocument({
    user: 'docs',
    title: 'faq.md › Returns',
    text: 'Returns are possible for 30 days.',
  });
  const knowledge = { user: 'docs' };
  const chat = await open({ knowledge });
  const { window, id } = await say(chat, 'For how many days are returns possible?');
  expect(partOf(window, 'knowledge')?.items).toHaveLength(1);
  expect(await readWindow(archive, id)).toEqual(window);
  await archive.forget({ user: 'docs' });
  const after = await readWindow(archive, id, { language: 'en' });
  const [passage] = partOf(after, 'knowledge')?.items ?? [];
  expect(passage).toEqual({
    id: partOf(window, 'knowledge')?.items[0]?.id,
    text: '(forgotten since)',
    missing: 'forgotten',
    tokens: partOf(window, 'knowledge')?.items[0]?.tokens,
  });
});

it('says of what was forgotten since that it was, in its part and in the prompt, and keeps the rest', async () => {
  const old = await open();
  await say(old, 'My sister Clara lives in Lisbon.');
  const [told] = await old.history();
  const chat = await open({
    user: old.user,
    session: 'next week',
    generator: stubGenerator({ answer: 'Who knows.' }),
  });
  const { window } = await say(chat, 'Where does my sister live?');
  expect(JSON.stringify(partOf(window, 'recalled'))).toContain('Lisbon');
  await archive.forget({ ids: [told?.id ?? ''] });
  for (const one of [chat, await reopened(chat)]) {
    const { window: after, lines } = await one.why();
    expect(JSON.stringify([after, lines])).not.toMatch(/Lisbon|Clara|sister Clara/);
    expect(partOf(after, 'recalled')?.items.map(({ missing }) => missing)).toContain('forgotten');
    expect(after.messages[0]?.content).toContain('(forgotten since)');
    expect(partOf(after, 'message')).toEqual(partOf(window, 'message'));
    expect([after.tokens, after.cut]).toEqual([window.tokens, window.cut]);
  }
  const rows = await database.query('SELECT * FROM answer_windows');
  expect(JSON.stringify(rows)).not.toMatch(/Lisbon|lisbon|Clara/);
});

it.each([
  ['Zanzibar', 'My sister Clara lives in Zanzibar.', 'Where does my sister live?'],
  ['桑给巴尔', '我妹妹住在桑给巴尔。', '我妹妹住在哪里？'],
])('leaves %s in no table once it is forgotten, whatever was made of it', async (place, told, question) => {
  expect(await tablesWith(database, place)).toEqual([]);
  const old = await open();
  const { id } = await say(old, told);
  const [first] = await old.history();
  const repeating = stubGenerator({ answer: `You said it: ${told}` });
  const silent = stubGenerator({ answer: 'Who knows.' });
  const more = { user: old.user, session: 'next week' };
  await say(await open({ ...more, generator: repeating }), question);
  const chat = await open({ ...more, generator: silent });
  // One answer takes the place of another that had its own window.
  await answerOf(chat.regenerate());
  await say(await chat.branch(2), question);
  const { window } = await say(chat, question);
  expect(JSON.stringify(window.parts)).toContain(place);
  expect(await tablesWith(database, place)).toEqual(expect.arrayContaining(['items', 'facts']));
  const receipt = await old.forget({ ids: [first?.id ?? ''] });
  expect(receipt.removed.windows).toBeGreaterThan(1);
  expect(await tablesWith(database, place)).toEqual([]);
  expect(await readWindow(archive, id)).toBeUndefined();
  expect(
    (await chat.why()).window.parts.flatMap(({ items }) => items.map(({ missing }) => missing)),
  ).toContain('forgotten');
  expect((await archive.check()).problems).toEqual([]);
});

it('keeps no words of a profile in the window, and shows them where they hold or are known', async () => {
  const profile = ['The parrot is called Coco.'];
  const chat = await open({ profile });
  const { id } = await say(chat, '你好！');
  expect(JSON.stringify(await database.query('SELECT outline FROM answer_windows'))).not.toContain('Coco');
  const parts = async (more: object): Promise<unknown> =>
    partOf(await readWindow(archive, id, more), 'profile')?.items.map(({ text, missing }) => [text, missing]);
  expect(await parts({})).toEqual([[profile[0], undefined]]);
  await say(await reopened(chat, { profile: ['Be brief.'] }), 'Hello!');
  expect(await parts({ profile })).toEqual([[profile[0], undefined]]);
  expect(await parts({})).toEqual([['（原文未保存）', 'not-kept']]);
  expect(await parts({ language: 'en', profile: ['Another one.'] })).toEqual([
    ['(text not kept)', 'not-kept'],
  ]);
});

it('shows a text that was shortened as it was given', async () => {
  const chat = await open({ generator: stubGenerator({ maxTokens: 150 }), answer: { maxTokens: 20 } });
  await say(chat, `${'word '.repeat(100)}`.trim());
  const generator = stubGenerator({ maxTokens: 90 });
  const brief = await open({ user: chat.user, generator, answer: { maxTokens: 20 } });
  const { window, id } = await say(brief, '好的');
  expect(window.cut.map(({ how }) => how)).toContain('shortened');
  expect(JSON.stringify(window.parts)).toContain(' …');
  expect(await readWindow(archive, id)).toEqual(window);
});

it('belongs to the answer: one that was stopped, written again, or branched from has its own', async () => {
  const chat = await open({ generator: stubGenerator({ answer: 'one two three four' }) });
  for await (const event of chat.send('Count.'))
    if (event.kind === 'text' && event.text.includes('two')) break;
  const stopped = await chat.why();
  expect(partOf(stopped.window, 'message')?.items[0]?.text).toBe('Count.');
  const again = await answerOf(chat.regenerate());
  expect((await (await reopened(chat)).why()).window).toEqual(again.window);
  const branch = await chat.branch((await chat.history()).at(-1)?.turn ?? -1);
  expect((await branch.why()).window).toEqual(again.window);
});

it('explains a question that nobody answered while the conversation is open, and nothing that is not there', async () => {
  const generator = stubGenerator({
    answer: () => {
      throw new Error('It is down.');
    },
  });
  const chat = await open({ generator });
  await expect(chat.why()).rejects.toThrow(/nothing was answered yet/);
  await expect(say(chat, 'Are you there?')).rejects.toThrow('It is down.');
  expect(partOf((await chat.why()).window, 'message')?.items[0]?.text).toBe('Are you there?');
  expect((await chat.why(0)).window).toEqual((await chat.why()).window);
  await expect((await reopened(chat)).why(0)).rejects.toThrow(/turn 0 is not known/);
  await expect(chat.why(99)).rejects.toThrow(/turn 99 is not known/);
});

it('does not read what another version wrote', async () => {
  const chat = await open();
  const { id } = await say(chat, 'Hello');
  await database.query(`UPDATE answer_windows SET outline = replace(outline, '"version":1', '"version":2')`);
  expect(await readWindow(archive, id)).toBeUndefined();
});

it('says where tokens are estimated, and nothing where they are exact', async () => {
  const exact = await open();
  await say(exact, 'Hello!');
  const chat = await open({ generator: { ...stubGenerator(), exact: false } });
  const { window, id } = await say(chat, 'Hello!');
  expect(window.estimated).toBe(true);
  expect(await readWindow(archive, id)).toEqual(window);
  expect(describeWindow(window, 'en')[1]).toContain('estimated');
  expect(describeWindow(window, 'zh')[1]).toContain('估计');
  expect((await exact.why()).window).not.toHaveProperty('estimated');
  expect((await exact.why()).lines.join()).not.toContain('estimated');
});

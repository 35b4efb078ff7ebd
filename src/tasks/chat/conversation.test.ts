import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Archive } from '../../archive/index.js';
import { openArchive, openPgliteInMemory } from '../../archive/index.js';
import { openTalk } from '../../../test/support/talk.js';
import { stubGenerator } from '../../testing/stub-generator.js';
import type { Conversation } from './conversation.js';
import type { ChatEvent } from './events.js';
import { StorageError } from '../../core/errors.js';
import type { Generator } from './generator.js';
import { GeneratorError } from './generator-error.js';
import { extractiveGenerator } from './generators/extractive.js';
import type { ConversationOptions } from './options.js';

let archive: Archive;
beforeAll(async () => {
  archive = await openArchive({ store: await openPgliteInMemory({ thread: 'main' }) });
});
afterAll(() => archive.close());

const open = (more?: Partial<ConversationOptions>): Promise<Conversation> => openTalk(archive, more);

async function collect(events: AsyncIterable<ChatEvent>): Promise<{ events: ChatEvent[]; text: string }> {
  const all: ChatEvent[] = [];
  for await (const event of events) all.push(event);
  return { events: all, text: all.map((event) => (event.kind === 'text' ? event.text : '')).join('') };
}
const say = (chat: Conversation, message: string): Promise<{ events: ChatEvent[]; text: string }> =>
  collect(chat.send(message));
const textsOf = async (chat: Conversation): Promise<string[]> =>
  (await chat.history()).map(({ role, text }) => `${role}: ${text}`);

describe('a conversation', () => {
  it('stores each turn, the same words as often as they are said', async () => {
    const chat = await open({ generator: stubGenerator({ answer: 'I see, thank you very much.' }) });
    const { events, text } = await say(chat, 'yes, I think so too');
    expect(events.map(({ kind }) => kind).filter((kind) => kind !== 'text')).toEqual(['window', 'done']);
    expect(text).toBe('I see, thank you very much.');
    await say(chat, 'yes, I think so too');
    expect(await textsOf(chat)).toEqual([
      'user: yes, I think so too',
      'assistant: I see, thank you very much.',
      'user: yes, I think so too',
      'assistant: I see, thank you very much.',
    ]);
    expect((await chat.history()).map(({ turn }) => turn)).toEqual([0, 1, 2, 3]);
  });

  it('recalls in a new session what was told in an old one, and says why', async () => {
    const old = await open();
    await say(old, 'My sister Clara lives in Lisbon.');
    const generator = stubGenerator({ answer: 'In Lisbon.' });
    const chat = await open({ user: old.user, session: 'next week', generator });
    const { events } = await say(chat, 'Where does my sister live?');
    const [first] = events;
    const recalled = first?.kind === 'window' ? first.window.parts[2] : undefined;
    expect(recalled?.kind).toBe('recalled');
    expect(recalled?.items[0]).toMatchObject({ text: expect.stringContaining('Lisbon') });
    expect(generator.calls[0]?.[0]?.content).toContain('Lisbon');
    const { lines } = await chat.why();
    expect(lines.join('\n')).toMatch(/recalled: .*\n.*Lisbon[\s\S]*BM25/);
  });

  it('does not take what the assistant says for facts about the user', async () => {
    const chat = await open({ generator: stubGenerator({ answer: 'I live in Paris.' }) });
    await say(chat, 'I live in Lyon.');
    expect((await archive.facts({ user: chat.user })).map(({ text }) => text)).toEqual([
      `${chat.user} lives in Lyon`,
    ]);
  });

  it('forgets a turn with the answers that repeat it', async () => {
    const generator = stubGenerator({ answer: 'Your code is 4711.' });
    const chat = await open({ generator });
    await say(chat, 'Please keep this: the code of the door is 4711.');
    await say(chat, 'Thanks! And what is the code?');
    const [secret] = await chat.history();
    await chat.forget({ ids: [secret?.id ?? ''] });
    expect((await textsOf(chat)).join()).not.toContain('4711');
    await say(chat, 'What is the code of the door?');
    expect(JSON.stringify(generator.calls.at(-1))).not.toContain('4711');
    await expect(chat.why(1)).rejects.toThrow(/forgotten since/);
    const lines: string[] = [];
    for await (const line of chat.export()) lines.push(line);
    expect(lines.filter((line) => line.includes('4711'))).toHaveLength(1);
  });

  it('refuses to forget what another user told', async () => {
    const other = await open();
    await say(other, 'A secret of mine.');
    const chat = await open();
    const [turn] = await other.history();
    await expect(chat.forget({ ids: [turn?.id ?? ''] })).rejects.toThrow(/There is no item/);
    expect(await other.history()).toHaveLength(2);
  });

  it.each(['length', 'content-filter'] as const)(
    'tells an answer that ended at its %s, and keeps what it said',
    async (end) => {
      const chat = await open({ generator: stubGenerator({ answer: 'one two', end }) });
      const { events } = await collect(chat.send('Count.'));
      expect(events.at(-1)).toMatchObject({ kind: 'done', finish: end, turn: { text: 'one two' } });
      const silent = await open({ generator: stubGenerator({ answer: '', end }) });
      const [first, ...rest] = (await collect(silent.send('Count.'))).events;
      expect(first?.kind).toBe('window');
      expect(rest).toMatchObject([{ kind: 'done', finish: end }]);
      expect(rest[0]).not.toHaveProperty('turn');
      expect(await textsOf(silent)).toEqual(['user: Count.']);
    },
  );

  it('keeps what was said when it is stopped, and when nobody reads on', async () => {
    const generator = stubGenerator({ answer: 'one two three four five six' });
    const chat = await open({ generator });
    const controller = new AbortController();
    const events: ChatEvent[] = [];
    for await (const event of chat.send('Count.', { signal: controller.signal })) {
      events.push(event);
      if (event.kind === 'text' && event.text.includes('three')) controller.abort();
    }
    expect(events.at(-1)).toMatchObject({ kind: 'done', finish: 'stopped', turn: { text: 'one two three' } });
    for await (const event of chat.send('Again.'))
      if (event.kind === 'text' && event.text.includes('two')) break;
    expect(await textsOf(chat)).toEqual([
      'user: Count.',
      'assistant: one two three',
      'user: Again.',
      'assistant: one two',
    ]);
  });

  it("keeps the user's turn when the generator fails, and answers it when asked again", async () => {
    let isDown = true;
    const generator = stubGenerator({
      answer: () => {
        if (isDown) throw new GeneratorError('unreachable', 'It is down.');
        return 'Now I can.';
      },
    });
    const chat = await open({ generator });
    await expect(say(chat, 'Are you there?')).rejects.toMatchObject({
      code: 'generator',
      retry: true,
      message: 'It is down. Your message is kept.',
    });
    await expect(collect(chat.regenerate())).rejects.toThrow('It is down. Your message is kept.');
    expect(await textsOf(chat)).toEqual(['user: Are you there?']);
    isDown = false;
    await collect(chat.regenerate());
    expect(await textsOf(chat)).toEqual(['user: Are you there?', 'assistant: Now I can.']);
  });

  it('lets the generator begin while the message is stored, and ends it when that fails', async () => {
    const order: string[] = [];
    let isDown = false;
    const addTurn: Archive['addTurn'] = async (turn) => {
      order.push(`storing ${turn.speaker ?? 'user'}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (isDown) throw new StorageError('The database is down.');
      const stored = await archive.addTurn(turn);
      order.push('stored');
      return stored;
    };
    const slow = new Proxy(archive, {
      get(target, name) {
        const value: unknown = name === 'addTurn' ? addTurn : Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    const generator: Generator = {
      ...stubGenerator(),
      async *generate(_, { signal }) {
        order.push('begun');
        yield 'Hello. ';
        await new Promise((resolve) => setTimeout(resolve, 60));
        order.push(signal?.aborted === true ? 'ended' : 'said');
        yield 'Goodbye.';
        return 'end';
      },
    };
    const chat = await open({ archive: slow, generator });
    const heard: string[] = [];
    for await (const event of chat.send('Good morning to you.')) {
      if (event.kind === 'window') order.push('told');
      if (event.kind === 'text') heard.push(event.text);
    }
    expect(heard).toEqual(['Hello. ', 'Goodbye.']);
    expect(order).toEqual(['begun', 'storing user', 'stored', 'told', 'said', 'storing assistant', 'stored']);
    order.length = 0;
    isDown = true;
    await expect(say(chat, 'Are you there?')).rejects.toThrow('The database is down.');
    expect(order).toEqual(['begun', 'storing user']);
    isDown = false;
    expect((await chat.history()).map(({ text }) => text)).toEqual([
      'Good morning to you.',
      'Hello. Goodbye.',
    ]);
  });

  it('puts a regenerated answer in the place of the old one, when it is complete', async () => {
    const answers = ['First.', new GeneratorError('timeout', 'Too slow.'), 'Second.'];
    const generator = stubGenerator({
      answer: () => {
        const next = answers.shift();
        if (next instanceof Error) throw next;
        return next ?? '';
      },
    });
    const chat = await open({ generator });
    await say(chat, 'Tell me a word.');
    await expect(collect(chat.regenerate())).rejects.toThrow('Too slow');
    expect(await textsOf(chat)).toEqual(['user: Tell me a word.', 'assistant: First.']);
    await collect(chat.regenerate());
    expect(await textsOf(chat)).toEqual(['user: Tell me a word.', 'assistant: Second.']);
    expect(JSON.stringify(generator.calls.at(-1))).not.toContain('First.');
    expect((await archive.check()).problems).toEqual([]);
  });

  it('branches: both go on by themselves, and what is forgotten is gone from both', async () => {
    const chat = await open();
    await say(chat, 'alpha');
    await say(chat, 'beta');
    const branch = await chat.branch(1);
    const other = await chat.branch(1);
    expect([branch.session, other.session]).toEqual(['monday@1', 'monday@1.2']);
    await say(branch, 'gamma');
    await say(chat, 'delta');
    const users = async (one: Conversation): Promise<string[]> =>
      (await one.history()).filter(({ role }) => role === 'user').map(({ text }) => text);
    expect(await users(branch)).toEqual(['alpha', 'gamma']);
    expect(await users(chat)).toEqual(['alpha', 'beta', 'delta']);
    expect((await branch.history()).map(({ turn }) => turn)).toEqual([0, 1, 2, 3]);
    const twig = await branch.branch(2);
    expect(await users(twig)).toEqual(['alpha', 'gamma']);
    await chat.forget({ ids: [(await chat.history())[0]?.id ?? ''] });
    expect(await users(twig)).toEqual(['gamma']);
    await expect(chat.branch(99)).rejects.toThrow(/no turn 99/);
  });

  it('never exceeds the window, and sums up what fell out of it', async () => {
    const generator = stubGenerator({ answer: 'Good to know, I will think about it.', maxTokens: 330 });
    const chat = await open({ generator, answer: { maxTokens: 30 } });
    for (let n = 0; n < 10; n++)
      await say(
        chat,
        `Day ${n}: we walked along the river to the mill. ${`Boat number ${n} is blue and fast. `.repeat(5)}`,
      );
    const sizes = generator.calls.map((messages) => generator.countPrompt(messages));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(300);
    expect(Math.max(...sizes)).toBeGreaterThan(220);
    const summary = await archive.summary({ user: chat.user, session: 'monday' });
    expect(summary?.text).toContain('Boat number');
    expect(generator.calls.at(-1)?.[0]?.content).toContain('What was said earlier');
    // Nothing is in neither: the turns of the last prompt begin where the summary ends, or before.
    const told = new Set(summary?.sources);
    const untold = (await chat.history()).filter(({ id }) => !told.has(id)).slice(0, -1);
    for (const { text } of untold) expect(JSON.stringify(generator.calls.at(-1))).toContain(text.trim());
    await chat.forget({ ids: [(await chat.history())[0]?.id ?? ''] });
    expect(await archive.summary({ user: chat.user, session: 'monday' })).toBeUndefined();
  });

  it('sums up after an answer, where nobody waits, what would fall out before the next', async () => {
    const replaceSummary = vi.spyOn(archive, 'replaceSummary');
    try {
      const generator = stubGenerator({ answer: 'Good to know, I will think about it.', maxTokens: 330 });
      const chat = await open({ generator, answer: { maxTokens: 30 } });
      const whileWaiting: number[] = [];
      for (let n = 0; n < 12; n++) {
        const before = replaceSummary.mock.calls.length;
        for await (const event of chat.send(`Day ${n}: ${`Boat number ${n} is blue and fast. `.repeat(5)}`))
          if (event.kind === 'window') whileWaiting.push(replaceSummary.mock.calls.length - before);
      }
      expect(replaceSummary.mock.calls.length).toBeGreaterThan(2);
      expect(whileWaiting).toEqual(Array.from({ length: 12 }, () => 0));
    } finally {
      replaceSummary.mockRestore();
    }
  });

  it('stores nothing of a message that is empty, broken or too long for the window', async () => {
    const chat = await open({ generator: stubGenerator({ maxTokens: 50 }) });
    await expect(say(chat, ' \n')).rejects.toThrow(/empty/);
    await expect(say(chat, 'half \ud800')).rejects.toThrow(/not valid Unicode/);
    await expect(say(chat, 'word '.repeat(100))).rejects.toThrow(/need \d+ tokens; the model has 50/);
    expect(await chat.history()).toEqual([]);
    const roomy = await open({ generator: stubGenerator({ maxTokens: 100_000 }) });
    await say(roomy, `${' '.repeat(3000)}${'long 长 '.repeat(8000)}`);
    expect(await roomy.history()).toHaveLength(2);
  });

  it('goes on from its profile when it is taken up again, branched or answered again, until another is given', async () => {
    const chat = await open({ profile: ['Speak like a pirate.'] });
    await say(chat, 'alpha');
    const generator = stubGenerator();
    const told = (): readonly unknown[] =>
      generator.calls.map(([first]) => (first?.role === 'system' ? first.content : undefined));
    const again = await open({ user: chat.user, generator });
    await say(again, 'beta');
    await collect(again.regenerate());
    await say(await again.branch(1), 'gamma');
    expect(told()).toEqual(Array.from({ length: 3 }, () => 'Speak like a pirate.'));
    expect((await again.why()).lines.join('\n')).toContain('Speak like a pirate.');
    await say(await open({ user: chat.user, generator, profile: ['Be brief.'] }), 'delta');
    await say(await open({ user: chat.user, generator }), 'epsilon');
    await say(await open({ user: chat.user, generator, profile: [] }), 'zeta');
    await say(await open({ user: chat.user, generator }), 'eta');
    expect(told().slice(3)).toEqual(['Be brief.', 'Be brief.', undefined, undefined]);
  });

  it('keeps the profile that an answer was written again with', async () => {
    const chat = await open();
    await say(chat, 'alpha');
    await collect((await open({ user: chat.user, profile: ['Be brief.'] })).regenerate());
    const generator = stubGenerator();
    await say(await open({ user: chat.user, generator }), 'beta');
    expect(generator.calls[0]?.[0]).toEqual({ role: 'system', content: 'Be brief.' });
  });

  it('answers calls one after the other', async () => {
    const chat = await open();
    await Promise.all([say(chat, 'one'), say(chat, 'two'), say(chat, 'three')]);
    expect((await chat.history()).map(({ role }) => role).join(' ')).toBe(
      'user assistant user assistant user assistant',
    );
  });

  it('remembers without any model, in both languages', async () => {
    const chat = await open({ generator: extractiveGenerator() });
    expect((await say(chat, '我的猫叫小黑。')).text).toBe('记下了。');
    expect((await say(chat, 'My bicycle is green.')).text).toBe('Noted.');
    const later = await open({ generator: extractiveGenerator(), user: chat.user, session: 'later' });
    expect((await say(later, '我的猫叫什么名字？')).text).toContain('小黑');
    for (let n = 0; n < 2; n++)
      expect((await say(later, 'What colour is my bicycle?')).text).toContain('My bicycle is green.');
    expect((await say(later, 'Where did Napoleon die?')).text).toBe('I remember nothing about that.');
  });

  it('refuses a user who is called as the assistant is, and an answer without room', async () => {
    await expect(open({ user: 'assistant' })).rejects.toThrow(/Choose another name/);
    await expect(open({ user: 'docs', knowledge: { user: 'docs' } })).rejects.toThrow(/a user of its own/);
    await expect(open({ answer: { maxTokens: 5000 } })).rejects.toThrow(/does not fit the 4096/);
  });
});

import { describe, expect, it } from 'vitest';
import { Random } from '../../../core/random.js';
import type { ChatMessage } from '../message.js';
import { asTexts } from '../tools.js';
import type { TokenCounter, WindowInput } from './build-window.js';
import { buildWindow } from './build-window.js';
import type { WindowSource } from './prompt.js';
import type { ChatWindow, WindowPartKind } from './window.js';

/** A token for each begun three characters of the whole prompt: pieces together never have exactly the sum of their tokens. */
const thirds: TokenCounter = {
  countTokens: (text) => Math.ceil(text.length / 3),
  countPrompt: (messages) => Math.ceil(transcript(messages).length / 3),
};
const transcript = (messages: readonly ChatMessage[]): string =>
  messages.map(({ role, content }) => `<${role}>${content}</>`).join('');

const said = (turn: number, text: string): WindowSource => ({
  text,
  turn,
  id: `1-${turn}`,
  role: turn % 2 === 0 ? 'user' : 'assistant',
});

const input = (more: Partial<WindowInput> = {}): WindowInput => ({
  profile: [],
  recalled: [],
  knowledge: [],
  turns: [],
  message: { text: 'And now?' },
  language: 'en',
  ...more,
});

const build = (given: WindowInput, limit: number, answerTokens = 10): ChatWindow =>
  buildWindow(given, { limit, answerTokens, counter: thirds });

const itemsOf = (window: ChatWindow, kind: WindowPartKind): ChatWindow['parts'][number]['items'] =>
  window.parts.find((part) => part.kind === kind)?.items ?? [];

const words = 'the a 在 我 long cat 猫 lives in Lyon 巴黎 😀 said,\n'.split(' ');
const textOf = (random: Random, most: number): string =>
  Array.from({ length: 1 + random.integer(most) }, () => words[random.integer(words.length)]).join(' ');

const pool = Random.fromSeed(5);
const texts = Array.from({ length: 2000 }, (_, n) => textOf(pool, 1 + (n % 30)));

function randomInput(random: Random): WindowInput {
  const text = (): string => texts[random.integer(texts.length)] ?? '';
  const list = (most: number): WindowSource[] =>
    Array.from({ length: random.integer(most + 1) }, (_, turn) => said(turn, text()));
  return {
    profile: list(2).map(({ text }) => text),
    summary: random.uniform() < 0.5 ? { text: text() } : undefined,
    recalled: list(6),
    knowledge: list(4).map(({ text: passage }, i) => ({
      text: passage,
      citation: { number: i + 1, file: 'a.md', place: '' },
    })),
    turns: list(8),
    message: { text: text() },
    language: random.uniform() < 0.5 ? 'en' : 'zh',
  };
}

describe('the window', () => {
  it('never exceeds the limit in 100,000 random conversations, loses no pinned part and keeps order', () => {
    const random = Random.fromSeed(20261128);
    let refused = 0;
    for (let n = 0; n < 100_000; n++) {
      const given = randomInput(random);
      const limit = 20 + random.integer(400);
      const answerTokens = random.integer(16);
      let window: ChatWindow;
      try {
        window = build(given, limit, answerTokens);
      } catch {
        refused++;
        const pinned = build({ ...input(), profile: given.profile, message: given.message }, 1e9);
        if (pinned.tokens + answerTokens <= limit) throw new Error(`${n} was refused, but fits`);
        continue;
      }
      const messages = asTexts(window.messages);
      const prompt = transcript(messages);
      const isSound =
        thirds.countPrompt(messages) === window.tokens &&
        window.tokens + answerTokens <= limit &&
        given.profile.every((text) => prompt.includes(text)) &&
        prompt.endsWith(`${given.message.text}</>`);
      const turns = itemsOf(window, 'turns').map(({ turn = -1 }) => turn);
      const expected = given.turns.slice(given.turns.length - turns.length).map(({ turn }) => turn);
      if (!isSound || turns.join() !== expected.join())
        throw new Error(`Conversation ${n}: ${JSON.stringify({ given, limit, answerTokens, window })}`);
      const partly = window.parts.flatMap((part) => part.items).filter(({ text }) => text.endsWith(' …'));
      const admitted = window.cut.filter(({ how }) => how === 'shortened');
      if (partly.length !== admitted.length) throw new Error(`Conversation ${n} hides what it cut.`);
    }
    expect(refused).toBeGreaterThan(100);
    expect(refused).toBeLessThan(50_000);
  }, 240_000);

  it('lets what a part does not need flow on to the others', () => {
    const turns = Array.from({ length: 40 }, (_, turn) => said(turn, `turn ${turn} of a talk`));
    const alone = build(input({ turns }), 300);
    expect(alone.cut.length).toBeGreaterThan(0);
    expect(alone.tokens).toBeGreaterThan(270);
    const recalled = [said(90, 'I live in Lyon.')];
    const shared = build(input({ turns, recalled }), 300);
    expect(itemsOf(shared, 'recalled')).toHaveLength(1);
    expect(shared.tokens).toBeGreaterThan(270);
    expect(itemsOf(shared, 'turns').length).toBeLessThan(itemsOf(alone, 'turns').length);
  });

  it('says what was left out and what was shortened', () => {
    const long = 'A very long story of many words, which goes on and on. '.repeat(20);
    const window = build(input({ turns: [said(0, 'First.'), said(1, long)] }), 120);
    expect(window.cut).toMatchObject([
      { part: 'turns', how: 'shortened', id: '1-1', turn: 1 },
      { part: 'turns', how: 'left-out', id: '1-0', kept: 0 },
    ]);
    const [kept] = itemsOf(window, 'turns');
    expect(kept?.text).toMatch(/^A very long story.* …$/);
    expect(long.startsWith(kept?.text.slice(0, -2) ?? 'x')).toBe(true);
  });

  it('names the numbers when message and profile alone are too long', () => {
    const given = input({ profile: ['p'.repeat(60)], message: { text: 'm'.repeat(90) } });
    expect(() => build(given, 50)).toThrow(
      /message \(30 tokens\).*profile \(20 tokens\).*10 tokens.*has 50/s,
    );
  });

  it('leaves out what the model cannot read, and says where', () => {
    const counter = { ...thirds, readable: (text: string) => text.replace(/[^\x20-\x7e\n]/g, '') };
    const window = buildWindow(input({ message: { text: 'hi 你好' } }), {
      limit: 100,
      answerTokens: 5,
      counter,
    });
    expect(window.messages.at(-1)?.content).toBe('hi ');
    expect(window.cut).toEqual([{ part: 'message', how: 'unreadable', tokens: 5, kept: 3 }]);
  });

  it('writes parts under headings of the language, with dates, speakers and citations', () => {
    const window = build(
      input({
        profile: ['You are kind.'],
        recalled: [{ text: '我住在里昂', speaker: '安', time: '2026-03-02T10:00:00.000Z' }],
        knowledge: [{ text: '三十天内可退。', citation: { number: 1, file: 'faq.md', place: '退货' } }],
        language: 'zh',
      }),
      400,
    );
    const [system] = window.messages;
    expect(system?.role).toBe('system');
    expect(system?.content).toContain('You are kind.\n\n你记得');
    expect(system?.content).toContain('- 2026-03-02, 安: 我住在里昂');
    expect(system?.content).toContain('[1] faq.md, 退货:\n三十天内可退。');
  });

  it('joins neighbours of one role, so that roles take turns', () => {
    const window = build(input({ turns: [said(0, 'Hello?'), said(2, 'Anybody?')] }), 200);
    expect(window.messages).toEqual([{ role: 'user', content: 'Hello?\n\nAnybody?\n\nAnd now?' }]);
  });
});

describe('calls of tools', () => {
  const step = (result: string | undefined) => ({
    text: '',
    calls: [{ id: 'c', name: 'clock', arguments: '{}', ...(result !== undefined && { result }) }],
  });
  const asked = (results: readonly (string | undefined)[]): WindowInput => ({
    profile: ['Be brief.'],
    recalled: [said(1, 'Something that was recalled.')],
    knowledge: [],
    turns: [said(2, 'Something that was said before.')],
    message: { text: 'What time is it?', steps: results.map(step) },
    language: 'en',
  });
  const resultsIn = ({ messages }: ChatWindow): readonly (string | null)[] =>
    messages.flatMap((message) => (message.role === 'tool' ? [message.content] : []));

  it('are given whole with the message where they fit, each followed by what it gave', () => {
    const rules = { limit: 400, answerTokens: 50, counter: thirds };
    const window = buildWindow(asked(['12:30', undefined]), rules);
    expect(window.messages.slice(-5).map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'tool',
      'assistant',
      'tool',
    ]);
    expect(resultsIn(window)).toEqual(['12:30', '(no result: this call was not answered)']);
    expect(window.cut).toEqual([]);
    expect(window.tokens).toBe(thirds.countPrompt(asTexts(window.messages)));
    expect(buildWindow(asked(['12:30']), { ...rules, toolTokens: 40 })).toMatchObject({ toolTokens: 40 });
  });

  it('leave room as tools do, and the longest result is cut first, which it says', () => {
    for (const limit of [150, 200, 300, 500, 900])
      for (const toolTokens of [0, 20]) {
        const rules = { limit, answerTokens: 50, toolTokens, counter: thirds };
        const window = buildWindow(asked(['12:30', 'ab '.repeat(600)]), rules);
        const [short, long = ''] = resultsIn(window);
        expect(short).toBe('12:30');
        expect(window.tokens).toBe(thirds.countPrompt(asTexts(window.messages)) + toolTokens);
        expect(window.tokens + 50).toBeLessThanOrEqual(limit);
        const isWhole = limit === 900;
        expect(long).toMatch(isWhole ? /ab $/ : /\[cut: the first \d+ of 1800 characters\]$/);
        const cut = window.cut.filter(({ part }) => part === 'message');
        expect(cut).toMatchObject(isWhole ? [] : [{ how: 'results-cut' }]);
        if (!isWhole) expect(limit - 50 - window.tokens).toBeLessThan(3);
      }
  });

  it('that do not fit without any result either are refused with the numbers', () => {
    const rules = { limit: 100, answerTokens: 50, toolTokens: 30, counter: thirds };
    expect(() => buildWindow(asked(['ab '.repeat(600)]), rules)).toThrow(
      /tools \(30 tokens\), the calls so far \(\d+ tokens\).*the model has 100/,
    );
  });

  it('of earlier turns are never parted from what they gave, and never too much, whatever there is', () => {
    const random = Random.fromSeed(7);
    const text = (most: number): string => 'lorem 记忆 '.repeat(1 + random.integer(most));
    const seen = new Set<string>();
    for (let n = 0; n < 3000; n++) {
      const turns = Array.from({ length: random.integer(8) }, (_, turn): WindowSource => ({
        ...said(turn, text(20)),
        role: turn % 2 === 0 ? 'user' : 'assistant',
        ...(turn % 2 === 0 &&
          random.integer(2) === 0 && {
            steps: Array.from({ length: 1 + random.integer(3) }, () =>
              step(random.integer(5) === 0 ? undefined : text(80)),
            ),
          }),
      }));
      const limit = 120 + random.integer(900);
      const window = buildWindow({ ...asked([]), turns }, { limit, answerTokens: 50, counter: thirds });
      expect(window.tokens).toBe(thirds.countPrompt(asTexts(window.messages)));
      expect(window.tokens + 50).toBeLessThanOrEqual(limit);
      for (const [at, message] of window.messages.entries()) {
        const before = window.messages[at - 1];
        // In these turns each step has one call.
        if (message.role === 'tool') expect(before).toHaveProperty('toolCalls');
        if ('toolCalls' in message) expect(window.messages[at + 1]?.role).toBe('tool');
      }
      for (const { part, how, turn } of window.cut) if (part === 'turns' && turn !== undefined) seen.add(how);
      const given = window.parts.find(({ kind }) => kind === 'turns')?.items ?? [];
      for (const item of given) {
        const source = turns.find(({ turn }) => turn === item.turn);
        const cut = window.cut.find(({ part, turn }) => part === 'turns' && turn === item.turn)?.how;
        if (item.steps !== source?.steps)
          expect(['results-cut', 'calls-left-out', 'shortened']).toContain(cut);
      }
    }
    expect([...seen].sort()).toEqual(['calls-left-out', 'left-out', 'results-cut', 'shortened']);
  });
});

import { afterEach, expect, it, vi } from 'vitest';
import { Random } from '../../../core/random.js';
import { ReferenceRuntime } from '../../../engine/index.js';
import { GenerationSession } from '../../../generate/index.js';
import { LanguageModel } from '../../../models/index.js';
import { trainCharacterTokenizer } from '../../../text/index.js';
import type { ChatMessage } from '../message.js';
import type { RunGenerator } from './run.js';
import { runGenerator } from './run.js';
import { transcriptOf } from './transcript.js';

afterEach(() => vi.restoreAllMocks());

const alphabet = 'User: Assistant:\nabcdefghijklmnopqrstuvwxyz ,.?HIW';

async function open(maxTokens = 400): Promise<RunGenerator> {
  const tokenizer = await trainCharacterTokenizer([alphabet]);
  const model = new LanguageModel({
    vocabularySize: tokenizer.vocabularySize,
    width: 8,
    layers: 1,
    memory: 'gru',
    position: 'none',
    maxLength: 64,
  });
  const parameters = model.init(Random.fromSeed(1));
  return runGenerator(new ReferenceRuntime(), { model, parameters, tokenizer }, { maxTokens });
}

const user = (content: string): ChatMessage => ({ role: 'user', content });
const assistant = (content: string): ChatMessage => ({ role: 'assistant', content });

async function answerOf(
  generator: RunGenerator,
  messages: readonly ChatMessage[],
  seed = 7,
): Promise<string> {
  let all = '';
  for await (const piece of generator.generate(messages, { maxTokens: 12, seed })) all += piece;
  return all;
}

it('writes a transcript that a base model can go on with', () => {
  const messages: ChatMessage[] = [
    { role: 'system', content: 'Be kind.' },
    user('Hi'),
    assistant('Hello'),
    user('Why?'),
  ];
  expect(transcriptOf(messages)).toBe('Be kind.\n\nUser: Hi\nAssistant: Hello\nUser: Why?\nAssistant:');
});

it('counts exactly the tokens of the prompt, without what it cannot read', async () => {
  const generator = await open();
  expect(generator.countPrompt([user('hi')])).toBe('User: hi\nAssistant:'.length);
  expect(generator.readable?.('hi 你好!')).toBe('hi ');
  expect(generator.countTokens('hi 你好')).toBe(3);
  expect(generator).toMatchObject({ maxTokens: 400, exact: true });
  await generator.dispose();
});

it('reads only what is new where the prompt grew, and answers as if it had read all', async () => {
  const generator = await open();
  const first = [user('tell me a tale')];
  const prefill = vi.spyOn(GenerationSession.prototype, 'prefill');
  // A model that has learned nothing seldom begins with a space, as the transcript does.
  for (let seed = 0; ; seed++) {
    expect(seed, 'no seed whose answer could be gone on from').toBeLessThan(400);
    const answer = await answerOf(generator, first, seed);
    const second = [...first, assistant(answer.trim()), user('and then?')];
    prefill.mockClear();
    const grown = await answerOf(generator, second, seed);
    const longest = Math.max(...prefill.mock.calls.map(([ids]) => ids.length));
    if (longest === transcriptOf(second).length) continue;
    expect(longest).toBe('\nUser: and then?\nAssistant:'.length);
    const fresh = await open();
    expect(await answerOf(fresh, second, seed)).toBe(grown);
    await fresh.dispose();
    break;
  }
  await generator.dispose();
});

it('answers several at once, each as if it were alone', async () => {
  const generator = await open();
  const alone = await answerOf(generator, [user('what is it?')]);
  const [one, , two] = await Promise.all([
    answerOf(generator, [user('what is it?')]),
    answerOf(generator, [user('something else')]),
    answerOf(generator, [user('what is it?')]),
  ]);
  expect([one, two]).toEqual([alone, alone]);
  generator.reset?.();
  expect(await answerOf(generator, [user('what is it?')])).toBe(alone);
  await generator.dispose();
});

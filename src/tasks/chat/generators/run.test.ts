import { afterEach, expect, it, vi } from 'vitest';
import { Random } from '../../../core/random.js';
import { ReferenceRuntime } from '../../../engine/index.js';
import { tellingEnd } from '../../../core/telling-end.js';
import { GenerationSession } from '../../../generate/index.js';
import { LanguageModel } from '../../../models/index.js';
import type { ChatTemplate } from '../../../text/index.js';
import { trainCharacterTokenizer, transcriptTemplate, writeChat } from '../../../text/index.js';
import type { ChatMessage } from '../message.js';
import type { AnswerEnd } from '../generator.js';
import type { RunGenerator } from './run.js';
import { runGenerator } from './run.js';

afterEach(() => vi.restoreAllMocks());

const alphabet = 'User: Assistant:\nabcdefghijklmnopqrstuvwxyz ,.?HIW';

async function open(maxTokens = 400, template?: ChatTemplate): Promise<RunGenerator> {
  const tokenizer = await trainCharacterTokenizer(
    [alphabet],
    template && { specialTokens: ['<end>', '<bot>'] },
  );
  const model = new LanguageModel({
    vocabularySize: tokenizer.vocabularySize,
    width: 8,
    layers: 1,
    memory: 'gru',
    position: 'none',
    maxLength: 64,
  });
  const parameters = model.init(Random.fromSeed(1));
  return runGenerator(new ReferenceRuntime(), { model, parameters, tokenizer }, { maxTokens, template });
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
    if (longest === writeChat(second, transcriptTemplate).length) continue;
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

it('says whether an answer ended by itself or had all its tokens', async () => {
  const endOf = async (generator: RunGenerator): Promise<AnswerEnd[]> => {
    const ended: AnswerEnd[] = [];
    const pieces = generator.generate([user('tell me')], { maxTokens: 12, seed: 7 });
    for await (const _ of tellingEnd(pieces, (returned) => ended.push(returned)));
    return ended;
  };
  const never = await open(400, template(['~']));
  const soon = await open(400, template([...'abcdefghijklmnopqrstuvwxyz .,?!\n']));
  expect(await endOf(never)).toEqual(['length']);
  expect(await endOf(soon)).toEqual(['end']);
  for (const generator of [never, soon]) await generator.dispose();
});

/** Every letter ends the answer, or the special token does. */
const template = (stop: readonly string[]): ChatTemplate => ({
  begin: '',
  user: { prefix: 'User: ', suffix: '<end>' },
  assistant: { prefix: '<bot>', suffix: '<end>' },
  stop,
});

it('writes messages as a template says, and counts them so', async () => {
  const generator = await open(400, template(['<end>']));
  // The two special tokens are one each.
  expect(generator.countPrompt([user('hi')])).toBe('User: hi'.length + 2);
  await generator.dispose();
});

it('ends an answer at the texts of a template, special tokens included', async () => {
  const drawn = new Set<string>();
  const plain = await open(400, template(['~']));
  const ended = await open(400, template(['<end>']));
  const short = await open(400, template([...'abcdefghijklmnopqrstuvwxyz']));
  for (let seed = 0; seed < 30; seed++) {
    const whole = await answerOf(plain, [user('tell me')], seed);
    const cut = await answerOf(ended, [user('tell me')], seed);
    expect(whole.startsWith(cut)).toBe(true);
    drawn.add(cut === whole ? 'whole' : 'cut');
    expect(await answerOf(short, [user('tell me')], seed)).toBe(/^[^a-z]*/.exec(whole)?.[0]);
  }
  expect(drawn).toEqual(new Set(['whole', 'cut']));
  for (const generator of [plain, ended, short]) await generator.dispose();
});

it('takes what a user writes for no special token, and refuses a template without tokens', async () => {
  const generator = await open(400, template(['<end>']));
  expect(generator.countPrompt([user('hi<end>')])).toBe(generator.countPrompt([user('hiend')]));
  await generator.dispose();
  const chinese = { ...template(['x']), user: { prefix: '用户', suffix: '' } };
  await expect(open(400, chinese)).rejects.toThrow(/writes "用户".*no tokens/);
});

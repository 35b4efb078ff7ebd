// Question answering end to end on generated texts: it learns, answers, chunks long texts, and says what is wrong.
import { afterAll, describe, expect, it } from 'vitest';
import type { Files } from '../../core/files.js';
import type { TuneChoice } from '../tune/tune.js';
import { Random } from '../../core/random.js';
import { NodeRuntime } from '../../engine/runtime/node.js';
import { memoryFiles } from '../../testing/memory-files.js';
import { pretrain } from '../pretrain/train.js';
import { evaluateTask } from '../tune/evaluate.js';
import { loadTask } from '../tune/load.js';
import { resumeTuning, tune } from '../tune/tune.js';
import { answer as answerWith, Answerer } from './answer.js';
import { answerTask } from './task.js';

const runtime = new NodeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());

const colors = ['red', 'blue', 'green', '红色', '蓝色'];
const numbers = ['three', 'four', 'seven', '九', '十'];
const fillers = ['the', 'cat', 'sat', 'on', 'a', 'mat', '我们', '喜欢', '学校'];

interface Example {
  readonly question: string;
  readonly context: string;
  readonly answer: string;
}

/** A context with one color and one number, and a question for the color; sometimes it is not there. */
function example(random: Random, length: number, withoutAnswer: boolean): Example {
  const pick = (words: readonly string[]): string => words[random.integer(words.length)] ?? '';
  const missing = withoutAnswer && random.uniform() < 0.3;
  const color = pick(colors);
  const words = Array.from({ length }, () => pick(fillers));
  for (const word of missing ? [pick(numbers)] : [pick(numbers), color])
    words.splice(random.integer(words.length), 0, word);
  const question = random.uniform() < 0.5 ? 'which color?' : '什么颜色?';
  return { question, context: `${words.join(' ')}.`, answer: missing ? '' : color };
}

async function tableOf(examples: readonly Example[], files = memoryFiles()): Promise<Files> {
  await files.writeAtomic('/data.jsonl', examples.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return files;
}

function examplesOf(count: number, { length = 8, withoutAnswer = false } = {}): Example[] {
  const random = Random.fromSeed(5);
  return Array.from({ length: count }, (_, i) => example(random.split(i), length, withoutAnswer));
}

const tiny = answerTask.presets['tiny'] as { readonly training: object };
const choiceOf = (training: object, rest: Partial<TuneChoice> = {}): TuneChoice => ({
  task: answerTask,
  data: '/data.jsonl',
  recipe: { ...tiny, training: { ...tiny.training, ...training } },
  ...rest,
});

/** Enough to know a color from everything else. */
const thorough = { epochs: 8, learningRate: 5e-3, evaluateEvery: 60, buckets: 1 };

describe('the task answer', () => {
  it('learns to answer, answers on texts longer than it can read at once, and is evaluated', async () => {
    const files = await tableOf(examplesOf(240));
    await tune({ files, runtime, folder: '/run' }, choiceOf(thorough));
    const saved = await loadTask(files, '/run', { wanted: 'answer' });
    const evaluation = await evaluateTask(files, runtime, saved);
    expect(evaluation['exactMatch']).toBeGreaterThan(0.9);
    expect(evaluation).toMatchObject({ rows: 24, withoutAnswer: 0 });
    const answerer = Answerer.open(saved, { runtime });
    const context = `the cat sat. ${'我们 喜欢 学校. '.repeat(20)}on a blue mat. ${'the cat sat. '.repeat(20)}`;
    const { answer, start, end } = await answerer.answer({ question: 'which color?', context });
    expect([answer, start, end]).toEqual(['blue', context.indexOf('blue'), context.indexOf('blue') + 4]);
    const { candidates } = await answerer.answer({ question: 'which color?', context }, { count: 3 });
    expect(candidates).toHaveLength(3);
    for (const span of candidates) expect(context.slice(span.start, span.end)).toBe(span.text);
    await expect(answerer.answer({ question: ' ', context })).rejects.toThrow('The question is empty.');
    await expect(answerer.answer({ question: 'why?', context: '' })).rejects.toThrow('The context is empty.');
    await answerer.dispose();
  });

  it('learns that some texts do not say, with a threshold fitted on validation', async () => {
    const files = await tableOf(examplesOf(300, { length: 4, withoutAnswer: true }));
    await tune({ files, runtime, folder: '/run' }, choiceOf(thorough));
    const saved = await loadTask(files, '/run');
    const { f1, threshold } = await evaluateTask(files, runtime, saved);
    expect(f1).toBeGreaterThan(0.85);
    expect(threshold).not.toBe(0);
    const asked = { question: 'which color?', context: 'the cat sat on a seven mat.' };
    const within = { files, runtime };
    expect((await answerWith('/run', asked, { ...within, threshold: Infinity })).answer).toBeNull();
    expect((await answerWith('/run', asked, { ...within, threshold: -Infinity })).answer).not.toBeNull();
  });

  it('goes on from a pre-trained encoder, and ends with the same bits when it is resumed', async () => {
    const rows = examplesOf(40);
    const files = await tableOf(rows);
    await files.writeAtomic('/text.txt', rows.map(({ context }) => context).join('\n'));
    const recipe = {
      task: 'masked-language-model',
      tokenizer: { kind: 'word-piece', vocabularySize: 80 },
      model: { width: 8, layers: 1, heads: 2, maxLength: 48 },
      training: { steps: 2, maxTokens: 96, learningRate: 0.01 },
    };
    await pretrain({ files, runtime, folder: '/base' }, recipe, { path: '/text.txt' });
    const choice = choiceOf({ epochs: 2, warmUpSteps: 1 }, { base: '/base' });
    await tune({ files, runtime, folder: '/whole' }, choice);
    const controller = new AbortController();
    const onEvent = ({ kind }: { readonly kind: string }): void => {
      if (kind === 'step') controller.abort();
    };
    const job = { files, runtime, folder: '/parts' };
    const stopped = await tune({ ...job, signal: controller.signal, onEvent }, choice);
    expect(stopped.state.step).toBe(1);
    await resumeTuning(job);
    const [whole, parts] = await Promise.all(['/whole', '/parts'].map((run) => loadTask(files, run)));
    expect(parts?.parameters).toEqual(whole?.parameters);
    expect(whole?.run.config.model).toMatchObject({ kind: 'question-answerer', encoder: { width: 8 } });
  });

  it('says which answer does not stand in its context', async () => {
    const [row] = examplesOf(1);
    const wrong = { question: 'which?', context: 'a cat', answer: 'dog' };
    const attempt = (examples: readonly object[]): Promise<unknown> =>
      tableOf(examples as readonly Example[]).then((files) =>
        tune({ files, runtime, folder: '/run' }, choiceOf({ epochs: 1 }, { validationFraction: 0 })),
      );
    await expect(attempt([row as Example, wrong])).rejects.toThrow(
      'Line 2: the answer "dog" does not stand in its context.',
    );
    await expect(attempt([{ ...wrong, answer: 'cat', answer_start: 1 }])).rejects.toThrow(
      'Line 1: the answer "cat" is said to stand at 1, and there the context has " ca".',
    );
    await expect(attempt([{ ...wrong, question: '' }])).rejects.toThrow('no row with text in every column');
  });

  it('says which command makes a run that answers', async () => {
    const files = memoryFiles();
    const text = 'a cat sat. a dog ran. '.repeat(20);
    await files.writeAtomic('/text.txt', text);
    const recipe = {
      task: 'masked-language-model',
      tokenizer: { kind: 'word-piece', vocabularySize: 40 },
      model: { width: 8, layers: 1, heads: 2, maxLength: 16 },
      training: { steps: 1, maxTokens: 32, learningRate: 0.01 },
    };
    await pretrain({ files, runtime, folder: '/base' }, recipe, { path: '/text.txt' });
    await expect(answerWith('/base', { question: 'a?', context: 'a' }, { files, runtime })).rejects.toThrow(
      'mneme tune /base --task answer --data FILE --out RUN',
    );
  });

  it('refuses sequences without room for a context', async () => {
    const files = await tableOf(examplesOf(4));
    const model = { encoder: { width: 8, layers: 1, heads: 2, maxLength: 20 }, questionLength: 16 };
    const choice = choiceOf({ epochs: 1 });
    await expect(
      tune({ files, runtime, folder: '/run' }, { ...choice, recipe: { ...tiny, model } }),
    ).rejects.toThrow(/Sequences of 20 tokens have no room .* raise the encoder's maxLength/);
  });
});

import { afterAll, describe, expect, it } from 'vitest';
import type { MnemeError } from '../../core/errors.js';
import type { ExampleTrainingOutcome } from '../../train/index.js';
import type { TuneChoice, TuneEvent } from './tune.js';
import { CheckpointError, ConfigError, DataError } from '../../core/errors.js';
import { Random } from '../../core/random.js';
import { NodeRuntime } from '../../engine/runtime/node.js';
import { memoryFiles } from '../../testing/memory-files.js';
import { describeRows, type RowReport } from '../../data/index.js';
import { classify } from '../classify/classify.js';
import { classifyTask } from '../classify/task.js';
import { trainLanguageModel } from '../language-model/train.js';
import { labelTask } from '../label/task.js';
import { evaluateTask } from './evaluate.js';
import { loadTask } from './load.js';
import { resumeTuning, tune } from './tune.js';

const runtime = new NodeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());

const words = {
  good: ['clean', 'quiet', '房间很大', '早餐不错'],
  bad: ['dirty', 'loud', '房间很脏', '早餐太差'],
} as const;
const filler = ['the hotel', '酒店', 'at night', 'we think', '这个'];

/** Reviews whose words say their label. */
function reviews(count: number, seed = 1): { readonly review: string; readonly stars: string }[] {
  const random = Random.fromSeed(seed);
  const pick = (from: readonly string[]): string => from[random.integer(from.length)] ?? '';
  return Array.from({ length: count }, (_, i) => {
    const label = i % 2 === 0 ? 'good' : 'bad';
    return { review: `${pick(filler)} ${pick(words[label])} ${pick(filler)}`, stars: label };
  });
}

function jsonl(rows: readonly object[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

async function disk(contents: Readonly<Record<string, string | Uint8Array>> = {}) {
  const files = memoryFiles();
  await files.writeAtomic('/data.jsonl', jsonl(reviews(60)));
  await files.writeAtomic('/test.jsonl', jsonl(reviews(20, 2)));
  for (const [path, content] of Object.entries(contents)) await files.writeAtomic(path, content);
  return files;
}

const recipe = {
  tokenizer: { kind: 'word-piece', vocabularySize: 120 },
  model: {
    reader: { kind: 'bidirectional', width: 8 },
    features: 400,
    maxLength: 32,
    wordDropout: 0.1,
    naiveBayes: 1,
    dropout: 0.1,
  },
  training: { steps: 24, batchSize: 8, learningRate: 0.05, evaluateEvery: 6 },
};

const choice: TuneChoice = {
  task: classifyTask,
  recipe,
  data: '/data.jsonl',
  columns: { text: 'review', label: 'stars' },
  validationFraction: 0.2,
};

type Disk = Awaited<ReturnType<typeof disk>>;

function train(
  files: Disk,
  changes: Partial<TuneChoice> = {},
  job: { readonly signal?: AbortSignal; readonly onEvent?: (event: TuneEvent) => void } = {},
): Promise<ExampleTrainingOutcome> {
  return tune({ files, runtime, folder: '/run', ...job }, { ...choice, ...changes });
}

describe('a classifier from a table', () => {
  it('learns, and is evaluated and used from its run alone', async () => {
    const files = await disk();
    const events: TuneEvent[] = [];
    await train(files, {}, { onEvent: (event) => events.push(event) });
    const rows = events.find((event) => event.kind === 'rows');
    expect(rows?.kind === 'rows' && rows.report).toMatchObject({ trainRows: 48, validationRows: 12 });
    const saved = await loadTask(files, '/run');
    const result = await evaluateTask(files, runtime, saved, { data: '/test.jsonl' });
    expect(result).toMatchObject({ rows: 20, microF1: result['accuracy'] });
    expect(result['accuracy']).toBeGreaterThan(0.9);
    const { counts } = result['confusion'] as { readonly counts: readonly (readonly number[])[] };
    expect(counts.map((row) => row.reduce((a, b) => a + b, 0))).toEqual([10, 10]);
    const found = await classify('/run', ['the hotel dirty', '酒店 早餐不错'], { files, runtime });
    expect(found.map(({ label }) => label)).toEqual(['bad', 'good']);
    const one = await classify('/run', '酒店 早餐不错', { files, runtime });
    expect(one.probabilities['good']).toBeCloseTo(found[1]?.probability ?? 0, 5);
  });

  it('is calibrated on what validated it, and the run says how well', async () => {
    const files = await disk();
    await train(files);
    const { run } = await loadTask(files, '/run');
    expect(run.config['finished']).toMatchObject({
      temperature: expect.any(Number) as number,
      calibrationError: { before: expect.any(Number) as number, after: expect.any(Number) as number },
    });
  });

  it('ends with the same bits when it is interrupted and resumed, whatever became of its table', async () => {
    const whole = await disk();
    await train(whole);
    const files = await disk();
    const controller = new AbortController();
    const onEvent = (event: TuneEvent): void => {
      if (event.kind === 'step' && event.step === 9) controller.abort();
    };
    const { reason } = await train(files, {}, { signal: controller.signal, onEvent });
    expect(reason).toBe('interrupted');
    await files.remove('/data.jsonl');
    await resumeTuning({ files, runtime, folder: '/run' });
    for (const name of ['model.safetensors', 'best/model.safetensors', 'config.json', 'state.json']) {
      expect(await files.readBytes(`/run/${name}`)).toEqual(await whole.readBytes(`/run/${name}`));
    }
  });

  it('goes on with changed settings in the call that changes them', async () => {
    const files = await disk();
    await train(files);
    const { state } = await resumeTuning({ files, runtime, folder: '/run' }, { steps: 30 });
    expect(state.step).toBe(30);
    const { run } = await loadTask(files, '/run');
    expect(run.config).toMatchObject({
      training: { steps: 30 },
      finished: { temperature: expect.any(Number) as number },
    });
  });

  it('reads long texts in chunks, and pools what they say', async () => {
    const files = await disk();
    await train(files);
    const [clean, dirty] = ['the hotel clean at night. ', 'the hotel dirty at night. '];
    const mostlyGood = await classify('/run', clean.repeat(40) + dirty.repeat(8), { files, runtime });
    const mostlyBad = await classify('/run', clean.repeat(8) + dirty.repeat(40), { files, runtime });
    expect([mostlyGood.label, mostlyBad.label]).toEqual(['good', 'bad']);
  });

  it('puts context in front of the text', async () => {
    const random = Random.fromSeed(5);
    const rows = reviews(80).map(({ stars }) => ({
      title: stars === 'good' ? 'praise' : 'complaint',
      review: filler[random.integer(5)],
      stars,
    }));
    const files = await disk({ '/titled.jsonl': jsonl(rows) });
    await train(files, { data: '/titled.jsonl', context: ['title'] });
    const about = (title: string) =>
      classify('/run', { text: 'the hotel', context: [title] }, { files, runtime });
    expect((await about('praise')).label).toBe('good');
    expect((await about('complaint')).label).toBe('bad');
  });

  it('goes on from a language model, whose parameters it begins with', async () => {
    const files = await disk({
      '/text.txt': reviews(60)
        .map(({ review }) => review)
        .join('\n'),
    });
    const model = { width: 8, layers: 2, heads: 2, maxLength: 16, memory: 'attention' };
    const training = { steps: 2, batchSize: 2, learningRate: 0.01, evaluateEvery: 2, evaluationBatchSize: 4 };
    await files.makeFolder('/base');
    const job = { files, runtime, folder: '/base' };
    await trainLanguageModel(
      job,
      { model, training, tokenizer: { kind: 'byte-level-bpe', vocabularySize: 300 } },
      { path: '/text.txt' },
    );
    const frozen = {
      ...recipe.training,
      steps: 4,
      freeze: ['reader.embedding', 'reader.blocks.0'],
      layerDecay: 0.5,
    };
    await train(files, { base: '/base', recipe: { ...recipe, training: frozen } });
    const { run, opened } = await loadTask(files, '/run');
    expect(run.config.model).toMatchObject({ reader: { kind: 'language-model', width: 8 }, pooling: 'last' });
    const [base, tuned] = [await (await loadBase(files)).tensors('best'), await run.tensors('last')];
    expect(tuned.get('reader.embedding.weight')?.data).toEqual(base.get('embedding.weight')?.data);
    const path = 'blocks.1.memory.query.weight';
    expect([...base.keys()]).toContain(path);
    expect(tuned.get(`reader.${path}`)?.data).not.toEqual(base.get(path)?.data);
    expect(opened.examples([]).lengths).toHaveLength(0);
  });
});

async function loadBase(files: Disk) {
  const { readRun } = await import('../../checkpoint/index.js');
  return readRun(files, '/base');
}

describe('what is wrong is said with its place', () => {
  async function refusal(attempt: Promise<unknown>): Promise<MnemeError> {
    return attempt.then(
      () => Promise.reject(new Error('It was accepted.')),
      (error: unknown) => error as MnemeError,
    );
  }

  it.each([
    [
      'a column that is missing',
      { columns: { text: 'reveiw', label: 'stars' } },
      'has no column "reveiw" for the text. It has: "review", "stars". Did you mean "review"?',
    ],
    ['a role that there is not', { columns: { txt: 'review' } }, 'has no role "txt". Did you mean "text"?'],
    [
      'one class only',
      { data: '/one.jsonl' },
      'Every row has the label "good": there is nothing to tell apart.',
    ],
    ['an empty table', { data: '/empty.jsonl' }, '"/empty.jsonl" is empty'],
    [
      'too many fields',
      { data: '/wide.csv' },
      'Line 3 of "/wide.csv" has 3 fields, too many for the 2 columns',
    ],
    [
      'bytes of another encoding',
      { data: '/latin.csv', encoding: 'utf-8' },
      'at byte 24 the bytes spell no character',
    ],
    [
      'a base of another kind',
      { base: '/stories' },
      'holds a model of the kind "stories", and the task classify goes on from',
    ],
    [
      'a recipe with an unknown key',
      { recipe: { ...recipe, modle: {} } },
      'unknown key "modle". Did you mean "model"?',
    ],
  ] as const)('%s', async (_, changes, message) => {
    const files = await disk({
      '/one.jsonl': jsonl(reviews(8).map(({ review }) => ({ review, stars: 'good' }))),
      '/empty.jsonl': '',
      '/wide.csv': 'review,stars\nclean,good\nloud,and,bad\n',
      '/latin.csv': Uint8Array.from([
        ...Buffer.from('review,stars\nclean,good'),
        0x0a,
        0xe9,
        ...Buffer.from('t,bad\n'),
      ]),
    });
    if ('base' in changes) await fakeRun(files, '/stories');
    const error = await refusal(train(files, changes));
    expect(error.message).toContain(message);
    expect(await files.info('/run/config.json')).toBeUndefined();
  });

  it('bad rows are counted and passed over when asked', async () => {
    const table = `review,stars\n${reviews(30)
      .map(({ review, stars }) => `${review},${stars}`)
      .join('\n')}\na,b,c\n`;
    const files = await disk({ '/wide.csv': table });
    const events: TuneEvent[] = [];
    await train(files, { data: '/wide.csv', skipBad: true }, { onEvent: (event) => events.push(event) });
    const rows = events.find((event) => event.kind === 'rows');
    expect(rows?.kind === 'rows' && rows.report.train).toMatchObject({ rows: 30, bad: 1 });
  });

  it('rows that the task refuses are counted and passed over when asked, with their lines', async () => {
    const sentences = ['the dog', 'a cat', 'the cat', 'a dog'].map((words) => ({
      tokens: words.split(' '),
      labels: ['O', words.endsWith('dog') ? 'B-DOG' : 'B-CAT'],
    }));
    const wrong = { tokens: ['the', 'dog'], labels: ['O'] };
    const unseen = { tokens: ['a', 'cow'], labels: ['O', 'B-COW'] };
    const files = await disk({
      '/train.jsonl': jsonl([...sentences, wrong, ...sentences, wrong]),
      '/validation.jsonl': jsonl([unseen, ...sentences]),
    });
    const own: TuneChoice = {
      task: labelTask,
      recipe: { model: {}, training: { steps: 1, batchSize: 4, learningRate: 0.01 } },
      data: '/train.jsonl',
      validation: '/validation.jsonl',
    };
    const events: TuneEvent[] = [];
    const job = { files, runtime, folder: '/run', onEvent: (event: TuneEvent) => events.push(event) };
    expect((await refusal(tune(job, own))).message).toContain('Line 5 has 2 words and 1 labels.');
    events.length = 0;
    await tune(job, { ...own, skipBad: true });
    const rows = events.find((event) => event.kind === 'rows');
    expect(rows?.kind === 'rows' && rows.report.train).toMatchObject({ rows: 8, bad: 2, badLines: [5, 10] });
    const refused = events.find((event) => event.kind === 'refused');
    expect(refused?.kind === 'refused' && refused.report).toMatchObject({ rows: 4, bad: 1, badLines: [1] });
    const saved = await loadTask(files, '/run');
    const reports: RowReport[] = [];
    const choice = {
      data: '/validation.jsonl',
      skipBad: true,
      onRows: (report: RowReport) => reports.push(report),
    };
    expect(await evaluateTask(files, runtime, saved, choice)).toMatchObject({ rows: 4 });
    expect(describeRows(reports[0] as RowReport)).toContain(
      '4 rows of /validation.jsonl, 1 bad row skipped: 1 (the first: The label "B-COW" in line 1 was never seen',
    );
  });

  it('a label that training never saw', async () => {
    const files = await disk({ '/new.jsonl': jsonl([{ review: 'clean', stars: 'god' }]) });
    await train(files);
    const evaluation = evaluateTask(files, runtime, await loadTask(files, '/run'), { data: '/new.jsonl' });
    const error = await refusal(evaluation);
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toContain(
      'The label "god" in line 1 was never seen in training. Did you mean "good"?',
    );
  });

  it('a run without the head of the task, with the command that makes one', async () => {
    const files = await disk();
    await fakeRun(files, '/stories');
    const error = await refusal(classify('/stories', 'a text', { files, runtime }));
    expect(error).toBeInstanceOf(CheckpointError);
    expect(error.message).toContain('mneme tune /stories --task classify --data FILE --out RUN');
  });

  it('everything frozen', async () => {
    const frozen = { ...recipe.training, freeze: ['reader', 'features', 'output', 'bias', 'pooling'] };
    const attempt = train(await disk(), { recipe: { ...recipe, training: frozen } });
    expect(await refusal(attempt)).toBeInstanceOf(ConfigError);
  });

  async function fakeRun(files: Disk, folder: string): Promise<void> {
    const { createRun } = await import('../../checkpoint/index.js');
    const tokenizer = JSON.stringify(
      (
        await import('../../text/index.js').then(({ trainBpe }) =>
          trainBpe(['aa bb'], { vocabularySize: 258 }),
        )
      ).toJSON(),
    );
    const run = await createRun(files, folder, { config: { model: { kind: 'stories' } }, tokenizer });
    const { TensorData } = await import('../../core/tensor-data.js');
    const weight = new TensorData('float32', [1], new Float32Array(1));
    const state = {
      step: 0,
      tokens: 0,
      random: Random.fromSeed(1).state(),
      data: null,
      best: null,
      evaluationsSinceBest: 0,
    };
    await run.saveCheckpoint({ model: { weight }, optimizer: {}, state });
    await run.close();
  }
});

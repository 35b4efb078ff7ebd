// Pre-training end to end on tiny texts: it learns, resumes with the same bits, and says what is wrong.
import { afterAll, describe, expect, it } from 'vitest';
import type { Files } from '../../core/files.js';
import type { ExampleTrainingEvent } from '../../train/index.js';
import { readRun } from '../../checkpoint/index.js';
import { Random } from '../../core/random.js';
import { NodeRuntime } from '../../engine/runtime/node.js';
import { memoryFiles } from '../../testing/memory-files.js';
import { TokenRows, tokensInMemory } from '../../data/index.js';
import { loadLanguageModel } from '../language-model/load.js';
import { summarizeTask } from '../summarize/task.js';
import { readBase } from '../tune/base.js';
import { tune } from '../tune/tune.js';
import { evaluatePretraining } from './evaluate.js';
import { pretrainingPreset, pretrainingTasks } from './presets.js';
import { parsePretrainingRecipe } from './recipe.js';
import { objectiveOf } from './saved-rows.js';
import { pretrain, resumePretraining } from './train.js';

const runtime = new NodeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());

const training = {
  steps: 6,
  maxTokens: 64,
  buckets: 1,
  learningRate: 0.01,
  evaluateEvery: 3,
  recordEvery: 1,
};
const sizes = { width: 8, heads: 2, maxLength: 16, dropout: 0.1 };
const masked = {
  task: 'masked-language-model',
  tokenizer: { kind: 'word-piece', vocabularySize: 60 },
  model: { ...sizes, layers: 1 },
  validationFraction: 0.2,
  training,
};
const gaps = {
  task: 'gap-sentences',
  tokenizer: { kind: 'unigram', vocabularySize: 60 },
  model: { ...sizes, maxLength: 32, encoderLayers: 1, decoderLayers: 1 },
  validationFraction: 0.2,
  training,
};
const recurrentGaps = {
  ...gaps,
  tokenizer: { kind: 'byte-level-bpe', vocabularySize: 300 },
  model: { kind: 'recurrent-encoder-decoder', width: 8, maxLength: 32, copy: true, dropout: 0.1 },
  lowercase: true,
  gaps: { keep: 0.5, maxTargetTokens: 16 },
};
const recipes = [
  ['masked-language-model', 'an encoder', masked],
  ['gap-sentences', 'a Transformer', gaps],
  ['gap-sentences', 'a recurrent pointer-generator', recurrentGaps],
] as const;

const english = 'The whale swam. The ship sailed the sea. A sea is wide and the whale is old. '.repeat(12);
const chinese = '我们喜欢北京大学。老师在学校教书。学生们每天读书写字。\n'.repeat(60);

async function jobOn(text: string, folder = '/run') {
  const files = memoryFiles();
  await files.makeFolder(folder);
  await files.writeAtomic('/text.txt', text);
  return { files, runtime, folder };
}

async function bytesAt(files: Files, path: string): Promise<number[]> {
  const bytes: number[] = [];
  for await (const piece of files.stream(path)) bytes.push(...piece);
  return bytes;
}

const data = { path: '/text.txt' };

describe.each(recipes)('pre-training by %s of %s', (task, _model, recipe) => {
  it.each([
    ['English', english],
    ['Chinese', chinese],
  ])('learns from %s text', async (_, text) => {
    const losses: number[] = [];
    const onEvent = (event: ExampleTrainingEvent | { readonly kind: 'tokenizer' | 'tokenizing' }): void => {
      if (event.kind === 'evaluated') losses.push(event.evaluation['loss'] ?? NaN);
    };
    const longer = { ...recipe, training: { ...training, steps: 40, evaluateEvery: 20 } };
    const outcome = await pretrain({ ...(await jobOn(text)), onEvent }, longer, data);
    expect(outcome.reason).toBe('finished');
    expect(losses).toHaveLength(2);
    expect(losses[1]).toBeLessThan(losses[0] ?? 0);
    expect(outcome.state.best).toMatchObject({ metric: 'loss', value: losses[1] });
  });

  it('ends with the same bits when it is stopped and resumed', async () => {
    const whole = await jobOn(english);
    await pretrain(whole, recipe, data);
    const parts = await jobOn(english);
    const controller = new AbortController();
    const onEvent = (event: { readonly kind: string }): void => {
      if (event.kind === 'step') controller.abort();
    };
    const stopped = await pretrain({ ...parts, signal: controller.signal, onEvent }, recipe, data);
    expect([stopped.reason, stopped.state.step]).toEqual(['interrupted', 1]);
    expect((await resumePretraining(parts)).state.step).toBe(6);
    for (const name of ['model.safetensors', 'optimizer.safetensors', 'best/model.safetensors']) {
      const [expected, actual] = await Promise.all(
        [whole, parts].map(({ files }) => bytesAt(files, `/run/${name}`)),
      );
      expect(actual, name).toEqual(expected);
    }
  });

  it('goes on for longer when asked to, and validates on a text of its own', async () => {
    const job = await jobOn(english);
    await job.files.writeAtomic(
      '/other.txt',
      'The old ship swam. The sea is old. A whale sailed. '.repeat(4),
    );
    const first = await pretrain(job, recipe, { ...data, validation: '/other.txt' });
    const more = await resumePretraining(job, { steps: 8 });
    expect(more.state.step).toBe(8);
    const { config } = await readRun(job.files, '/run');
    expect(config).toMatchObject({ pretraining: { task }, training: { steps: 8 } });
    expect(Object.keys(first.after ?? {})).toEqual(['loss', 'perplexity']);
    expect(await evaluatePretraining(job.files, runtime, '/run', 'last')).toEqual(more.after);
    await expect(loadLanguageModel(job.files, '/run')).rejects.toThrow(
      'Make one with: mneme train --data TEXT --out RUN',
    );
  });

  it('says when there is nothing to learn from, and leaves no run', async () => {
    const job = await jobOn('\n \n');
    await expect(pretrain(job, recipe, data)).rejects.toThrow(/text/);
    await expect(readRun(job.files, '/run')).rejects.toThrow('is not a run');
    expect(await job.files.list('/run')).toEqual([]);
  });
});

describe('gap sentences', () => {
  const passage = (text: string) => ({
    text,
    ids: new Int32Array(0),
    index: 0,
    start: 0,
    freshStart: 0,
    end: 0,
    bytesRead: 0,
  });

  it('read and write texts as pairs do that are tuned on: lower-cased, with an end', async () => {
    const job = await jobOn(english);
    await pretrain(job, recurrentGaps, data);
    const { tokenizer } = await readBase(job.files, '/run');
    const recipe = parsePretrainingRecipe({ ...recurrentGaps, gaps: { strategy: 'lead', ratio: 0.5 } });
    const objective = objectiveOf(recipe, tokenizer);
    const rows = objective.rowsOf(passage('THE whale swam. The Sea is OLD.'));
    const [read, written] = rows.map((ids) => tokenizer.decode(ids));
    expect([read, written]).toEqual(['[MASK1] the sea is old.', 'the whale swam.']);
    const end = tokenizer.specialTokens.get('</s>') ?? -1;
    const ids = rows.flatMap((row) => [...row, end]);
    const held = await TokenRows.read(tokensInMemory(Int32Array.from(ids)), end);
    const place = { rows: [0], batchSize: 1, length: 32 };
    const unknown = () => Promise.resolve({});
    const batch = await objective.examples(held).tensors(place, Random.fromSeed(1), unknown);
    const length = (rows[0]?.length ?? 0) + 1;
    expect(batch['sourceLengths']?.data[0]).toBe(length);
    expect(batch['source']?.data[length - 1]).toBe(end);
    expect(batch['targets']?.data[rows[1]?.length ?? -1]).toBe(end);
  });

  it('are where a summarizer begins: the same parameters, the same case', async () => {
    const job = await jobOn(english);
    await pretrain(job, recurrentGaps, data);
    const lines = ['The whale swam.', 'A sea is wide.'].map((text) =>
      JSON.stringify({ text, summary: text }),
    );
    await job.files.writeAtomic('/pairs.jsonl', `${lines.join('\n')}\n`);
    const recipe = {
      tokenizer: {},
      model: recurrentGaps.model,
      training: { steps: 1, batchSize: 2, learningRate: 1e-12, weightDecay: 0 },
    };
    const choice = { task: summarizeTask, recipe, base: '/run', data: '/pairs.jsonl', validationFraction: 0 };
    await tune({ ...job, folder: '/tuned' }, choice);
    const [base, tuned] = [await readBase(job.files, '/run'), await readBase(job.files, '/tuned')];
    expect(tuned.config).toMatchObject({ model: base.model, task: { details: { lowercase: true } } });
    expect([...tuned.parameters.keys()]).toEqual([...base.parameters.keys()]);
    for (const [path, { data: values }] of base.parameters) {
      const found = tuned.parameters.get(path)?.data ?? [];
      values.forEach((value, i) => expect(Number(found[i]), path).toBeCloseTo(Number(value), 6));
    }
  });
});

describe('recipes of pre-training', () => {
  it('names what is wrong in them', () => {
    expect(() => parsePretrainingRecipe({ ...masked, masking: { fractions: 0.1 } })).toThrow(
      'unknown key "masking.fractions". Did you mean "fraction"?',
    );
    expect(() => parsePretrainingRecipe({ ...masked, task: 'masked' })).toThrow(/task/);
    expect(() => parsePretrainingRecipe({ ...gaps, model: { ...gaps.model, head: 2 } })).toThrow(/"head"/);
    expect(() => parsePretrainingRecipe({ ...gaps, model: { kind: 'recurrent' } })).toThrow(/"recurrent"/);
  });

  it('has a preset for each task, and says which task a preset is for', () => {
    for (const task of pretrainingTasks) {
      const { recipe } = pretrainingPreset(task);
      expect(parsePretrainingRecipe(recipe).task).toBe(task);
    }
    expect(() => pretrainingPreset('gap-sentences', 'encoder-tiny')).toThrow(
      /"encoder-tiny" is for --task masked-language-model. For gap-sentences there are: gap-sentences-tiny/,
    );
    expect(() => pretrainingPreset('masked-language-model', 'encoder-tin')).toThrow(
      'There is no preset "encoder-tin". Did you mean "encoder-tiny"?',
    );
  });

  it('says which special tokens a tokenizer of a file lacks', async () => {
    const source = await jobOn(english);
    await pretrain(source, gaps, data);
    const recipe = { ...masked, tokenizer: { kind: 'file', path: '/run/tokenizer.json' } };
    const job = { ...source, folder: '/other' };
    await expect(pretrain(job, recipe, data)).rejects.toThrow(
      'The tokenizer has no special token "[PAD]", which this task needs.',
    );
  });
});

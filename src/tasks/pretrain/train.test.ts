// Pre-training end to end on tiny texts: it learns, resumes with the same bits, and says what is wrong.
import { afterAll, describe, expect, it } from 'vitest';
import type { Files } from '../../core/files.js';
import type { ExampleTrainingEvent } from '../../train/index.js';
import { readRun } from '../../checkpoint/index.js';
import { NodeRuntime } from '../../engine/runtime/node.js';
import { memoryFiles } from '../../testing/memory-files.js';
import { loadLanguageModel } from '../language-model/load.js';
import { evaluatePretraining } from './evaluate.js';
import { pretrainingPreset, pretrainingTasks } from './presets.js';
import { parsePretrainingRecipe } from './recipe.js';
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
const recipes = [
  ['masked-language-model', masked],
  ['gap-sentences', gaps],
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

describe.each(recipes)('pre-training by %s', (task, recipe) => {
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

describe('recipes of pre-training', () => {
  it('names what is wrong in them', () => {
    expect(() => parsePretrainingRecipe({ ...masked, masking: { fractions: 0.1 } })).toThrow(
      'unknown key "masking.fractions". Did you mean "fraction"?',
    );
    expect(() => parsePretrainingRecipe({ ...masked, task: 'masked' })).toThrow(/task/);
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

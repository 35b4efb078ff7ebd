import { afterAll, expect, it } from 'vitest';
import { DataError } from '../../core/errors.js';
import { NodeRuntime } from '../../engine/runtime/node.js';
import { memoryKinds } from '../../memory/create-memory.js';
import { memoryFiles } from '../../testing/memory-files.js';
import { evaluateValidation } from './evaluate.js';
import { loadLanguageModel } from './load.js';
import { presetNamed } from './presets.js';
import { resumeLanguageModel, trainLanguageModel } from './train.js';

const runtime = new NodeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());

const recipe = {
  model: { width: 8, layers: 1, heads: 2, maxLength: 8, memory: 'gru' },
  training: { steps: 4, batchSize: 2, learningRate: 0.01, evaluateEvery: 2, evaluationBatchSize: 4 },
};

async function jobOn(text: string) {
  const files = memoryFiles();
  await files.makeFolder('/run');
  await files.writeAtomic('/text.txt', text);
  return { files, runtime, folder: '/run' };
}

it('trains into a folder that holds all it takes to use the model', async () => {
  const job = await jobOn('a whale, a ship, a sea. '.repeat(20));
  const outcome = await trainLanguageModel(job, recipe, { path: '/text.txt' });
  const saved = await loadLanguageModel(job.files, '/run');
  expect(saved.tokenizer.decode(saved.tokenizer.encode('a ship'))).toBe('a ship');
  const evaluation = await evaluateValidation(job.files, runtime, saved);
  expect(evaluation.loss).toBe(outcome.state.best?.value);
});

it('evaluates as it was trained, with what is remembered carried through the text, or as it is told', async () => {
  const job = await jobOn('a whale, a ship, a sea. '.repeat(40));
  const { steps: _, ...training } = recipe.training;
  const carrying = {
    ...training,
    epochs: 1.5,
    evaluateEvery: 'epoch',
    order: 'sequential',
    carryState: true,
  };
  const model = { ...recipe.model, position: 'none' };
  const { state } = await trainLanguageModel(job, { model, training: carrying }, { path: '/text.txt' });
  expect(state.step).toBe(80); // 864 tokens have 53 blocks of 8 for each of 2 rows; 1.5 times that.
  const saved = await loadLanguageModel(job.files, '/run', 'last');
  const evaluated = (options: object) => evaluateValidation(job.files, runtime, saved, options);
  const carried = await evaluated({});
  expect(carried.tokens).toBe(95);
  expect((await evaluated({ carryState: true, batchSize: 4 })).loss).toBe(carried.loss);
  expect((await evaluated({ carryState: false })).loss).not.toBeCloseTo(carried.loss, 5);
  expect((await evaluated({ batchSize: 1 })).loss).not.toBeCloseTo(carried.loss, 5);
});

it('refuses to carry a memory further than it reaches, and leaves no run', async () => {
  const job = await jobOn('a whale, a ship, a sea. '.repeat(40));
  const training = { ...recipe.training, order: 'sequential', carryState: true };
  const attempt = trainLanguageModel(job, { ...recipe, training }, { path: '/text.txt' });
  await expect(attempt).rejects.toThrow("the model's memory ends after 8"); // Learned positions.
  expect(await job.files.list('/run')).toEqual([]);
});

it('goes on with more steps, and remembers how many', async () => {
  const job = await jobOn('a whale, a ship, a sea. '.repeat(20));
  await trainLanguageModel(job, recipe, { path: '/text.txt' });
  const { state } = await resumeLanguageModel(job, { steps: 6 });
  expect(state.step).toBe(6);
  expect((await resumeLanguageModel(job)).state.step).toBe(6);
});

it('sweeps what killed processes left behind', async () => {
  const job = await jobOn('a whale, a ship, a sea. '.repeat(20));
  await job.files.writeAtomic('/run/.train.tokens.0123abcd.tmp', 'half of the tokens');
  await trainLanguageModel(job, recipe, { path: '/text.txt' });
  expect(await job.files.list('/run')).not.toContain('.train.tokens.0123abcd.tmp');
  await job.files.writeAtomic('/run/.metrics.jsonl.0123abcd.tmp', '');
  await resumeLanguageModel(job);
  expect(await job.files.list('/run')).not.toContain('.metrics.jsonl.0123abcd.tmp');
});

it('leaves nothing of a run that could not begin', async () => {
  const job = await jobOn('short');
  const attempt = trainLanguageModel(job, recipe, { path: '/text.txt' });
  await expect(attempt).rejects.toThrow(DataError);
  expect(await job.files.list('/run')).toEqual([]);
});

it.each(memoryKinds)('trains the tiny preset of %s', async (kind) => {
  const job = await jobOn('a whale, a ship, a sea. '.repeat(200));
  const preset = presetNamed(`char-${kind}-tiny`);
  const training = { ...preset.training, steps: 2, warmUpSteps: 0, evaluationBatchSize: 4 };
  const outcome = await trainLanguageModel(job, { ...preset, training }, { path: '/text.txt' });
  expect(outcome.reason).toBe('finished');
  expect(outcome.after?.loss).toBeLessThan(outcome.before?.loss ?? NaN);
});

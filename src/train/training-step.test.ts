import { afterAll, describe, expect, it } from 'vitest';
import { predictableTokens, settingsOf, tinyModel } from '../../test/support/training.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { Batch } from '../data/index.js';
import type { DeviceState } from '../engine/runtime/runtime.js';
import type { TrainingSettings } from './settings.js';
import type { Trainable } from './trainable.js';
import { Random } from '../core/random.js';
import { flattenTree } from '../core/tree.js';
import { TrainingBatches, tokensInMemory } from '../data/index.js';
import { NodeRuntime } from '../engine/runtime/node.js';
import { initialOptimizerState } from './move.js';
import { stepInputs, TrainingSteps } from './training-step.js';

const runtime = new NodeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());

const random = Random.fromSeed(5);

async function batchesOf({ batchSize, accumulation, blockLength }: TrainingSettings, count: number) {
  const batches = new TrainingBatches(tokensInMemory(predictableTokens()), {
    batchSize: batchSize * accumulation,
    blockLength,
    order: 'shuffled',
    random,
  });
  const taken: Batch[] = [];
  while (taken.length < count) taken.push(await batches.next());
  return taken;
}

/** Runs `steps` steps, `perCall` in one call. Returns what each told, and the tensors at the end. */
async function run(model: Trainable, settings: TrainingSettings, steps: number, perCall = 1) {
  const parameters = model.init(random);
  const trees = { parameters, optimizer: initialOptimizerState(settings, parameters) };
  const compiled = await TrainingSteps.compile(runtime, model, trees, settings, perCall);
  const state: DeviceState = await runtime.createState();
  await state.write(flattenTree<TensorData>(trees as unknown as Tree<TensorData>));
  const batches = await batchesOf(settings, steps);
  const outputs = [];
  for (let first = 0; first < steps; first += perCall) {
    const own = batches.slice(first, first + perCall);
    const inputs = own.map((batch, i) => stepInputs(batch, random.split(first + i), settings));
    outputs.push(...(await compiled.run(state, inputs)));
  }
  const tensors = await state.read();
  await state.dispose();
  await compiled.dispose();
  return { outputs, tensors };
}

function largestDifference(a: ReadonlyMap<string, TensorData>, b: ReadonlyMap<string, TensorData>): number {
  const differences = [...a].flatMap(([name, { data }]) =>
    Array.from(data, (value, i) => Math.abs(value - (b.get(name)?.data[i] ?? Number.NaN))),
  );
  return Math.max(...differences);
}

function meanLoss(steps: readonly { readonly loss: number }[]): number {
  return steps.reduce((sum, { loss }) => sum + loss, 0) / steps.length;
}

describe.each(['attention', 'gru'] as const)('a training step of %s', (memory) => {
  it('lowers the loss, step by step', async () => {
    const { outputs } = await run(tinyModel(memory, 0), settingsOf({ steps: 60, learningRate: 0.03 }), 60);
    expect(meanLoss(outputs.slice(-5))).toBeLessThan(0.8 * meanLoss(outputs.slice(0, 5)));
  });

  it('is the same for two batches of 4 as for one of 8', async () => {
    const model = tinyModel(memory, 0);
    const one = await run(model, settingsOf({ batchSize: 8, accumulation: 1 }), 5);
    const two = await run(model, settingsOf({ batchSize: 4, accumulation: 2 }), 5);
    expect(largestDifference(one.tensors, two.tensors)).toBeLessThan(1e-5);
    one.outputs.forEach(({ loss, gradientNorm }, i) => {
      expect(two.outputs[i]?.loss).toBeCloseTo(loss, 5);
      expect(two.outputs[i]?.gradientNorm).toBeCloseTo(gradientNorm, 5);
    });
  });

  it('ends with the same bits, however many steps one call does', async () => {
    const model = tinyModel(memory);
    const singly = await run(model, settingsOf(), 6, 1);
    const together = await run(model, settingsOf(), 6, 3);
    expect(together.outputs).toEqual(singly.outputs);
    expect(largestDifference(singly.tensors, together.tensors)).toBe(0);
  });
});

it('tells the learning rate of each step: rising while warming up, then falling to the minimum', async () => {
  const settings = settingsOf({
    steps: 6,
    warmUpSteps: 2,
    learningRate: 0.3,
    minimumLearningRate: 0.1,
    schedule: 'linear',
  });
  const { outputs } = await run(tinyModel('attention'), settings, 6);
  const rates = outputs.map(({ learningRate }) => learningRate);
  [0.1, 0.2, 0.3, 0.25, 0.2, 0.15].forEach((rate, i) => expect(rates[i]).toBeCloseTo(rate, 6));
});

it('leaves all tensors as they are when the loss is not finite', async () => {
  const settings = settingsOf({ learningRate: 1e30, clipNorm: null });
  const model = tinyModel('attention', 0);
  const before = await run(model, settings, 1);
  const after = await run(model, settings, 2);
  expect(after.outputs[1]?.loss).not.toBeLessThan(Infinity);
  expect(largestDifference(before.tensors, after.tensors)).toBe(0);
});

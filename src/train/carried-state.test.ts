// Truncated backpropagation through time, against reading the whole text at once.
import { afterAll, describe, expect, it } from 'vitest';
import {
  newRun,
  predictableTokens,
  reopened,
  settingsOf,
  vocabularySize,
} from '../../test/support/training.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tokens, TokenSplit } from '../data/index.js';
import type { TrainingEvent } from './events.js';
import type { TrainingChoices } from './settings.js';
import { ConfigError } from '../core/errors.js';
import { Random } from '../core/random.js';
import { flattenTree } from '../core/tree.js';
import { splitTokens, TrainingBatches, tokenRange, tokensInMemory } from '../data/index.js';
import { NodeRuntime } from '../engine/runtime/node.js';
import { typesOf } from '../engine/trace.js';
import { LanguageModel } from '../models/index.js';
import { trainable } from '../tasks/language-model/load.js';
import { memoryFiles } from '../testing/memory-files.js';
import { initialMemory } from './carried-state.js';
import { Evaluator } from './evaluator.js';
import { train } from './trainer.js';
import { initialOptimizerState } from './move.js';
import { stepInputs, TrainingSteps } from './training-step.js';

const runtime = new NodeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());

const random = Random.fromSeed(5);
const blockLength = 8;

function modelOf(memory: string | readonly string[], dropout = 0) {
  const size = { vocabularySize, width: 8, layers: 2, heads: 2, maxLength: 50, feedForward: 'relu' };
  return trainable(new LanguageModel({ ...size, memory, dropout, position: 'none' }));
}

const model = modelOf(['gru', 'lstm']);
const tokens = tokensInMemory(predictableTokens(2 * 6 * blockLength + 1));

/** Mean loss of each stretch when it is read at once, from nothing. */
async function lossOf(text: Tokens, rows: number): Promise<number> {
  const length = Math.floor((text.count - 1) / rows);
  const parameters = model.init(random);
  const evaluator = await Evaluator.compile(runtime, model, typesOf(parameters) as typeof parameters, {
    batchSize: rows,
    blockLength: length,
  });
  const state = await runtime.createState();
  await state.write(flattenTree<TensorData>({ parameters }));
  const { loss } = await evaluator.evaluate(state, text);
  await state.dispose();
  await evaluator.dispose();
  return loss;
}

/** What the steps of one epoch tell, with parameters that hardly move. */
async function epochOf(choices: Partial<TrainingChoices>, perCall = 1) {
  const settings = settingsOf({
    order: 'sequential',
    carryState: true,
    optimizer: 'sgd',
    schedule: 'constant',
    learningRate: 1e-30,
    weightDecay: 0,
    clipNorm: null,
    ...choices,
  });
  const { batchSize, accumulation, carryState } = settings;
  const parameters = model.init(random);
  const optimizer = initialOptimizerState(settings, parameters);
  const memory = carryState ? { memory: initialMemory(model, batchSize, accumulation) } : {};
  const trees = { parameters, optimizer, ...memory };
  const steps = await TrainingSteps.compile(runtime, model, trees, settings, perCall);
  const state = await runtime.createState();
  await state.write(flattenTree<TensorData>(trees));
  const rows = batchSize * accumulation;
  const batches = new TrainingBatches(tokens, { order: 'sequential', batchSize: rows, blockLength, random });
  const outputs = [];
  for (let i = 0; i < 12 / rows; i += perCall) {
    const inputs = [];
    while (inputs.length < perCall) inputs.push(stepInputs(await batches.next(), random, settings));
    outputs.push(...(await steps.run(state, inputs)));
  }
  await state.dispose();
  await steps.dispose();
  return outputs;
}

function mean(values: readonly { readonly loss: number }[]): number {
  return values.reduce((sum, { loss }) => sum + loss, 0) / values.length;
}

describe('training steps that carry what is remembered', () => {
  it.each([
    ['one batch', { batchSize: 2, accumulation: 1 }, 1],
    ['several steps in a call', { batchSize: 2, accumulation: 1 }, 3],
    ['micro-batches', { batchSize: 1, accumulation: 2 }, 1],
  ])('predict as if each row were read at once: %s', async (_, choices, perCall) => {
    const outputs = await epochOf(choices, perCall);
    expect(mean(outputs)).toBeCloseTo(await lossOf(tokens, 2), 5);
    const anew = await epochOf({ ...choices, carryState: false }, perCall);
    expect(Math.abs(mean(anew) - mean(outputs))).toBeGreaterThan(1e-4);
    expect(anew[0]?.loss).toBe(outputs[0]?.loss);
  });

  it('minimize the sum over time where that is asked for, and still tell the mean', async () => {
    const [mean] = await epochOf({ batchSize: 2 });
    for (const choices of [{ batchSize: 2 }, { batchSize: 1, accumulation: 2 }]) {
      const [sum] = await epochOf({ ...choices, lossReduction: 'sum-over-time' });
      expect(sum?.loss).toBeCloseTo(mean?.loss ?? NaN, 6);
      expect(sum?.gradientNorm).toBeCloseTo(blockLength * (mean?.gradientNorm ?? NaN), 4);
    }
  });
});

describe('an evaluation that carries what is remembered', () => {
  async function evaluate(text: Tokens, batchSize: number, carryState = true) {
    const parameters = model.init(random);
    const types = typesOf(parameters) as typeof parameters;
    const options = { batchSize, blockLength, carryState };
    const evaluator = await Evaluator.compile(runtime, model, types, options);
    const state = await runtime.createState();
    await state.write(flattenTree<TensorData>({ parameters }));
    const first = await evaluator.evaluate(state, text);
    expect(await evaluator.evaluate(state, text)).toEqual(first);
    return first;
  }

  it.each([2, 9, 50, 97])('is exact for a text of %i tokens read as one stretch', async (count) => {
    const text = tokenRange(tokens, 0, count);
    const { loss, tokens: predicted } = await evaluate(text, 1);
    expect(predicted).toBe(count - 1);
    expect(loss).toBeCloseTo(await lossOf(text, 1), 5);
  });

  it('is exact for stretches read side by side', async () => {
    const { loss, tokens: predicted } = await evaluate(tokens, 3);
    expect(predicted).toBe(96);
    expect(loss).toBeCloseTo(await lossOf(tokens, 3), 5);
    expect(Math.abs(loss - (await evaluate(tokens, 3, false)).loss)).toBeGreaterThan(1e-5);
  });
});

describe('a run that carries what is remembered', () => {
  const settings = settingsOf({
    order: 'sequential',
    carryState: true,
    batchSize: 2,
    blockLength,
    steps: 20,
  });
  const split: TokenSplit = splitTokens(tokensInMemory(predictableTokens(140)), 0.1);
  const dropping = modelOf('gru', 0.2);

  it('ends with the same bits when it is interrupted, in the middle of an epoch or at its end', async () => {
    const [whole, files] = [memoryFiles(), memoryFiles()];
    const options = { runtime, model: dropping, tokens: split, settings };
    await train({ ...options, run: await newRun(whole), stepsPerCall: 4 });
    let run = await newRun(files);
    // Each row has 7 blocks.
    for (const stop of [3, 7, 15]) {
      const controller = new AbortController();
      const onEvent = (event: TrainingEvent): void => {
        if (event.kind === 'step' && event.step === stop) controller.abort();
      };
      await train({ ...options, run, signal: controller.signal, onEvent });
      run = await reopened(run, files);
    }
    await train({ ...options, run });
    for (const name of ['model', 'optimizer', 'memory']) {
      const bytes = await files.readBytes(`/run/${name}.safetensors`);
      expect(bytes, name).toEqual(await whole.readBytes(`/run/${name}.safetensors`));
    }
  });

  it('forgets at the beginning of an epoch', async () => {
    const losses: number[] = [];
    const still = { ...settings, learningRate: 1e-30, weightDecay: 0 };
    const onEvent = (event: TrainingEvent): void => {
      if (event.kind === 'step') losses.push(event.loss);
    };
    await train({ runtime, model, tokens: split, settings: still, run: await newRun(), onEvent });
    expect(losses.slice(7, 14)).toEqual(losses.slice(0, 7));
  });

  it('is refused where the memory ends before the text does', async () => {
    const bounded = modelOf(['gru', 'attention']);
    const attempt = train({ runtime, model: bounded, tokens: split, settings, run: await newRun() });
    await expect(attempt).rejects.toThrow(ConfigError);
    await expect(attempt).rejects.toThrow(
      "each row of a batch reads 56 of 126 tokens one after another; the model's memory ends after 50",
    );
  });
});

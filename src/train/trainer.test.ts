import { afterAll, describe, expect, it } from 'vitest';
import {
  bigram,
  newRun,
  predictableTokens,
  reopened,
  settingsOf,
  tinyModel,
  tinySplit,
  vocabularySize,
} from '../../test/support/training.js';
import type { TrainingRun } from '../checkpoint/index.js';
import type { Trainable } from './trainable.js';
import type { TrainOptions } from './trainer.js';
import type { TrainingEvent } from './events.js';
import { CheckpointError, DataError, NonFiniteError } from '../core/errors.js';
import { TensorData } from '../core/tensor-data.js';
import { mapLeaves } from '../core/tree.js';
import { splitTokens, tokensInMemory } from '../data/index.js';
import { NodeRuntime } from '../engine/runtime/node.js';
import { ReferenceRuntime } from '../engine/runtime/reference-runtime.js';
import { memoryFiles } from '../testing/memory-files.js';
import { train } from './trainer.js';

const native = new NodeRuntime({ threads: 1 });
const reference = new ReferenceRuntime();
afterAll(() => native.dispose());

type Choices = Partial<Omit<TrainOptions, 'settings'>> & {
  readonly settings?: Parameters<typeof settingsOf>[0];
};

/** Trains the bigram model on the reference runtime, unless told otherwise. */
async function trainTiny(run: TrainingRun, { settings, ...choices }: Choices = {}) {
  return train({
    runtime: reference,
    model: bigram,
    tokens: tinySplit(),
    ...choices,
    run,
    settings: settingsOf(settings),
  });
}

/** The bytes of every file of a checkpoint. */
async function checkpointBytes(files: ReturnType<typeof memoryFiles>): Promise<Record<string, string>> {
  const names = ['model.safetensors', 'optimizer.safetensors', 'state.json', 'best/model.safetensors'];
  const contents = await Promise.all(names.map((name) => files.readBytes(`/run/${name}`)));
  return Object.fromEntries(names.map((name, i) => [name, Buffer.from(contents[i] ?? []).toString('hex')]));
}

function unusable({ dtype, shape, data }: TensorData): TensorData {
  return new TensorData(
    dtype,
    shape,
    Float32Array.from(data, () => NaN),
  );
}

it('learns the pairs of a text, down to what cannot be predicted', async () => {
  const outcome = await trainTiny(await newRun(), {
    settings: { steps: 300, learningRate: 0.3, weightDecay: 0, evaluateEvery: 300 },
  });
  // 9 of 10 tokens follow from the one before, the tenth is any of the 11.
  const likely = 0.9 + 0.1 / vocabularySize;
  const other = 0.1 / vocabularySize;
  const entropy = -likely * Math.log(likely) - (vocabularySize - 1) * other * Math.log(other);
  expect(outcome.reason).toBe('finished');
  expect(outcome.before?.loss).toBeGreaterThan(2);
  expect(outcome.after?.loss).toBeGreaterThan(0.7 * entropy);
  expect(outcome.after?.loss).toBeLessThan(1.4 * entropy);
});

it('tells what it does, in order', async () => {
  const events: TrainingEvent[] = [];
  const settings = { steps: 5, evaluateEvery: 2, saveEvery: 3 };
  await trainTiny(await newRun(), { settings, onEvent: (event) => events.push(event) });
  const told = events.map((event) => (event.kind === 'started' ? event.kind : `${event.kind} ${event.step}`));
  expect(told.join(', ')).toBe(
    'started, evaluated 0, saved 0, step 1, step 2, evaluated 2, saved 2, step 3, saved 3, ' +
      'step 4, evaluated 4, saved 4, step 5, evaluated 5, saved 5',
  );
});

it('records every step and every evaluation', async () => {
  const run = await newRun();
  await trainTiny(run, { settings: { steps: 4, evaluateEvery: 2 }, textBytes: async () => 59 });
  const records = await run.metrics();
  const steps = records.filter((record) => 'loss' in record);
  expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
  expect(Object.keys(steps[0] ?? {})).toEqual(
    expect.arrayContaining(['loss', 'gradientNorm', 'learningRate', 'epoch', 'tokensPerSecond']),
  );
  const evaluations = records.filter((record) => 'validationLoss' in record);
  expect(evaluations.map(({ step }) => step)).toEqual([0, 2, 4]);
  expect(evaluations.every(({ bitsPerByte }) => Number(bitsPerByte) > 0)).toBe(true);
});

it('stops early, and keeps the best checkpoint beside the last', async () => {
  const run = await newRun();
  // Each validation pair contradicts the training pairs, so that what is learned makes it worse.
  const reversed = predictableTokens(200).toReversed();
  const tokens = {
    train: tokensInMemory(predictableTokens()),
    validation: tokensInMemory(Int32Array.from(reversed, (id) => (id * 7 + 5) % vocabularySize)),
  };
  const settings = { steps: 100, evaluateEvery: 2, patience: 3, learningRate: 0.3 };
  const outcome = await trainTiny(run, { settings, tokens });
  expect(outcome.reason).toBe('early');
  expect(outcome.state.evaluationsSinceBest).toBe(3);
  expect(outcome.state.step).toBe((outcome.state.best?.step ?? 0) + 6);
  expect((await run.state('best'))?.step).toBe(outcome.state.best?.step);
  expect((await run.state('last'))?.step).toBe(outcome.state.step);
});

it('trains without validation tokens, and then knows no best checkpoint', async () => {
  const run = await newRun();
  const outcome = await trainTiny(run, { tokens: tinySplit(0) });
  expect(outcome).toMatchObject({ reason: 'finished', before: null, after: null });
  expect(await run.holds('last')).toBe(true);
  expect(await run.holds('best')).toBe(false);
});

it('does nothing more to a run whose steps are done', async () => {
  const files = memoryFiles();
  const run = await newRun(files);
  await trainTiny(run);
  const before = await checkpointBytes(files);
  const outcome = await trainTiny(await reopened(run, files));
  expect(outcome).toMatchObject({ reason: 'finished', loss: null, after: null });
  expect(await checkpointBytes(files)).toEqual(before);
});

describe.each([
  ['bigram', bigram, reference],
  ['attention', tinyModel('attention'), native],
  ['gru', tinyModel('gru'), native],
] as const)('a resumed run of %s', (_, model, runtime) => {
  it('ends with the same bits as one that was not interrupted', async () => {
    const whole = memoryFiles();
    await trainTiny(await newRun(whole), { model, runtime });

    const files = memoryFiles();
    let run = await newRun(files);
    // Interrupted right after an evaluation, between two, and at a step that begins a new epoch.
    for (const stop of [4, 7, 9]) {
      const controller = new AbortController();
      const onEvent = (event: TrainingEvent): void => {
        if (event.kind === 'step' && event.step === stop) controller.abort();
      };
      const outcome = await trainTiny(run, { model, runtime, signal: controller.signal, onEvent });
      expect(outcome).toMatchObject({ reason: 'interrupted', state: { step: stop } });
      run = await reopened(run, files);
    }
    expect((await trainTiny(run, { model, runtime })).reason).toBe('finished');
    expect(await checkpointBytes(files)).toEqual(await checkpointBytes(whole));
  });
});

it('ends with the same bits, however many steps run in one call', async () => {
  const settings = { steps: 11, evaluateEvery: 5 };
  const ends = [1, 4].map(async (stepsPerCall) => {
    const files = memoryFiles();
    const choices = { model: tinyModel('attention'), runtime: native, stepsPerCall, settings };
    await trainTiny(await newRun(files), choices);
    return checkpointBytes(files);
  });
  const [singly, together] = await Promise.all(ends);
  expect(together).toEqual(singly);
});

describe('when numbers are no longer finite', () => {
  const exploding = { learningRate: 1e30, clipNorm: null, warmUpSteps: 0, steps: 20, evaluateEvery: 5 };

  async function failureOf(model: Trainable, run: TrainingRun, stepsPerCall = 1): Promise<NonFiniteError> {
    const attempt = trainTiny(run, { model, runtime: native, settings: exploding, stepsPerCall });
    const error: unknown = await attempt.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (error instanceof NonFiniteError) return error;
    throw new Error(`A NonFiniteError was expected, not ${String(error)}`);
  }

  it('stops, names the step and the tensor, and keeps the last good checkpoint', async () => {
    const run = await newRun();
    const error = await failureOf(tinyModel('attention', 0), run);
    expect(error.fields).toMatchObject({ step: 2, savedStep: 0 });
    expect(error.message).toMatch(/^Training stopped at step 2: the loss is NaN\. The first tensor/);
    expect(error.fields['tensor']).toMatch(/^activation of \w+ in "/);
    expect((await run.state('last'))?.step).toBe(0);
  });

  it('says the same when it happens in the middle of a call of several steps', async () => {
    const singly = await failureOf(tinyModel('gru', 0), await newRun());
    const together = await failureOf(tinyModel('gru', 0), await newRun(), 4);
    expect(together.message).toBe(singly.message);
  });

  it('names a parameter that was not finite to begin with', async () => {
    const model: Trainable = { ...bigram, init: (random) => mapLeaves(bigram.init(random), unusable) };
    const tokens = tinySplit(0);
    const attempt = trainTiny(await newRun(), { model, tokens });
    await expect(attempt).rejects.toThrow('The first tensor that is not finite is the parameter "logits"');
  });

  it('notices a validation loss that is not finite', async () => {
    const settings = { learningRate: 1e30, clipNorm: null, steps: 1, evaluateEvery: 1 };
    const attempt = trainTiny(await newRun(), {
      model: tinyModel('attention', 0),
      runtime: native,
      settings,
    });
    await expect(attempt).rejects.toThrow('Training stopped at step 1: the validation loss is NaN');
  });
});

it('says when there are too few tokens for one block', async () => {
  const tokens = splitTokens(tokensInMemory(predictableTokens(8)), 0);
  await expect(trainTiny(await newRun(), { tokens })).rejects.toThrow(DataError);
});

it('refuses a checkpoint of another model, and names the tensor', async () => {
  const files = memoryFiles();
  const run = await newRun(files);
  await trainTiny(run);
  const resumed = trainTiny(await reopened(run, files), { model: tinyModel('gru'), runtime: native });
  await expect(resumed).rejects.toThrow(CheckpointError);
  await expect(resumed).rejects.toThrow('"embedding.weight"');
});

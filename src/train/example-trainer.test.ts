import { afterAll, describe, expect, it } from 'vitest';
import { newRun, reopened } from '../../test/support/training.js';
import type { TrainingRun } from '../checkpoint/index.js';
import type { Tensor } from '../engine/graph.js';
import type { ExampleTrainingEvent } from './events.js';
import type { Examples, ExampleModel, Validation } from './examples.js';
import type { ExampleTrainOptions } from './example-trainer.js';
import type { ExampleTrainingInput } from './example-settings.js';
import { ConfigError, NonFiniteError } from '../core/errors.js';
import { TensorData } from '../core/tensor-data.js';
import { flattenTree } from '../core/tree.js';
import { padRows } from '../data/index.js';
import { add, mul } from '../engine/ops/arithmetic.js';
import { cast } from '../engine/ops/cast.js';
import { greater } from '../engine/ops/comparison.js';
import { gather } from '../engine/ops/indexing.js';
import { expandDims } from '../engine/ops/layout.js';
import { dropout } from '../engine/ops/random.js';
import { sum } from '../engine/ops/reduce.js';
import { NodeRuntime } from '../engine/runtime/node.js';
import { crossEntropy } from '../nn/cross-entropy.js';
import { memoryFiles } from '../testing/memory-files.js';
import { exampleTrainingSchema } from './example-settings.js';
import { trainOnExamples } from './example-trainer.js';
import { startFrom } from './examples.js';

const runtime = new NodeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());

/** Rows of ids; the class of a row is whether its ids are above 4. */
const rows = Array.from({ length: 40 }, (_, i) =>
  Int32Array.from({ length: 1 + (i % 9) }, (_, k) => (i % 2 === 0 ? 1 + (k % 4) : 5 + (k % 4))),
);

const examples: Examples = {
  lengths: rows.map(({ length }) => length),
  tensors(batch, random) {
    const own = batch.rows.flatMap((row) => rows[row] ?? []);
    const hidden = own.map((ids) => ids.map((id) => (random.uniform() < 0.1 ? 9 : id)));
    const labels = new Int32Array(batch.batchSize).fill(-1);
    batch.rows.forEach((row, i) => (labels[i] = row % 2));
    const { ids } = padRows(hidden, batch, 0);
    return { ids, labels: new TensorData('int32', [batch.batchSize], labels) };
  },
};

/** A bag of words: the sum of a row of logits for each id, with dropout. */
const model: ExampleModel = {
  init: (random) => ({
    table: new TensorData(
      'float32',
      [10, 2],
      Float32Array.from({ length: 20 }, () => 0.1 * random.normal()),
    ),
    bias: new TensorData('float32', [2], new Float32Array(2)),
  }),
  loss(parameters, batch, key) {
    const { table, bias } = parameters as { readonly table: Tensor; readonly bias: Tensor };
    const { ids, labels } = batch as { readonly ids: Tensor; readonly labels: Tensor };
    const present = expandDims(cast(greater(ids, 0), 'float32'), 2);
    const logits = add(sum(dropout(mul(gather(table, ids), present), 0.2, key), 1), bias);
    return crossEntropy(logits, labels);
  },
};

/** Counts how often it is asked; the metric is how far apart the two columns of the first ids are. */
const validation: Validation = {
  metric: 'margin',
  higherIsBetter: true,
  measure: async (parameters) => {
    const table = flattenTree<TensorData>(parameters).get('table');
    return { margin: (table?.data[2] ?? 0) - (table?.data[3] ?? 0), zero: 0 };
  },
};

type Choices = Partial<Omit<ExampleTrainOptions, 'settings'>> & {
  readonly settings?: Partial<ExampleTrainingInput>;
};

function trainTiny(run: TrainingRun, { settings, ...choices }: Choices = {}) {
  const given = {
    steps: 12,
    batchSize: 4,
    learningRate: 0.05,
    evaluateEvery: 4,
    recordEvery: 1,
    ...settings,
  };
  return trainOnExamples({
    runtime,
    model,
    examples,
    validation,
    ...choices,
    run,
    settings: exampleTrainingSchema.parse(given),
  });
}

async function bytesOf(files: ReturnType<typeof memoryFiles>): Promise<Record<string, string>> {
  const names = ['model.safetensors', 'optimizer.safetensors', 'state.json', 'best/model.safetensors'];
  const contents = await Promise.all(names.map((name) => files.readBytes(`/run/${name}`)));
  return Object.fromEntries(names.map((name, i) => [name, Buffer.from(contents[i] ?? []).toString('hex')]));
}

describe('a moving average of the parameters', () => {
  const settings = { steps: 12, average: 0.8, saveEvery: 3 };

  /** The table at every evaluation, and in the last checkpoint. */
  async function tablesOf(choices: Choices): Promise<number[][]> {
    const tables: number[][] = [];
    const note = (tensors: ReadonlyMap<string, TensorData>): number =>
      tables.push(Array.from(tensors.get('table')?.data ?? [], Number));
    const measure: Validation['measure'] = async (parameters) => {
      note(flattenTree<TensorData>(parameters));
      return validation.measure(parameters);
    };
    const run = await newRun();
    await trainTiny(run, { validation: { ...validation, measure }, ...choices });
    note(await run.tensors('last'));
    return tables;
  }

  it('is what validates and what is saved, while the parameters learn as they do without', async () => {
    const [start = []] = await tablesOf({ maxSeconds: 0 });
    const every = { ...settings, evaluateEvery: 1 };
    const learned = await tablesOf({ settings: { ...every, average: null } });
    const found = await tablesOf({ settings: every });
    let expected = start;
    for (let step = 1; step <= 12; step++) {
      const decay = Math.min(0.8, (1 + step) / (10 + step));
      expected = expected.map((old, k) => decay * old + (1 - decay) * (learned[step - 1]?.[k] ?? 0));
      found[step - 1]?.forEach((value, k) => expect(value).toBeCloseTo(expected[k] ?? Number.NaN, 5));
    }
    expect(found).toHaveLength(13);
    expect(found[12]).toEqual(found[11]);
    expect(found[11]).not.toEqual(learned[11]);
  });

  it('ends with the same bits when training is interrupted and resumed', async () => {
    const whole = memoryFiles();
    const wholeRun = await newRun(whole);
    await trainTiny(wholeRun, { settings });
    await wholeRun.close();
    const files = memoryFiles();
    const controller = new AbortController();
    const run = await newRun(files);
    await trainTiny(run, {
      settings,
      signal: controller.signal,
      onEvent: (event) => event.kind === 'step' && event.step === 7 && controller.abort(),
    });
    const again = await reopened(run, files);
    await trainTiny(again, { settings });
    await again.close();
    expect(await bytesOf(files)).toEqual(await bytesOf(whole));
  });
});

it('learns, and keeps what validates best by the metric of the task', async () => {
  const events: ExampleTrainingEvent[] = [];
  const run = await newRun();
  const { state, reason, loss } = await trainTiny(run, {
    settings: { steps: 60 },
    onEvent: (event) => events.push(event),
  });
  expect(reason).toBe('finished');
  expect(loss).toBeLessThan(0.3);
  expect(state.best).toMatchObject({ metric: 'margin' });
  const measured = events.flatMap((event) =>
    event.kind === 'evaluated' ? [event.evaluation['margin']] : [],
  );
  expect(state.best?.value).toBe(Math.max(...(measured as number[])));
  expect((await run.metrics()).some((record) => 'validationMargin' in record)).toBe(true);
});

it('counts only the rows of a batch, not what fills it', async () => {
  const outcome = await trainTiny(await newRun(), { settings: { steps: undefined, epochs: 1 } });
  expect(outcome.state.tokens).toBe(rows.length);
});

it('ends with the same bits when it is interrupted anywhere and resumed', async () => {
  const whole = memoryFiles();
  await trainTiny(await newRun(whole));
  for (const stopAt of [1, 6, 9]) {
    const files = memoryFiles();
    const run = await newRun(files);
    const controller = new AbortController();
    const onEvent = (event: ExampleTrainingEvent): void => {
      if (event.kind === 'step' && event.step === stopAt) controller.abort();
    };
    const { reason, state } = await trainTiny(run, { signal: controller.signal, onEvent });
    expect([reason, state.step]).toEqual(['interrupted', stopAt]);
    await trainTiny(await reopened(run, files));
    expect(await bytesOf(files)).toEqual(await bytesOf(whole));
  }
});

it('stops when nothing gets better, or when its time is over', async () => {
  const still: Validation = { ...validation, measure: async () => ({ margin: 1 }) };
  const early = await trainTiny(await newRun(), { validation: still, settings: { steps: 100, patience: 2 } });
  expect([early.reason, early.state.step, early.state.best?.step]).toEqual(['early', 12, 4]);
  const timed = await trainTiny(await newRun(), { maxSeconds: 0, settings: { steps: 100 } });
  expect([timed.reason, timed.state.step]).toEqual(['time', 0]);
  expect(timed.state.best).not.toBeNull();
});

describe('what is frozen', () => {
  it('stays as it is, has no state in the optimizer, and the rest learns', async () => {
    const files = memoryFiles();
    const run = await newRun(files);
    await trainTiny(run, { settings: { freeze: ['table'] } });
    const after = await run.tensors('last');
    const start = await tensorsAtStart();
    expect(after.get('table')?.data).toEqual(start.get('table')?.data);
    expect(after.get('bias')?.data).not.toEqual(start.get('bias')?.data);
    const header = Buffer.from(await files.readBytes('/run/optimizer.safetensors')).toString('latin1');
    expect(header).toContain('firstMoment.bias');
    expect(header).not.toContain('firstMoment.table');
  });

  async function tensorsAtStart(): Promise<ReadonlyMap<string, TensorData>> {
    const run = await newRun();
    await trainTiny(run, { maxSeconds: 0 });
    return run.tensors('last');
  }

  it('must exist, and must not be everything', async () => {
    await expect(trainTiny(await newRun(), { settings: { freeze: ['tabel'] } })).rejects.toThrow(
      'There is no parameter at or below "tabel" to freeze. Did you mean "table"?',
    );
    await expect(trainTiny(await newRun(), { settings: { freeze: ['table', 'bias'] } })).rejects.toThrow(
      ConfigError,
    );
  });
});

it('begins with known parameters where they fit, and refuses others', async () => {
  const bias = new TensorData('float32', [2], Float32Array.of(3, 4));
  const run = await newRun();
  await trainTiny(run, { model: startFrom(model, new Map([['bias', bias]])), maxSeconds: 0 });
  expect([...((await run.tensors('last')).get('bias')?.data ?? [])]).toEqual([3, 4]);
  const other = new TensorData('float32', [3], new Float32Array(3));
  const attempt = trainTiny(await newRun(), { model: startFrom(model, new Map([['bias', other]])) });
  await expect(attempt).rejects.toThrow('The parameter "bias" to begin with is float32[3]');
});

it('stops at a loss that is not finite, with the last checkpoint as it was', async () => {
  const files = memoryFiles();
  const run = await newRun(files);
  const broken: Examples = {
    ...examples,
    tensors: async (batch, random, parameters) => {
      const tensors = await examples.tensors(batch, random, parameters);
      const wrong = new TensorData('int32', [batch.batchSize], new Int32Array(batch.batchSize).fill(7));
      return { ...tensors, labels: wrong };
    },
  };
  await expect(trainTiny(run, { examples: broken })).rejects.toThrow(NonFiniteError);
  expect((await run.state('last'))?.step).toBe(0);
});

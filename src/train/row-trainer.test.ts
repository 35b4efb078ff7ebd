// Training on rows: steps against arithmetic by hand, which rows are seen, and what is measured.
import { afterAll, describe, expect, it } from 'vitest';
import type { Tensor } from '../engine/graph.js';
import type { RowModel } from './row-trainer.js';
import { runtimes } from '../../test/support/reproduce.js';
import { DataError, NonFiniteError } from '../core/errors.js';
import { Random } from '../core/random.js';
import { TensorData } from '../core/tensor-data.js';
import { mul, square, sub } from '../engine/ops/arithmetic.js';
import { reshape } from '../engine/ops/layout.js';
import { mean, sum } from '../engine/ops/reduce.js';
import { sgd } from '../optim/index.js';
import { int32Rows, rowCount, takeRows } from './row-table.js';
import { RowTrainer } from './row-trainer.js';

const floats = (shape: readonly number[], values: readonly number[]): TensorData =>
  new TensorData('float32', shape, Float32Array.from(values));

/** (w * sum of x - y)^2: rows of any length share one weight. */
const line: RowModel = {
  init: () => ({ w: floats([1], [3]) }),
  loss: (parameters, batch) => mean(squares(parameters as { w: Tensor }, batch)),
  measure: (parameters, batch) => ({ squared: squares(parameters as { w: Tensor }, batch) }),
};

function squares({ w }: { readonly w: Tensor }, batch: Readonly<Record<string, Tensor>>): Tensor {
  return square(sub(mul(reshape(w, []), sum(batch['x'] as Tensor, 1)), batch['y'] as Tensor));
}

const short = { x: floats([3, 1], [1, 2, 3]), y: floats([3], [2, 4, 6]) };
const long = { x: floats([1, 2], [1, 1]), y: floats([1], [4]) };

describe.each(runtimes)('RowTrainer on $name', (runtime) => {
  const trainer = new RowTrainer({
    runtime,
    model: line,
    optimizer: (learningRate) => sgd({ learningRate }),
    batchSize: 3,
  });
  afterAll(() => trainer.dispose());
  const weight = async (run: Awaited<ReturnType<typeof trainer.start>>): Promise<number> => {
    const { w } = (await run.parameters()) as { readonly w: TensorData };
    return w.data[0] ?? Number.NaN;
  };

  it('takes the step that arithmetic by hand takes', async () => {
    const run = await trainer.start(Random.fromSeed(1));
    // The mean of x^2 (w - 2)^2 over x in 1, 2, 3, at w = 3: 14 / 3, with slope 28 / 3.
    expect(await run.epoch([short], 0.01)).toBeCloseTo(14 / 3, 5);
    expect(await weight(run)).toBeCloseTo(3 - 0.28 / 3, 6);
    await run.dispose();
  });

  it('fills a batch with rows of the same table, and uses every table', async () => {
    const run = await trainer.start(Random.fromSeed(1));
    // Long: (2 w - 4)^2 at w = 3 is 4, with slope 8, so that w becomes 2.2. Short: see above; w becomes 3 - 2.8 / 3.
    const longFirst = (4 + (14 / 3) * 0.2 ** 2) / 2;
    const shortFirst = (14 / 3 + 4 * (1 - 2.8 / 3) ** 2) / 2;
    const loss = await run.epoch([long, short], 0.1);
    expect(Math.min(Math.abs(loss - longFirst), Math.abs(loss - shortFirst))).toBeLessThan(1e-5);
    await run.dispose();
  });

  it('measures the mean over all rows of all tables, those that fill a batch left out', async () => {
    const run = await trainer.start(Random.fromSeed(1));
    const { squared } = await run.measure([short, long]);
    expect(squared).toBeCloseTo((1 + 4 + 9 + 4) / 4, 5);
    const [first] = await run.measureRows([short]);
    expect([...(first?.['squared'] ?? [])]).toEqual([1, 4, 9]);
    await run.dispose();
  });

  it('repeats with the same seed, goes on from parameters, and keeps runs apart', async () => {
    const [a, b] = [await trainer.start(Random.fromSeed(5)), await trainer.start(Random.fromSeed(5))];
    for (const run of [a, b]) await run.epoch([short, long], 0.05);
    expect(await weight(a)).toBe(await weight(b));
    await a.epoch([short], 0.05);
    expect(await weight(a)).not.toBe(await weight(b));
    const c = await trainer.start(Random.fromSeed(6), await a.parameters());
    expect(await weight(c)).toBe(await weight(a));
    await c.setParameters(await b.parameters());
    expect(await weight(c)).toBe(await weight(b));
    for (const run of [a, b, c]) await run.dispose();
  });

  it('keeps the last finite parameters of a run that diverges', async () => {
    const run = await trainer.start(Random.fromSeed(1));
    const diverging = async (): Promise<void> => {
      for (let i = 0; i < 20; i++) await run.epoch([short], 1e6);
    };
    await expect(diverging()).rejects.toThrow(NonFiniteError);
    expect(Number.isFinite(await weight(run))).toBe(true);
    await run.dispose();
  });
});

describe('row tables', () => {
  it('take rows in any order, again and again', () => {
    const table = { ids: int32Rows([[1, 2], [3], []], [2]) };
    const { ids } = takeRows(table, Int32Array.of(2, 0, 1, 0));
    expect(ids?.shape).toEqual([4, 2]);
    expect([...(ids?.data ?? [])]).toEqual([0, 0, 1, 2, 3, 0, 1, 2]);
  });

  it('refuse tensors that disagree, and having no rows', () => {
    expect(() => rowCount({ a: floats([2], [1, 2]), b: floats([1], [1]) })).toThrow(DataError);
    expect(() => rowCount({ a: floats([0, 3], []) })).toThrow(
      'a [0, 3]: every tensor must have the same number',
    );
  });
});

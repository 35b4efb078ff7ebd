import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { dim, positiveDim, shapeAndAxis, shapes } from '../../../test/support/shapes.js';
import { RuntimeError } from '../../core/errors.js';
import type { Shape } from '../../core/shape.js';
import { TensorData } from '../../core/tensor-data.js';
import { checkAgainstReference, checkGradient } from '../../testing/check-op.js';
import { randomTensor, tensorOf } from '../../testing/tensors.js';
import { compile, evaluateOnce } from '../compile.js';
import { grad } from '../grad.js';
import type { Tensor } from '../graph.js';
import { NodeRuntime } from '../runtime/node.js';
import { ReferenceRuntime } from '../runtime/reference-runtime.js';
import { float32, int32, trace } from '../trace.js';
import { scatterAddAlongAxis, takeAlongAxis } from './along-axis.js';
import { mul } from './arithmetic.js';
import { full } from './constant.js';
import { gather, oneHot, scatterAdd } from './indexing.js';
import { broadcastTo } from './layout.js';
import { sum } from './reduce.js';

const runtime = new NodeRuntime({ threads: 2 });
afterAll(() => runtime.dispose());

const resized = (shape: Shape, axis: number, size: number): Shape =>
  shape.map((old, i) => (i === axis ? size : old));

/** Indices into an axis, negative ones among them, and many repeated. */
const indicesFor = (shape: Shape, size: number) =>
  randomTensor(shape, { seed: 3, dtype: 'int32', low: -size, high: size });

/** Rows of a table, and the gradient of their sum. */
const lookup = (table: Tensor, ids: Tensor): Tensor[] => [
  gather(table, ids),
  grad((x: Tensor) => sum(gather(x, ids)))(table),
];

/** How many elements differ. */
function differences(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).filter((value, i) => value !== b[i]).length + Math.abs(a.length - b.length);
}

describe('gather and scatterAdd', () => {
  it('agree with the reference along any axis, for indices of any shape', async () => {
    await fc.assert(
      fc.asyncProperty(shapeAndAxis(positiveDim), shapes(0, 2), async ([shape, axis], indexShape) => {
        const indices = indicesFor(indexShape, shape[axis] ?? 1);
        const taken = [...shape.slice(0, axis), ...indexShape, ...shape.slice(axis + 1)];
        const f = (x: Tensor, i: Tensor, updates: Tensor): Tensor[] => [
          gather(x, i, axis),
          scatterAdd(x, i, updates, axis),
        ];
        const inputs = [randomTensor(shape), indices, randomTensor(taken, { seed: 2 })];
        await checkAgainstReference(runtime, f, inputs);
        await checkAgainstReference(runtime, (i: Tensor, x: Tensor) => gather(x, i, axis), [
          indices,
          indicesFor(shape, 9),
        ]);
        checkGradient(f, inputs, { directions: 8 });
      }),
      { numRuns: 40 },
    );
  });

  it('take from tables with empty rows, and no rows from any table', async () => {
    await fc.assert(
      fc.asyncProperty(positiveDim, dim, dim, async (vocabulary, width, batch) => {
        const inputs = [randomTensor([vocabulary, width]), indicesFor([batch], vocabulary)];
        await checkAgainstReference(runtime, lookup, inputs);
      }),
      { numRuns: 20 },
    );
  });

  it('differentiate twice', () => {
    const f = grad((table: Tensor, ids: Tensor) => sum(mul(gather(table, ids), gather(table, ids))));
    expect(() => checkGradient(f, [randomTensor([4, 3]), tensorOf([1, 3, 1], 'int32')])).not.toThrow();
  });

  // 8,192 rows into few: where additions race or get lost between threads, it shows here.
  it.each([
    ['as a product', 64],
    ['by scattering', 600],
  ])('add repeated indices exactly, and in the same order in every run, %s', async (_, rows) => {
    const [count, width] = [8192, 16];
    const ids = randomTensor([count], { dtype: 'int32', high: 40 });
    const executable = await compile(
      runtime,
      (__, given) => ({
        outputs: scatterAdd(broadcastTo(full(0), [rows, width]), given.ids, given.updates),
      }),
      { state: {}, inputs: { ids: int32(count), updates: float32(count, width) } },
    );
    const state = await runtime.createState();

    const whole = Float32Array.from({ length: count * width }, (__, i) => (i * 7) % 16);
    const expected = new Float32Array(rows * width);
    whole.forEach((value, i) => {
      const place = (ids.data[Math.floor(i / width)] ?? 0) * width + (i % width);
      expected[place] = (expected[place] ?? 0) + value;
    });
    const updates = new TensorData('float32', [count, width], whole);
    expect(differences((await executable.run(state, { ids, updates })).data, expected)).toBe(0);

    const fractions = randomTensor([count, width]);
    const first = await executable.run(state, { ids, updates: fractions });
    for (let i = 0; i < 10; i++) {
      const again = await executable.run(state, { ids, updates: fractions });
      expect(differences(again.data, first.data)).toBe(0);
    }
    await executable.dispose();
  });

  it('refuse indices that do not exist, in both runtimes', async () => {
    const table = randomTensor([5, 3]);
    for (const each of [runtime, new ReferenceRuntime()]) {
      for (const id of [5, -6]) {
        const ids = tensorOf([0, id], 'int32');
        await expect(evaluateOnce(each, gather, table, ids)).rejects.toThrow(RuntimeError);
        const add = evaluateOnce(each, scatterAdd, table, ids, randomTensor([2, 3]));
        await expect(add).rejects.toThrow(RuntimeError);
      }
    }
    const wrong = evaluateOnce(new ReferenceRuntime(), gather, table, tensorOf([7], 'int32'));
    await expect(wrong).rejects.toThrow('gather: index 7 does not exist on an axis of size 5.');
  });

  it('say which shapes and dtypes do not fit', () => {
    expect(() => trace(gather, float32(5, 3), float32(2))).toThrow(
      "gather: indices: got float32; it is defined for int32: use cast(x, 'int32').",
    );
    expect(() => trace((x: Tensor, i: Tensor) => gather(x, i, 2), float32(5, 3), int32(2))).toThrow(
      'gather: axis 2 does not exist',
    );
    expect(() => trace(scatterAdd, float32(5, 3), int32(2), float32(3, 2))).toThrow(
      'scatterAdd: updates are [3, 2]; they must be [2, 3].',
    );
  });
});

describe('takeAlongAxis and scatterAddAlongAxis', () => {
  it('agree with the reference along any axis', async () => {
    await fc.assert(
      fc.asyncProperty(shapeAndAxis(positiveDim), dim, async ([shape, axis], count) => {
        const taken = resized(shape, axis, count);
        const f = (x: Tensor, i: Tensor, updates: Tensor): Tensor[] => [
          takeAlongAxis(x, i, axis),
          scatterAddAlongAxis(x, i, updates, axis),
        ];
        const inputs = [
          randomTensor(shape),
          indicesFor(taken, shape[axis] ?? 1),
          randomTensor(taken, { seed: 2 }),
        ];
        await checkAgainstReference(runtime, f, inputs);
        checkGradient(f, inputs, { directions: 8 });
      }),
      { numRuns: 30 },
    );
  });

  it('refuse indices that do not exist, in both runtimes', async () => {
    for (const each of [runtime, new ReferenceRuntime()]) {
      const ids = tensorOf([[0, 4]], 'int32');
      await expect(evaluateOnce(each, takeAlongAxis, randomTensor([1, 3]), ids)).rejects.toThrow(
        RuntimeError,
      );
    }
  });

  it('say which shapes do not fit', () => {
    expect(() => trace(takeAlongAxis, float32(5, 3), int32(4, 2))).toThrow(
      'takeAlongAxis: indices [4, 2] do not fit [5, 3]; all axes but axis 1 must be equal.',
    );
    expect(() => trace(scatterAddAlongAxis, float32(5, 3), int32(5, 2), float32(5, 3))).toThrow(
      'scatterAddAlongAxis: updates are [5, 3]; they must be [5, 2].',
    );
  });
});

describe('oneHot', () => {
  it('marks the place of each index, and nothing for an index that does not exist', async () => {
    for (const each of [runtime, new ReferenceRuntime()]) {
      const { data, shape } = await evaluateOnce(
        each,
        (i) => oneHot(i, 3),
        tensorOf(
          [
            [2, 0],
            [-1, 3],
          ],
          'int32',
        ),
      );
      expect(shape).toEqual([2, 2, 3]);
      expect(Array.from(data)).toEqual([0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    }
  });

  it('agrees with the reference on random shapes and dtypes', async () => {
    await fc.assert(
      fc.asyncProperty(shapes(), dim, async (shape, depth) => {
        const indices = randomTensor(shape, { dtype: 'int32', low: -1, high: 4 });
        await checkAgainstReference(runtime, (i: Tensor) => [oneHot(i, depth), oneHot(i, depth, 'bool')], [
          indices,
        ]);
      }),
      { numRuns: 10 },
    );
  });
});

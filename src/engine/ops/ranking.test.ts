import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { positiveDim, shapeAndAxis } from '../../../test/support/shapes.js';
import { checkAgainstReference, checkGradient } from '../../testing/check-op.js';
import { randomTensor, tensorOf } from '../../testing/tensors.js';
import { evaluateOnce } from '../compile.js';
import type { Tensor } from '../graph.js';
import { NodeRuntime } from '../runtime/node.js';
import { ReferenceRuntime } from '../runtime/reference-runtime.js';
import { float32, trace } from '../trace.js';
import { cumulativeSum } from './cumulative-sum.js';
import { topK } from './top-k.js';

const runtime = new NodeRuntime({ threads: 2 });
afterAll(() => runtime.dispose());

describe('topK', () => {
  // A fixed seed: elements closer to each other than the step of the differences would disagree.
  it('agrees with the reference, equal elements included', async () => {
    await fc.assert(
      fc.asyncProperty(shapeAndAxis(positiveDim), fc.nat(), async ([shape, axis], seed) => {
        const k = 1 + (seed % (shape[axis] ?? 1));
        const f = (x: Tensor): Record<string, Tensor> => ({ ...topK(x, k, axis) });
        await checkAgainstReference(runtime, f, [randomTensor(shape, { seed })]);
        await checkAgainstReference(runtime, f, [randomTensor(shape, { seed, dtype: 'int32', high: 3 })]);
        checkGradient((x: Tensor) => topK(x, k, axis).values, [randomTensor(shape, { seed })]);
      }),
      { numRuns: 25, seed: 1 },
    );
  });

  it('ranks by hand', async () => {
    const { values, indices } = await evaluateOnce(
      new ReferenceRuntime(),
      (x) => topK(x, 3),
      tensorOf([2, 7, 7, 1]),
    );
    expect([values, indices].map(({ data }) => Array.from(data))).toEqual([
      [7, 7, 2],
      [1, 2, 0],
    ]);
  });

  it('says how large k may be', () => {
    expect(() => trace((x: Tensor) => topK(x, 4), float32(2, 3))).toThrow(
      'topK: k is 4, and axis 1 of [2, 3] has 3 elements; k must lie in 1..3.',
    );
  });
});

describe('cumulativeSum', () => {
  it('agrees with the reference, forwards and backwards, with and without the element itself', async () => {
    await fc.assert(
      fc.asyncProperty(
        shapeAndAxis(),
        fc.boolean(),
        fc.boolean(),
        async ([shape, axis], reverse, exclusive) => {
          const f = (x: Tensor): Tensor => cumulativeSum(x, axis, { reverse, exclusive });
          await checkAgainstReference(runtime, f, [randomTensor(shape)]);
          await checkAgainstReference(runtime, f, [randomTensor(shape, { dtype: 'int32' })]);
          checkGradient(f, [randomTensor(shape)]);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('sums by hand', async () => {
    const sums = await evaluateOnce(
      new ReferenceRuntime(),
      (x) => [
        cumulativeSum(x),
        cumulativeSum(x, 0, { exclusive: true }),
        cumulativeSum(x, 0, { reverse: true }),
      ],
      tensorOf([1, 2, 3]),
    );
    expect(sums.map(({ data }) => Array.from(data))).toEqual([
      [1, 3, 6],
      [0, 1, 3],
      [6, 5, 3],
    ]);
  });
});

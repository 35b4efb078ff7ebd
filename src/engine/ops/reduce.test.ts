import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { positiveDim, shapeAndAxes, shapeAndAxis } from '../../../test/support/shapes.js';
import { checkAgainstReference, checkGradient } from '../../testing/check-op.js';
import { randomTensor, tensorOf } from '../../testing/tensors.js';
import { evaluateOnce } from '../compile.js';
import { grad } from '../grad.js';
import type { Tensor } from '../graph.js';
import { NodeRuntime } from '../runtime/node.js';
import { ReferenceRuntime } from '../runtime/reference-runtime.js';
import { float32, int32, trace } from '../trace.js';
import { greater } from './comparison.js';
import { argmax, logSumExp, max, mean, min, sum } from './reduce.js';

const runtime = new NodeRuntime({ threads: 2 });
afterAll(() => runtime.dispose());

const withGradient = (x: Tensor): Tensor[] => [logSumExp(x, 1), grad((a: Tensor) => sum(logSumExp(a, 1)))(x)];

describe('reductions', () => {
  it('agree with the reference over any axes', async () => {
    await fc.assert(
      fc.asyncProperty(
        shapeAndAxes(positiveDim),
        fc.boolean(),
        fc.nat(),
        async ([shape, axes], keepDims, seed) => {
          const f = (x: Tensor): Tensor[] =>
            [sum, mean, max, min, logSumExp].map((reduce) => reduce(x, axes, { keepDims }));
          await checkAgainstReference(runtime, f, [randomTensor(shape, { seed, low: -3, high: 3 })]);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('find the first maximum of any line', async () => {
    await fc.assert(
      fc.asyncProperty(
        shapeAndAxis(positiveDim),
        fc.boolean(),
        fc.nat(),
        async ([shape, axis], keepDims, seed) => {
          const f = (x: Tensor): Tensor[] => [argmax(x, axis, { keepDims })];
          await checkAgainstReference(runtime, f, [randomTensor(shape, { seed, low: -3, high: 3 })]);
          await checkAgainstReference(runtime, f, [randomTensor(shape, { seed, dtype: 'int32', high: 3 })]);
        },
      ),
      { numRuns: 10 },
    );
  });

  it('sum nothing to zero', async () => {
    const empty = randomTensor([0, 3]);
    const check = checkAgainstReference(runtime, (x) => [sum(x), sum(x, 0), sum(x, 1), mean(x, 1)], [empty]);
    await expect(check).resolves.toBeUndefined();
  });

  // A fixed seed: elements closer to each other than the step of the differences would disagree.
  it('have the gradients that finite differences find', () => {
    fc.assert(
      fc.property(shapeAndAxes(positiveDim), fc.boolean(), fc.nat(), ([shape, axes], keepDims, seed) => {
        const f = (x: Tensor): Tensor[] =>
          [sum, mean, max, min, logSumExp].map((reduce) => reduce(x, axes, { keepDims }));
        checkGradient(f, [randomTensor(shape, { seed, low: -3, high: 3 })]);
      }),
      { numRuns: 20, seed: 1 },
    );
  });

  it('differentiate twice', () => {
    const f = grad((x: Tensor) => sum(logSumExp(x, 1)));
    expect(() => checkGradient(f, [randomTensor([3, 4])])).not.toThrow();
  });

  it('count booleans, and sum integers exactly', async () => {
    const large = tensorOf(
      [
        [2 ** 30, 2 ** 30 - 1, 7],
        [-(2 ** 30), 3, -5],
      ],
      'int32',
    );
    await expect(
      checkAgainstReference(runtime, (x) => [sum(x), sum(greater(x, 0), 1), max(x, 0), min(x, 1)], [large]),
    ).resolves.toBeUndefined();
  });

  it('share the gradient of a maximum among equal elements', async () => {
    const gradient = grad((x: Tensor) => sum(max(x, 1)));
    const { data } = await evaluateOnce(
      new ReferenceRuntime(),
      gradient,
      tensorOf([
        [1, 4, 4],
        [2, 1, 0],
      ]),
    );
    expect(Array.from(data)).toEqual([0, 0.5, 0.5, 1, 0, 0]);
  });

  it('take the logsumexp of -Infinity alone as -Infinity, without a gradient', async () => {
    const x = tensorOf([
      [-Infinity, -Infinity],
      [-Infinity, 0],
    ]);

    await expect(checkAgainstReference(runtime, withGradient, [x])).resolves.toBeUndefined();
    const [value, gradient] = await evaluateOnce(new ReferenceRuntime(), withGradient, x);
    expect(Array.from(value?.data ?? [])).toEqual([-Infinity, 0]);
    expect(Array.from(gradient?.data ?? [])).toEqual([0, 0, 0, 1]);
  });

  it('say what is wrong with axes and dtypes', () => {
    expect(() => trace((x: Tensor) => max(x, 1), float32(2, 0))).toThrow(
      'max: axis 1 of [2, 0] is empty and has no max; it must have at least one element.',
    );
    expect(() => trace((x: Tensor) => sum(x, 2), float32(2, 3))).toThrow(
      'sum: axis 2 does not exist in a tensor of 2 axes; use an integer from -2 to 1.',
    );
    expect(() => trace((x: Tensor) => sum(x, [0, -2]), float32(2, 3))).toThrow('name the same axis twice');
    expect(() => trace((x: Tensor) => mean(x), int32(2))).toThrow('mean: got int32');
  });
});

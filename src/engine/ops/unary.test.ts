import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { shapes } from '../../../test/support/shapes.js';
import { checkAgainstReference, checkGradient } from '../../testing/check-op.js';
import { randomTensor, tensorOf } from '../../testing/tensors.js';
import { grad } from '../grad.js';
import type { Tensor } from '../graph.js';
import { NodeRuntime } from '../runtime/node.js';
import { int32, trace } from '../trace.js';
import { mul } from './arithmetic.js';
import { sum } from './reduce.js';
import * as unary from './unary.js';

const { abs, clamp, cos, erf, erfValue, exp, floor, log, neg, reciprocal } = unary;
const { relu, rsqrt, sigmoid, sign, sin, softplus, sqrt, tanh } = unary;

/** Defined for every number. */
const everywhere = [abs, cos, erf, exp, neg, relu, sigmoid, sign, sin, softplus, tanh];
const forPositive = [log, reciprocal, rsqrt, sqrt];

const all = (x: Tensor, positive: Tensor): Tensor[] => [
  ...everywhere.map((f) => f(x)),
  ...forPositive.map((f) => f(positive)),
  clamp(x, -1, 1.5),
];

const runtime = new NodeRuntime({ threads: 2 });
afterAll(() => runtime.dispose());

describe('functions of one tensor', () => {
  it('agree with the reference on random shapes', async () => {
    await fc.assert(
      fc.asyncProperty(shapes(), fc.nat(), async (shape, seed) => {
        const inputs = [
          randomTensor(shape, { seed, low: -4, high: 4 }),
          randomTensor(shape, { seed, low: 0.1, high: 9 }),
        ];
        await checkAgainstReference(runtime, all, inputs);
        await checkAgainstReference(runtime, floor, [inputs[0] ?? randomTensor([])]);
      }),
      { numRuns: 20 },
    );
  });

  it('agree with the reference far from zero, at infinity and at NaN', async () => {
    const x = tensorOf([-Infinity, -200, -30, -0, 0, 30, 200, Infinity, NaN]);
    const functions = [abs, erf, exp, floor, neg, relu, sigmoid, softplus, tanh];
    const check = checkAgainstReference(runtime, (a) => functions.map((f) => f(a)), [x], {
      precision: 'float32',
    });
    await expect(check).resolves.toBeUndefined();
  });

  it('have the derivatives that finite differences find', () => {
    const inputs = [
      randomTensor([7], { low: -3, high: 3 }),
      randomTensor([7], { seed: 2, low: 0.2, high: 3 }),
    ];
    expect(() => checkGradient(all, inputs)).not.toThrow();
  });

  it('have second derivatives', () => {
    const twice = grad(([x, positive]: readonly [Tensor, Tensor]) =>
      all(x, positive)
        .map((y) => sum(mul(y, y)))
        .reduce((a, b) => unary.addScaled(a, b, 1)),
    );
    const inputs = [randomTensor([7]), randomTensor([7], { seed: 2, low: 0.5, high: 3 })];
    expect(() => checkGradient((a: Tensor, b: Tensor) => twice([a, b]), inputs)).not.toThrow();
  });

  it('accept integers where that makes sense, and say so where it does not', async () => {
    const x = randomTensor([3, 5], { dtype: 'int32', low: -9, high: 9 });
    const check = checkAgainstReference(runtime, (a) => [abs(a), neg(a), sign(a), clamp(a, -2, 3)], [x]);
    await expect(check).resolves.toBeUndefined();
    expect(() => trace(exp, int32(2))).toThrow(
      "exp: got int32; it is defined for floating point: use cast(x, 'float32').",
    );
  });
});

describe('the error function', () => {
  // Abramowitz and Stegun, table 7.1.
  it.each([
    [0.1, 0.1124629160182849],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [2, 0.9953222650189527],
    [3, 0.9999779095030014],
  ])('of %d is %d', (x, y) => {
    expect(erfValue(x)).toBeCloseTo(y, 14);
    expect(erfValue(-x)).toBeCloseTo(-y, 14);
  });
});
